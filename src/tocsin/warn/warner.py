"""Outlooks into warnings: prepare, take cover, all clear; and what stands in every zone."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.effect import Refused
from tocsin.model.event import KeptZone, OperatorAct
from tocsin.model.observation import Alert, Impact
from tocsin.model.order import Order, Proposal
from tocsin.model.threat import Floor, Outlook
from tocsin.model.track import Track
from tocsin.model.value import seconds_of, time_of
from tocsin.model.warning import Level, Warning, ZoneState
from tocsin.model.wire import pack, unpack
from tocsin.warn.alerts import Alerts
from tocsin.warn.behind import Behind
from tocsin.warn.due_zones import NEVER, Due
from tocsin.warn.evidence import evidence_of, is_urgent
from tocsin.warn.impacts import EndedTracks
from tocsin.warn.levels import Verdict, own_level, shown_level
from tocsin.warn.orders import Cancelled, note_carriers, taken_back
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure, pressure_of
from tocsin.warn.stakes import harm_s, need_s
from tocsin.warn.standing import URGENCY, Face, Standing, from_plain, to_plain

# More episodes than a zone can have between two snapshots, or in a war.
EPISODES_SKIPPED = 100_000
LEFT_MAX = 20_000


@dataclass(frozen=True)
class Decision:
    """What one decision changed, and what it rests on.

    probability   of an attack on each zone within the horizon, float64 [Z]
    called        ids of the tracks because of which zones are under cover now
    refused       alerts that change nothing, or for which there was no room
    pressure      what the decision weighed
    """

    warnings: tuple[Warning, ...]
    changed: tuple[ZoneState, ...]
    probability: NDArray[np.float64] = field(compare=False)
    called: frozenset[str] = frozenset()
    refused: tuple[Refused, ...] = ()
    pressure: Pressure | None = field(default=None, compare=False)


class Warner:
    """The warnings of one sector under one policy."""

    def __init__(self, index: ZoneIndex, policy: Policy, *, drill: bool) -> None:
        self._index, self._policy, self._drill = index, policy, drill
        self._standing = [Standing() for _ in index.zones]
        self._ended = EndedTracks()
        self._need, self._harm = need_s(index, policy), harm_s(index, policy)
        self._due = Due(len(index))
        self._alerts = Alerts(index.number, policy.alert_max_s)
        self._blind: Mapping[str, str] = {}
        # What was last written into the zones: as long as it is the same, there is nothing to write.
        self._looked: tuple[Mapping[str, str], frozenset[str]] | None = None
        # The evidence of what waits for a confirmation; not part of a dump, because nothing follows from it.
        self._proposed: dict[int, dict[str, Any]] = {}
        # Zones that are no more -> their last episode: should one come back, its warnings get ids of their own.
        self._left: dict[str, int] = {}

    def decide(
        self,
        now_s: float,
        outlook: Outlook,
        tracks: Sequence[Track],
        *,
        impacts: Sequence[Impact],
        alerts: Sequence[Alert],
        acts: Sequence[OperatorAct],
        blind: Mapping[str, str],
        floors: Sequence[Floor] = (),
        unseen: Collection[str] = (),
    ) -> Decision:
        """Decide for every zone at `now_s`; impacts, alerts, acts and floors are those since the last decision.

        blind    zone id -> why we may be blind there; such a zone is given no all clear
        unseen   those of them in which no sight was lost: there a warning ends, instead of waiting for sight
        """
        current = {track.id: track for track in tracks}
        self._ended.see(now_s, current)
        # Before what has arrived since the last decision: a cancel takes back what its officer could have been shown.
        touched = self._obey(now_s, acts)
        refused = self._alerts.take(alerts)
        self._take_in(now_s, impacts, floors, touched)
        self._look(blind, frozenset(unseen), touched)
        pressure = self._pressure(now_s, outlook, current, self._ended.down(now_s))
        self._due.tick(now_s, pressure, self._policy)
        moved, due = self._due.asked(now_s, pressure, self._policy)
        warnings: list[Warning] = []
        changed: list[ZoneState] = []
        for z in sorted(touched.keys() | due):
            standing, zone = self._standing[z], self._index.zones[z].id
            before = touched.get(z) or standing.face()
            warning = self._zone(now_s, z, pressure, outlook, moved=bool(moved[z]))
            self._due.note(z, standing)
            if warning is not None:
                warnings.append(warning)
            if standing.face() != before:
                changed.append(standing.state(zone, self._drill))
        calling = (pressure.weight > 0.0) & self._due.covered()[outlook.zone]
        numbers = np.flatnonzero(np.bincount(outlook.track[calling])).tolist()
        called = frozenset(outlook.tracks[number] for number in numbers)
        return Decision(tuple(warnings), tuple(changed), pressure.probability, called, refused, pressure)

    @property
    def need_s(self) -> NDArray[np.float64]:
        """Seconds before an attack at which people of each zone must be told, float64 [Z]."""
        return self._need

    def _pressure(
        self, now_s: float, outlook: Outlook, current: Mapping[str, Track], down: Mapping[str, float]
    ) -> Pressure:
        """The pressure on every zone, without what operators took back."""
        cancels = [(z, one) for z in self._due.ordered() if (one := self._standing[z].cancelled) is not None]
        pressure = self._pressed(outlook, current, down, cancels)
        new = [(z, one) for z, one in cancels if one.since_s == now_s]
        for z, one in new:
            note_carriers(one, z, pressure, outlook)
        return self._pressed(outlook, current, down, cancels) if new else pressure

    def _pressed(
        self,
        outlook: Outlook,
        current: Mapping[str, Track],
        down: Mapping[str, float],
        cancels: Sequence[tuple[int, Cancelled]],
    ) -> Pressure:
        index, policy = self._index, self._policy
        return pressure_of(outlook, current, down, index, policy, self._need, self._harm, taken_back(cancels))

    def states(self) -> tuple[ZoneState, ...]:
        """How every zone stands, in the order of the zones."""
        return tuple(s.state(z.id, self._drill) for s, z in zip(self._standing, self._index.zones, strict=True))

    def standing(self) -> tuple[Warning, ...]:
        """The warnings in force, in the order of the zones."""
        return tuple(s.warning for s in self._standing if s.warning is not None and s.level != "none")

    def kept(self) -> tuple[KeptZone, ...]:
        """How the zones stand that were ever warned, in the order of the zones, and those that are no more."""
        here = zip(self._index.zones, self._standing, strict=True)
        ever = [
            KeptZone(zone=zone.id, level=standing.level if standing.level != "all_clear" else "none", episode=number)
            for zone, standing in here
            if (number := standing.episode) > 0
        ]
        return (*ever, *(KeptZone(zone=zone, episode=number) for zone, number in self._left.items()))

    def skip_episodes(self, known: Mapping[str, int]) -> None:
        """Number what comes far above what was known before a loss: no warning may bear the id of one that was lost."""
        for z, zone in enumerate(self._index.zones):
            standing = self._standing[z]
            standing.episode = max(standing.episode, known.get(zone.id, 0)) + EPISODES_SKIPPED

    def orders(self) -> tuple[Order, ...]:
        """What operators have ordered, in the order of the zones."""
        standings = [(self._index.zones[z].id, self._standing[z]) for z in self._due.ordered()]
        orders = [(zone, (one.raised, one.raised_below, one.cancelled)) for zone, one in standings]
        return tuple(order.order(zone) for zone, each in orders for order in each if order is not None)

    def behind(self, pressure: Pressure) -> Behind:
        """What stands behind what was decided last; `pressure` is that decision's."""
        return Behind(
            policy=self._policy,
            pressure=pressure,
            standings={self._index.zones[z].id: copy(self._standing[z]) for z in self._due.standing()},
            calm_s=self._due.calm_s,
            need_s=self._need,
            alerts=self._alerts.parts,
        )

    def proposals(self) -> tuple[Proposal, ...]:
        """Warnings that wait for an operator's confirmation, in the order of the zones."""
        return tuple(
            Proposal(zone=self._index.zones[z].id, since=time_of(since_s), **self._proposed.get(z, {}))
            for z in self._due.ordered()
            if (since_s := self._standing[z].proposed_s) is not None
        )

    def end(self, now_s: float, leaving: Iterable[str], reason: str) -> tuple[Warning, ...]:
        """End what stands in these zones by a message that is labelled as the warning was, and begin anew there.

        Orders end with it; a neighbour's alert, an impact and what sensors see may raise the zone again.
        """
        warnings = []
        for z in sorted(self._index.number[zone] for zone in leaving if zone in self._index.number):
            standing = self._standing[z]
            if URGENCY[standing.level] > 0:
                warnings.append(self._issue(now_s, z, Verdict("all_clear", reason), {"reason": reason}))
            kept = ("episode", "alert", "impact_until_s", "blind", "unseen")
            self._standing[z] = Standing(**{name: getattr(standing, name) for name in kept})
            self._due.note(z, self._standing[z])
        return tuple(warnings)

    def _obey(self, now_s: float, acts: Sequence[OperatorAct]) -> dict[int, Face]:
        """Take in operators' acts; returns what was shown before, of the zones they concern."""
        before: dict[int, Face] = {}
        for act in acts:
            for z in [self._index.number[i] for i in act.zones if i in self._index.number]:
                before.setdefault(z, self._standing[z].face())
                self._standing[z].obey(act, now_s, self._policy)
        cancels = [(z, self._standing[z].cancelled) for z in before]
        new = [z for z, one in cancels if one is not None and one.since_s == now_s]
        if new:
            self._alerts.take_back(new)
        return before

    def _take_in(
        self, now_s: float, impacts: Sequence[Impact], floors: Sequence[Floor], before: dict[int, Face]
    ) -> None:
        """Write what arrived into the zones; `before` takes what was shown before, of the zones it concerns."""

        def touch(z: int) -> Standing:
            standing = self._standing[z]
            before.setdefault(z, standing.face())
            return standing

        for impact in impacts:
            self._ended.note(impact)
            until_s = seconds_of(impact.time) + self._policy.impact_hold_s
            radius = self._policy.impact_radius_m + min(2 * impact.sigma_m, 5_000.0)
            for z in self._index.within(impact.lat, impact.lon, radius).tolist():
                if until_s > now_s:
                    # One that is told late still sends people in for the shortest time under cover.
                    least_s = max(until_s, now_s + self._policy.min_on_s)
                    touch(z).impact_until_s = max(least_s, self._standing[z].impact_until_s)
        for z in self._alerts.settle(now_s):
            touch(z).alert = self._alerts.floor(z)
        for floor in floors:
            for z in floor.zones.tolist():
                standing = self._standing[z]
                (standing if standing.asked(floor, now_s) else touch(z)).tell(floor)
        for z in self._due.lapsing(now_s):
            if self._standing[z].lapses_s() <= now_s:
                touch(z).let_go(now_s)
            else:
                self._due.note(z, self._standing[z])
        for z in before:
            self._due.note(z, self._standing[z])

    def _look(self, blind: Mapping[str, str], unseen: frozenset[str], touched: dict[int, Face]) -> None:
        """Write where we may be blind into the zones, and into `touched` what was shown before."""
        if self._looked == (blind, unseen):
            return
        for name in sorted(blind.keys() | self._blind.keys()):
            z = self._index.number.get(name)
            if z is None:
                continue
            standing, why = self._standing[z], blind.get(name)
            if (standing.blind, standing.unseen) == (why, name in unseen):
                continue
            touched.setdefault(z, standing.face())
            if why is None:
                # What was quiet while nobody saw was not quiet: an all clear waits until it has been watched.
                self._due.quiet_s[z] = self._due.calm_s[z] = NEVER
            standing.blind, standing.unseen = why, name in unseen
        # Whoever found these may hand them in again, which is quickly seen; he may not change them.
        self._blind, self._looked = blind, (blind, unseen)

    def _zone(self, now_s: float, z: int, pressure: Pressure, outlook: Outlook, *, moved: bool) -> Warning | None:
        """Decide for one zone; the warning to issue, if any."""
        standing, due, policy = self._standing[z], self._due, self._policy
        urgent = is_urgent(now_s, z, pressure, outlook, self._need)
        own = own_level(now_s, standing, due, pressure, z, policy, urgent)
        standing.hold(now_s, own.level, own.proposed_s, own.confirmed)
        standing.rest(now_s)
        verdict = shown_level(now_s, standing, own, due, pressure, z, policy)
        # Said for the last time, or after that asked for again: either is told at once.
        turns, standing.last = verdict.last != standing.last, verdict.last
        self._proposed.pop(z, None)
        if standing.proposed_s is not None:
            self._proposed[z] = evidence_of(now_s, standing, z, Verdict("take_cover"), pressure, outlook, policy)
        if verdict.level == "none":
            if standing.level != "none":
                standing.level, standing.since_s, standing.warning = "none", now_s, None
            return None
        if verdict.level != standing.level or turns:
            return self._issue(now_s, z, verdict, evidence_of(now_s, standing, z, verdict, pressure, outlook, policy))
        if verdict.level == "all_clear" or verdict.last:
            return None
        if now_s >= standing.expires_s - policy.renew_s or moved or standing.unsaid(now_s):
            return self._issue(now_s, z, verdict, evidence_of(now_s, standing, z, verdict, pressure, outlook, policy))
        return None

    def _issue(self, now_s: float, z: int, verdict: Verdict, evidence: dict[str, Any]) -> Warning:
        """Write a new warning into the zone's standing and return it."""
        standing, zone, policy = self._standing[z], self._index.zones[z], self._policy
        level: Level = verdict.level  # type: ignore[assignment]
        begins = URGENCY[standing.level] == 0 and level != "all_clear"
        replaces = standing.warning.id if standing.warning is not None and standing.level != "none" else None
        if begins:
            standing.episode, standing.revision = standing.episode + 1, 0
            replaces = None
        standing.revision += 1
        if level != standing.level:
            standing.since_s = now_s
        valid_s = policy.clear_shown_s if level == "all_clear" else policy.valid_s
        standing.level, standing.issued_s = level, now_s
        standing.expires_s = float(math.ceil(now_s + valid_s))
        warning = Warning(
            id=f"{zone.id}/{standing.episode}/{standing.revision}/{level}",
            zone=zone.id,
            level=level,
            time=time_of(now_s),
            expires=time_of(standing.expires_s),
            replaces=replaces,
            drill=self._drill,
            public_reason=standing.said(level, now_s) or UNSET,
            lapses=verdict.last or UNSET,
            **evidence,
        )
        standing.warning = warning
        return warning

    def dump(self) -> bytes:
        """Everything that stands; `load` goes on exactly as this would."""
        return pack(
            {
                "zones": [zone.id for zone in self._index.zones],
                "standing": [to_plain(standing) for standing in self._standing],
                "clocks": self._due.dump(),
                "alerts": self._alerts.dump(),
                "blind": dict(self._blind),
                "left": self._left,
            }
            | self._ended.dump()
        )

    @classmethod
    def load(cls, data: bytes, index: ZoneIndex, policy: Policy, *, drill: bool) -> Warner:
        """A warner in which stands what `dump` wrote; zones that are no more are dropped, new ones begin quiet."""
        state = unpack(data)
        warner = cls(index, policy, drill=drill)
        kept = [(row, index.number[zone]) for row, zone in enumerate(state["zones"]) if zone in index.number]
        for row, z in kept:
            warner._standing[z] = from_plain(state["standing"][row])
            warner._due.note(z, warner._standing[z])
        gone = zip(state["zones"], state["standing"], strict=True)
        left = state["left"] | {zone: plain["episode"] for zone, plain in gone if zone not in index.number}
        for zone in [zone for zone in left if zone in index.number]:
            warner._standing[index.number[zone]].episode = left.pop(zone)
        warner._left = dict(list(left.items())[-LEFT_MAX:])
        rows, zones = np.array(kept, np.intp).reshape(-1, 2).T
        warner._due.load(state["clocks"], rows, zones)
        now = np.full(len(state["zones"]), -1, np.int32)
        now[rows] = zones
        warner._alerts = Alerts.load(state["alerts"], now, index.number, policy.alert_max_s)
        warner._blind = state["blind"]
        warner._ended = EndedTracks.load(state)
        return warner
