"""What past strikes say of the next: read from the ledger at the start, and kept in the journal's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import Field

from tocsin.model.errors import TocsinError
from tocsin.model.value import seconds_of
from tocsin.model.zone import Zone
from tocsin.service.section import Section

if TYPE_CHECKING:
    from tocsin.ledger.strike_history import History

log = structlog.get_logger(__name__)


class StrikeHistory(Section):
    """Whether past strikes shift the forecast."""

    ledger: str = Field(
        "", max_length=500, description="The ledger whose released incidents do: a file, or PostgreSQL; empty: none do."
    )
    half_life_days: float = Field(
        30.0, gt=0, le=36_500, description="Days after which a strike counts half of what it did."
    )


def read_history(told: StrikeHistory, zones: Sequence[Zone], now: datetime) -> History:
    """Past strikes by zone; none where no ledger is set. Raises BadFile and Missing where it cannot be read."""
    # Imported here: most services and commands that read settings have no ledger.
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.ledger.incidents import standing_incidents
    from tocsin.ledger.opening import opened
    from tocsin.ledger.strike_history import History, history_of

    if not told.ledger:
        return History({}, 0, {})
    with opened(told.ledger) as store:
        incidents = standing_incidents(store)
    return history_of(incidents, ZoneIndex(zones), seconds_of(now), told.half_life_days)


def with_history(forecast: dict[str, Any], told: StrikeHistory, zones: Sequence[Zone], now: datetime) -> dict[str, Any]:
    """The table `[forecast]` with past strikes beside those that it names itself.

    A ledger that cannot be read costs the forecast its memory, and nobody the warning: it is logged.
    """
    try:
        history = read_history(told, zones, now)
    except TocsinError as error:
        log.error("past strikes are not known", why=str(error))
        return forecast
    if told.ledger:
        log.info("past strikes", used=history.used, zones=len(history.weights), left_out=history.left_out)
    named = forecast.get("past_strikes", {})
    if not history.weights or not isinstance(named, dict):
        return forecast
    both = {zone: named.get(zone, 0) + history.weights.get(zone, 0.0) for zone in {**named, **history.weights}}
    return forecast | {"past_strikes": dict(sorted(both.items()))}
