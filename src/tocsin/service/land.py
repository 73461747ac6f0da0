"""What radars see over the land: reckoned from elevation at the start, and kept in the journal's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from tocsin.model.errors import TocsinError
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone

log = structlog.get_logger(__name__)


def sight_over(land: Path | None, sensors: Sequence[Sensor], zones: Sequence[Zone]) -> dict[str, tuple[str, ...]]:
    """The zones that each radar sees over the land of a folder; without one, nothing: they see over a smooth Earth.

    Land that cannot be read costs what is known of blind valleys, and nobody the warning: it is logged.
    """
    if land is None:
        return {}
    # Imported here: most services have no land.
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.plan.terrain import read_terrain
    from tocsin.plan.zone_sight import zones_seen
    from tocsin.warn.coverage import TARGET_M

    try:
        found, said = zones_seen(read_terrain([land]), sensors, ZoneIndex(zones), TARGET_M)
    except TocsinError as error:
        log.error("the land is not known", why=str(error))
        return {}
    for sentence in said:
        log.warning("the land", said=sentence)
    log.info("the land", radars=len(found), zones=len({zone for seen in found.values() for zone in seen}))
    return found
