"""Zones under an arc: where a ballistic track, or a launch nobody has seen fly yet, may come down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.boost import age_of, burns_on_s
from tocsin.earth.frames import LocalFrame
from tocsin.earth.physics import GRAVITY_MPS2
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.ballistic import Fall, impact
from tocsin.forecast.footprint import NOWHERE, Footprint
from tocsin.forecast.limits import ARCS, Arc
from tocsin.model.observation import Launch
from tocsin.model.threat import ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import seconds_of

Floats = NDArray[np.float64]

# Points per ellipse: a zone's share is known to 0.5 %.
POINTS = 192
# Wind, spin and what the standard atmosphere does not know, at the end of any arc.
IMPACT_FLOOR_M = 400.0
# Standard deviation of a velocity whose covariance is not known.
SPEED_SIGMA_MPS = 40.0
# Right after burn-out a tracked velocity strays by more than its covariance says: by 20-30 m/s in simulated salvos.
ARC_SIGMA_MPS = 25.0
# A motor that still burns will add speed for about this long.
BURN_S = 15.0
# How long a motor that still burns may go on: at these quantiles. Less likely than the threshold, it is not worth it.
BURN_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
BURNING_MIN = 0.02
# A thrust is known to this, and does not stay the same.
THRUST_SIGMA_MPS2 = 8.0
# A track takes the place of its launch once its motor burns with less than this probability; or, where the track does
# not say, once it gains less speed than this.
COASTING_MAX = 0.2
BURNING_MPS2 = 15.0
# The last of what a covariance is of: east, north, up, and their speeds.
CLIMB = 5
GOLDEN = math.pi * (3.0 - math.sqrt(5.0))


def of_track(track: Track, gain_mps2: float, index: ZoneIndex) -> Footprint:
    """Zones under the impact ellipses of a ballistic track; gain_mps2 as in `ends`."""
    return _under(ends(track, gain_mps2), seconds_of(track.time), index)


def ends(track: Track, gain_mps2: float) -> list[tuple[float, Fall]]:
    """Where a ballistic track falls, as (weight, ellipse): one if it coasts, some more if its motor may still burn.

    gain_mps2   how fast it has been gaining speed: all there is to tell a motor by, where the track does not say
    """
    heading = math.radians(track.heading_deg)
    velocity = np.array([track.speed_mps * math.sin(heading), track.speed_mps * math.cos(heading), track.climb_mps])
    covariance = covariance_of(track)
    if track.arc is None:
        along = velocity / max(float(np.linalg.norm(velocity)), 1.0)
        covariance[3:, 3:] += np.eye(3) * ARC_SIGMA_MPS**2
        covariance[3:, 3:] += np.outer(along, along) * (max(gain_mps2, 0.0) * BURN_S) ** 2
        parts = [(1.0, _end(track, velocity, covariance, 0.0))]
    else:
        burning = track.arc.burning if track.arc.burning > BURNING_MIN else 0.0
        parts = [(1.0 - burning, _end(track, velocity, covariance, 0.0))]
        if burning > 0:
            age_s = age_of(track.altitude_m, track.climb_mps, math.sqrt(max(float(covariance[CLIMB, CLIMB]), 0.0)))
            push_mps2 = float(np.linalg.norm(track.arc.thrust_mps2))
            share = burning / len(BURN_SHARES)
            for more_s in burns_on_s(age_s, push_mps2, BURN_SHARES):
                parts.append((share, _end(track, velocity, covariance, more_s)))
    assert abs(sum(weight for weight, _ in parts) - 1.0) < 1e-9, "it either burns or coasts"
    return [(weight, end) for weight, end in parts if end is not None]


def _end(track: Track, velocity: Floats, covariance: Floats, burn_s: float) -> Fall | None:
    """Where a track falls if its motor goes on for burn_s seconds."""
    usual = ARCS[arc_class(track)]
    if track.arc is None:
        return impact(track.lat, track.lon, track.altitude_m, velocity, covariance, usual.beta_kg_m2, usual.beta_factor)
    beta, factor = track.arc.beta_kg_m2, track.arc.beta_factor
    if burn_s == 0:
        return impact(track.lat, track.lon, track.altitude_m, velocity, covariance, beta, factor)
    pull = np.array(track.arc.thrust_mps2) - np.array([0.0, 0.0, GRAVITY_MPS2])
    moved = velocity * burn_s + pull * burn_s**2 / 2
    lat, lon = LocalFrame(track.lat, track.lon).to_geodetic(moved[0], moved[1])
    flow = np.eye(6)
    flow[:3, 3:] = np.eye(3) * burn_s
    later = flow @ covariance @ flow.T
    later[3:, 3:] += np.eye(3) * (THRUST_SIGMA_MPS2 * burn_s) ** 2
    end = impact(
        float(lat), float(lon), max(track.altitude_m + moved[2], 0.0), velocity + pull * burn_s, later, beta, factor
    )
    return None if end is None else replace(end, after_s=end.after_s + burn_s)


def _under(parts: Sequence[tuple[float, Fall]], now_s: float, index: ZoneIndex) -> Footprint:
    """Zones under weighted ellipses."""
    if not parts:
        return NOWHERE
    number = np.arange(POINTS)
    radius = np.sqrt(-2.0 * np.log(1.0 - (number + 0.5) / POINTS))
    circle = np.column_stack([radius * np.sin(GOLDEN * number), radius * np.cos(GOLDEN * number)])
    share, earliest, likely = np.zeros(len(index)), np.full(len(index), np.inf), np.zeros(len(index))
    for weight, end in parts:
        offsets = circle @ np.linalg.cholesky(end.covariance_m2 + np.eye(2) * IMPACT_FLOOR_M**2).T
        lat, lon = LocalFrame(end.lat, end.lon).to_geodetic(offsets[:, 0], offsets[:, 1])
        _, zones = index.at(lat, lon)
        hit, counts = np.unique(zones, return_counts=True)
        part = weight * counts / POINTS
        falls_s = now_s + end.after_s
        share[hit] += part
        likely[hit] += part * falls_s
        earliest[hit] = np.minimum(earliest[hit], falls_s - 2 * end.sigma_s)
    # Zones may overlap, so that all shares together may be more.
    assert share.max(initial=0.0) < 1.0 + 1e-9, "a zone that holds more than all there is"
    zone = np.flatnonzero(share > 0)
    return Footprint(zone.astype(np.int32), share[zone], earliest[zone], likely[zone] / share[zone])


def arc_class(track: Track) -> ThreatClass:
    """The ballistic class a track most likely is of."""
    if track.threat in ARCS:
        return track.threat
    rocket, missile = track.classes.get("rocket", 0.0), track.classes.get("ballistic_missile", 0.0)
    return "rocket" if rocket > missile else "ballistic_missile"


def covariance_of(track: Track) -> Floats:
    """The track's full covariance [6, 6]; a round guess from sigma_m where it has none."""
    if len(track.covariance) != 21:
        return np.diag([track.sigma_m**2] * 3 + [SPEED_SIGMA_MPS**2] * 3)
    full = np.zeros((6, 6))
    full[np.triu_indices(6)] = track.covariance
    return np.asarray(full + np.triu(full, 1).T, float)


