"""The simple rules, against the plainest loop that could be written, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone
from tocsin.score.cover import Cover, cover_of_hits, cover_of_rows
from tocsin.score.rules import FAMILY_DEG, FAMILY_S, KEEP_S, STEP_S, circle_cover, cone_cover, family, region_cover
from tocsin.score.sightings import Sightings, sightings_of

NOW_S = 1_767_225_600.0


def _zone(number: int, lat: float, lon: float) -> Zone:
    ring = ((lon, lat), (lon + 0.1, lat), (lon + 0.1, lat + 0.1), (lon, lat + 0.1), (lon, lat))
    return Zone(id=f"z{number}", name="x", parent=f"land{number % 3}", population=100, polygons=((ring,),))


INDEX = ZoneIndex([_zone(10 * i + j, 49.5 + 0.15 * i, 19.5 + 0.2 * j) for i in range(8) for j in range(8)])


def _raid(seed: int, tracks: int = 5) -> Sightings:
    rng = np.random.default_rng(seed)
    rows = [
        (k, NOW_S + t, lat + climb * t, lon + drift * t, rng.uniform(20, 250), heading, 100.0)
        for k, (lat, lon, climb, drift, heading) in enumerate(
            rng.uniform((49.4, 19.4, -1e-4, -1e-4, 0), (50.8, 21.2, 1e-4, 1e-4, 360), (tracks, 5))
        )
        for t in np.arange(rng.uniform(0, 500), 1_500, 4.0)
        if not 700 < t < 900
    ]
    return sightings_of(np.array(rows), INDEX)


def _plainly(sightings: Sightings, flight_s: float, half_deg: float) -> Cover:
    rows = sightings.every(STEP_S)
    found = []
    for r in range(len(rows.time_s)):
        for z in range(len(INDEX)):
            east, north = INDEX.east_m[z] - rows.east_m[r], INDEX.north_m[z] - rows.north_m[r]
            away, radius = np.hypot(east, north), np.sqrt(INDEX.outlines[z].area / np.pi)
            off = abs((np.degrees(np.arctan2(east, north)) - rows.heading_deg[r] + 180) % 360 - 180)
            if away - radius <= flight_s * rows.speed_mps[r] and (off <= half_deg or away <= radius):
                found.append((z, float(rows.time_s[r]), float(rows.time_s[r]) + STEP_S + KEEP_S))
    return cover_of_rows(found)


def _same(one: Cover, other: Cover) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("zone", "begin_s", "end_s"))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("flight_s", "half_deg"), [(60, 180), (300, 180), (120, 35), (450, 35), (240, 120)])
def test_a_rule_covers_what_a_plain_loop_covers(seed: int, flight_s: float, half_deg: float) -> None:
    sightings = _raid(seed)
    cover = cone_cover(sightings, INDEX, flight_s, half_deg)
    assert len(cover.zone) > 0
    assert _same(cover, _plainly(sightings, flight_s, half_deg))


def test_the_family_holds_each_rule_once_and_as_it_is_alone() -> None:
    sightings = _raid(7)
    rules = {(name, flight_s): cover for name, flight_s, cover in family(sightings, INDEX)}
    assert len(rules) == len(FAMILY_S) * len(FAMILY_DEG)
    assert _same(rules["circle", 300.0], circle_cover(sightings, INDEX))
    assert _same(rules["cone", 120.0], cone_cover(sightings, INDEX, 120.0, 35.0))


def test_a_region_is_covered_whole_while_a_track_is_in_any_of_it() -> None:
    place = INDEX.frame.to_geodetic(INDEX.east_m[0], INDEX.north_m[0])
    row = [1, NOW_S + 5, float(place[0]), float(place[1]), 100.0, 0.0, 50.0]
    cover = region_cover(sightings_of(np.array([row]), INDEX), INDEX)
    assert {INDEX.zones[z].parent for z in cover.zone.tolist()} == {INDEX.zones[0].parent}
    assert len(cover.zone) == sum(zone.parent == INDEX.zones[0].parent for zone in INDEX.zones)
    assert set(cover.end_s - cover.begin_s) == {STEP_S + KEEP_S}


def test_nothing_tracked_covers_nobody() -> None:
    nothing = sightings_of(np.empty((0, 7)), INDEX)
    assert all(len(cover.zone) == 0 for _, _, cover in some(family(nothing, INDEX)))
    assert len(region_cover(nothing, INDEX).zone) == 0


def test_hits_that_touch_are_one_stretch_and_those_apart_are_two() -> None:
    cover = cover_of_hits(np.array([4, 4, 2, 4]), np.array([8, 1, 3, 16]), 10.0, 70.0)
    assert cover.zone.tolist() == [2, 4, 4]
    assert cover.begin_s.tolist() == [30, 10, 160]
    assert cover.end_s.tolist() == [100, 150, 230]


def test_a_moment_is_found_in_the_stretch_of_its_own_zone_only() -> None:
    cover = cover_of_rows([(1, 0.0, 10.0), (1, 20.0, 30.0), (2, 5.0, 8.0)])
    assert cover.around(1, 25.0) == 20.0
    assert cover.around(1, 10.0) == 0.0
    assert cover.around(1, 15.0) is None
    assert cover.around(2, 9.0) is None
    assert cover.around(0, 5.0) is None
