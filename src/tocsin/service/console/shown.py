"""The operators' picture: what the duty officer's screen shows each second. Never published.

Places are WGS 84 degrees, lengths metres, angles degrees clockwise from true north, times RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from tocsin.model.event import Action
from tocsin.model.order import Proposal, WaitingAct
from tocsin.model.sensor import SensorKind, State
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Name, Text, Time, TrackId
from tocsin.service.channel_delivery import ChannelDelivery

ZoneLevel = Literal["none", "prepare", "take_cover", "all_clear"]


class Ellipse(msgspec.Struct, frozen=True):
    """Where a track is with 39 %: one standard deviation along each axis, and where the longer one points.

    For 95 % draw it 2.45 times as large.
    """

    major_m: float
    minor_m: float
    major_deg: float


class ShownTrack(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the air.

    by             `sensors` measured it; `words`: channels tell of it, and it is only shown
    altitude_m     above the sea; null: not known
    altitude_sigma_m   one standard deviation of it; null: not known
    ellipse        null: no better known than `sigma_m` in every direction
    classes        how likely it is of each class above 0.001
    sensors        how many sensors and spotters support it
    cooperative    it identifies itself as civil traffic and moves as it says; `icao24` is its address
    since          when this service first showed it
    heard          time of the newest observation in it
    lost           nothing has seen it of late: where it is drawn follows from how it flew
    """

    id: TrackId
    by: Literal["sensors", "words"]
    lat: float
    lon: float
    altitude_m: float | None
    altitude_sigma_m: float | None
    speed_mps: float
    heading_deg: float
    climb_mps: float
    sigma_m: float
    ellipse: Ellipse | None
    threat: ThreatClass
    probability: float
    classes: dict[ThreatClass, float]
    status: Literal["tentative", "confirmed", "coasted"]
    sensors: int
    cooperative: bool
    icao24: str | None
    since: Time
    heard: Time
    lost: bool


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """What the sensors file, or the usual figures for its kind, says of a sensor."""

    range_m: float | None
    sigma_range_m: float | None
    sigma_azimuth_deg: float | None
    scan_s: float | None
    detection_probability: float | None
    false_plots_per_scan: float | None
    delay_s: float | None
    speaks: Literal["always", "event"] | None


class ShownSensor(msgspec.Struct, frozen=True, kw_only=True):
    """One sensor.

    state      `up`, or what is wrong; see docs/reference/console.md
    heard      when its newest report was made, since this service started; null: none came
    measured_… what it does, as far as it could be measured; biases are taken off already
    """

    id: Name
    kind: SensorKind
    lat: float
    lon: float
    state: State
    reports: int
    heard: Time | None
    declared: Declared
    range_bias_m: float
    azimuth_bias_deg: float
    time_bias_s: float
    measured_range_noise_m: float | None
    measured_azimuth_noise_deg: float | None
    measured_detection_probability: float | None
    measured_false_plots_per_scan: float | None
    measured_delay_s: float | None


class ShownZone(msgspec.Struct, frozen=True, kw_only=True):
    """One zone that is not simply quiet: warned, cleared a while ago, endangered, or one where we may be blind.

    probability   of an attack within the forecast's horizon, by everything that flies; to 0.01
    degraded      we may be blind here, truly; the public sees a wider area. `degraded_reason` says why
    """

    zone: Name
    level: ZoneLevel
    since: Time | None
    expires: Time | None
    eta_earliest: Time | None
    eta_likely: Time | None
    probability: float
    threat: ThreatClass | None
    warning: Id | None
    degraded: bool
    degraded_reason: str | None
    public_reason: str | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What one act of an officer does now: the zones that it holds, or in which it took back.

    ends   when it ends by itself there; null: when it is released
    """

    act: Id
    operator: Name
    approved_by: Name | None
    action: Literal["raise", "cancel"]
    level: Literal["prepare", "take_cover"] | None
    zones: tuple[Name, ...]
    since: Time
    ends: Time | None
    reason: Text
    public_reason: str


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One live source. `trouble`: what is wrong with it, in words; null: nothing."""

    name: Name
    state: Literal["starting", "up", "down"]
    trouble: str | None


