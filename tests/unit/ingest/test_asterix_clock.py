"""Times of day become times: each source by itself, by the capture where there is one, over midnight and rollovers."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.unit.ingest.asterix_bytes import packet, pcap, plot_048
from tocsin.ingest.asterix import clock, reached
from tocsin.ingest.asterix.clock import Clock
from tocsin.ingest.asterix.reached import DAY_S, TRUNCATED_S, nearest, nearest_truncated
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.asterix.recording import read_recording
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.udp import UdpSource
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation, Plot
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of

HILL, VALLEY = (1, 2), (7, 8)
RADARS = (
    Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=HILL),
    Sensor(id="valley", kind="radar", lat=45, lon=17, asterix=VALLEY),
)
MIDNIGHT_S = 1_767_225_600.0


def block(category: int, body: bytes) -> bytes:
    return bytes([category]) + struct.pack(">H", 3 + len(body)) + body


def mark(time_s: float, source: tuple[int, int] = HILL) -> bytes:
    """A north mark of category 002, with its full time of day."""
    return block(2, bytes([0b11010000, *source, 1]) + int(time_s % DAY_S * 128).to_bytes(3, "big"))


def plot(time_s: float, source: tuple[int, int] = HILL) -> bytes:
    """A plot of category 001, with the lower 16 bits of its time of day."""
    phase = struct.pack(">H", int(time_s % DAY_S * 128) & 0xFFFF)
    return block(1, bytes([0b11100010, *source, 0x10]) + struct.pack(">HH", 6_400, 0) + phase)


def read(*datagrams: tuple[bytes, float | None], day_s: float = 0.0, live: bool = False) -> list[Any]:
    reader = AsterixReader(RADARS, Rejects(), day_s=day_s, live=live)
    return [one for octets, captured_s in datagrams for one in reader.read(octets, captured_s, "test")]


def plots(found: list[Any]) -> list[Any]:
    return [one for one in found if isinstance(one, Plot)]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("start_s", [3_600.0, 86_000.0, 255.0, 511.5])
def test_plots_keep_their_time_for_hours_after_the_last_north_mark(start_s: float, live: bool) -> None:
    start_s += MIDNIGHT_S
    sent = [(mark(start_s), start_s + 0.5), *((plot(start_s + t), start_s + t + 0.5) for t in range(0, 10_000, 7))]
    found = plots(read(*sent, live=live))
    assert len(found) == len(sent) - 1
    for t, one in zip(range(0, 10_000, 7), found, strict=True):
        assert seconds_of(one.time) == start_s + t
        assert seconds_of(one.received) == start_s + t + 0.5


def test_plots_need_no_north_mark_at_all_where_it_is_known_when_they_came() -> None:
    (found,) = read((plot(MIDNIGHT_S + 40_000), MIDNIGHT_S + 40_001))
    assert seconds_of(found.time) == MIDNIGHT_S + 40_000


@pytest.mark.parametrize("wrong_s", [500.0, -1_000.0, 30_000.0])
@pytest.mark.parametrize("moments", [[0.0], [0.0, 4.5], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]])
def test_wrong_north_marks_two_in_a_row_or_many_within_a_second_shift_no_plot(
    wrong_s: float, moments: list[float]
) -> None:
    start_s = MIDNIGHT_S + 3_600
    bad = [(mark(start_s + wrong_s + t), start_s + t) for t in moments]
    good = [(plot(start_s + t), start_s + t + 0.5) for t in range(5, 2_000, 5)]
    assert [seconds_of(one.time) for one in plots(read(*bad, *good))] == [start_s + t for t in range(5, 2_000, 5)]


def test_a_radar_whose_clock_is_off_is_followed_once_its_marks_have_shown_by_how_much() -> None:
    # The recorder's clock is an hour behind: an hour is no multiple of 512 s, so both cannot be right.
    start_s, hour_s = MIDNIGHT_S + 40_000, 3_600
    sent = [(mark(start_s + t) + plot(start_s + t + 1), start_s + t + 1.5 - hour_s) for t in range(0, 60, 4)]
    sent += [(plot(start_s + t), start_s + t + 0.5 - hour_s) for t in range(64, 2_000, 10)]
    found = plots(read(*sent))
    assert [seconds_of(one.time) for one in found[3:15]] == [start_s + t + 1 for t in range(12, 60, 4)]
    assert [seconds_of(one.time) for one in found[15:]] == [start_s + t for t in range(64, 2_000, 10)]


def test_a_clock_that_stands_still_is_not_followed() -> None:
    start_s = MIDNIGHT_S + 40_000
    sent = [(mark(start_s) + plot(start_s + t), start_s + t + 0.1) for t in range(0, 3_000, 2)]
    assert [seconds_of(one.time) for one in plots(read(*sent))] == [start_s + t for t in range(0, 3_000, 2)]


@given(st.floats(0, DAY_S - 0.01), st.floats(-200, 200))
def test_a_truncated_time_is_found_again_from_any_time_near_it(of_day_s: float, off_s: float) -> None:
    # The turn that midnight cuts short is 384 s long: beyond half of that, two times may be equally near.
    time_s = MIDNIGHT_S + of_day_s
    found_s = nearest_truncated(of_day_s % TRUNCATED_S, time_s + (off_s if 300 < of_day_s < DAY_S - 600 else off_s / 2))
    assert found_s == pytest.approx(time_s, abs=1e-5)


def test_the_count_that_midnight_cuts_short_never_runs_on_into_the_next_day() -> None:
    # 384 s is what is left of a day after its last whole turn.
    assert nearest_truncated(384.0, DAY_S) in (DAY_S - TRUNCATED_S, DAY_S + 384.0)
    assert nearest_truncated(0.0, DAY_S) == DAY_S


def test_radars_hours_apart_in_one_stream_each_keep_their_day() -> None:
    starts = {HILL: 3_600.0, VALLEY: 32_400.0, (9, 9): 61_200.0}
    sent = [
        (plot_048(t, sac=sac, sic=sic, time_s=start_s + t), None)
        for t in range(0, 50, 5)
        for (sac, sic), start_s in starts.items()
    ]
    found = read(*sent, day_s=MIDNIGHT_S)
    assert [(one.sensor, seconds_of(one.time) - MIDNIGHT_S) for one in found] == [
        (name, start_s + t) for t in range(0, 50, 5) for name, start_s in (("hill", 3_600.0), ("valley", 32_400.0))
    ]


def times(*of_day_s: float, day_s: float = 0.0) -> list[float]:
    """Times of one source without a capture, in days; those that are refused are left out."""
    clock = Clock(day_s)
    found = []
    for one in of_day_s:
        with suppress(BadRecord):
            found.append(clock.full_s(one, None, HILL))
    return found


@pytest.mark.parametrize("bad", [[40_000, 80_000], [80_000], [50_000] * 4, [80_000, 5, 43_000, 86_399, 20_000, 70_000]])
@pytest.mark.parametrize("before", [[], [3_600], [3_600, 3_605, 3_610, 3_615, 3_620, 3_625]])
def test_bad_times_in_a_row_shift_nothing_that_follows(bad: list[float], before: list[float]) -> None:
    after = [3_630.0, 3_635.0, 3_640.0]
    assert times(*before, *bad, *after, day_s=MIDNIGHT_S)[-3:] == [MIDNIGHT_S + one for one in after]


def test_bad_times_between_good_ones_never_add_up() -> None:
    told = [3_600.0] * 6
    for bad in (40_000.0, 80_000.0, 30_000.0):
        told += [bad, 3_605.0] * 6
    assert times(*told)[-1] == 3_605


def test_a_source_goes_on_over_midnight_and_over_hours_without_a_report() -> None:
    assert times(86_399, 1) == [86_399, 86_401]
    assert times(86_399, 1, 86_398, 2) == [86_399, 86_401, 86_398, 86_402]
    # Six hours at a time, over three days, a few reports each.
    steps = [start + t for start in range(0, 3 * 86_400, 6 * 3_600) for t in range(8)]
    assert times(*(one % DAY_S for one in steps)) == steps
    every_half_hour = range(0, 3 * 86_400, 1_800)
    assert times(*(one % DAY_S for one in every_half_hour)) == list(every_half_hour)


def test_a_source_first_heard_after_midnight_is_of_the_day_the_others_have_reached() -> None:
    clock = Clock(MIDNIGHT_S)
    for t in range(86_380, 86_460, 2):
        clock.full_s(t % DAY_S, None, HILL)
    assert clock.full_s(62, None, VALLEY) == MIDNIGHT_S + 86_462
    clock = Clock(MIDNIGHT_S)
    assert [clock.full_s(1, None, HILL), clock.full_s(86_399, None, VALLEY)] == [MIDNIGHT_S + 1, MIDNIGHT_S - 1]


def test_without_capture_times_truncated_times_roll_on_after_the_last_north_mark() -> None:
    start_s = 85_000.0
    sent = [(mark(start_s), None), *((plot(start_s + t), None) for t in range(0, 6_000, 5))]
    assert [seconds_of(one.time) for one in plots(read(*sent))] == [start_s + t for t in range(0, 6_000, 5)]
    # A few damaged ones among them change no turn.
    for wrong_s in ((250, 400, 120), (200, 390)):
        damaged = [(plot(start_s + 3_000 + off), None) for off in wrong_s]
        found = plots(read(*sent[:600], *damaged, *sent[600:]))[599 + len(wrong_s) :]
        assert [seconds_of(one.time) for one in found] == [start_s + t for t in range(2_995, 6_000, 5)]


def test_what_was_captured_without_a_time_follows_what_was_captured_with_one() -> None:
    start_s = MIDNIGHT_S + 86_390
    found = read((plot_048(1, time_s=86_390), start_s), (plot_048(2, time_s=5), None))
    assert [seconds_of(one.time) for one in found] == [start_s, MIDNIGHT_S + 86_405]


@given(
    st.floats(0, DAY_S),
    st.lists(st.tuples(st.sampled_from([HILL, VALLEY]), st.floats(0, 600), st.booleans()), min_size=1, max_size=40),
)
def test_with_capture_times_every_time_is_within_half_a_day_or_half_a_turn_of_its_capture(
    start_s: float, reports: list[tuple[tuple[int, int], float, bool]]
) -> None:
    clock, captured_s = Clock(), MIDNIGHT_S + start_s
    for source, step_s, truncated in reports:
        captured_s += step_s
        phase_s = (captured_s * 7.3) % (TRUNCATED_S if truncated else DAY_S)
        if truncated:
            time_s = clock.truncated_s(phase_s, captured_s, source)
            reached_s = clock.reached_s(captured_s, source)
            assert time_s is not None and reached_s is not None
            assert abs(time_s - reached_s) <= TRUNCATED_S
        else:
            with suppress(BadRecord):
                assert abs(clock.full_s(phase_s, captured_s, source) - captured_s) <= DAY_S / 2


def test_two_nights_one_behind_the_other_are_two_nights_and_it_is_said() -> None:
    first = [72_000.0 + t for t in range(0, 3_600, 6)]
    second = [66_600.0 + t for t in range(0, 3_600, 6)]
    rejects = Rejects()
    reader = AsterixReader(RADARS, rejects, day_s=MIDNIGHT_S)
    sent = b"".join(plot_048(n, time_s=one) for n, one in enumerate(first + second))
    found = [seconds_of(one.time) - MIDNIGHT_S for one in reader.read(sent, None, "nights")]
    # The first four of the second night may as well be damage.
    assert found == first + [86_400 + one for one in second[4:]]
    assert rejects.account == (1_200, 1_196, 4, 0)
    (said,) = rejects.noticed
    assert "source 1/2 leap from 20:59:54 to 18:30:24" in said and "taken for the next day" in said
    assert "a time of day that goes back" in rejects.summary()


def test_two_nights_of_truncated_times_are_two_nights_after_a_few_north_marks() -> None:
    sent = []
    for start_s in (72_000.0, 66_600.0):
        sent += [(mark(start_s + t) + plot(start_s + t + 1), None) for t in range(0, 3_600, 4)]
    found = [seconds_of(one.time) - MIDNIGHT_S for one in plots(read(*sent, day_s=MIDNIGHT_S))]
    assert found[:900] == [72_001.0 + t for t in range(0, 3_600, 4)]
    assert found[904:] == [86_400 + 66_601.0 + t for t in range(16, 3_600, 4)]


@given(st.lists(st.floats(0, DAY_S - 1), min_size=1, max_size=6))
def test_no_night_behind_others_is_placed_earlier_than_what_went_before(starts: list[float]) -> None:
    told = times(*((start_s + 2 * t) % DAY_S for start_s in starts for t in range(20)))
    assert all(later >= one - reached.STEP_S_MAX for one, later in some(pairwise(told)))


@pytest.mark.parametrize("hours", [9, -9, 1, 11.9])
def test_a_time_hours_from_its_capture_is_rejected_where_its_radar_s_clock_is_right(hours: float) -> None:
    start_s = MIDNIGHT_S + 43_000
    sent = [(plot_048(t, time_s=43_000 + t), start_s + t) for t in range(0, 60, 5)]
    sent[6] = (plot_048(30, time_s=43_030 + hours * 3_600), start_s + 30)
    for before in (0, 6):
        rejects = Rejects()
        reader = AsterixReader(RADARS, rejects)
        found = [one for octets, captured_s in sent[before:] for one in reader.read(octets, captured_s, "capture")]
        right = [start_s + t for t in range(before * 5, 60, 5) if t != 30]
        assert [seconds_of(one.time) for one in found] == right
        assert rejects.account == (len(right) + 1, len(right), 1, 0)
        assert f"{abs(hours):.1f} h from where the capture" in rejects.summary()


@pytest.mark.parametrize("hours", [2, -1, 7])
def test_a_radar_on_local_time_is_followed_from_the_first_plot_of_a_recording_and_it_is_said(
    hours: int, tmp_path: Path
) -> None:
    # The recorder begins between two north marks, 12 s apart.
    of_day_s = 40_000 + hours * 3_600
    frames = [packet(plot(of_day_s + t) if t % 12 else mark(of_day_s + t) + plot(of_day_s + t)) for t in range(1, 100)]
    (tmp_path / "radar.pcap").write_bytes(pcap(frames, start_s=int(MIDNIGHT_S) + 40_001))
    rejects = Rejects()
    found = plots(list(read_recording(tmp_path / "radar.pcap", RADARS, rejects)))
    assert [seconds_of(one.time) - MIDNIGHT_S for one in found] == [of_day_s + t for t in range(1, 100)]
    (said,) = rejects.noticed
    assert f"source 1/2 is {hours:+.2f} h from that of the recorder" in said
    assert rejects.account == (107, 107, 0, 0)


@pytest.mark.parametrize(("reports", "used"), [(1, 0), (2, 2), (3, 3)])
def test_a_short_capture_is_believed_to_be_hours_off_by_two_that_agree_and_not_by_one(
    reports: int, used: int, tmp_path: Path
) -> None:
    frames = [packet(plot_048(t, time_s=47_200 + t)) for t in range(reports)]
    (tmp_path / "radar.pcap").write_bytes(pcap(frames, start_s=int(MIDNIGHT_S) + 40_000))
    rejects = Rejects()
    found = [seconds_of(one.time) - MIDNIGHT_S for one in read_recording(tmp_path / "radar.pcap", RADARS, rejects)]
    assert found == [47_200 + t for t in range(used)]
    assert rejects.account == (reports, used, reports - used, 0)


def test_a_radar_whose_clock_is_set_right_in_the_middle_is_followed_after_two_reports() -> None:
    start_s = MIDNIGHT_S + 40_000
    rejects = Rejects()
    reader = AsterixReader(RADARS, rejects)
    found = []
    for t in range(0, 100, 5):
        octets = plot_048(t, time_s=40_000 + t + (3_600 if t < 50 else 0))
        found += [seconds_of(one.time) - start_s for one in reader.read(octets, start_s + t + 0.5, "capture")]
    assert found == [3_600 + t for t in range(10, 50, 5)] + [float(t) for t in range(60, 100, 5)]
    assert "1.0 h from where" in rejects.summary()


def test_a_radar_first_heard_late_is_as_far_off_as_all_others_of_a_wrong_recorder() -> None:
    start_s, hour_s = MIDNIGHT_S + 40_000, 3_600
    sent = [(plot_048(t, time_s=40_000 + t), start_s + t - hour_s) for t in range(0, 30, 5)]
    sent += [(plot_048(t, sac=7, sic=8, time_s=40_000 + t), start_s + t - hour_s) for t in range(30, 40, 5)]
    found = [seconds_of(one.time) - MIDNIGHT_S for one in read(*sent) if one.sensor == "valley"]
    assert found == [40_030, 40_035]


def test_live_plots_are_of_the_time_at_which_they_arrive() -> None:
    async def run() -> list[Observation]:
        now_s = [MIDNIGHT_S + 86_000.5]
        source = UdpSource("net", RADARS, Rejects(), port=0, clock=lambda: now_s[0])
        found: list[Observation] = []

        async def deliver(batch: list[Observation]) -> None:
            found.extend(batch)

        task = asyncio.create_task(source.run(deliver))
        await source.listening.wait()
        assert source.address is not None
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=source.address
        )
        for t in range(0, 1_200, 60):
            now_s[0] = MIDNIGHT_S + 86_000.5 + t
            transport.sendto((mark(86_000) if t == 0 else b"") + plot(86_000 + t))
            for _ in range(12_000):
                if len(plots(found)) > t // 60:
                    break
                await asyncio.sleep(0.005)
        task.cancel()
        transport.close()
        await asyncio.gather(task, return_exceptions=True)
        return plots(found)

    found = asyncio.run(run())
    assert [seconds_of(one.time) - MIDNIGHT_S for one in found] == [86_000 + t for t in range(0, 1_200, 60)]
    assert [seconds_of(one.received_at) - MIDNIGHT_S for one in found] == [86_000.5 + t for t in range(0, 1_200, 60)]


@pytest.mark.parametrize("day_s", [253_402_214_400, -62_135_596_800])
def test_a_day_at_the_end_of_the_calendar_costs_what_lies_beyond_it_and_nothing_else(day_s: float) -> None:
    rejects = Rejects()
    reader = AsterixReader([Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))], rejects, day_s=day_s)
    order = (86_000, 100) if day_s > 0 else (100, 86_000)
    found = [one for time_s in order for one in reader.read(plot_048(1, time_s=time_s), None, "night")]
    assert [seconds_of(one.time) for one in found] == [day_s + order[0]]
    assert "outside the years 1 to 9999" in rejects.summary()
    assert rejects.account == (2, 1, 1, 0)


def test_truncated_times_that_nothing_completes_are_refused_by_name() -> None:
    rejects = Rejects()
    reader = AsterixReader([Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=HILL)], rejects)
    assert list(reader.read(plot(100), None, "night")) == []
    assert "truncated time, before any time was known by a north mark (category 002) or a capture" in rejects.summary()


def test_a_file_that_makes_up_sources_costs_as_much_as_one_of_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def counted(*given: float) -> float:
        nonlocal calls
        calls += 1
        return nearest(*given)

    monkeypatch.setattr(clock, "nearest", counted)
    monkeypatch.setattr(reached, "nearest", counted)
    made_up = [(mark(MIDNIGHT_S, (sac, sic)), None) for sac in range(3) for sic in range(200)]
    leaping = [(mark(MIDNIGHT_S + 43_200 + 9_000 * (turn % 2), (9, 9)), None) for turn in range(50)]
    read(*made_up, *leaping)
    assert calls < (len(made_up) + len(leaping)) * 20
