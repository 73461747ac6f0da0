"""Observations: what spotters, microphones, radars, ADS-B receivers and neighbours tell us.

One JSON object per line on the wire; `kind` says which. `time` is when it was true, `received` when it reached us
(absent: the same moment). `id` is unique within its source: sending an observation twice changes nothing, and sending
another under the same id is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from tocsin.model.birth import RECURS
from tocsin.model.threat import ThreatClass
from tocsin.model.told import TOLD_MAX, Told
from tocsin.model.value import (
    Altitude,
    Azimuth,
    Distance,
    Id,
    Latitude,
    Longitude,
    Name,
    Probability,
    Sigma,
    Speed,
    Text,
    Time,
    Value,
)

# The length again: `$` alone lets a line end follow.
Icao24 = Annotated[
    str, Meta(max_length=6, pattern=r"^[0-9a-fA-F]{6}$", description="six hexadecimal digits", extra=RECURS)
]
# A 12-bit Mode A code is four octal digits; they are kept as written.
Mode3A = Annotated[str, Meta(max_length=4, pattern=r"^[0-7]{4}$", description="four octal digits", extra=RECURS)]


class Report(Value, tag_field="kind", frozen=True, kw_only=True):
    """What every observation carries.

    via   the source it came in by, where that passes on what `source` says; the service fills it in
    """

    id: Id
    time: Time
    received: Time | None = None
    source: Name = "unnamed"
    via: Name | None = None

    @property
    def received_at(self) -> datetime:
        """When it reached us: `received`, or `time` where that is absent."""
        return self.received or self.time


class Sighting(Report, tag="sighting", frozen=True, kw_only=True):
    """A person saw or heard something. Without a bearing, it is near the observer."""

    lat: Latitude
    lon: Longitude
    threat: ThreatClass = "unknown"
    count: Annotated[int, Meta(ge=1, le=1_000)] = 1
    bearing_deg: Azimuth | None = None
    distance_m: Distance | None = None
    heading_deg: Azimuth | None = None
    altitude_m: Altitude | None = None
    sense: Literal["seen", "heard", "both"] = "seen"


class Bearing(Report, tag="bearing", frozen=True, kw_only=True):
    """A direction from a sensor; an acoustic one is of the past by the sound's travel time."""

    sensor: Name
    azimuth_deg: Azimuth
    sigma_deg: Annotated[float, Meta(gt=0, le=180)]
    threat: ThreatClass | None = None


class Presence(Report, tag="presence", frozen=True, kw_only=True):
    """Something is within a sensor's reach; no direction."""

    sensor: Name
    threat: ThreatClass = "unknown"
    confidence: Probability = 1.0


class Plot(Report, tag="plot", frozen=True, kw_only=True):
    """One radar detection: slant range (ground range where the sensor says so) and azimuth from the sensor."""

    sensor: Name
    range_m: Distance
    azimuth_deg: Azimuth
    altitude_m: Altitude | None = None
    doppler_mps: Annotated[float, Meta(ge=-12_000, le=12_000)] | None = None
    icao24: Icao24 | None = None
    mode3a: Mode3A | None = None


class Position(Report, tag="position", frozen=True, kw_only=True):
    """A reported position; `cooperative` where the aircraft itself says so (ADS-B).

    altitude_m   None where nobody knows: what carries no transponder often has none
    """

    lat: Latitude
    lon: Longitude
    altitude_m: Altitude | None = None
    sigma_m: Sigma | None = None
    icao24: Icao24 | None = None
    mode3a: Mode3A | None = None
    callsign: Annotated[str, Meta(max_length=16)] | None = None
    speed_mps: Speed | None = None
    heading_deg: Azimuth | None = None
    cooperative: bool = False


class Launch(Report, tag="launch", frozen=True, kw_only=True):
    """A rocket or missile left the ground here."""

    lat: Latitude
    lon: Longitude
    sigma_m: Sigma
    threat: ThreatClass = "unknown"
    azimuth_deg: Azimuth | None = None


