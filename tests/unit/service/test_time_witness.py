"""Whose clock is right: a time is believed when two clocks agree on it, and no source moves ours alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.journal import Journal
from tocsin.model.event import Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Status
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone
from tocsin.service import timekeeper
from tocsin.service.clock import Clock
from tocsin.service.intake import Intake
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.time_witness import AGREE_S, FAR_S, HEARD_S, SAME_S, STAND_S_MAX, Witnesses, first_time
from tocsin.service.troubles import unready

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
HOME = Zone(id="home", name="Home", population=9_000, polygons=((RING,),))
offsets = st.floats(-4e8, 4e8)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def heard(*ahead_s: float, knows_day: bool = True) -> Witnesses:
    witnesses = Witnesses()
    for number, by_s in enumerate(ahead_s):
        witnesses.hear(f"radar-{number}", after(by_s), 0.0, knows_day=knows_day)
    return witnesses


@given(said_s=st.lists(offsets, max_size=6), wall_s=st.floats(-SAME_S, SAME_S))
def test_sources_never_move_our_time_where_the_machine_says_the_same(said_s: list[float], wall_s: float) -> None:
    assert heard(*said_s).judge(NOW, after(wall_s), 0.0, kept=False).move_s == 0.0


@given(said_s=st.lists(offsets, max_size=6), wall_s=offsets)
def test_sources_never_move_our_time_beyond_what_the_machine_says(said_s: list[float], wall_s: float) -> None:
    assert heard(*said_s).judge(NOW, after(wall_s), 0.0, kept=False).move_s <= max(0.0, wall_s + 1e-3)


@given(said_s=offsets, wall_s=st.floats(FAR_S + 1.0, 4e8), honest=st.booleans())
def test_one_source_and_a_machine_that_is_out_of_its_mind_do_not_send_us_decades_ahead(
    said_s: float, wall_s: float, honest: bool
) -> None:
    for said in (said_s, wall_s):
        witnesses = heard(said, 0.0) if honest else heard(said)
        assert witnesses.judge(NOW, after(wall_s), 0.0, kept=False).move_s == 0.0


def test_sources_that_agree_move_our_time_where_the_machine_is_refuted() -> None:
    assert heard(7_200.0, 7_195.0).judge(NOW, NOW + 10 * YEAR, 0.0, kept=False).move_s == 7_200.0
    assert heard(7_200.0, 7_195.0, 0.0).judge(NOW, NOW + 10 * YEAR, 0.0, kept=False).move_s == 0.0


def test_two_who_agree_cast_no_doubt_on_a_time_that_another_bears_out() -> None:
    assert heard(600.0, 601.0, 0.0).judge(NOW, NOW, 0.0, kept=False).trouble is None
    assert "600 s behind what sources agree on" in str(heard(600.0, 600.0).judge(NOW, NOW, 0.0, kept=False).trouble)


@given(wall_s=offsets, said_s=st.lists(offsets, max_size=4), kept=st.booleans())
def test_our_clock_moves_only_to_a_time_that_two_clocks_agree_on(
    wall_s: float, said_s: list[float], kept: bool
) -> None:
    move_s = heard(*said_s).judge(NOW, after(wall_s), 0.0, kept=kept).move_s
    witnesses = [one for one in said_s if abs(one - move_s) <= AGREE_S + 0.01]
    witnesses += [wall_s] * (abs(wall_s - move_s) <= 0.01) * (1 + kept)
    assert move_s == 0.0 or len(witnesses) >= 2
    assert move_s >= -STAND_S_MAX


@pytest.mark.parametrize("by_s", [600.0, 3 * YEAR.total_seconds()])
def test_a_machines_clock_that_a_source_bears_out_is_followed(by_s: float) -> None:
    sources = [by_s - 3] * (1 + (by_s > FAR_S))
    assert heard(*sources).judge(NOW, after(by_s), 0.0, kept=False).move_s == by_s
    alone = Witnesses().judge(NOW, after(by_s), 0.0, kept=False)
    assert alone.move_s == 0.0
    assert "ahead of ours; nobody else says the time" in str(alone.trouble)
    against = heard(by_s, 1.0, 2.0).judge(NOW, after(by_s), 0.0, kept=False)
    assert against.move_s == 0.0
    assert "ahead of ours, which the clocks of 2 sources bear out: set the machine's clock" in str(against.trouble)


def test_a_machines_clock_that_a_time_server_keeps_is_followed_whatever_sources_say() -> None:
    assert heard(0.0, 0.0).judge(NOW, after(40.0), 0.0, kept=True).move_s == 40.0
    assert heard(500.0, 501.0).judge(NOW, NOW, 0.0, kept=True).move_s == 0.0


def test_far_back_there_is_no_way_and_it_is_said() -> None:
    back = heard(-3_600.0, -3_605.0).judge(NOW, NOW, 0.0, kept=False)
    assert back.move_s == 0.0
    assert "3600 s ahead of what sources agree on" in str(back.trouble)
    assert Witnesses().judge(NOW, after(-50.0), 0.0, kept=True).move_s == -50.0
    assert "3600 s ahead of the machine's clock" in str(Witnesses().judge(NOW, after(-3_600.0), 0.0, kept=True).trouble)


@given(
    jump_s=st.floats(SAME_S + 0.1, 3_600) | st.floats(-STAND_S_MAX, -SAME_S - 0.1),
    late=st.lists(st.floats(0.0, 0.45), min_size=1, max_size=4),
)
def test_a_machine_set_right_is_followed_however_little_it_was_where_sources_are_a_little_late(
    jump_s: float, late: list[float]
) -> None:
    sources = [jump_s - part * min(abs(jump_s), 2 * AGREE_S) for part in late]
    assert heard(*sources).judge(NOW, after(jump_s), 0.0, kept=False).move_s == pytest.approx(jump_s, abs=1e-5)


def test_the_public_is_told_only_of_what_may_cost_a_warning() -> None:
    for by_s, doubted in ((4.0, False), (20.0, False), (40.0, True), (-40.0, True)):
        judged = Witnesses().judge(NOW, after(by_s), 0.0, kept=False)
        assert (judged.doubted, judged.trouble is None) == (doubted, by_s == 4.0)


def test_a_time_of_day_says_nothing_of_the_day() -> None:
    decade_s = 10 * YEAR.total_seconds()
    # It was read as of our own day, and so says the same as we.
    assert heard(0.0, 0.0, knows_day=False).judge(NOW, after(decade_s), 0.0, kept=True).move_s == decade_s
    assert heard(decade_s, decade_s, knows_day=False).judge(NOW, after(decade_s), 0.0, kept=False).move_s == 0.0
    assert heard(600.0, knows_day=False).judge(NOW, after(600.0), 0.0, kept=False).move_s == 600.0


def test_what_was_under_way_for_long_is_no_slow_clock_and_what_was_said_long_ago_is_no_word() -> None:
    witnesses = Witnesses()
    witnesses.hear("radar", after(0.0), 0.0)
    witnesses.hear("radar", after(-100.0), 20.0)
    assert witnesses.judge(after(20.0), after(620.0), 20.0, kept=False).trouble == (
        "the machine's clock is 600 s ahead of ours, which a source's clock bears out: set the machine's clock"
    )
    late_s = HEARD_S + 1
    assert "nobody else" in str(witnesses.judge(after(late_s), after(late_s + 600), late_s, kept=False).trouble)


@given(ahead_s=offsets, last_s=st.none() | st.floats(-1e6, 0), touched_s=st.none() | st.floats(-1e6, 0))
def test_it_begins_no_farther_ahead_of_all_that_is_known_than_can_be(
    ahead_s: float, last_s: float | None, touched_s: float | None
) -> None:
    last, touched = (None if one is None else after(one) for one in (last_s, touched_s))
    begun = first_time(after(ahead_s), last, touched, kept=False)
    known = [one for one in (last, touched) if one is not None]
    assert last is None or begun >= last
    assert not known or begun <= max(known) + timedelta(seconds=FAR_S)
    assert first_time(after(ahead_s), last, touched, kept=True) == max(after(ahead_s), last or after(ahead_s))


def test_a_clock_set_back_stands_and_goes_on() -> None:
    clock = Clock(NOW)
    before = clock.now()
    clock.move(-30.0)
    assert before <= clock.now() < before + timedelta(seconds=1)
    assert clock.now() - clock.true_now() > timedelta(seconds=29)
    clock.move(40.0)
    assert clock.now() - before > timedelta(seconds=9)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(timekeeper, "kept_by_others", lambda: False)
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson([HOME]))
    sensors = [Sensor(id=f"radar-{n}", kind="radar", lat=46.05, lon=8.05, range_m=50_000.0) for n in (1, 2)]
    (tmp_path / "sensors.json").write_bytes(to_json(sensors))
    source = {"kind": "http", "kinds": ["status"], "token_sha256": "ab" * 32}
    return make_settings(
        zones=tmp_path / "zones.geojson",
        sensors=tmp_path / "sensors.json",
        http={"port": 0},
        journal={"path": tmp_path / "journal.db"},
        source=[source | {"id": f"site-{n}", "sensors": [f"radar-{n}"], "token_sha256": f"{n}f" * 32} for n in (1, 2)],
    )


async def said(runtime: Runtime, site: int, time: datetime) -> bool:
    """Whether a status of that time is taken from a site."""
    status = Status(id=f"s{time.timestamp()}", time=time, source=f"site-{site}", sensor=f"radar-{site}", state="up")
    admitted = await Intake(runtime).admit([status], f"site-{site}", relays=False)
    await Intake(runtime).keep(admitted.events)
    return bool(admitted.events)


@pytest.mark.server
def test_a_boot_in_another_decade_writes_no_tick_of_it_says_so_and_goes_by_what_sensors_say(settings: Settings) -> None:
    def ahead() -> datetime:
        return datetime.now(UTC) + 10 * YEAR

    async def story() -> None:
        async with running(settings, configured(settings), Clock(wall=ahead), ticking=False) as runtime:
            runtime.time.weigh()
            assert any("3650 days" in trouble for trouble in unready(runtime))
            await runtime.ticker.tick()
            async with asyncio.timeout(60):
                while not runtime.channels.board.degraded(runtime.clock.now()):
                    await asyncio.sleep(0.05)
            assert await said(runtime, 1, datetime.now(UTC))
            await runtime.ticker.tick()
        # The next start has the right time, and all is well.
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            await runtime.ticker.tick()
            assert unready(runtime) == []
            assert await said(runtime, 2, datetime.now(UTC))

    asyncio.run(story())
    with Journal.open(settings.journal.path) as journal:
        times = [event.time for _, event in journal.read() if isinstance(event, Tick)]
    assert len(times) == 3
    assert max(times) < datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.server
def test_a_machine_that_slept_finds_the_time_by_its_sensors(settings: Settings) -> None:
    slept_s = 0.0

    def wall() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=slept_s)

    async def story() -> None:
        nonlocal slept_s
        async with running(settings, configured(settings), Clock(wall=wall), ticking=False) as runtime:
            await runtime.ticker.tick()
            slept_s = 3_600.0
            runtime.time.weigh()
            assert "ahead of ours; nobody else says the time" in str(runtime.time.trouble)
            # What tells us the time comes from our future, and is refused; what follows is taken.
            assert not await said(runtime, 1, wall())
            runtime.time.weigh()
            assert (runtime.time.trouble, runtime.time.doubted) == (None, False)
            assert await said(runtime, 1, wall())
            await runtime.ticker.tick()
            assert abs(runtime.clock.wall_offset_s()) < 5

    asyncio.run(story())
