"""Missiles of 300 km range before one radar: how soon, how wide and how honest their impact ellipses are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.ballistic_bound import bound_m
from tocsin.earth.frames import LocalFrame, destination, ecef_of, enu_axes, geodetic_of
from tocsin.earth.sight import horizon_m
from tocsin.forecast.arcs import IMPACT_FLOOR_M, ends
from tocsin.forecast.columns import is_arc
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.simulate.arcs import SHORT_RANGE_MISSILE, shoot
from tocsin.track.tracker import Tracker

Floats = NDArray[np.float64]

SEEDS = 100
RANGE_M = 300_000.0
AIM_LAT, AIM_LON = 47.0, 8.0
RADAR_M = 40_000.0
MAST_M, SCAN_S, DETECTION = 60.0, 10.0, 0.9
# One standard deviation: range in metres, azimuth in degrees, height in metres.
COMMON, SHARP = (120.0, 0.14, 500.0), (60.0, 0.14, 250.0)
# Name: errors of the radar, and whether it sees the missile only once its motor has stopped.
FAMILIES = {
    "from the horizon": (COMMON, False),
    "coasting": (COMMON, True),
    "coasting, a radar that measures better": (SHARP, True),
}
START_S = 1_700_000_000.0
TICK_S = 1.0
# Looks at the forecast: seconds after the first plot, and before the strike.
AFTER_S = (20.0, 40.0, 60.0)
BEFORE_S = (150.0, 120.0, 90.0)


@dataclass(slots=True)
class Figures:
    """What the seeds gave at one look: squared distance of the strike in the ellipse's own measure, its axes in metres,
    and how far off its middle was; state: normalised error squared of position and velocity (6 is consistent); bound_m:
    the axes of the smallest ellipse its plots allow, where it coasts."""

    d2: list[float] = field(default_factory=list)
    long_m: list[float] = field(default_factory=list)
    short_m: list[float] = field(default_factory=list)
    off_m: list[float] = field(default_factory=list)
    state: list[float] = field(default_factory=list)
    bound_m: list[Floats] = field(default_factory=list)


def run(*, json: bool = False) -> None:
    """Print a table of every family."""
    import json as writer

    import typer

    report = {name: _family(errors, coasting) for name, (errors, coasting) in FAMILIES.items()}
    if json:
        typer.echo(writer.dumps(report))
        return
    for name, (first, looks) in report.items():
        typer.echo(f"{name}: {SEEDS} missiles, range {RANGE_M / 1e3:.0f} km, one radar every {SCAN_S:.0f} s")
        typer.echo(f"  first impact ellipse after the second plot: {first:.0f} s (90th percentile)")
        for look, row in looks.items():
            typer.echo(
                f"  {look:18} n {row['n']:3.0f}  1 sigma {row['long_km']:5.1f} x {row['short_km']:4.1f} km  off "
                f"{row['off_km']:5.1f} km  within 1 sigma {row['one']:3.0f} % (39)  2 sigma {row['two']:3.0f} % (86)  "
                f"mean d2 {row['d2']:5.1f} (2)  state NEES {row['nees']:5.1f} (6)"
                + (
                    f"  bound {row['bound_long_km']:.1f} x {row['bound_short_km']:.1f} km"
                    if "bound_long_km" in row
                    else ""
                )
            )


def _family(errors: tuple[float, float, float], coasting: bool) -> tuple[float, dict[str, dict[str, float]]]:
    """(90th percentile of the delay of the first ellipse in seconds, the looks' figures)."""
    chance = np.random.default_rng(300)
    from_deg = chance.uniform(0, 360, SEEDS)
    lat, lon = destination(AIM_LAT, AIM_LON, from_deg, RANGE_M)
    aim_lat, aim_lon = np.full(SEEDS, AIM_LAT), np.full(SEEDS, AIM_LON)
    states, flight_s, _ = shoot(
        lat, lon, from_deg + 180.0, np.full(SEEDS, RANGE_M), aim_lat, aim_lon, SHORT_RANGE_MISSILE
    )
    delays: list[float] = []
    looks: dict[str, Figures] = {}
    for k in range(SEEDS):
        delays += _one(states[:, k], float(flight_s[k]), errors, coasting, np.random.default_rng(k), looks)
    return float(np.percentile(delays, 90)), {name: _summary(figures) for name, figures in looks.items()}


def _one(
    states: Floats, flight_s: float, errors: tuple[float, float, float], coasting: bool, chance: np.random.Generator,
    looks: dict[str, Figures],
) -> list[float]:  # fmt: skip
    """Track one missile and look at its forecast; the delay of its first ellipse, if it ever had one."""
    lat, lon = destination(AIM_LAT, AIM_LON, chance.uniform(0, 360), chance.uniform(0, RADAR_M))
    radar = Sensor(
        id="radar", kind="radar", lat=float(lat), lon=float(lon), altitude_m=MAST_M, range_m=450_000,
        sigma_range_m=errors[0], sigma_azimuth_deg=errors[1], sigma_altitude_m=errors[2],
        scan_s=SCAN_S, detection_probability=DETECTION, false_plots_per_scan=2,
    )  # fmt: skip
    plots = _plots(states, flight_s, radar, SHORT_RANGE_MISSILE.boost_s if coasting else 0.0, chance)
    if len(plots) < 3:
        return []
    tracker = Tracker([radar], LocalFrame(AIM_LAT, AIM_LON))
    first_s, second_s = plots[0][0], plots[1][0]
    wanted = {f"{s:.0f} s after the first": first_s + s for s in AFTER_S}
    wanted |= {f"{s:.0f} s before": flight_s - s for s in BEFORE_S}
    sent, begun = 0, list[float]()
    for tick_s in np.arange(math.ceil(first_s), flight_s, TICK_S).tolist():
        while sent < len(plots) and plots[sent][0] <= tick_s:
            tracker.observe(plots[sent][1])
            sent += 1
        tracks = [track for track in tracker.advance(START_S + tick_s) if is_arc(track)]
        if tracks and not begun and ends(tracks[0], 0.0):
            begun.append(max(0.0, tick_s - second_s))
        for name, at_s in wanted.items():
            if at_s <= tick_s < at_s + TICK_S and tracks:
                figures = looks.setdefault(name, Figures())
                _look(tracks[0], states, tick_s, figures)
                seen_s = np.array([at for at, _ in plots if at <= tick_s])
                if coasting and len(seen_s) > 1:
                    figures.bound_m.append(bound_m(_state(states, float(seen_s[0])), seen_s, radar, MAST_M))
    return begun


def _plots(
    states: Floats, flight_s: float, radar: Sensor, from_s: float, chance: np.random.Generator
) -> list[tuple[float, Plot]]:
    """(seconds after launch, plot) of every look of the radar that finds the missile above the horizon."""
    site, axes = ecef_of(radar.lat, radar.lon, MAST_M), enu_axes(radar.lat, radar.lon)
    found = []
    for at_s in np.arange(chance.uniform(0, SCAN_S), flight_s, SCAN_S).tolist():
        place = _state(states, at_s)[:3]
        height = float(geodetic_of(place)[2])
        east, north, up = (axes @ (place - site)).tolist()
        if at_s < from_s or math.hypot(east, north) > horizon_m(MAST_M, max(height, 0.0)):
            continue
        if chance.random() > DETECTION:
            continue
        found.append(
            (
                at_s,
                Plot(
                    id=f"{at_s}",
                    time=time_of(START_S + at_s),
                    sensor="radar",
                    range_m=math.hypot(east, north, up) + chance.normal(0, radar.sigma_range_m or 0.0),
                    azimuth_deg=(
                        math.degrees(math.atan2(east, north)) + chance.normal(0, radar.sigma_azimuth_deg or 0.0)
                    )
                    % 360,
                    altitude_m=height + chance.normal(0, radar.sigma_altitude_m or 0.0),
                ),
            )
        )
    return found


def _state(states: Floats, at_s: float) -> Floats:
    """The state [6] of a path [T, 6] every second, between its points as constant acceleration has it."""
    before = min(int(at_s / SHORT_RANGE_MISSILE.step_s), len(states) - 2)
    left = at_s - before * SHORT_RANGE_MISSILE.step_s
    gain = (states[before + 1, 3:] - states[before, 3:]) / SHORT_RANGE_MISSILE.step_s
    velocity = states[before, 3:]
    return np.concatenate([states[before, :3] + velocity * left + gain * left**2 / 2, velocity + gain * left])


def _look(track: Track, states: Floats, at_s: float, figures: Figures) -> None:
    """Add one forecast's figures."""
    parts = ends(track, 0.0)
    if not parts:
        return
    frame = LocalFrame(AIM_LAT, AIM_LON)
    middle = np.array([np.hstack(frame.to_local(end.lat, end.lon)) for _, end in parts])
    weight = np.array([part[0] for part in parts])
    weight = weight / weight.sum()
    mean = weight @ middle
    spread = sum(
        (
            w * (end.covariance_m2 + np.outer(at - mean, at - mean))
            for w, at, (_, end) in zip(weight, middle, parts, strict=True)
        ),
        np.eye(2) * IMPACT_FLOOR_M**2,
    )
    axes_m = np.sqrt(np.linalg.eigvalsh(spread))
    figures.d2.append(float(mean @ np.linalg.solve(spread, mean)))
    figures.short_m.append(float(axes_m[0]))
    figures.long_m.append(float(axes_m[1]))
    figures.off_m.append(float(np.hypot(*mean)))
    figures.state.append(_nees(track, _state(states, at_s)))


def _nees(track: Track, truth: Floats) -> float:
    """Normalised estimation error squared of position and velocity."""
    axes = enu_axes(track.lat, track.lon)
    heading = math.radians(track.heading_deg)
    velocity = np.array([track.speed_mps * math.sin(heading), track.speed_mps * math.cos(heading), track.climb_mps])
    place = ecef_of(track.lat, track.lon, track.altitude_m)
    error = np.concatenate([axes @ (place - truth[:3]), velocity - axes @ truth[3:]])
    full = np.zeros((6, 6))
    full[np.triu_indices(6)] = track.covariance
    return float(error @ np.linalg.solve(full + np.triu(full, 1).T, error))


def _summary(figures: Figures) -> dict[str, float]:
    """Medians and shares of one look."""
    d2 = np.array(figures.d2)
    bound = np.median(figures.bound_m, axis=0) / 1e3 if figures.bound_m else None
    return ({} if bound is None else {"bound_short_km": float(bound[0]), "bound_long_km": float(bound[1])}) | {
        "n": float(len(d2)),
        "long_km": float(np.median(figures.long_m)) / 1e3,
        "short_km": float(np.median(figures.short_m)) / 1e3,
        "off_km": float(np.median(figures.off_m)) / 1e3,
        "one": 100.0 * float(np.mean(d2 <= 1.0)),
        "two": 100.0 * float(np.mean(d2 <= 4.0)),
        "d2": float(np.mean(d2)),
        "nees": float(np.mean(figures.state)),
    }
