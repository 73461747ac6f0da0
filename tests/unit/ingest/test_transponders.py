"""What receivers of transponders say, in our units; where their words end; and for how long they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tocsin.ingest import aircraft_json
from tocsin.ingest.aircraft_json import AGE_S_MAX, CLOCK_S_MAX, SAME_S, AircraftReader
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Position

NOW_S = 1_767_225_600.0
ONE = {"hex": "4ca123", "lat": 45.5, "lon": 16.5, "alt_baro": 10_000, "seen_pos": 2.0}


def picture(*aircraft: dict[str, Any], now_s: float = NOW_S) -> bytes:
    return json.dumps({"now": now_s, "aircraft": list(aircraft)}).encode()


def seen(*aircraft: dict[str, Any], now_s: float = NOW_S, reader: AircraftReader | None = None) -> list[Any]:
    return list((reader or AircraftReader("sky", Rejects())).read(picture(*aircraft, now_s=now_s), NOW_S))


def test_knots_feet_and_degrees_of_a_picture_are_told_in_metres_and_seconds() -> None:
    (one,) = seen(ONE | {"gs": 360.0, "track": 360.0, "flight": " A1 "})
    assert (one.altitude_m, one.speed_mps, one.heading_deg) == (pytest.approx(3_048.0), pytest.approx(185.2), 0.0)
    assert (one.callsign, one.source, one.icao24) == ("A1", "sky", "4ca123")
    (below,) = seen(ONE | {"alt_baro": -100})
    assert below.altitude_m == pytest.approx(-30.48)
    (silent,) = seen(ONE | {"gs": 100, "flight": "  "})
    assert (silent.speed_mps, silent.heading_deg, silent.callsign) == (None, None, None)


def test_the_height_above_the_ellipsoid_is_preferred_even_at_nought() -> None:
    (one,) = seen(ONE | {"alt_geom": 0})
    assert one.altitude_m == 0.0
    assert seen(ONE | {"alt_geom": 100, "alt_baro": "ground"}) == []
    (one,) = seen(ONE | {"alt_baro": "unknown"})
    assert one.altitude_m is None


@pytest.mark.parametrize(("age_s", "taken"), [(0, True), (AGE_S_MAX, True), (AGE_S_MAX + 0.1, False), (-0.1, False)])
def test_a_position_has_an_age_of_at_most_fifteen_seconds(age_s: float, taken: bool) -> None:
    found = seen(ONE | {"seen_pos": age_s})
    assert [one.time.timestamp() for one in found] == [NOW_S - age_s] * taken
    assert AGE_S_MAX == 15


def test_a_position_without_an_age_is_of_the_picture_s_time() -> None:
    (one,) = seen({key: value for key, value in ONE.items() if key != "seen_pos"}, now_s=NOW_S - 3)
    assert (one.time.timestamp(), one.received_at.timestamp()) == (NOW_S - 3, NOW_S)


@pytest.mark.parametrize("off_s", [CLOCK_S_MAX, -CLOCK_S_MAX])
def test_a_receiver_s_clock_may_be_a_minute_off_either_way(off_s: float) -> None:
    assert len(seen(ONE, now_s=NOW_S + off_s)) == 1
    with pytest.raises(BadRecord, match="set the clocks"):
        seen(ONE, now_s=NOW_S + off_s * 1.01)
    for never in ("NaN", "1e999"):
        with pytest.raises(BadRecord):
            AircraftReader("sky", Rejects()).read(f'{{"now": {never}, "aircraft": []}}'.encode(), NOW_S)


@pytest.mark.parametrize(
    ("change", "moved_s", "again"),
    [
        ({}, SAME_S * 0.9, False), ({}, -SAME_S * 0.9, False), ({}, SAME_S * 1.1, True),
        ({"lat": 45.6}, 0, True), ({"lon": 16.6}, 0, True),
    ],
)  # fmt: skip
def test_the_position_of_the_last_picture_is_not_told_again(
    change: dict[str, float], moved_s: float, again: bool
) -> None:
    reader = AircraftReader("sky", Rejects())
    assert len(seen(ONE, reader=reader)) == 1
    later = ONE | {"seen_pos": 3.0 - moved_s} | change
    assert bool(seen(later, now_s=NOW_S + 1, reader=reader)) == again
    if not again:
        # Nor in the picture after that, however slowly it creeps.
        assert seen(later | {"seen_pos": 4.0 - moved_s}, now_s=NOW_S + 2, reader=reader) == []


@pytest.mark.parametrize("address", ["4CA123", " 4ca123 "])
def test_an_address_is_six_hexadecimal_digits_in_small_letters(address: str) -> None:
    (one,) = seen(ONE | {"hex": address})
    assert one.icao24 == "4ca123"
    rejects = Rejects()
    wrong = [ONE | {"hex": name} for name in ("4ca12", "4ca1234", "4ca12g", "")]
    assert AircraftReader("sky", rejects).read(picture(*wrong), NOW_S) == []
    assert rejects.total == 4


def test_a_picture_has_a_bound_and_what_is_beyond_it_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aircraft_json, "AIRCRAFT_MAX", 2)
    rejects = Rejects()
    many = [ONE | {"hex": f"4ca12{number}"} for number in range(5)]
    found = AircraftReader("sky", rejects).read(picture(*many), NOW_S)
    assert [one.icao24 for one in found if isinstance(one, Position)] == ["4ca120", "4ca121"]
    assert rejects.total == 3
