"""Transponders speak for few tracks, for a while, and a little; they move none."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import msgspec
import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Position
from tocsin.model.track import Arc, Track
from tocsin.model.value import time_of
from tocsin.track.transponders import AGREE_M, BEGIN_S, GAP_S, HEARD_MAX, LEFT, PER_VOICE_MAX, Transponders

FRAME = LocalFrame(50.0, 20.0)
SPEED = 230.0


def airliner(at_s: float, north_m: float = 0.0, **fields: Any) -> Track:
    """A track that flies east past the middle as airliners do, by what sensors measured."""
    lat, lon = (float(part) for part in FRAME.to_geodetic(SPEED * at_s, north_m))
    what: dict[str, Any] = {
        "id": "T1", "time": time_of(at_s), "updated": time_of(at_s), "lat": lat, "lon": lon, "altitude_m": 10_500.0,
        "speed_mps": SPEED, "heading_deg": 90.0, "sigma_m": 100.0, "threat": "aircraft", "probability": 0.6,
        "classes": {"aircraft": 0.6, "civil": 0.35, "jet": 0.05}, "status": "confirmed", "sensors": 1,
    }  # fmt: skip
    return Track(**what | fields)


def heard(at_s: float, north_m: float = 0.0, **fields: Any) -> Position:
    """What its transponder says."""
    lat, lon = (float(part) for part in FRAME.to_geodetic(SPEED * at_s, north_m))
    what: dict[str, Any] = {
        "id": f"{at_s}", "time": time_of(at_s), "lat": lat, "lon": lon, "altitude_m": 10_500, "icao24": "abcdef",
        "speed_mps": SPEED, "heading_deg": 90.0, "cooperative": True,
    }  # fmt: skip
    return Position(**what | fields)


def flown(
    transponders: Transponders,
    until_s: float,
    *,
    since_s: float = 0.0,
    silent: Collection[float] = (),
    called: Collection[float] = (),
    off_m: float = 0.0,
    **fields: Any,
) -> list[bool]:
    """Whether the track is believed to be civil, every two seconds."""
    believed = []
    for at_s in range(int(since_s), int(until_s), 2):
        if at_s not in silent:
            transponders.note(heard(at_s, off_m), "receiver")
        track = airliner(at_s, **fields)
        (found,) = transponders.believed(at_s, [track], {"T1"} if at_s in called else ())
        believed.append(found.threat == "civil")
        assert found == track or found == msgspec.structs.replace(
            track, threat="civil", probability=1 - LEFT, classes={"civil": 1 - LEFT, "aircraft": LEFT}
        ), "nothing but its classes is ever touched"
    return believed


def test_an_airliner_that_says_who_it_is_all_along_is_believed_with_bounded_weight() -> None:
    assert all(some(flown(Transponders(FRAME), 120)))


def test_without_a_transponder_nothing_is_believed() -> None:
    transponders = Transponders(FRAME)
    tracks = (airliner(0), airliner(0, id="T2"))
    assert transponders.believed(0.0, tracks, ()) == tracks


def test_one_that_falls_silent_is_believed_a_little_longer_and_then_never_again() -> None:
    silent = range(40, 80)
    believed = flown(Transponders(FRAME), 160, silent=silent)
    assert all(some(believed[: int((40 + GAP_S) // 2) - 1]))
    assert not any(some(believed[int((40 + GAP_S) // 2) :])), "what comes back is a story with a hole in it"


def test_one_that_joins_late_is_not_believed() -> None:
    late = range(int(BEGIN_S) + 4)
    assert not any(some(flown(Transponders(FRAME), 120, silent=late)))
    soon = range(int(BEGIN_S) - 4)
    believed = flown(Transponders(FRAME), 120, silent=soon)
    assert believed == [at_s not in soon for at_s in range(0, 120, 2)]


def test_one_that_says_it_is_elsewhere_is_another_aircraft() -> None:
    assert not any(some(flown(Transponders(FRAME), 60, off_m=AGREE_M + 500)))
    assert all(some(flown(Transponders(FRAME), 60, off_m=AGREE_M - 200)))


def test_a_contradiction_ends_it_for_good() -> None:
    transponders = Transponders(FRAME)
    assert all(some(flown(transponders, 40)))
    # From one report to the next it says that it is somewhere else.
    for at_s in (40, 42, 44):
        transponders.note(heard(at_s, 9_000.0), "receiver")
        transponders.believed(at_s, [airliner(at_s)], ())
    assert not any(some(flown(transponders, 90, since_s=46)))


def test_once_people_are_in_cover_because_of_a_track_nothing_more_is_believed_of_it() -> None:
    believed = flown(Transponders(FRAME), 80, called=[40])
    assert believed == [at_s < 40 for at_s in range(0, 80, 2)]


@pytest.mark.parametrize(
    "fields",
    [
        {"classes": {"jet": 0.5, "civil": 0.3, "aircraft": 0.2}, "threat": "jet"},
        {"classes": {"drone": 0.9, "civil": 0.1}, "threat": "drone"},
        {"classes": {}},
        {"arc": Arc(beta_kg_m2=5_000, beta_factor=2)},
    ],
)
def test_what_flies_as_no_airliner_by_the_sensors_own_measure_is_not_believed(fields: dict[str, Any]) -> None:
    assert not any(some(flown(Transponders(FRAME), 60, **fields)))


def test_two_that_say_they_are_in_one_place_speak_for_nobody() -> None:
    transponders = Transponders(FRAME)
    for at_s in range(0, 60, 2):
        for name in ("abcdef", "abcde0"):
            transponders.note(heard(at_s, icao24=name), "receiver")
        (found,) = transponders.believed(at_s, [airliner(at_s)], ())
        assert found.threat == "aircraft"


def test_two_receivers_of_one_name_are_two_stories() -> None:
    transponders = Transponders(FRAME)
    assert all(some(flown(transponders, 20)))
    # Another receiver's word of the same aircraft cannot move what the first one says.
    transponders.note(heard(20, 50_000.0), "liar")
    assert all(some(flown(transponders, 60, since_s=20)))


def test_an_older_report_changes_nothing() -> None:
    transponders = Transponders(FRAME)
    transponders.note(heard(100), "receiver")
    before = transponders.dump()
    for at_s in (0, 99, 100):
        transponders.note(heard(at_s, 9_000.0), "receiver")
    assert transponders.dump() == before


def test_one_receiver_that_names_more_than_fly_keeps_no_others_out() -> None:
    transponders = Transponders(FRAME)
    for number in range(PER_VOICE_MAX + 10):
        transponders.note(heard(0, 90_000.0, icao24=f"{number:06x}"), "liar")
    assert len(transponders.dump()["heard"]) == PER_VOICE_MAX
    assert all(some(flown(transponders, 10)))
    # All of them are gone when they say nothing for a while.
    transponders.believed(10 + GAP_S + 1, [], ())
    assert transponders.dump() == {"heard": [], "companions": {}}


def test_more_transponders_than_fly_anywhere_are_not_kept() -> None:
    transponders = Transponders(FRAME)
    for number in range(HEARD_MAX + 10):
        transponders.note(heard(0, icao24=f"{number % PER_VOICE_MAX:06x}"), f"receiver-{number // PER_VOICE_MAX}")
    assert len(transponders.dump()["heard"]) == HEARD_MAX


def test_a_report_is_carried_on_along_its_course_until_the_tick() -> None:
    transponders = Transponders(FRAME)
    transponders.note(heard(0), "receiver")
    for at_s in (0, 7, 14):
        (found,) = transponders.believed(at_s, [airliner(at_s)], ())
        assert found.threat == "civil", "3 km on, it is still there"
    assert math.isclose(found.probability, 1 - LEFT)


def test_a_snapshot_goes_on_where_it_was_taken() -> None:
    transponders = Transponders(FRAME)
    flown(transponders, 40)
    flown(transponders, 40, since_s=40, called=[60], id="T2")
    loaded = Transponders.load(transponders.dump(), FRAME)
    assert loaded.dump() == transponders.dump()
    assert flown(loaded, 80, since_s=40) == flown(transponders, 80, since_s=40)
