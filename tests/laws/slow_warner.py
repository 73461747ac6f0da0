"""A slow, straightforward warner, written from docs/why/warning.md: each rule once, zone by zone; levels alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.laws.slow_evidence import NEVER, Evidence, approached, evidence, need, reachable
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import Outlook
from tocsin.model.track import Track
from tocsin.warn.policy import Policy

RANK = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}


@dataclass
class Heard:
    """What arrived since the last decision, by numbers of zones. Times are POSIX seconds.

    acts      (action, zone, when it was ordered, how long it lasts, level of a raise)
    alerts    (source, when sent, level, until when, zones)
    impacts   (zone, when) of what fell in or near a zone, and `fell`: track -> when it came down
    floors    (level, zone, until when) of what reports ask for
    """

    acts: list[tuple[str, int, float, float | None, str]] = field(default_factory=list)
    alerts: list[tuple[str, float, str, float, tuple[int, ...]]] = field(default_factory=list)
    impacts: list[tuple[int, float]] = field(default_factory=list)
    fell: dict[str, float] = field(default_factory=dict)
    floors: list[tuple[str, int, float]] = field(default_factory=list)


@dataclass
class Place:
    """One zone. Times are POSIX seconds: since when, or until when.

    ours         something besides neighbours' alerts asked for what is shown since it began
    ends         what is shown is said for the last time
    taken_back   track -> whether a cancel took back cover, and not only prepare
    cancels      whether a cancel given now takes back cover; None: there is none, or nothing stood
    """

    own: str = "none"
    shown: str = "none"
    quiet_s: float = NEVER
    calm_s: float = NEVER
    falling_s: float = NEVER
    renewed_s: float = 0.0
    covered_s: float = 0.0
    cleared_s: float = -NEVER
    clear_until_s: float = 0.0
    lapses_s: float = NEVER
    proposed_s: float = NEVER
    confirmed: bool = False
    ours: bool = False
    ends: bool = False
    blind: bool = False
    unseen: bool = False
    impact_until_s: float = 0.0
    told: list[tuple[str, float]] = field(default_factory=list)  # level, until
    raises: dict[str, tuple[float, float]] = field(default_factory=dict)  # level -> when ordered, until
    alerts: list[tuple[str, float, str, float]] = field(default_factory=list)  # source, when sent, level, until
    cancel_until_s: float = 0.0
    taken_back: dict[str, bool] = field(default_factory=dict)
    cancels: bool | None = None

    def floor(self, now_s: float) -> str:
        """The gravest that anybody but the sensors asks for."""
        asked = [level for level, _ in self.told] + [level for _, _, level, _ in self.alerts] + list(self.raises)
        return max([*asked, "take_cover" if self.impact_until_s > now_s else "none"], key=RANK.__getitem__)


class SlowWarner:
    """The levels of all zones of an index."""

    def __init__(self, index: ZoneIndex, policy: Policy) -> None:
        self.index, self.policy = index, policy
        self.places = [Place() for _ in index.zones]
        self.fell: dict[str, float] = {}

    def decide(
        self, now_s: float, outlook: Outlook, tracks: Mapping[str, Track], heard: Heard, blind: Mapping[str, str],
        unseen: frozenset[str],
    ) -> list[str]:  # fmt: skip
        """The level of each zone at `now_s`."""
        self.fell |= heard.fell
        for name, at_s in list(self.fell.items()):
            # What is seen flying later did not fall.
            if name in tracks and tracks[name].updated.timestamp() > at_s + 2.0:
                del self.fell[name]
        down = {name for name, at_s in self.fell.items() if now_s - at_s >= 12.0}
        for z, place in enumerate(self.places):
            zone = self.index.zones[z].id
            if place.blind and zone not in blind:
                place.quiet_s = place.calm_s = NEVER
            place.blind, place.unseen = zone in blind, zone in unseen
            self.hear(now_s, z, heard)
            seen = evidence(z, outlook, tracks, down, place.taken_back, self.index, self.policy)
            if place.cancels is not None:
                least = 0.1 * min(1.0, max(seen.weights.values(), default=0.0))
                for name in [name for name, weight in seen.weights.items() if weight > 0.0 and weight >= least]:
                    place.taken_back[name] = place.cancels or place.taken_back.get(name, False)
                seen = evidence(z, outlook, tracks, down, place.taken_back, self.index, self.policy)
            near = reachable(z, outlook, tracks, down, self.policy)
            self.clocks(now_s, place, seen, near)
            free = not approached(z, tracks, down, self.index, self.policy)
            self.decide_own(now_s, z, seen, free)
            self.show(now_s, place, free)
        return [place.shown for place in self.places]

    def hear(self, now_s: float, z: int, heard: Heard) -> None:
        """Orders, alerts, impacts and reports: each adds, and is gone when its time is over."""
        place, policy = self.places[z], self.policy
        place.cancels = None
        for action, _, ordered_s, lasts_s, level in [act for act in heard.acts if act[1] == z]:
            self.obey(now_s, place, action, ordered_s, lasts_s, level)
        for source, sent_s, level, until_s, _ in [alert for alert in heard.alerts if z in alert[4]]:
            if level == "all_clear":
                place.alerts = [one for one in place.alerts if one[0] != source or one[1] >= sent_s]
            else:
                place.alerts.append((source, sent_s, level, until_s))
        for _, at_s in [impact for impact in heard.impacts if impact[0] == z]:
            if at_s + policy.impact_hold_s > now_s:
                least_s = max(at_s + policy.impact_hold_s, now_s + policy.min_on_s)
                place.impact_until_s = max(place.impact_until_s, least_s)
        place.told += [(level, until_s) for level, zone, until_s in heard.floors if zone == z]
        place.told = [one for one in place.told if one[1] > now_s]
        place.alerts = [one for one in place.alerts if one[3] > now_s]
        place.raises = {level: one for level, one in place.raises.items() if one[1] > now_s}
        if place.cancel_until_s <= now_s:
            place.taken_back = {}

    def obey(
        self, now_s: float, place: Place, action: str, ordered_s: float, lasts_s: float | None, level: str
    ) -> None:
        if action == "raise":
            until_s = NEVER if lasts_s is None else now_s + lasts_s
            place.raises[level] = (ordered_s, max(until_s, place.raises.get(level, (0.0, 0.0))[1]))
        if action in ("raise", "release"):
            place.cancel_until_s = 0.0
        if action == "release":
            place.raises = {}
        if action == "confirm" and place.proposed_s < NEVER:
            place.confirmed = True
        if action == "cancel":
            place.raises = {kind: one for kind, one in place.raises.items() if one[0] > ordered_s}
            if RANK[place.shown] == 0 and place.proposed_s == NEVER:
                return
            if place.cancel_until_s <= now_s:
                place.taken_back = {}
            place.cancels = place.own == "take_cover" or place.proposed_s < NEVER
            place.cancel_until_s = now_s + min(self.policy.cancel_s, lasts_s or NEVER)
            place.alerts, place.told, place.impact_until_s = [], [], 0.0
            place.own, place.proposed_s, place.confirmed = "none", NEVER, False

    def clocks(self, now_s: float, place: Place, seen: Evidence, near: bool) -> None:
        """Since when it has been quiet, and since when the evidence has been too little for cover."""
        enough = seen.cover >= self.policy.off_ratio
        loud = near or enough or seen.prepare >= self.policy.off_ratio
        asked = place.told or place.alerts or place.impact_until_s > now_s
        place.quiet_s = NEVER if loud else min(place.quiet_s, now_s)
        place.calm_s = NEVER if loud or asked else min(place.calm_s, now_s)
        place.falling_s = NEVER if enough else min(place.falling_s, now_s)
        if enough and seen.seen:
            place.renewed_s = now_s

    def decide_own(self, now_s: float, z: int, seen: Evidence, free: bool) -> None:
        """The level that what sensors see asks for."""
        place, policy = self.places[z], self.policy
        calls = seen.cover >= 1.0
        waits = calls and place.own != "take_cover" and seen.automatic < 1.0 and not place.confirmed
        # Silence fails towards warning: at once where waiting would cost people their way to shelter.
        waits = waits and seen.earliest_s - now_s > need(z, self.index, policy)
        if waits:
            place.proposed_s = min(place.proposed_s, now_s)
            waits = now_s - place.proposed_s < policy.confirm_s or seen.lapsing < 1.0
        if calls and not waits:
            place.proposed_s = NEVER
        if seen.cover < policy.off_ratio:
            place.proposed_s, place.confirmed = NEVER, False
        fallen_s = now_s - place.falling_s
        blind = place.blind and not place.unseen
        cover, held = calls and not waits, False
        if place.own == "take_cover":
            held = fallen_s < policy.linger_s or now_s - place.covered_s < policy.min_on_s
            held = held or (blind and fallen_s < policy.blind_hold_s)
        # Nothing but a call keeps people under cover for longer than the longest time.
        spent = held and now_s - max(place.covered_s, place.renewed_s) > policy.max_on_s
        cooling = now_s - place.cleared_s < policy.cooldown_s
        place.ends = False
        if cover or (held and not spent):
            place.covered_s = place.covered_s if place.own == "take_cover" else now_s
            place.own = "take_cover"
        elif spent or seen.prepare >= (policy.cooldown_factor if cooling else 1.0):
            place.own = "prepare"
        elif RANK[place.own]:
            place.own, place.ends = self.after(now_s, place, place.quiet_s, free)
            if place.own == "all_clear":
                place.cleared_s = now_s

    def show(self, now_s: float, place: Place, free: bool) -> None:
        """The gravest of the policy's own level and of what others ask for; and after that, how it ends."""
        floor, before, ends = place.floor(now_s), place.shown, False
        place.ours &= RANK[before] > 0
        place.ours |= bool(RANK[place.own] or place.raises or place.told or place.impact_until_s > now_s)
        if RANK[place.own] or RANK[floor]:
            place.shown = max(place.own, floor, key=RANK.__getitem__)
            ends = place.ends and not RANK[floor]
        elif place.cancels is not None and RANK[before]:
            place.shown = "all_clear"
        elif RANK[before]:
            place.shown, ends = self.after(now_s, place, place.calm_s, free)
        elif now_s >= place.clear_until_s:
            place.shown = "none"
        if place.shown == "all_clear" and before != "all_clear":
            place.clear_until_s = math.ceil(now_s + self.policy.clear_shown_s)
        place.ends, place.lapses_s = (
            ends,
            min(place.lapses_s, math.ceil(now_s + self.policy.valid_s)) if ends else NEVER,
        )

    def after(self, now_s: float, place: Place, quiet_s: float, free: bool) -> tuple[str, bool]:
        """What follows a warning that nothing asks for any more, and whether it is said for the last time."""
        if (place.blind and not place.unseen) or now_s - quiet_s < self.policy.clear_quiet_s or not free:
            return "prepare", False
        if not place.blind or not place.ours:
            return "all_clear", False
        return ("none", False) if now_s >= place.lapses_s else ("prepare", True)
