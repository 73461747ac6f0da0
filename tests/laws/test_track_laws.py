"""Laws of the tracker: order, lateness, repetition, snapshots and the place of the world change nothing."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Observation, Plot, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.value import seconds_of, time_of
from tocsin.track.tracker import Tracker

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)
SEEDS = st.integers(0, 2**32 - 1)


def radar(lat: float = 48.0, lon: float = 31.0) -> Sensor:
    return Sensor(id="radar", kind="radar", lat=lat, lon=lon, range_m=200_000, scan_s=4, false_plots_per_scan=5)


def night(seed: int, turn_deg: float = 0.0, until_s: int = 120) -> list[Observation]:
    """Four targets, false plots and a few sightings, by time; the world may be turned about the radar."""
    chance = np.random.default_rng(seed)
    starts, speeds = chance.uniform(-60e3, 60e3, (4, 2)), chance.uniform(-200, 200, (4, 2))
    found: list[Observation] = []
    for at in range(0, until_s, 4):
        spots = np.concatenate([starts + speeds * at, chance.uniform(-80e3, 80e3, (3, 2))])
        for number, (east, north) in enumerate(spots + chance.normal(0, 50, spots.shape)):
            azimuth = (math.degrees(math.atan2(east, north)) + turn_deg) % 360
            found.append(
                Plot(
                    id=f"{at}/{number}", time=time_of(START_S + at), sensor="radar",
                    range_m=float(math.hypot(east, north)),
                    azimuth_deg=azimuth, altitude_m=1_000.0,
                )
            )  # fmt: skip
        if turn_deg == 0.0 and at % 20 == 0:
            lat, lon = FRAME.to_geodetic(*(starts[0] + speeds[0] * at))
            found.append(
                Sighting(id=f"s{at}", time=time_of(START_S + at), source="post", lat=float(lat), lon=float(lon))
            )
    return found


def east_north(plot: Plot) -> tuple[float, float]:
    angle = math.radians(plot.azimuth_deg)
    return plot.range_m * math.sin(angle), plot.range_m * math.cos(angle)


def tracked(observations: list[Observation], until_s: float = 121.0, tracker: Tracker | None = None) -> bytes:
    tracker = tracker or Tracker([radar()], FRAME)
    for observation in observations:
        assert tracker.observe(observation) is None
    return msgspec.json.encode(tracker.advance(START_S + until_s))


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.floats(1, 150))
def test_late_observations_give_the_answer_they_would_have_given_in_time(seed: int, most_late_s: float) -> None:
    observations = night(seed)
    chance = np.random.default_rng(seed + 1)
    arrival = [seconds_of(one.time) + chance.uniform(0, most_late_s) * (chance.random() < 0.3) for one in observations]
    late = Tracker([radar()], FRAME)
    for k in np.argsort(arrival, kind="stable"):
        late.advance(math.floor(arrival[k]))
        assert late.observe(observations[k]) is None
    in_order = Tracker([radar()], FRAME)
    for one in observations:
        in_order.advance(seconds_of(one.time))
        in_order.observe(one)
    end_s = START_S + 121 + most_late_s
    assert late.advance(end_s) == in_order.advance(end_s)


@settings(max_examples=3, deadline=None)
@given(SEEDS)
def test_what_is_learned_of_wrong_radars_does_not_depend_on_when_reports_arrive(seed: int) -> None:
    sensors = [radar(), msgspec.structs.replace(radar(lat=48.3), id="other")]
    frame, chance = LocalFrame(48.3, 31.0), np.random.default_rng(seed)
    observations = [one for one in night(seed) if isinstance(one, Plot)]
    for one in list(observations):
        east, north = frame.to_local(*FRAME.to_geodetic(*east_north(one)))
        later = msgspec.structs.replace(
            one, id=f"o{one.id}", sensor="other", time=time_of(seconds_of(one.time) + 0.7),
            range_m=math.hypot(float(east), float(north)) + 150.0,
            azimuth_deg=math.degrees(math.atan2(float(east), float(north))) % 360,
        )  # fmt: skip
        observations.append(later)
    arrival = [seconds_of(one.time) + chance.uniform(0, 60) * (chance.random() < 0.3) for one in observations]
    late, in_order = Tracker(sensors, FRAME), Tracker(sensors, FRAME)
    for k in np.argsort(arrival, kind="stable"):
        late.advance(math.floor(arrival[k]))
        assert late.observe(observations[k]) is None
    for one in sorted(observations, key=lambda one: one.time):
        in_order.observe(one)
    assert late.advance(START_S + 190) == in_order.advance(START_S + 190)
    learned = [
        [(one.range_bias_m, one.time_bias_s, one.detection_probability) for one in tracker.health(START_S + 190)]
        for tracker in (late, in_order)
    ]
    assert learned[0] == learned[1]
    assert learned[0][1][0] != 0.0


@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_a_late_report_of_something_else_renames_no_track(seed: int) -> None:
    tracker = Tracker([radar()], FRAME)
    for one in night(seed):
        assert tracker.observe(one) is None
    before = {one.id for one in tracker.advance(START_S + 121)}
    stray = Plot(id="stray", time=time_of(START_S + 1), sensor="radar", range_m=150_000, azimuth_deg=10)
    assert tracker.observe(stray) is None
    after = {one.id for one in tracker.advance(START_S + 122)}
    assert len(after - before) <= 1
    assert len(after & before) >= 4


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_simultaneous_reports_does_not_matter(seed: int, shuffler: object) -> None:
    observations = night(seed)
    shuffled = list(observations)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tracked(shuffled) == tracked(observations)


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_a_report_sent_twice_changes_nothing(seed: int) -> None:
    observations = night(seed)
    twice = [one for one in observations for _ in range(2)]
    assert tracked(twice) == tracked(observations)


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.integers(1, 119))
def test_a_tracker_restored_from_its_snapshot_goes_on_bit_for_bit(seed: int, cut: int) -> None:
    observations = night(seed)
    whole, first = Tracker([radar()], FRAME), Tracker([radar()], FRAME)
    for one in observations:
        whole.observe(one)
        if seconds_of(one.time) < START_S + cut:
            first.observe(one)
    first.advance(START_S + cut)
    second = Tracker.load(first.dump(), [radar()], FRAME)
    assert second.dump() == first.dump()
    rest = [one for one in observations if seconds_of(one.time) >= START_S + cut]
    assert tracked(rest, tracker=second) == tracked(rest, tracker=first)


@settings(max_examples=4, deadline=None)
@given(SEEDS, st.lists(st.floats(0, 120), min_size=1, max_size=8))
def test_a_snapshot_between_ticks_changes_nothing(seed: int, moments: list[float]) -> None:
    saved, plain = Tracker([radar()], FRAME), Tracker([radar()], FRAME)
    left = sorted(moments)
    for one in night(seed):
        while left and START_S + left[0] <= seconds_of(one.time):
            saved.dump()
            left.pop(0)
        at_s = seconds_of(one.time)
        for tracker in (saved, plain):
            tracker.observe(one)
        assert saved.advance(at_s) == plain.advance(at_s)
    assert saved.dump() == plain.dump()


@settings(max_examples=6, deadline=None)
@given(SEEDS, st.lists(st.floats(0, 120), max_size=20))
def test_looking_more_often_changes_nothing(seed: int, looks: list[float]) -> None:
    observations = night(seed)
    curious = Tracker([radar()], FRAME)
    for one in observations:
        curious.observe(one)
    for look in sorted(looks):
        curious.advance(START_S + look)
    assert msgspec.json.encode(curious.advance(START_S + 121)) == tracked(observations)


def shapes(tracks: tuple[Track, ...], frame: LocalFrame, turn_deg: float) -> list[tuple[float, float, float]]:
    found = []
    for track in tracks:
        east, north = frame.to_local(track.lat, track.lon)
        angle = math.radians(turn_deg)
        back = (
            float(east) * math.cos(angle) - float(north) * math.sin(angle),
            float(east) * math.sin(angle) + float(north) * math.cos(angle),
            track.sigma_m,
        )
        found.append(back)
    return found


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([45.0, 90.0, 225.0]))
@example(150, 45.0)  # a gate that was wider along the diagonals took a plot in one world and left it in the other
def test_turning_the_world_turns_the_tracks(seed: int, turn_deg: float) -> None:
    # Whole sectors: what is learned about clutter is kept by sector.
    straight, turned = Tracker([radar()], FRAME), Tracker([radar()], FRAME)
    for one in night(seed, until_s=60):
        if isinstance(one, Plot):
            straight.observe(one)
    for one in night(seed, turn_deg, until_s=60):
        turned.observe(one)
    before = shapes(straight.advance(START_S + 61), FRAME, 0.0)
    after = shapes(turned.advance(START_S + 61), FRAME, turn_deg)
    assert len(before) == len(after)
    for shape, other in zip(sorted(before), sorted(after), strict=True):
        assert shape == pytest.approx(other, abs=25)


def test_moving_the_world_moves_the_tracks() -> None:
    here = Tracker([radar()], FRAME)
    there = Tracker([radar(lon=-70.0)], LocalFrame(48.0, -70.0))
    for one in night(5):
        if isinstance(one, Plot):
            here.observe(one)
            there.observe(one)
    before, after = here.advance(START_S + 121), there.advance(START_S + 121)
    assert [track.id for track in before] == [track.id for track in after]
    for track, other in zip(before, after, strict=True):
        assert track.lat == pytest.approx(other.lat, abs=1e-4)
        assert track.lon - 31.0 == pytest.approx(other.lon + 70.0, abs=1e-4)