def of_launch(launch: Launch, index: ZoneIndex, prior: Floats) -> Footprint:
    """Zones a launch alone endangers: a sector where its azimuth is known, else a ring; prior [Z] shares it out.

    Half of the probability is shared by area under the footprint, half by the zones' prior: aimed ill, or well.
    """
    assert len(prior) == len(index), f"a prior of {len(prior)} zones for {len(index)}"
    arc = _arc_of_launch(launch)
    distance, azimuth = _polar(launch, index)
    size = np.sqrt([outline.area for outline in index.outlines]) if len(index) else np.empty(0)
    in_range = _within(distance, size, arc, launch.sigma_m)
    if launch.azimuth_deg is None:
        toward = np.ones(len(index))
    else:
        off = np.abs((azimuth - launch.azimuth_deg + 180) % 360 - 180)
        wide = np.degrees(np.arctan2(size / 2 + launch.sigma_m, np.maximum(distance, 1.0)))
        toward = np.exp(-0.5 * (off / np.hypot(arc.azimuth_sigma_deg, wide)) ** 2)
    # Ranges are as likely as each other, so the density on the ground falls with distance.
    by_area = in_range * toward * size**2 / np.maximum(distance, arc.range_min_m)
    by_prior = in_range * toward * prior
    if by_area.sum() <= 0:
        return NOWHERE
    share = _ground_share(by_area, arc, launch)
    probability = 0.5 * share + 0.5 * by_prior / max(by_prior.sum(), 1e-300) * min(1.0, 2.0 * share.sum())
    assert probability.sum() < 1.0 + 1e-9, "one launch that falls more than once"
    zone = np.flatnonzero(probability > 1e-4)
    fraction = np.clip((distance[zone] - arc.range_min_m) / (arc.range_max_m - arc.range_min_m), 0.0, 1.0)
    start = seconds_of(launch.time)
    flight = arc.flight_min_s + np.sqrt(fraction) * (arc.flight_max_s - arc.flight_min_s)
    return Footprint(zone.astype(np.int32), probability[zone], start + 0.7 * flight, start + flight)


