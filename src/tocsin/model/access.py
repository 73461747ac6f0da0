"""Authority: what one source may say. Small by default: a source reports sightings and nothing else.

What a source may not say is refused at the edge with the reason. What it may say counts with one of two weights. A
sensor it speaks for is a *sensor*: it is tracked. Everything else is a *report*: it adds danger within bounds, moves no
track that sensors hold, and lowers nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal, NamedTuple, get_args

from msgspec import Meta

from tocsin.model.observation import (
    Alert,
    Bearing,
    CapName,
    ChannelReport,
    Impact,
    Launch,
    Observation,
    Plot,
    Position,
    Presence,
    Sighting,
    Status,
)
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Distance, Latitude, Longitude, Name, Value

Kind = Literal["sighting", "bearing", "presence", "plot", "position", "launch", "impact", "alert", "report", "status"]
KINDS: tuple[Kind, ...] = get_args(Kind)
AlertLevel = Literal["none", "prepare", "take_cover"]
_KIND: dict[type, Kind] = {
    Sighting: "sighting", Bearing: "bearing", Presence: "presence", Plot: "plot", Position: "position",
    Launch: "launch", Impact: "impact", Alert: "alert", ChannelReport: "report", Status: "status",
}  # fmt: skip


class Circle(Value, frozen=True, kw_only=True):
    """A part of the country: everything within `radius_m` of a place."""

    lat: Latitude
    lon: Longitude
    radius_m: Distance


class Authority(Value, frozen=True, kw_only=True):
    """What the source of that id may say.

    kinds        kinds of observation it may send
    sensors      patterns (`radar-*`) of the sensors and declared posts it speaks for
    area         where observers, positions, launches and impacts may be; none: anywhere
    alerts       the highest level its CAP alerts may raise, and
    alert_zones  where: ids of zones or of their parents; none: everywhere
    senders      patterns of the CAP senders whose alerts it may bring; none: anybody's
    alone        classes of which its sightings raise cover without a second voice (an observer beside an airfield)
    measures     kinds (position, launch, impact) that count as a sensor's: a surveillance system's own tracks, say
    identifies   its transponder reports may, within bounds, speak for an aircraft that sensors see
    relays       it passes on what others say, and names them
    per_second_max   observations a second; a burst of ten seconds' worth
    vouches      those others are different people: each is a voice of its own. Otherwise all are this source's voice
    """

    id: Name
    kinds: tuple[Kind, ...] = ("sighting",)
    sensors: Annotated[tuple[Name, ...], Meta(max_length=10_000)] = ()
    area: Annotated[tuple[Circle, ...], Meta(max_length=1_000)] = ()
    alerts: AlertLevel = "none"
    alert_zones: tuple[Name, ...] = ()
    senders: Annotated[tuple[CapName, ...], Meta(max_length=1_000)] = ()
    alone: tuple[ThreatClass, ...] = ()
    measures: tuple[Kind, ...] = ()
    identifies: bool = False
    relays: bool = False
    vouches: bool = False
    per_second_max: Annotated[float, Meta(gt=0, le=1_000_000)] = 1.0

    def speaks_for(self, sensor: str) -> bool:
        """Whether it may speak for a sensor."""
        return any(fnmatchcase(sensor, pattern) for pattern in self.sensors)

    def speaks_as(self, sender: str) -> bool:
        """Whether it may bring a CAP sender's alerts."""
        return any(fnmatchcase(sender, pattern) for pattern in self.senders)


NOBODY = Authority(id="nobody", kinds=())


def kind_of(observation: Observation) -> Kind:
    """The contract's word for what an observation is."""
    return _KIND[type(observation)]


class Word(NamedTuple):
    """How an observation counts.

    authority   that of the source it came in by
    voice       whose voice it is: what one source passes on for many is one voice, unless it vouches for them
    measured    it counts as a sensor's; else it is a report
    """

    authority: Authority
    voice: str
    measured: bool


class Access:
    """Who may say what in one sector, ready to be asked.

    authorities   of every source; None: each is trusted with everything, as the sources of a recording are
    sensors       ids of the sensors and posts that are declared
    """

    def __init__(self, authorities: Sequence[Authority] | None, sensors: Collection[str]) -> None:
        self.trusting = authorities is None
        self._known = {one.id: one for one in authorities or ()}
        self._relays = [one for one in authorities or () if one.relays]
        self._sensors = frozenset(sensors)

    def declared(self, name: str) -> bool:
        """Whether there is a sensor or post of that name."""
        return name in self._sensors

    def authority(self, observation: Observation) -> Authority:
        """On whose authority an observation stands: that of the source it came in by. A stranger's is empty.

        A recording names only the sensor at times; then whoever relays for that sensor answers for it.
        """
        known = self._known.get(observation.via or observation.source)
        if known is not None or observation.via is not None or not self.declared(observation.source):
            return known or NOBODY
        return next((one for one in self._relays if one.speaks_for(observation.source)), NOBODY)

    def word(self, observation: Observation) -> Word:
        """How an observation counts, by one look at its authority: thousands a second are asked of in a flood."""
        authority = self.authority(observation)
        via = observation.via
        voice = observation.source if via is None or self.trusting or authority.vouches else via
        return Word(authority, voice, self.trusting or self._measures(observation, authority))

    def _measures(self, observation: Observation, authority: Authority) -> bool:
        if isinstance(observation, ChannelReport) or (isinstance(observation, Position) and observation.cooperative):
            return False
        if isinstance(observation, Sighting):
            return self.declared(observation.source) and authority.speaks_for(observation.source)
        if isinstance(observation, (Plot, Bearing, Presence, Status)):
            return authority.speaks_for(observation.sensor)
        return kind_of(observation) in authority.measures
