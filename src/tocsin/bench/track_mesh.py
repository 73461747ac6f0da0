"""No radar at all: one drone through a mesh of microphones and people."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.track_scenario import FRAME
from tocsin.earth.physics import SOUND_MPS
from tocsin.model.observation import Observation, Presence, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.track.tracker import Tracker

START_S = 1_700_000_000.0
SPACING_M, SIDE = 6_000.0, 7
HEARS_M, HEARS, EVERY_S = 4_000.0, 0.8, 2.0
# Half an hour of quiet village per false alarm of one microphone.
FALSE_PER_S = 1 / 1_800
SPEED_MPS, TURN_EVERY_S, TURN_DEG = 50.0, 60.0, 25.0
# People: one for every ten microphones, asked how it feels: half a minute late, 15 degrees and half the distance off.
SEES_M, SEES_PER_S, SAID_LATE_S = 5_000.0, 1 / 40, 30.0
STARTS_S = 60.0


def meshes(seeds: Sequence[int]) -> dict[str, float]:
    """Means over the seeds: share of the time inside that it is tracked within 5 km, median error, false tracks."""
    found = [mesh(seed) for seed in seeds]
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]}


def path(seed: int) -> NDArray[np.float64]:
    """[T, 2] east and north every EVERY_S while inside: in from the south-west, with a turn a minute."""
    chance = np.random.default_rng([seed, 1])
    place, course = np.array([0.0, chance.uniform(6_000.0, 18_000.0)]), math.radians(chance.uniform(60.0, 80.0))
    edge = SPACING_M * (SIDE - 1)
    points = []
    while 0.0 <= place[0] <= edge and 0.0 <= place[1] <= edge:
        points.append(place.copy())
        if chance.random() < EVERY_S / TURN_EVERY_S:
            course += math.radians(chance.normal(0.0, TURN_DEG))
        place += SPEED_MPS * EVERY_S * np.array([math.sin(course), math.cos(course)])
    return np.array(points)


def reports(flown: NDArray[np.float64], sensors: Sequence[Sensor], seed: int) -> list[tuple[float, Observation]]:
    """(received, what) in order of arrival."""
    chance = np.random.default_rng([seed, 2])
    places = np.array([FRAME.to_local(one.lat, one.lon) for one in sensors], float)
    found: list[tuple[float, Observation]] = []
    for step, (east, north) in enumerate(flown.tolist()):
        at_s = START_S + step * EVERY_S
        far = np.hypot(places[:, 0] - east, places[:, 1] - north)
        heard = (far < HEARS_M) & (chance.random(len(far)) < HEARS)
        fooled = chance.random(len(far)) < FALSE_PER_S * EVERY_S
        for number in np.flatnonzero(heard | fooled).tolist():
            when_s = at_s + (far[number] / SOUND_MPS if heard[number] else 0.0)
            name = sensors[number].id
            found.append(
                (when_s + 1.0, Presence(id=f"{name}/{step}", time=time_of(when_s), sensor=name, threat="drone"))
            )
        watching = (far < SEES_M) & (np.arange(len(far)) % 10 == 0) & (chance.random(len(far)) < SEES_PER_S * EVERY_S)
        found += [
            _seen(number, sensors[number], far[number], (east, north), at_s, chance)
            for number in np.flatnonzero(watching).tolist()
        ]
    return sorted(found, key=lambda pair: pair[0])


def _seen(
    number: int, post: Sensor, far_m: float, place: tuple[float, float], at_s: float, chance: np.random.Generator
) -> tuple[float, Observation]:
    east, north = FRAME.to_local(post.lat, post.lon)
    bearing = math.degrees(math.atan2(place[0] - float(east), place[1] - float(north))) + chance.normal(0.0, 15.0)
    said = Sighting(
        id=f"person{number}/{at_s}", time=time_of(at_s), source=f"person{number}", lat=post.lat, lon=post.lon,
        threat="drone", bearing_deg=bearing % 360, distance_m=far_m * math.exp(chance.normal(0.0, 0.5)),
    )  # fmt: skip
    return at_s + chance.exponential(SAID_LATE_S), said


def mesh(seed: int) -> dict[str, float]:
    """One flight: what is known at every moment, judged by where it was then, after a first minute."""
    sensors = []
    for number in range(SIDE * SIDE):
        lat, lon = FRAME.to_geodetic(SPACING_M * (number % SIDE), SPACING_M * (number // SIDE))
        sensors.append(Sensor(id=f"m{number}", kind="presence", lat=float(lat), lon=float(lon), range_m=HEARS_M))
    flown = path(seed)
    waiting = reports(flown, sensors, seed)
    tracker = Tracker(sensors, FRAME)
    errors, false, looks, at = [], 0, 0, 0
    for step, (east, north) in enumerate(flown.tolist()):
        now_s = START_S + step * EVERY_S
        while at < len(waiting) and waiting[at][0] <= now_s:
            tracker.observe(waiting[at][1])
            at += 1
        tracks = [one for one in tracker.advance(now_s) if one.status != "tentative"]
        if step * EVERY_S < STARTS_S:
            continue
        looks += 1
        places = np.array([FRAME.to_local(one.lat, one.lon) for one in tracks], float).reshape(-1, 2)
        off = np.hypot(places[:, 0] - east, places[:, 1] - north)
        near = off < 5_000.0
        false += int((~near).sum())
        if near.any():
            errors.append(float(off.min()))
    return {
        "tracked": len(errors) / looks,
        "median_m": float(np.median(errors)) if errors else math.inf,
        "false_tracks": false / looks,
        "reports": float(len(waiting)),
        "inside_s": looks * EVERY_S,
    }
