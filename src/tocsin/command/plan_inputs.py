"""What the planner's commands share: the network they are given, its options, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer

from tocsin.earth.elevation import Elevation
from tocsin.model.errors import BadSettings, BadValue
from tocsin.model.sensor import Sensor
from tocsin.plan.looking import Conditions
from tocsin.plan.terrain import NAMED_MAX
from tocsin.replay.configuration import read_sensors, read_zones
from tocsin.replay.planning import land_about
from tocsin.report.plan_page import Given

# What elevation errs by on a steep slope, and the height of a mast: beyond either an altitude is not the sensor's.
BELOW_M, ABOVE_M = -50.0, 150.0
HEIGHTS_MAX = 12
HEIGHT_M = (1.0, 200_000.0)


def network(sensors: Path, zones: Path, terrain: Path | None) -> Given:
    """The sensors, zones and land of a plan. Raises BadFile, BadSettings."""
    given = Given(read_sensors(sensors), read_zones(zones))
    if not given.zones:
        raise BadSettings(f"{zones} holds no zone; give the zones to plan for")
    if terrain is None:
        return given
    land = land_about([terrain], given.sensors, given.index)
    if land.unknown == 1:
        raise BadSettings(f"{terrain} holds no elevation of this land; give files that cover it, or leave it out")
    said = (*land.said(), *off_the_ground(given.sensors, land.elevation))
    return Given(given.sensors, given.zones, land.elevation, said)


def off_the_ground(sensors: Sequence[Sensor], elevation: Elevation) -> list[str]:
    """A sentence on sensors whose altitude cannot be theirs over this land; none where all fit.

    A mast above ground written as metres above sea level buries a radar, and one in the air sees what none would.
    """
    above = elevation.at([s.lat for s in sensors], [s.lon for s in sensors])
    above = np.array([s.altitude_m for s in sensors]) - above
    found = [
        f"{sensor.id} {abs(metres):,.0f} m {'above' if metres > 0 else 'below'} the ground"
        for sensor, metres in zip(sensors, above.tolist(), strict=True)
        if not BELOW_M <= metres <= ABOVE_M and bool(elevation.holds(sensor.lat, sensor.lon))
    ]
    if not found:
        return []
    others = f" and {len(found) - NAMED_MAX:,} others" if len(found) > NAMED_MAX else ""
    return [
        f"{len(found)} of {len(sensors)} sensors do not stand on this land: {', '.join(found[:NAMED_MAX])}{others}; "
        "altitude_m is metres above sea level, and what is below the ground is taken to stand on it"
    ]


def heights_of(text: str) -> list[float]:
    """Heights in metres, with commas between. Raises BadSettings."""
    try:
        heights = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadSettings(f"--heights {text!r} are no numbers; write metres with commas between: 100,300") from error
    if len(heights) > HEIGHTS_MAX or not all(HEIGHT_M[0] <= one <= HEIGHT_M[1] for one in heights):
        raise BadSettings(f"--heights {text!r}; give up to {HEIGHTS_MAX} between {HEIGHT_M[0]:g} and {HEIGHT_M[1]:g} m")
    return heights


def conditions_of(day: bool, visibility_m: float, noise_db: float) -> Conditions:
    """The weather and hour planned for. Raises BadSettings."""
    try:
        return Conditions(night=not day, visibility_m=visibility_m, noise_db=noise_db)
    except BadValue as error:
        raise BadSettings(str(error)) from error


def say_land(given: Given) -> None:
    """What land was planned over, and what is not known of it."""
    for sentence in given.land_said:
        typer.echo(f"{sentence[0].upper()}{sentence[1:]}.", err=True)
    if given.elevation is None:
        typer.echo("No terrain: over a smooth Earth at sea level, where no hill hides anything.", err=True)


def say_others(folder: Path, others: Sequence[str]) -> None:
    """That a folder holds files of plans of other kinds, which this one did not make."""
    if others:
        more = f" and {len(others) - NAMED_MAX:,} others" if len(others) > NAMED_MAX else ""
        named = ", ".join(others[:NAMED_MAX])
        typer.echo(f"{folder} also holds files of other plans, maybe of another network: {named}{more}.", err=True)


def say_coverage(summary: dict[str, Any]) -> None:
    """What is seen, for people to read."""
    for row in summary["coverage"]:
        typer.echo(
            f"{row['class']:18} at {row['height_m']:6,.0f} m: {row['zones_seen']:6,} of {summary['zones']:,} "
            f"zones seen, {row['zones_seen_twice']:6,} by two or more; {row['people_unseen']:12,.0f} people unseen"
        )
    for row in summary["losses"][:5]:
        unseen = f"{row['people']:,.0f} people in {row['zones']} zones unseen ({row['class']})"
        typer.echo(f"without {row['sensor']}: {unseen}")


def say_minutes(summary: dict[str, Any]) -> None:
    """The minutes for people to read."""
    for row in summary["classes"]:
        typer.echo(
            f"{row['class']:18} tracked {_minutes(row['tracked_median_s'])} before (nine of ten ways: "
            f"{_minutes(row['tracked_least_s'])}), told {_minutes(row['covered_median_s'])} before; in shelter "
            f"{_share(row['inside'])}, could be {_share(row['could'])}"
        )
    for loss in summary.get("losses", [])[:5]:
        typer.echo(f"without {loss['sensor']}: {loss['people_fewer']:,.0f} people fewer could be in shelter")


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f} min"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"
