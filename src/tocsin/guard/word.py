"""What stands by somebody's word: operators' raises, neighbours' alerts. Each ends by itself, or by whoever said it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal

from msgspec.json import decode

from tocsin.model.access import Access
from tocsin.model.event import ActRules, OperatorAct
from tocsin.model.observation import Alert
from tocsin.model.value import seconds_of
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

Level = Literal["prepare", "take_cover"]
# Whoever means an alert for longer says so again within a day. The newest of each zone count.
ALERT_S, EACH_MAX, WAITING_MAX, OVER_MAX = 86_400.0, 8, 1_000, 10_000
Stands = tuple[str, float, float, str, str]
Over = Callable[[float, str, str], bool]


class Word:
    """As plain containers: raises and alerts, zone -> [(level, until, given, sender, identifier), ...]; acts that wait
    for a second person; zones that an operator cancelled since the last tick, and before it; up to when which alert, or
    all in which zone, is over by its sender's word: that may overtake what it ends."""

    def __init__(self) -> None:
        self.plain: dict[str, Any] = {"raises": {}, "alerts": {}, "waiting": {}, "over": {}}
        self.plain |= {"cancelling": [], "cancelled": []}

    def turn(self) -> None:
        """At a tick: what was cancelled since the last is let go at this one, whatever is seen; an operator decides."""
        self.plain |= {"cancelled": self.plain["cancelling"], "cancelling": []}

    def asked(self, now_s: float, zones: Collection[str]) -> dict[str, Level]:
        """The level that somebody asks for in each of these zones."""
        stand = [
            (one, zone) for kind in ("raises", "alerts") for zone in zones for one in self.plain[kind].get(zone, ())
        ]
        return {zone: level for level, zone in sorted((one[0], zone) for one, zone in stand if one[1] > now_s)}

    def change(self, kind: str, zones: Iterable[str], *new: Stands, over: Over = lambda *_: False) -> None:
        """In these zones let go of what is over, by when it was given, by whom and its name, and add what is new."""
        stand = self.plain[kind]
        stand |= {
            zone: [*(one for one in stand.get(zone, ()) if not over(*one[2:])), *new][-EACH_MAX:] for zone in zones
        }

    def obey(self, act: OperatorAct, rules: ActRules, zones: Mapping[str, Zone]) -> None:
        """Take in an act. A raise that waits for a second person holds as long as it waits."""
        waiting, wait_s, found = self.plain["waiting"], math.inf, None
        if act.action == "approve" and act.operator != act.act_of:
            found = waiting.pop(f"{act.act_of}\n{act.act}", None)
            act = decode(found, type=OperatorAct) if found else act
        known = [zone for zone in dict.fromkeys(act.zones) if zone in zones]
        wide = len(known) > rules.wide_zones or sum(zones[zone].population for zone in known) > rules.wide_people
        if not found and (act.action in rules.second_person or (wide and "wide" in rules.second_person)):
            self.plain["waiting"] = dict([*waiting.items(), (f"{act.operator}\n{act.id}", to_json(act))][-WAITING_MAX:])
            known, wait_s = known if act.action == "raise" else [], rules.waits_s
        at_s = seconds_of(act.time)
        if act.action == "raise":
            self.change("raises", known, (act.level, at_s + min(wait_s, act.lasts_s or math.inf), at_s, "", ""))
        elif act.action == "release":
            self.change("raises", known, over=lambda *_: True)
        elif act.action == "cancel":
            self.plain["cancelling"] += known
            for kind in ("raises", "alerts"):
                self.change(kind, known, over=lambda given_s, *_: given_s <= at_s)

    def alert(self, alert: Alert, access: Access, zones: Mapping[str, Zone], unended_s: float) -> None:
        """Take in what a neighbour says; it ends only what the same sender said through the same source."""
        may, who = access.authority(alert), f"{alert.via}\n{alert.source}\n{alert.sender}"
        came_s = seconds_of(alert.received_at)
        sent_s, name = min(seconds_of(alert.sent or alert.time), came_s), alert.identifier or alert.id
        if alert.message == "Cancel" or (alert.message == "Update" and alert.complete):
            ends = {*alert.ends} - {alert.identifier}
            self.change("alerts", [*self.plain["alerts"]], over=lambda _, sender, name: sender == who and name in ends)
            self._remember([f"{who}\n{name}" for name in sorted(ends)], sent_s)
        for part in alert.asked:
            held = [zone for zone in part.zones if zone in zones]
            if part.level == "all_clear":
                self.change("alerts", held, over=lambda given_s, sender, _: sender == who and given_s < sent_s)
                self._remember([f"{who}\n\n{zone}" for zone in held], sent_s)
            elif self.plain["over"].get(f"{who}\n{name}", -math.inf) < sent_s and (
                access.trusting or may.alerts != "none"
            ):
                here, over = {*may.alert_zones}, self.plain["over"]
                held = [zone for zone in held if not here or {zone, zones[zone].parent} & here]
                held = [zone for zone in held if over.get(f"{who}\n\n{zone}", -math.inf) <= sent_s]
                level = part.level if access.trusting or may.alerts == "take_cover" else "prepare"
                ends_s = came_s + unended_s if part.expires is None else seconds_of(part.expires)
                self.change("alerts", held, (level, min(ends_s, came_s + ALERT_S), sent_s, who, name))

    def _remember(self, over: Iterable[str], sent_s: float) -> None:
        """Keep up to when these are over; the oldest make room, and what is forgotten holds a warning."""
        known = self.plain["over"]
        for name in over:
            known[name] = max(known.pop(name, sent_s), sent_s)
        self.plain["over"] = dict([*known.items()][-OVER_MAX:])
