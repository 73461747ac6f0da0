"""What a plan of warning time is made from: who may attack, and the land about a network of sensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.plan.attacks import usual
from tocsin.plan.terrain import Land, read_terrain
from tocsin.replay.progress import share_shown
from tocsin.replay.scenarios import load_scenario, scenario_path
from tocsin.simulate.threats import Attacker, Threats

# Land is looked at as far as radars reach beyond the zones, at most so far.
BEYOND_M = 150_000.0
# A sensor farther beyond the zones than a quarter of an hour's flight of a cruise missile and a radar's reach together
# tells nobody of anything that these zones must be warned of.
FAR_M = 700_000.0


def land_about(paths: Sequence[Path], sensors: Sequence[Sensor], index: ZoneIndex) -> Land:
    """The land under some zones and as far beyond them as sensors see. Raises BadFile, BadSettings."""
    frame = index.frame
    east, north = frame.to_local([s.lat for s in sensors], [s.lon for s in sensors])
    away_m = np.hypot(east, north)
    zones_m = float(np.max(np.hypot(index.east_m, index.north_m) + index.radius_m, initial=0.0))
    far = away_m > zones_m + FAR_M
    farthest_m = max(zones_m, float(np.max(away_m[~far], initial=0.0)))
    reaches = [with_defaults(sensor).range_m or 0.0 for sensor in sensors if sensor.kind == "radar"]
    reach_m = farthest_m + min(max(reaches, default=0.0), BEYOND_M)
    with share_shown("reading the land") as shown:
        land = read_terrain(paths).around(frame.lat, frame.lon, reach_m, shown=shown)
    return replace(land, far=tuple(sensor.id for sensor, is_far in zip(sensors, far.tolist(), strict=True) if is_far))


def classes_of(text: str) -> list[Attacker]:
    """Classes that may attack, by names with commas between. Raises BadSettings."""
    names: list[Attacker] = []
    for name in text.split(","):
        if name not in get_args(Attacker):
            raise BadSettings(f"no class {name!r} attacks; take some of {', '.join(get_args(Attacker))}")
        names.append(name)  # type: ignore[arg-type] # just looked up
    return names


def attackers(scenario: str | None, classes: str) -> tuple[list[Threats], bool]:
    """(groups of attackers, whether they come from about each zone and not from about a scenario's centre)."""
    kinds = classes_of(classes)
    if scenario is None:
        return [usual(kind) for kind in kinds], True
    path = scenario_path(scenario)
    groups = [group for group in load_scenario(path).threats if group.kind in kinds]
    if not groups:
        raise BadSettings(f"{path} has no attackers of {classes}; name classes that it has")
    return groups, False
