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
ALERT_S, EACH_MAX, WAITING_MAX = 86_400.0, 8, 1_000


class Word:
    """As plain containers: raises and alerts, zone -> [(level, until, given, sender, identifier), ...]; acts that wait
    for a second person; zones that an operator cancelled since the last tick, and before it."""

    def __init__(self) -> None:
        self.plain: dict[str, Any] = {"raises": {}, "alerts": {}, "waiting": {}, "cancelling": [], "cancelled": []}

    def turn(self) -> None:
        """At a tick: what was cancelled since the last is let go at this one, whatever is seen; an operator decides."""
        self.plain |= {"cancelled": self.plain["cancelling"], "cancelling": []}

    def asked(self, now_s: float, zones: Collection[str]) -> dict[str, Level]:
        """The level that somebody asks for in each of these zones."""
        stand = [
            (zone, one) for kind in ("raises", "alerts") for zone in zones for one in self.plain[kind].get(zone, ())
        ]
        return {zone: level for level, zone in sorted((one[0], zone) for zone, one in stand if one[1] > now_s)}

    def ask(
        self, kind: str, zones: Iterable[str], level: str, until_s: float, at_s: float, who: str = "", name: str = ""
    ) -> None:
        """Hold zones at a level."""
        stand = self.plain[kind]
        stand |= {zone: [*stand.get(zone, ()), (level, until_s, at_s, who, name)][-EACH_MAX:] for zone in zones}

    def _end(self, kind: str, zones: Iterable[str], over: Callable[[float, str, str], bool]) -> None:
        """End what was given then, by that sender, under that identifier."""
        stand = self.plain[kind]
        stand |= {zone: [one for one in stand[zone] if not over(*one[2:])] for zone in zones if zone in stand}

    def obey(self, act: OperatorAct, rules: ActRules, zones: Mapping[str, Zone]) -> None:
        """Take in an act. A raise that waits for a second person holds as long as it waits."""
        waiting, known = self.plain["waiting"], [zone for zone in dict.fromkeys(act.zones) if zone in zones]
        many = len(known) > rules.wide_zones or sum(zones[zone].population for zone in known) > rules.wide_people
        waits = act.action in rules.second_person or (many and "wide" in rules.second_person)
        lasts_s = math.inf
        if act.action == "approve":
            found = waiting.pop(f"{act.act_of}\n{act.act}", None) if act.operator != act.act_of else None
            if found is None:
                return
            act = decode(found, type=OperatorAct)
            known = [zone for zone in dict.fromkeys(act.zones) if zone in zones]
        elif waits and act.action != "confirm":
            self.plain["waiting"] = dict([*waiting.items(), (f"{act.operator}\n{act.id}", to_json(act))][-WAITING_MAX:])
            if act.action != "raise":
                return
            lasts_s = rules.waits_s
        at_s = seconds_of(act.time)
        if act.action == "raise":
            self.ask("raises", known, act.level, at_s + min(lasts_s, act.lasts_s or math.inf), at_s)
        elif act.action == "release":
            self._end("raises", known, lambda *_: True)
        elif act.action == "cancel":
            self.plain["cancelling"] += known
            self._end("raises", known, lambda given_s, *_: given_s <= at_s)
            self._end("alerts", known, lambda *_: True)

    def alert(self, alert: Alert, access: Access, zones: Mapping[str, Zone], unended_s: float) -> None:
        """Take in what a neighbour says; it ends only what the same sender said through the same source."""
        may, who = access.authority(alert), f"{alert.via}\n{alert.source}\n{alert.sender}"
        sent_s, came_s = seconds_of(alert.sent or alert.time), seconds_of(alert.received_at)
        if alert.message == "Cancel" or (alert.message == "Update" and alert.complete):
            ends = {*alert.ends} - {alert.identifier}
            self._end("alerts", [*self.plain["alerts"]], lambda _, sender, name: sender == who and name in ends)
        for part in alert.asked:
            held = [zone for zone in part.zones if zone in zones]
            if part.level == "all_clear":
                self._end("alerts", held, lambda given_s, sender, _: sender == who and given_s < sent_s)
            elif access.trusting or may.alerts != "none":
                if may.alert_zones:
                    held = [zone for zone in held if {zone, zones[zone].parent} & {*may.alert_zones}]
                level = part.level if access.trusting or may.alerts == "take_cover" else "prepare"
                ends_s = came_s + unended_s if part.expires is None else seconds_of(part.expires)
                self.ask(
                    "alerts", held, level, min(ends_s, came_s + ALERT_S), sent_s, who, alert.identifier or alert.id
                )