class Impact(Report, tag="impact", frozen=True, kw_only=True):
    """Something fell here; opens an incident."""

    lat: Latitude
    lon: Longitude
    sigma_m: Sigma
    threat: ThreatClass | None = None


AlertLevel = Literal["prepare", "take_cover", "all_clear"]
# CAP bounds neither; a message is known by them for as long as it may matter.
CapName = Annotated[str, Meta(max_length=500)]


class AlertPart(Value, frozen=True, kw_only=True):
    """What an alert asks of people in some of our zones.

    level     an all clear ends what the same sender said there before
    expires   when it ends by itself; None: the sender gave no end
    """

    level: AlertLevel
    zones: tuple[Name, ...]
    expires: Time | None = None


class Alert(Report, tag="alert", frozen=True, kw_only=True):
    """A neighbour's alert: the CAP message, and what our CAP reader made of it on arrival.

    Senders give `cap`; whatever they write into the other fields is overwritten.

    sender, identifier, sent   by which CAP knows a message; its source is part of the name
    message      Alert, Update or Cancel
    ends         identifiers of the same sender's messages that it takes the place of, or cancels
    parts        what it asks, and where
    complete     all that it says could be read and placed; an Update of which that is not so ends nothing
    unused       what of it is not acted on, and why
    noted        what of it looks wrong, and is acted on all the same
    zones, level, expires   as journals written before there were parts have it
    """

    # A whole-country CAP message is 1.4-1.7 MB in the archives.
    cap: Annotated[str, Meta(max_length=4_000_000)]
    sender: CapName = ""
    identifier: CapName = ""
    sent: Time | None = None
    message: Literal["Alert", "Update", "Cancel"] = "Alert"
    ends: Annotated[tuple[CapName, ...], Meta(max_length=2_000)] = ()
    parts: tuple[AlertPart, ...] = ()
    complete: bool = True
    unused: tuple[Text, ...] = ()
    noted: tuple[Text, ...] = ()
    zones: tuple[Name, ...] = ()
    level: AlertLevel | None = None
    expires: Time | None = None

    @property
    def acts(self) -> bool:
        """Whether there is anything in it to act on."""
        return bool(self.asked or self.ends)

    @property
    def asked(self) -> tuple[AlertPart, ...]:
        """Its parts, of whatever journal it comes."""
        if self.level is None:
            return self.parts
        return (AlertPart(level=self.level, zones=self.zones, expires=self.expires),)


# Telegram's longest post is 4,096 characters; others' are a few times that.
LineText = Annotated[str, Meta(max_length=20_000)]
LineName = Annotated[str, Meta(min_length=1, max_length=200)]


class ChannelReport(Report, tag="report", frozen=True, kw_only=True):
    """A line of a monitoring channel, and what our reader of texts made of it on arrival.

    Senders give `channel`, `text` and what they know of `language` (BCP 47), `reply_to` (the id of the post it answers)
    and `edited`; whatever they write into the other fields is overwritten.

    edited   it takes the place of the post of the same id
    told     what it says, in order
    unused   why there is nothing in it to act on, or what of it is not
    wording  the same for texts of the same words; empty: there are none
    """

    channel: LineName
    text: LineText
    language: Annotated[str, Meta(max_length=40)] | None = None
    reply_to: LineName | None = None
    edited: bool = False
    told: Annotated[tuple[Told, ...], Meta(max_length=TOLD_MAX)] = ()
    unused: tuple[Text, ...] = ()
    wording: Annotated[str, Meta(max_length=32)] = ""


class Status(Report, tag="status", frozen=True, kw_only=True):
    """A sensor said, or was found, to be up or down."""

    sensor: Name
    state: Literal["up", "down"]
    reason: Text | None = None


Observation = Sighting | Bearing | Presence | Plot | Position | Launch | Impact | Alert | ChannelReport | Status
