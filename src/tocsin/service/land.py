"""What radars see over the land: reckoned from elevation at the start, and kept in the journal's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import structlog

from tocsin.model.errors import TocsinError
from tocsin.model.masking import Masking
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone

log = structlog.get_logger(__name__)


class Known(NamedTuple):
    """What a configuration says of the land: the zones that each radar sees over it, and what it hides from each."""

    sight: dict[str, tuple[str, ...]]
    masking: dict[str, Masking]


def known_over(land: Path | None, sensors: Sequence[Sensor], zones: Sequence[Zone]) -> Known:
    """What is known of the land of a folder; without one, nothing: radars see over a smooth Earth.

    Land that cannot be read costs what is known of blind valleys, and nobody the warning: it is logged.
    """
    if land is None:
        return Known({}, {})
    # Imported here: most services have no land.
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.plan.terrain import read_terrain
    from tocsin.plan.zone_sight import over_land
    from tocsin.warn.coverage import TARGET_M

    try:
        found = over_land(read_terrain([land]), sensors, ZoneIndex(zones), TARGET_M)
    except TocsinError as error:
        log.error("the land is not known", why=str(error))
        return Known({}, {})
    for sentence in found.said:
        log.warning("the land", said=sentence)
    log.info(
        "the land",
        radars=len(found.sight),
        zones=len({zone for seen in found.sight.values() for zone in seen}),
        journal_bytes=sum(len(one.cells) for one in found.masking.values()),
    )
    return Known(found.sight, found.masking)
