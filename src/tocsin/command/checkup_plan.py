"""What `tocsin doctor` looks at of the land and of the minutes that the service works out."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.command.surroundings import named_sensors
from tocsin.earth.terrain.around import REACH_MAX_M
from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.zone import Zone
from tocsin.plan.minutes import held_bytes
from tocsin.plan.terrain import read_terrain
from tocsin.replay.planning import attackers
from tocsin.service.settings import Settings


def land(told: Settings, sensors: Sequence[Sensor]) -> str:
    """What land radars see over. Raises BadFile where its files are of no use, BadSettings where some stand on none."""
    if told.land is None:
        return "none is given: radars see over a smooth Earth"
    terrain = read_terrain([told.land])
    radars = [with_defaults(one) for one in sensors if one.kind == "radar"]
    bare = [one.id for one in radars if not terrain.holds(one.lat, one.lon)]
    if bare:
        raise BadSettings(
            f"{named_sensors(bare)}: no file in {told.land} holds the land under it, so it is taken to see over a "
            "smooth Earth; `tocsin plan fetch` gets more files"
        )
    memory = max((terrain.memory(one.lat, one.lon, min(one.range_m or 0.0, REACH_MAX_M)) for one in radars), default=0)
    files = len(terrain.tiles)
    return f"{files:,} files under all of {len(radars)} radars; looking around takes up to {memory / 1e9:.1f} GB"


def minutes(told: Settings, zones: Sequence[Zone]) -> str:
    """What minutes of warning are worked out. Raises BadSettings where nobody is to attack, BadValue where they are too
    many."""
    if told.minutes is None:
        return "none are worked out: there is no [minutes]"
    groups, about_zone = attackers(told.minutes.threats, told.minutes.classes)
    held = held_bytes(len(zones), groups)
    come = "from everywhere" if about_zone else f"as {told.minutes.threats} says"
    return f"of {len(zones):,} zones against {told.minutes.classes}, {come}; about {1.5 * held / 1e6:,.0f} MB of memory"
