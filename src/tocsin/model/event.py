"""Events: everything that can change a decision. The journal holds them in order; the engine steps through them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from tocsin.model.access import Authority
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor
from tocsin.model.value import Id, Name, Text, Time, Value
from tocsin.model.zone import Zone


class Tick(Value, tag_field="kind", tag="tick", frozen=True, kw_only=True):
    """Time itself: the engine decides at ticks, never by a clock."""

    time: Time


class OperatorAct(Value, tag_field="kind", tag="act", frozen=True, kw_only=True):
    """A duty officer's act on some zones. It outranks what the policy would do until it is released.

    action   raise (to `level`), confirm (a proposed warning), cancel (a warning now in force), release (let the
             policy decide again)
    """

    id: Id
    time: Time
    operator: Name
    action: Literal["raise", "confirm", "cancel", "release"]
    zones: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=20_000)]
    level: Literal["prepare", "take_cover"] = "take_cover"
    reason: Text = ""


class Configuration(Value, tag_field="kind", tag="configuration", frozen=True, kw_only=True):
    """What the engine works with from here on. The first event of every journal.

    policy     the table of a policy.toml; `warn` reads it
    sources    who may say what; None: every source is trusted with everything
    drill      everything decided from here on is marked a drill
    track      how the tracker differs from `TrackSettings`
    forecast   how the forecast differs from `ForecastSettings`
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


Event = Observation | Tick | OperatorAct | Configuration
