"""A replay makes the ticks a live service would have made, and skips only where nothing can happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import structs

from tocsin.model.effect import Picture
from tocsin.model.event import Configuration
from tocsin.model.observation import Impact, Observation
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.replay.offline import Offline

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
HOME = Zone(id="home", name="Home", population=9_000, polygons=((RING,),))


def offline() -> Offline:
    return Offline(Configuration(id="c", time=START, zones=(HOME,)))


def fell(name: str, at_s: float) -> Observation:
    return Impact(id=name, time=START + timedelta(seconds=at_s), lat=46.05, lon=8.05, sigma_m=50)


def test_an_observation_sent_twice_is_used_once() -> None:
    run = offline()
    effects = list(run.run([fell("a", 1), fell("a", 1), fell("b", 2)]))
    assert run.counts == {"used": 2, "duplicate": 1, "conflict": 0, "refused": 0}
    assert any(isinstance(effect, Warning) for effect in effects)


def test_a_strangers_id_takes_nothing_from_an_honest_source_and_one_source_may_not_contradict_itself() -> None:
    run = offline()
    stranger = structs.replace(fell("a", 1), source="stranger", lat=46.9)
    contradiction = structs.replace(fell("a", 2), lat=46.9)
    effects = list(run.run([stranger, fell("a", 1), contradiction]))
    assert run.counts == {"used": 2, "duplicate": 0, "conflict": 1, "refused": 0}
    assert any(isinstance(effect, Warning) and effect.zone == "home" for effect in effects)


def test_a_quiet_day_takes_few_ticks_and_a_raid_takes_one_a_second() -> None:
    run = offline()
    effects = list(run.run([fell("a", 86_400), fell("b", 86_430)]))
    assert run.ticks < 86_400 / 20
    times = [effect.time for effect in effects if isinstance(effect, Picture)]
    busy = [time for time in times if START + timedelta(seconds=86_401) <= time <= START + timedelta(seconds=86_429)]
    assert len(busy) >= 28
    assert times == sorted(times)


def test_a_report_of_another_decade_does_not_make_a_recording_last_decades() -> None:
    run = offline()
    effects = list(run.run([fell("a", 1), fell("b", 56 * 365 * 86_400)]))
    assert run.ticks < 5_000
    pictures = [effect for effect in effects if isinstance(effect, Picture)]
    assert pictures[-1].time - START > timedelta(days=56 * 365)
    over = [one.time for one in pictures if any(state.zone == "home" and state.level == "none" for state in one.zones)]
    assert START < over[1] < START + timedelta(hours=1), "what was warned of is over in its own time"


def test_two_runs_of_one_recording_do_the_same() -> None:
    recording = [fell("a", 1), fell("b", 300), fell("c", 301)]
    assert list(offline().run(recording)) == list(offline().run(recording))
