"""What stands by somebody's word: operators' raises, neighbours' alerts. Each ends by itself, or by whoever said it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Literal

from msgspec.json import decode

from tocsin.model.access import Access
from tocsin.model.event import ActRules, OperatorAct
from tocsin.model.observation import Alert
from tocsin.model.value import seconds_of
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

Level = Literal["prepare", "take_cover"]
# Whoever means an alert for longer says so again within a day.
ALERT_S, MESSAGES_MAX, WAITING_MAX = 86_400.0, 4_000, 1_000


class Word:
    """As plain containers: raises zone -> (level, until, given); alerts name -> (sender, sent, ((level, until, zones),
    ...)), none: over; acts that wait for a second person; zones that an operator cancelled since the last tick."""

    def __init__(self) -> None:
        self.plain: dict[str, Any] = {"raises": {}, "alerts": {}, "waiting": {}, "cancelling": [], "cancelled": []}

    def turn(self) -> None:
        """At a tick: what was cancelled since the last is let go at this one, whatever is seen; an operator decides."""
        self.plain |= {"cancelled": self.plain["cancelling"], "cancelling": []}

    def asked(self, now_s: float, zones: Collection[str]) -> dict[str, Level]:
        """The level that somebody asks for in each of these zones; nothing where an operator has just cancelled."""
        raises, alerts = self.plain["raises"], self.plain["alerts"].values()
        asked = [(level, zone) for zone in zones for level, until_s, _ in raises.get(zone, ()) if until_s > now_s]
        parts = [(level, held) for _, _, parts in alerts for level, until_s, held in parts if until_s > now_s]
        asked += [(level, zone) for level, held in parts for zone in {*held}.intersection(zones)]
        return {zone: level for level, zone in sorted(asked)}

    def obey(self, act: OperatorAct, rules: ActRules, zones: Mapping[str, Zone]) -> None:
        """Take in an act. A raise that waits for a second person holds as long as it waits."""
        waiting, people = self.plain["waiting"], sum(zones[z].population for z in {*act.zones} & zones.keys())
        wide = "wide" in rules.second_person and (len({*act.zones}) > rules.wide_zones or people > rules.wide_people)
        if act.action == "approve" and act.operator != act.act_of:
            found = waiting.pop(f"{act.act_of}\n{act.act}", None)
            self._let(decode(found, type=OperatorAct)) if found else None
        elif act.action in rules.second_person or (wide and act.action != "confirm"):
            self.plain["waiting"] = dict([*waiting.items(), (f"{act.operator}\n{act.id}", to_json(act))][-WAITING_MAX:])
            self._let(act, rules.waits_s) if act.action == "raise" else None
        else:
            self._let(act)

    def raised(self, zones: Collection[str], level: str, until_s: float, at_s: float) -> None:
        """Hold zones at a level; of the raises of one zone the newest eight."""
        for zone in zones:
            self.plain["raises"][zone] = [*self.plain["raises"].get(zone, ())[-7:], (level, until_s, at_s)]

    def alert(self, alert: Alert, access: Access, zones: Mapping[str, Zone], unended_s: float) -> None:
        """Take in what a neighbour says; it ends only what the same sender said through the same source."""
        who, alerts = f"{alert.via}\n{alert.source}\n{alert.sender}\n", self.plain["alerts"]
        sent_s, came_s = seconds_of(alert.sent or alert.time), seconds_of(alert.received_at)
        if alert.message == "Cancel" or (alert.message == "Update" and alert.complete):
            alerts |= {who + one: (who, sent_s, ()) for one in alert.ends if one != alert.identifier}
        self._clear({zone for part in alert.asked if part.level == "all_clear" for zone in part.zones}, who, sent_s)
        may, parts, name = access.authority(alert), [], who + (alert.identifier or alert.id)
        for part in alert.asked if access.trusting or may.alerts != "none" else ():
            known = [zone for zone in part.zones if zone in zones]
            if not access.trusting and may.alert_zones:
                known = [zone for zone in known if {zone, zones[zone].parent} & {*may.alert_zones}]
            until_s = came_s + unended_s if part.expires is None else seconds_of(part.expires)
            level = part.level if access.trusting or may.alerts == "take_cover" else "prepare"
            parts += [(level, min(until_s, came_s + ALERT_S), known)] if known and part.level != "all_clear" else []
        if parts and alert.message != "Cancel" and sent_s > alerts.get(name, ("", -math.inf))[1]:
            alerts[name] = (who, sent_s, parts)
        self.plain["alerts"] = dict([*alerts.items()][-MESSAGES_MAX:])

    def _let(self, act: OperatorAct, waits_s: float = math.inf) -> None:
        """Let an act take effect."""
        at_s, raises = seconds_of(act.time), self.plain["raises"]
        if act.action == "raise":
            self.raised(act.zones, act.level, at_s + min(waits_s, act.lasts_s or math.inf), at_s)
        elif act.action in ("cancel", "release"):
            ends_s = at_s if act.action == "cancel" else math.inf
            raises |= {zone: [one for one in raises.get(zone, ()) if one[2] > ends_s] for zone in act.zones}
        if act.action == "cancel":
            self.plain["cancelling"] += act.zones
            self._clear({*act.zones}, None, math.inf)

    def _clear(self, zones: set[str], who: str | None, sent_s: float) -> None:
        """End alerts in these zones: of one sender what was sent before; of None, everybody's."""
        for name, (sender, was_s, parts) in self.plain["alerts"].items() if zones else ():
            if was_s < sent_s and who in (None, sender):
                left = [(level, until_s, [z for z in held if z not in zones]) for level, until_s, held in parts]
                self.plain["alerts"][name] = (sender, was_s, left)
