"""The channels made of what the settings name. One that cannot be made is said, and keeps no other from starting."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import structlog

from tocsin.announce.channel import Pushed
from tocsin.announce.choice import Choice
from tocsin.announce.sample import SampleListener
from tocsin.announce.web_push.recut import heirs_in_time
from tocsin.model.errors import BadSettings, TocsinError
from tocsin.model.zone import Zone
from tocsin.service.ways_out.way import Ground, Way
from tocsin.service.within import within

log = structlog.get_logger(__name__)

# In front of a site's id, among names of zones.
SITE = "site:"
NO_SITES: Mapping[str, Sequence[str]] = MappingProxyType({})


class Made(NamedTuple):
    """A channel, and which warnings are for it."""

    channel: Pushed
    choice: Choice


class Ways(NamedTuple):
    """What came of the settings' channels.

    made       in the order of the settings; sample listeners that need one have a channel of their own
    listeners  who hears them
    troubles   why one is not there, or not wholly, by its id; each the end of a sentence
    """

    made: tuple[Made, ...]
    listeners: tuple[SampleListener, ...]
    troubles: dict[str, str]


def make_ways(ways: Sequence[Way], ground: Ground, taken: Collection[str]) -> Ways:
    """Every channel that can be made.

    taken   names of the ways out that are there whatever the settings say
    """
    made: list[Made] = []
    listeners: list[SampleListener] = []
    troubles: dict[str, str] = {}
    for way in ways:
        kind = getattr(way, "kind", "")
        try:
            if way.id in taken:
                raise BadSettings("a way out that is always there has this name; give it another id")
            zones, strange = zones_of(way.zones, ground.zones, ground.sites)
            if strange:
                troubles[way.id] = f"the zones file holds no {strange[0]!r}, which its `zones` name"
            channel = way.make(ground)
            made.append(Made(channel, Choice(zones, way.levels, way.worlds)))
            if way.canary:
                sample = way.sample(ground, channel)
                listeners.append(sample.listener)
                if sample.recipient is not None:
                    sampled = zones if sample.zones is None else sample.zones
                    made.append(Made(sample.recipient, Choice(sampled, way.levels, way.worlds)))
        except Exception as error:  # noqa: BLE001 - one channel that cannot start is news; all others start
            troubles[way.id] = str(error) if isinstance(error, TocsinError) else f"{type(error).__name__}: {error}"
            log.error("a channel is not there; the others are", channel=way.id, kind=kind, reason=troubles[way.id])
        else:
            log.info("a channel is there", channel=way.id, kind=kind, trouble=troubles.get(way.id))
    return Ways(tuple(made), tuple(listeners), troubles)


def zones_of(
    names: Sequence[str], zones: Sequence[Zone], sites: Mapping[str, Sequence[str]] = NO_SITES
) -> tuple[frozenset[str] | None, list[str]]:
    """Ids of the zones that bear these names or are part of what bears them (None: of all), and names that none bears.

    Of a zone that holds until a time, those as well that lie in its place from then on.

    sites   the zones of each site, which may be named as `site:ID`

    Raises BadSettings where no zone is left.
    """
    if not names:
        return None, []
    parents = {zone.id: zone.parent for zone in zones}
    wanted, borne = set(names), set[str]()
    chosen = set[str]()
    for name in wanted:
        if found_there := sites.get(name.removeprefix(SITE)) if name.startswith(SITE) else None:
            borne.add(name)
            chosen.update(found_there)
    for zone in parents:
        if found := wanted.intersection(within(zone, parents.get)):
            borne |= found
            chosen.add(zone)
    if not chosen:
        raise BadSettings(f"the zones file holds none of its `zones`, such as {names[0]!r}; see /v1/outlines")
    heirs = heirs_in_time(zones)
    coming = list(chosen)
    while coming:
        new = [one for one in heirs.get(coming.pop(), ()) if one not in chosen]
        chosen.update(new)
        coming += new
    return frozenset(chosen), [name for name in names if name not in borne]
