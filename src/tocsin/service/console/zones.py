"""Zones and orders as the console shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.order import Order
from tocsin.model.value import time_of
from tocsin.service.console.glance import Glance
from tocsin.service.console.shown import ShownZone, Standing
from tocsin.warn.standing import Standing as ZoneStanding

# Of one matter, as many zones are named.
ZONES_MAX = 100
# Less likely attacks are not shown of zones in which nothing else is to be said.
SHOWN_PROBABILITY = 0.01
# How a zone stands in which nothing does.
QUIET = ZoneStanding()


def of_zones(index: ZoneIndex, zones: Iterable[str]) -> dict[str, Any]:
    """What is said of the zones of a matter."""
    names = tuple(zones)
    numbers = [index.number[zone] for zone in names if zone in index.number]
    people = int(index.population[numbers].sum())
    return {"zones": names[:ZONES_MAX], "zone_count": len(names), "people": people}


def zones_shown(glance: Glance) -> tuple[ShownZone, ...]:
    """The zones that are not simply quiet, in their order."""
    moment, behind = glance.moment, glance.behind
    index, probability = moment.index, np.round(behind.pressure.probability, 2)
    numbers = set(np.flatnonzero(probability >= SHOWN_PROBABILITY).tolist())
    numbers |= {index.number[zone] for zone in (*behind.standings, *moment.blind) if zone in index.number}
    found = []
    for z in sorted(numbers):
        zone = index.zones[z].id
        standing, blind, p = behind.standings.get(zone, QUIET), moment.blind.get(zone), float(probability[z])
        shown = standing.warning if standing.level != "none" else None
        if shown is None and blind is None and p < SHOWN_PROBABILITY:
            continue
        since = None if standing.since_s is None or shown is None else time_of(standing.since_s)
        found.append(
            ShownZone(
                zone=zone,
                level=standing.level,
                since=since,
                expires=None if shown is None else shown.expires,
                eta_earliest=None if shown is None else shown.eta_earliest,
                eta_likely=None if shown is None else shown.eta_likely,
                probability=p,
                threat=None if shown is None or shown.level == "all_clear" else shown.threat,
                warning=None if shown is None else shown.id,
                degraded=blind is not None,
                degraded_reason=blind,
                public_reason=None if shown is None else shown.public_reason or None,
            )
        )
    return tuple(found)


def standing_acts(orders: Iterable[Order]) -> tuple[Standing, ...]:
    """What each act does now, the zones of one end together: an act on a country is one line, and not a thousand."""
    kept: dict[tuple[object, ...], list[Order]] = {}
    for order in orders:
        key = (order.operator, order.act, order.action, order.ends)
        kept.setdefault(key, []).append(order)
    return tuple(
        Standing(
            act=first.act,
            operator=first.operator,
            approved_by=first.approved_by,
            action=first.action,
            level=first.level,
            zones=tuple(one.zone for one in each),
            since=first.since,
            ends=first.ends,
            reason=first.reason,
            public_reason=first.public_reason,
        )
        for first, each in ((each[0], each) for each in kept.values())
    )