class ShownVoice(msgspec.Struct, frozen=True, kw_only=True):
    """How one channel has done of late.

    objects     it told of, of about the last fifty
    borne_out   the share of them that sensors held or another channel told of, too; null: it told of none to the end
    late_s      how much later than its profile says it usually writes, to 5 s; null: never seen beside others
    """

    name: Name
    objects: int
    borne_out: float | None
    late_s: float | None


class Can(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done about something: POST `body` with an `id` of one's own to `to`; `look`: see `GET to`.

    do   `approve`, `confirm`, `raise`, `cancel`, `release`, `retract`; `extend` is a `raise` again with a later end
    """

    do: Action | Literal["extend", "retract", "look"]
    to: str
    body: dict[str, Any] | None = None


Facts = dict[str, str | int | float | None]
NeededKind = Literal[
    "approval", "proposal", "ends", "growing", "neighbour", "one_source", "blind", "minutes", "sensor", "channel",
    "canary", "source", "service",
]  # fmt: skip


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that asks for a decision.

    id        the same as long as it is the same matter
    why       in a sentence, in English
    deadline  until when it can be decided; null: nothing happens by itself
    otherwise what happens then, in English; empty: nothing
    zones     the first 100 of `zone_count`; `people` live in all of them
    facts     figures and names in `why`, for whoever says it in another language
    """

    id: str
    kind: NeededKind
    why: str
    since: Time | None = None
    deadline: Time | None = None
    otherwise: str = ""
    zones: tuple[Name, ...] = ()
    zone_count: int = 0
    people: int = 0
    tracks: tuple[TrackId, ...] = ()
    can: tuple[Can, ...] = ()
    facts: Facts = {}


class ConsolePicture(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/picture, and the event `picture`: everything.

    seq         number of the picture; grows
    time        of the decision that it shows; `now` is when it was made
    doubtful    nothing of it can be relied on: nothing is recorded, time is doubted, or the picture is old
    troubles    what an operator must see to, each in a sentence
    zones       those that are not simply quiet; all others are
    decisions   what needs a decision, the most pressing first
    voices      channels that told of something, and how well
    """

    seq: int
    time: Time | None
    now: Time
    drill: bool
    doubtful: bool
    troubles: tuple[str, ...]
    tracks: tuple[ShownTrack, ...]
    sensors: tuple[ShownSensor, ...]
    zones: tuple[ShownZone, ...]
    standing: tuple[Standing, ...]
    proposals: tuple[Proposal, ...]
    waiting: tuple[WaitingAct, ...]
    channels: tuple[ChannelDelivery, ...]
    feeds: tuple[Feed, ...]
    decisions: tuple[Needed, ...]
    voices: tuple[ShownVoice, ...] = ()


class ConsoleChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The event `change`: what is other than in the picture numbered `after`. What is left out is as it was.

    tracks, sensors, zones   those that changed or are new, whole; `…_gone` are ids of those that are no more
    standing, …   where any of them changed, all of them
    """

    seq: int
    after: int
    time: Time | None
    now: Time
    tracks: tuple[ShownTrack, ...] = ()
    tracks_gone: tuple[TrackId, ...] = ()
    sensors: tuple[ShownSensor, ...] = ()
    sensors_gone: tuple[Name, ...] = ()
    zones: tuple[ShownZone, ...] = ()
    zones_gone: tuple[Name, ...] = ()
    drill: bool | UnsetType = UNSET
    doubtful: bool | UnsetType = UNSET
    troubles: tuple[str, ...] | UnsetType = UNSET
    standing: tuple[Standing, ...] | UnsetType = UNSET
    proposals: tuple[Proposal, ...] | UnsetType = UNSET
    waiting: tuple[WaitingAct, ...] | UnsetType = UNSET
    channels: tuple[ChannelDelivery, ...] | UnsetType = UNSET
    feeds: tuple[Feed, ...] | UnsetType = UNSET
    decisions: tuple[Needed, ...] | UnsetType = UNSET
    voices: tuple[ShownVoice, ...] | UnsetType = UNSET


class Decisions(msgspec.Struct, frozen=True):
    """GET /v1/console/decisions: what needs a decision, the most pressing first."""

    now: Time
    decisions: tuple[Needed, ...]
