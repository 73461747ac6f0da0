"""Effects: what one step of the engine asks the world to do. Same events, same effects, byte for byte."""

from __future__ import annotations

from tocsin.model.incident import Incident
from tocsin.model.sensor import SensorHealth
from tocsin.model.track import Track
from tocsin.model.value import Id, Name, Text, Time, Value
from tocsin.model.warning import Warning, ZoneState


class Picture(Value, tag_field="effect", tag="picture", frozen=True, kw_only=True):
    """What is believed after a tick.

    tracks   every track alive; operators only
    zones    zones whose state changed since the last picture
    """

    time: Time
    tracks: tuple[Track, ...] = ()
    zones: tuple[ZoneState, ...] = ()


class Degraded(Value, tag_field="effect", tag="degraded", frozen=True, kw_only=True):
    """Which sensors are in trouble and which zones may be blind, whenever that changes; operators only."""

    time: Time
    sensors: tuple[SensorHealth, ...] = ()
    zones: tuple[Name, ...] = ()
    reason: Text = ""


class Refused(Value, tag_field="effect", tag="refused", frozen=True, kw_only=True):
    """An observation that was journalled but could not be used, and why.

    used   it is used all the same, and this should be known of it
    """

    id: Id
    source: Name
    reason: Text
    used: bool = False


Effect = Warning | Picture | Degraded | Refused | Incident
