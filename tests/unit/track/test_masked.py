"""A radar that cannot see into a valley says nothing of what flies there by not seeing it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.earth.frames import LocalFrame
from tocsin.model.masking import CLEAR, LEAST, NEVER, PARTS, RAYS, RINGS, STEP_M, SURE, Masking, text_of
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.track.settings import TrackSettings
from tocsin.track.tracker import Tracker

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)
REACH_M = 150_000.0
# What each learns of the others' clocks and directions is another matter.
PLAIN = TrackSettings(registration=False)
SPEED_MPS, HEIGHT_M, SCAN_S = 230.0, 100.0, 5.0


def radar(name: str, east_m: float, north_m: float) -> Sensor:
    lat, lon = (float(part) for part in FRAME.to_geodetic(east_m, north_m))
    return Sensor(
        id=name, kind="radar", lat=lat, lon=lon, altitude_m=300.0, range_m=REACH_M, range_kind="ground",
        sigma_range_m=60, sigma_azimuth_deg=0.12, sigma_altitude_m=300, scan_s=SCAN_S, detection_probability=0.9,
        false_plots_per_scan=3,
    )  # fmt: skip


# The missile comes from the east, along the valley at whose end the first stands.
SEES = radar("sees", 0.0, 0.0)
OTHERS = (radar("north", 10_000.0, 30_000.0), radar("south", 20_000.0, -30_000.0), radar("east", 60_000.0, 25_000.0))
# What each sees at every turn: it works, and is heard. None is in reach of the first but its own.
ELSEWHERE = {
    "sees": (-90_000.0, -60_000.0), "north": (10_000.0, 170_000.0), "south": (20_000.0, -170_000.0),
    "east": (190_000.0, 25_000.0),
}  # fmt: skip
VALLEY_M = 100_000.0


def masking(sure: int, least: int, clear: int) -> Masking:
    cells = np.zeros((RAYS, RINGS, PARTS), np.uint8)
    cells[..., SURE], cells[..., LEAST], cells[..., CLEAR] = sure, least, clear
    return Masking(reach_m=REACH_M, cells=text_of(cells))


HIDDEN, SEEN, PERHAPS = masking(NEVER, NEVER - 1, 0), masking(0, 0, 1), masking(NEVER, 0, 0)


def plot(sensor: Sensor, at_s: float, east_m: float, north_m: float, height_m: float | None) -> Plot:
    own = LocalFrame(sensor.lat, sensor.lon)
    east, north = (float(part) for part in own.to_local(*FRAME.to_geodetic(east_m, north_m)))
    return Plot(
        id=f"{sensor.id}/{at_s}/{east_m:.0f}", time=time_of(START_S + at_s), sensor=sensor.id,
        range_m=math.hypot(east, north), azimuth_deg=math.degrees(math.atan2(east, north)) % 360, altitude_m=height_m,
    )  # fmt: skip


def flown(
    sensors: Sequence[Sensor],
    land: Mapping[str, Masking],
    hits: Sequence[bool],
    height_m: float | None = HEIGHT_M,
    settings: TrackSettings = PLAIN,
) -> list[dict[str, Track]]:
    """The tracks in the valley, scan by scan: whether the first radar sees the missile in each stands in `hits`."""
    tracker = Tracker(sensors, FRAME, settings, land)
    found = []
    for scan, hit in enumerate(hits):
        for number, sensor in enumerate(sensors):
            at_s = SCAN_S * scan + 0.7 * number
            tracker.observe(plot(sensor, at_s, *ELSEWHERE[sensor.id], 9_000.0))
            if sensor is SEES and hit:
                tracker.observe(plot(sensor, at_s, 80_000.0 - SPEED_MPS * at_s, 500.0 * math.sin(at_s / 9), height_m))
        tracks = tracker.advance(START_S + SCAN_S * scan + 4.0)
        there = FRAME.to_local([one.lat for one in tracks], [one.lon for one in tracks])
        near = (there[0] > 0.0) & (np.hypot(*there) < VALLEY_M)
        found.append({one.id: one for one, is_near in zip(tracks, near.tolist(), strict=True) if is_near})
    return found


def firm_after(found: Sequence[dict[str, Track]]) -> int:
    """The scan in which something in the valley is first confirmed; as many as there are where nothing is."""
    firm = [k for k, tracks in enumerate(found) if any(one.status != "tentative" for one in tracks.values())]
    return min(firm, default=len(found))


# Gone behind the spurs of the valley every now and then, as the radar at its end sees it.
WINDING = (True, False, True, True, False, True, True, False, True, True, True, False, True)


def test_a_missile_in_a_valley_is_firm_as_if_the_radars_that_cannot_see_there_were_not() -> None:
    land = {one.id: HIDDEN for one in OTHERS} | {SEES.id: SEEN}
    alone = flown([SEES], {}, WINDING)
    assert 0 < firm_after(alone) < 5
    assert flown([SEES, *OTHERS], land, WINDING) == alone
    smooth = flown([SEES, *OTHERS], {}, WINDING)
    assert firm_after(smooth) > firm_after(alone) + 1, "three radars that should see it over a smooth Earth do not"


def test_a_radar_that_perhaps_sees_there_is_expected_to_only_where_it_has_just_seen_it() -> None:
    land = {one.id: PERHAPS for one in (SEES, *OTHERS)}
    alone = flown([SEES], {SEES.id: PERHAPS}, WINDING)
    assert flown([SEES, *OTHERS], land, WINDING) == alone
    assert firm_after(alone) == firm_after(flown([SEES], {}, WINDING))
    once = (True, *[False] * 5)
    assert not flown([SEES], {SEES.id: PERHAPS}, once)[-1], "a plot of nothing is gone soon"
    assert flown([SEES], {SEES.id: HIDDEN}, once)[-1], "what none can see is not asked for"


def test_without_a_height_only_who_sees_down_to_the_lowest_flier_is_expected_to_see_it() -> None:
    alone = flown([SEES], {}, WINDING, None)
    low = {one.id: masking(1, 0, 0) for one in OTHERS}
    assert flown([SEES, *OTHERS], low, WINDING, None) == alone
    clear = {one.id: masking(NEVER, 0, 1) for one in OTHERS}
    assert firm_after(flown([SEES, *OTHERS], clear, WINDING, None)) > firm_after(alone) + 1


def test_what_flies_high_over_the_ridges_is_missed_by_whoever_misses_it() -> None:
    ridges = {one.id: masking(int(1_000 / STEP_M), 0, 0) for one in OTHERS}
    over = flown([SEES, *OTHERS], ridges, WINDING, 4_000.0)
    assert over == flown([SEES, *OTHERS], {}, WINDING, 4_000.0)
    assert flown([SEES, *OTHERS], ridges, WINDING) == flown([SEES], {}, WINDING)


many = st.lists(st.booleans(), min_size=6, max_size=16).map(lambda hits: (True, *hits))


@settings(max_examples=12, deadline=None)
@given(many, st.sampled_from([None, 100.0, 800.0, 6_000.0]), st.sets(st.sampled_from(OTHERS), min_size=1))
@example(WINDING, HEIGHT_M, set(OTHERS))
def test_a_miss_of_a_radar_where_it_cannot_see_changes_no_track(
    hits: tuple[bool, ...], height_m: float | None, hidden: set[Sensor]
) -> None:
    some = [one for one in OTHERS if one in hidden]
    land = {one.id: HIDDEN for one in some}
    assert flown([SEES, *some], land, hits, height_m) == flown([SEES], {}, hits, height_m)


@settings(max_examples=12, deadline=None)
@given(many, st.sampled_from([None, 100.0, 800.0, 6_000.0]))
def test_land_that_hides_nothing_changes_nothing(hits: tuple[bool, ...], height_m: float | None) -> None:
    land = {one.id: SEEN for one in (SEES, *OTHERS)}
    told, smooth = (flown([SEES, *OTHERS], some, hits, height_m, TrackSettings()) for some in (land, {}))
    assert told == smooth


def test_cells_are_found_by_true_bearing_and_distance_wherever_the_frame_begins() -> None:
    from tocsin.track.sensors.clutter import masked
    from tocsin.track.sensors.sites import sites_of

    cells = np.zeros((RAYS, RINGS, PARTS), np.uint8)
    cells[..., SURE] = np.arange(RAYS)[:, None] % 251
    cells[..., LEAST] = np.arange(RINGS)
    far = Sensor(id="far", kind="radar", lat=56.0, lon=24.0, range_m=REACH_M)
    land = {"far": Masking(reach_m=REACH_M, cells=text_of(cells))}
    # Seven degrees of longitude away and far to the north, north is turned by five degrees and more.
    frame = LocalFrame(54.0, 31.0)
    sites = sites_of([SEES, far], frame, 1, land)
    assert abs(math.degrees(float(sites.turn[1]))) > 5
    assert sites.land.tolist() == [-1, 0, -1]
    for ray in (0, 44, 133, 250, 359):
        for ring in (5, 50, 95):
            turn, away = 2 * math.pi * (ray + 0.5) / RAYS, REACH_M * (ring + 0.5) / RINGS
            there = LocalFrame(far.lat, far.lon).to_geodetic(away * math.sin(turn), away * math.cos(turn))
            east, north = (float(part) for part in frame.to_local(*there))
            assert masked(sites, 1, east, north) == (ray % 251, ring, 0)


def test_a_tracker_goes_on_over_the_land_it_is_given() -> None:
    land = {one.id: HIDDEN for one in OTHERS}
    whole = Tracker([SEES, *OTHERS], FRAME, PLAIN, land)
    for scan in range(3):
        whole.observe(plot(SEES, SCAN_S * scan, 80_000.0 - SPEED_MPS * SCAN_S * scan, 0.0, HEIGHT_M))
        whole.advance(START_S + SCAN_S * scan + 4.0)
    again = Tracker.load(whole.dump(), [SEES, *OTHERS], FRAME, PLAIN, land)
    for tracker in (whole, again):
        for scan in (3, 4, 7):
            tracker.observe(plot(SEES, SCAN_S * scan, 80_000.0 - SPEED_MPS * SCAN_S * scan, 0.0, HEIGHT_M))
    assert whole.advance(START_S + 40) == again.advance(START_S + 40)
    assert whole.dump() == again.dump()