def _ground_share(by_area: Floats, arc: Arc, launch: Launch) -> Floats:
    """Probability per zone if it falls anywhere in the sector: the zones may fill only part of it."""
    width = (
        2.0 * math.pi if launch.azimuth_deg is None else math.radians(arc.azimuth_sigma_deg) * math.sqrt(2 * math.pi)
    )
    share = by_area / ((arc.range_max_m - arc.range_min_m) * width)
    return np.asarray(share / max(1.0, share.sum()), float)


def _arc_of_launch(launch: Launch) -> Arc:
    """The class's arc; a launch of unknown kind may be either."""
    if launch.threat in ARCS:
        return ARCS[launch.threat]
    rocket, missile = ARCS["rocket"], ARCS["ballistic_missile"]
    return Arc(
        rocket.range_min_m, missile.range_max_m, rocket.flight_min_s, missile.flight_max_s,
        missile.azimuth_sigma_deg, rocket.beta_kg_m2, rocket.beta_factor,
    )  # fmt: skip


def _polar(launch: Launch, index: ZoneIndex) -> tuple[Floats, Floats]:
    """Distance in metres and azimuth in degrees from the launch to each zone."""
    lat, lon = index.frame.to_geodetic(index.east_m, index.north_m)
    east, north = LocalFrame(launch.lat, launch.lon).to_local(lat, lon)
    return np.hypot(east, north), np.degrees(np.arctan2(east, north)) % 360


def _within(distance: Floats, size: Floats, arc: Arc, sigma_m: float) -> Floats:
    """1 inside the range, falling off over a zone's size and the launch's own uncertainty."""
    soft = size / 2 + 2 * sigma_m + 1.0
    inner = 1.0 / (1.0 + np.exp(np.clip(-(distance - arc.range_min_m) / soft * 2, -50, 50)))
    outer = 1.0 / (1.0 + np.exp(np.clip((distance - arc.range_max_m) / soft * 2, -50, 50)))
    return np.asarray(inner * outer, float)


def coasting(track: Track, gain_mps2: float) -> bool:
    """Whether a track's motor has stopped: before, the arc of the moment ends far short of where the missile will."""
    if track.arc is not None:
        return track.arc.burning < COASTING_MAX
    return gain_mps2 < BURNING_MPS2


def flown_from(launch: Launch, track: Track, first_s: float, first_lat: float, first_lon: float) -> bool:
    """Whether a ballistic track first seen there and then can be the launch's."""
    since = first_s - seconds_of(launch.time)
    arc = _arc_of_launch(launch)
    if not -30.0 <= since <= arc.flight_max_s:
        return False
    east, north = LocalFrame(launch.lat, launch.lon).to_local(first_lat, first_lon)
    away = math.hypot(float(east), float(north))
    fastest = max(1_200.0, math.hypot(track.speed_mps, track.climb_mps))
    return away <= fastest * max(since, 0.0) + 3 * launch.sigma_m + 2_000.0


def launch_over_s(launch: Launch) -> float:
    """POSIX time after which nothing launched then can still be in the air."""
    return seconds_of(launch.time) + 1.3 * _arc_of_launch(launch).flight_max_s + 30.0
