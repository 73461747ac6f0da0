"""Answers what an officer asks before he acts: the zones of a drawn area, and how the service is set."""

from __future__ import annotations

from collections import Counter
from typing import Any

import shapely

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.second_person import second_needed
from tocsin.model.errors import BadValue
from tocsin.model.event import ActRules, Configuration, OperatorAct
from tocsin.model.value import EPOCH
from tocsin.service.channels import Channels
from tocsin.service.console.asked import (
    Area,
    AreaZone,
    AreaZones,
    ConsoleSettings,
    SetChannel,
    SetOperator,
    SetSource,
)
from tocsin.service.console.glance import Glance
from tocsin.service.people_settings import Officer
from tocsin.service.settings import Settings, ledger_place
from tocsin.service.who_may import why_not

# A line along a border touches the zone beyond; that is no wish to warn it.
SHARE_LEAST = 0.001
# Of a square's area, in squares of its perimeter, a thousandth; corners on one line along a parallel make less.
THIN = 1e-3 / 16


def area_zones(
    area: Area, index: ZoneIndex, glance: Glance | None, operator: Officer | None, rules: ActRules
) -> AreaZones:
    """The zones that an area covers some of. Raises BadValue where the corners are no area."""
    lon, lat = zip(*area.polygon, strict=True)
    east, north = index.frame.to_local(list(lat), list(lon))
    drawn = shapely.make_valid(shapely.Polygon(list(zip(east.tolist(), north.tolist(), strict=True))))
    if drawn.area < THIN * drawn.length**2:
        raise BadValue("the corners make no area; draw at least three that are not on one line")
    found = []
    for z in index.touching(drawn).tolist():
        outline, zone = index.outlines[z], index.zones[z]
        share = float(shapely.area(shapely.intersection(outline, drawn))) / max(float(outline.area), 1e-9)
        # A small area within a large zone is a wish to warn that zone all the same.
        if share < SHARE_LEAST and not shapely.contains(outline, drawn):
            continue
        standing = glance.behind.standings.get(zone.id) if glance is not None else None
        found.append(
            AreaZone(
                zone=zone.id,
                name=zone.name,
                people=int(zone.population),
                share=round(min(share, 1.0), 3),
                level="none" if standing is None else standing.level,
                may=operator is not None and why_not(operator, "raise", [zone.id], index) is None,
            )
        )
    found.sort(key=lambda one: -one.share)
    return AreaZones(zones=tuple(found), people=sum(one.people for one in found), waits=_waits(found, rules, index))


def _waits(found: list[AreaZone], rules: ActRules, index: ZoneIndex) -> str | None:
    if not found:
        return None
    zones = tuple(one.zone for one in found)
    act = OperatorAct(id="asked", time=EPOCH, operator="asked", action="raise", zones=zones)
    return second_needed(act, rules, index)


def settings_shown(
    settings: Settings, configuration: Configuration, channels: Channels, accounts: int
) -> ConsoleSettings:
    """How the service is set, without anything that is secret or says where something is reached."""
    named: dict[str, Any] = {one.id: one for one in settings.channel}
    always = [name for name in channels.deliveries if name not in named]
    return ConsoleSettings(
        sector=settings.sector,
        sender=settings.sender,
        drill=configuration.drill,
        policy=str(configuration.policy.get("name", "default")),
        zones=len(configuration.zones),
        people=int(sum(zone.population for zone in configuration.zones)),
        accounts=accounts,
        sensors=dict(Counter(sensor.kind for sensor in configuration.sensors)),
        sources=tuple(
            SetSource(id=one.id, kind=one.kind, authority=one.authority, signatures=getattr(one, "signatures", None))
            for one in settings.source
        ),
        channels=(
            *(SetChannel(id=name, kind=name, always=True) for name in always),
            *(SetChannel(id=name, kind=one.kind, always=False) for name, one in named.items()),
        ),
        operators=tuple(
            SetOperator(id=one.id, actions=one.actions, zones=one.zones, worlds=one.worlds) for one in settings.operator
        ),
        second_person=configuration.acts.second_person,
        wide_zones=configuration.acts.wide_zones,
        wide_people=configuration.acts.wide_people,
        waits_s=configuration.acts.waits_s,
        languages=settings.languages,
        signed=settings.signing is not None,
        ledger=ledger_place(settings) is not None,
        minutes=settings.minutes is not None,
    )
