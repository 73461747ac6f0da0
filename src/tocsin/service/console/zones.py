"""Zones and orders as the console shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.order import Order
from tocsin.model.warning import ZoneState
from tocsin.service.console.glance import Glance
from tocsin.service.console.shown import ShownZone, Standing

# Of one matter, as many zones are named.
ZONES_MAX = 100
# Less likely attacks are not shown of zones in which nothing else is to be said.
SHOWN_PROBABILITY = 0.01


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
        standing, blind = behind.standings.get(zone), moment.blind.get(zone)
        state = ZoneState(zone=zone) if standing is None else standing.state(zone, drill=False)
        p = float(probability[z])
        if state.level == "none" and blind is None and p < SHOWN_PROBABILITY:
            continue
        found.append(
            ShownZone(
                zone=zone,
                level=state.level,
                since=state.since,
                expires=state.expires,
                eta_earliest=state.eta_earliest,
                eta_likely=state.eta_likely,
                probability=p,
                threat=state.threat,
                warning=state.warning,
                degraded=blind is not None,
                degraded_reason=blind,
                public_reason=state.public_reason or None,
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
