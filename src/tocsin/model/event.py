"""Events: everything that can change a decision. The journal holds them in order; the engine steps through them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from tocsin.model.access import Authority
from tocsin.model.errors import BadValue
from tocsin.model.masking import Masking
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor
from tocsin.model.value import Id, Name, PublicReason, Text, Time, Value
from tocsin.model.zone import Zone


class Tick(Value, tag_field="kind", tag="tick", frozen=True, kw_only=True):
    """Time itself: the engine decides at ticks, never by a clock."""

    time: Time


Action = Literal["raise", "confirm", "cancel", "release", "approve"]
# A raise that nobody remembers after a week was not meant.
Lasting = Annotated[float, Meta(ge=1, le=604_800)]


class OperatorAct(Value, tag_field="kind", tag="act", frozen=True, kw_only=True):
    """A duty officer's act on some zones.

    action          raise (to `level`), confirm (a proposed warning), cancel (what stands now, and its evidence),
                    release (let the policy decide again), approve (another officer's act that waits for a second
                    person)
    reason          for operators
    public_reason   for everybody: in CAP messages and on the page
    lasts_s         a raise ends by itself after this, without it when it is released; a cancel may end sooner than the
                    policy's `cancel_s`, never later
    act, act_of     the act that is approved: its id and its operator
    approved_by     filled in by the engine: who approved it
    late            filled in by the engine: it came long after it was given, as out of an island; a cancel or a release
                    then ends what was ordered before it, and nothing else
    """

    id: Id
    time: Time
    operator: Name
    action: Action
    zones: Annotated[tuple[Name, ...], Meta(max_length=20_000)] = ()
    level: Literal["prepare", "take_cover"] = "take_cover"
    reason: Text = ""
    public_reason: PublicReason = ""
    lasts_s: Lasting | None = None
    act: Id | None = None
    act_of: Name | None = None
    approved_by: Name | None = None
    late: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.action == "approve" and (self.act is None or self.act_of is None):
            raise BadValue("action is approve, which needs act and act_of: the act it approves, and whose act that is")
        if self.action != "approve" and not self.zones:
            raise BadValue(f"zones is empty; action {self.action} needs at least one")


class ActRules(Value, frozen=True, kw_only=True):
    """Which acts wait for a second person.

    second_person   actions that do; `drill`: a change of the settings between drill and live; `wide`: whatever raises,
                    cancels or releases more than
    wide_zones      zones, or
    wide_people     people, at once
    waits_s         an act that nobody approved within this is let go
    """

    second_person: tuple[Literal["raise", "cancel", "release", "wide", "drill"], ...] = ()
    wide_zones: Annotated[int, Meta(ge=1, le=20_000)] = 50
    wide_people: Annotated[float, Meta(ge=1, le=1e10)] = 1_000_000.0
    waits_s: Annotated[float, Meta(ge=1, le=86_400)] = 300.0


class Configuration(Value, tag_field="kind", tag="configuration", frozen=True, kw_only=True):
    """What the engine works with from here on. The first event of every journal.

    policy     the table of a policy.toml; `warn` reads it
    sources    who may say what; None: every source is trusted with everything
    drill      everything decided from here on is marked a drill
    track      how the tracker differs from `TrackSettings`
    forecast   how the forecast differs from `ForecastSettings`
    acts       which operators' acts wait for a second person
    sight      for each radar of which the land around is known, the zones that it sees over that land
    masking    for each of those, what the land hides from it: what the tracker asks before it counts a miss
    """

    id: Id
    time: Time
    sensors: tuple[Sensor, ...] = ()
    zones: tuple[Zone, ...]
    policy: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies defaults
    drill: bool = False
    sources: tuple[Authority, ...] | None = None
    track: dict[str, Any] = {}  # noqa: RUF012
    forecast: dict[str, Any] = {}  # noqa: RUF012
    acts: ActRules = ActRules()
    sight: dict[Name, tuple[Name, ...]] = {}  # noqa: RUF012
    masking: dict[Name, Masking] = {}  # noqa: RUF012


class KeptZone(Value, frozen=True, kw_only=True):
    """How a zone stood before a loss: what it is held at, and the number of its last episode."""

    zone: Name
    level: Literal["none", "prepare", "take_cover"] = "none"
    episode: Annotated[int, Meta(ge=0)] = 0


class Loss(Value, tag_field="kind", tag="loss", frozen=True, kw_only=True):
    """Events were lost from the journal before this one: what is decided from here on rests on less than was known.

    first, last   of those that were lost, as they were numbered; last left out: it cannot be told
    since, until  when the last event before them arrived; up to when the journal is known to have been written
    zones         how they stood in the newest snapshot of before that can be read: until an operator releases them,
                  none of them is warned of less
    reason        what is missing and how that was found, for operators
    """

    id: Id
    time: Time
    first: Annotated[int, Meta(ge=1)]
    last: Annotated[int, Meta(ge=0)] | None = None
    since: Time | None = None
    until: Time | None = None
    zones: tuple[KeptZone, ...] = ()
    reason: Text = ""


Event = Observation | Tick | OperatorAct | Configuration | Loss
