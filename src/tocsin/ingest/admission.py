"""The gate at every way in: who says it, may it, how fast. What is refused is told why, in a sentence that teaches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.area import holds
from tocsin.ingest.country import OUTSIDE_M, Country
from tocsin.ingest.rate import Allowance
from tocsin.model.access import NOBODY, Access, Authority, Circle, kind_of
from tocsin.model.errors import BadRecord
from tocsin.model.observation import (
    Alert,
    Bearing,
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
from tocsin.model.sensor import Sensor
from tocsin.model.value import SENT_AHEAD_S, seconds_of

UNNAMED = "unnamed"
# On a good day a radar sees a little farther than it declares.
BEYOND = 1.2
# What a source may save up while it is quiet, in seconds of its own rate.
BURST_S = 10.0
# What is older can change no warning any more. What fell is worth knowing for a day; an alert may last a week.
OLD_S = 900.0
# Sensors' clocks say what time it is; people and neighbours tell of what was.
TIMED = (Plot, Bearing, Presence, Position, Status)
OLD_RECORD_S: dict[type, float] = {Impact: 86_400.0, Alert: 7 * 86_400.0}


class OverRate(BadRecord):
    """More than a source may send; it may be sent again after `wait_s` seconds."""

    def __init__(self, reason: str, wait_s: float = 1.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Gate:
    """Admits observations of one sector. Without authorities everything is let through as it is.

    index   of the sector's zones: with it, a place far from all of them is asked about
    clock   called with what a source measured, before its time is looked at: what does its clock say?
    """

    def __init__(
        self,
        authorities: Sequence[Authority] | None,
        sensors: Sequence[Sensor],
        index: ZoneIndex | None = None,
        clock: Callable[[Observation], None] = lambda observation: None,
    ) -> None:
        self._clock = clock
        self.access = Access(authorities, [sensor.id for sensor in sensors])
        self._country = None if index is None else Country(index)
        self._reach_m = {sensor.id: sensor.range_m for sensor in sensors if sensor.range_m is not None}
        self._allowances = {one.id: _allowance(one.per_second_max) for one in authorities or ()}

    def admit(self, observation: Observation, source: str, now: datetime, *, relays: bool) -> Observation:
        """An observation that came in live by `source`: stamped with its arrival and with who it really came from.

        Raises BadRecord, saying why it may not be said.
        """
        named = observation.source not in (source, UNNAMED)
        if named and not relays:
            raise BadRecord(f"source {source} may not speak for {observation.source}; leave `source` out")
        speaker, via = (observation.source, source) if named else (source, None)
        stamped = msgspec.structs.replace(observation, source=speaker, via=via, received=now)
        self.check(stamped)
        return stamped

    def remark(self, observation: Observation) -> str | None:
        """What whoever sent an admitted observation may want to look at; None: nothing. It counts as it is."""
        if isinstance(observation, Plot):
            reach_m = self._reach_m.get(observation.sensor, math.inf)
            if observation.range_m <= BEYOND * reach_m:
                return None
            return (
                f"range_m is {observation.range_m:g}, and {observation.sensor} reaches {reach_m:g} m; an operator can "
                "mend the sensors"
            )
        if self._country is None or not isinstance(observation, (Sighting, Position, Launch, Impact)):
            return None
        lat, lon = observation.lat, observation.lon
        # An honest launch may well be this far away: it is asked, and not refused.
        if self.exchanged(lat, lon):
            return f"{lat:.4f}, {lon:.4f} is far from every zone; are lat and lon exchanged?"
        if self._country.outside(lat, lon):
            return f"{lat:.4f}, {lon:.4f} is more than {OUTSIDE_M / 1_000:,.0f} km from every zone; is it right?"
        return None

    def exchanged(self, lat: float, lon: float) -> bool:
        """Whether a place lies among the zones only when its two numbers are exchanged."""
        return self._country is not None and self._country.exchanged(lat, lon)

    def check_sender(self, alert: Alert) -> None:
        """Raises BadRecord where an alert, as understood, is of a sender for whom its source may not speak."""
        authority = self.access.authority(alert)
        if self.access.trusting or not authority.senders or authority.speaks_as(alert.sender):
            return
        raise BadRecord(
            f"source {authority.id} may not bring alerts of {alert.sender}; an operator can add it to its `senders`"
        )

    def area(self, line: ChannelReport) -> tuple[Circle, ...]:
        """Of what places the source of a line may speak; none: of all."""
        return () if self.access.trusting else self.access.authority(line).area

    def check(self, observation: Observation) -> None:
        """Raises BadRecord where an observation, as admitted, may not be said by its source, or not now."""
        if self.access.trusting:
            return
        authority = self.access.authority(observation)
        reason = _unauthorised(observation, authority, self)
        if reason is None:
            if isinstance(observation, TIMED) and self.access.word(observation).measured:
                self._clock(observation)
            reason = _untimely(observation)
        if reason is not None:
            raise BadRecord(reason)
        allowance = self._allowances[authority.id]
        if not allowance.take_all(1, seconds_of(observation.received_at)):
            raise OverRate(
                f"source {authority.id} may send {authority.per_second_max:g} observations a second", allowance.wait_s()
            )


def _allowance(per_s: float) -> Allowance:
    return Allowance(per_s, max(BURST_S, 1.0 / per_s))


def _unauthorised(observation: Observation, authority: Authority, gate: Gate) -> str | None:
    kind = kind_of(observation)
    if kind not in authority.kinds:
        if authority is NOBODY:
            name = observation.via or observation.source
            return f"there is no source {name}: no [[source]] table has that id; an operator can add one"
        may = ", ".join(authority.kinds) or "nothing"
        what = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        return f"source {authority.id} may not send {what}, only {may}; an operator can add it to its `kinds`"
    sensor = _spoken_for(observation, authority, gate.access)
    if sensor is not None and not authority.speaks_for(sensor):
        return f"source {authority.id} may not speak for {sensor}; an operator can add it to its `sensors`"
    if isinstance(observation, (Sighting, Position, Launch, Impact)):
        return _misplaced(observation, authority, gate)
    return None


def _spoken_for(observation: Observation, authority: Authority, access: Access) -> str | None:
    """The sensor or declared post in whose name an observation speaks; None: in nobody's."""
    if isinstance(observation, (Plot, Bearing, Presence, Status)):
        return observation.sensor
    return observation.source if access.declared(observation.source) and observation.source != authority.id else None


def _untimely(observation: Observation) -> str | None:
    old_s = (observation.received_at - observation.time).total_seconds()
    if old_s < -SENT_AHEAD_S:
        return f"its time is {-old_s:.0f} s in the future; set the sender's clock"
    last_s = OLD_RECORD_S.get(type(observation), OLD_S)
    return f"it is too old: {old_s:.0f} s; at most {last_s:.0f} s can change a warning" if old_s > last_s else None


def _misplaced(at: Sighting | Position | Launch | Impact, authority: Authority, gate: Gate) -> str | None:
    if not authority.area or holds(authority.area, at.lat, at.lon):
        return None
    exchanged = abs(at.lon) <= 90 and holds(authority.area, at.lon, at.lat)
    hint = "; are lat and lon exchanged?" if exchanged or gate.exchanged(at.lat, at.lon) else ""
    return f"{at.lat:.4f}, {at.lon:.4f} is outside the area of source {authority.id}{hint}"
