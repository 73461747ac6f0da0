"""How one zone stands between two decisions."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from tocsin.model.event import OperatorAct
from tocsin.model.threat import Floor, ThreatClass
from tocsin.model.value import time_of
from tocsin.model.warning import Warning, ZoneState
from tocsin.warn.orders import Cancelled, Raised, cancelled, raised, together
from tocsin.warn.policy import Policy

ZoneLevel = Literal["none", "prepare", "take_cover", "all_clear"]
Face = tuple[ZoneLevel, float | None, str | None, str | None]
# Order of urgency; an all clear asks nothing of anybody.
URGENCY: dict[ZoneLevel, int] = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}


class Standing(msgspec.Struct):
    """One zone. Times are POSIX seconds.

    episode, revision    number what is issued: a new episode begins when a zone leaves none or all clear
    level, since_s       what is shown, and since when
    expires_s            when it lapses
    issued_s             when its newest revision was issued
    own                  the level the policy alone gives, from what sensors see; never above what is shown
    covered_s            when the policy's own cover began
    cleared_s            when its last own all clear was given
    proposed_s           since when a proposal has waited for a confirmation; None: none waits
    raised, raised_below, cancelled    what operators ordered: the gravest raise, and one that outlasts it or came after
                         it; None: nothing
    alert                the gravest of neighbours' alerts in force here
    impact_until_s       cover after something fell here
    told_prepare_until_s, told_cover_until_s, told   what reports ask for, until when, and of what class
    blind, unseen        why we may be blind; whether no sight was lost, because there never was any
    relayed              all that ever asked for what is shown since it began is a neighbour's alert
    last                 the revision in force ends the warning without an all clear: it is not renewed
    warning              the warning in force
    """

    episode: int = 0
    revision: int = 0
    level: ZoneLevel = "none"
    since_s: float | None = None
    expires_s: float = 0.0
    issued_s: float = 0.0
    own: ZoneLevel = "none"
    covered_s: float = 0.0
    cleared_s: float = -1e18
    proposed_s: float | None = None
    confirmed: bool = False
    raised: Raised | None = None
    raised_below: Raised | None = None
    cancelled: Cancelled | None = None
    alert: Literal["prepare", "take_cover"] | None = None
    impact_until_s: float = 0.0
    told_prepare_until_s: float = 0.0
    told_cover_until_s: float = 0.0
    told: ThreatClass = "unknown"
    blind: str | None = None
    unseen: bool = False
    relayed: bool = False
    last: bool = False
    warning: Warning | None = None

    def hold(self, now_s: float, own: ZoneLevel, proposed_s: float | None, confirmed: bool) -> None:
        """Write down what the policy alone decided; its own all clear stands until it calls again."""
        assert own in URGENCY, f"{own!r} is no level"
        assert proposed_s is None or proposed_s <= now_s, "a proposal of a time that is yet to come"
        self.proposed_s, self.confirmed = proposed_s, confirmed
        if own == self.own:
            return
        self.own = own
        if own == "take_cover":
            self.covered_s = now_s
        elif own == "all_clear":
            self.cleared_s = now_s

    def rest(self, now_s: float) -> None:
        """Write down whether what is shown has rested on neighbours' alerts alone since it began."""
        told_s = max(self.impact_until_s, self.told_prepare_until_s, self.told_cover_until_s)
        ours = URGENCY[self.own] > 0 or self.raised is not None or told_s > now_s
        begins = URGENCY[self.level] == 0
        self.relayed = not ours and (self.alert is not None if begins else self.relayed)

    def tell(self, floor: Floor) -> None:
        """Write down what a report asks for: it raises and lengthens, and never the reverse."""
        if floor.level == "take_cover":
            self.told_cover_until_s = max(self.told_cover_until_s, floor.until_s)
        self.told_prepare_until_s = max(self.told_prepare_until_s, floor.until_s)
        self.told = floor.threat
        assert self.told_prepare_until_s >= self.told_cover_until_s, "cover without vigilance"

    def asked(self, floor: Floor, now_s: float) -> bool:
        """Whether reports already ask for what a floor asks for, so that it can only lengthen what stands."""
        least_s = self.told_prepare_until_s
        if floor.level == "take_cover":
            least_s = min(least_s, self.told_cover_until_s)
        return least_s > now_s

    def lapses_s(self) -> float:
        """When the first of an impact, reports and orders is over; infinite: none ends by itself."""
        ends_s = [self.impact_until_s, self.told_prepare_until_s, self.told_cover_until_s]
        ends_s += [order.ends_s for order in (*self.raises(), self.cancelled) if order is not None]
        return min((end_s for end_s in ends_s if end_s > 0), default=math.inf)

    def obey(self, act: OperatorAct, now_s: float, policy: Policy) -> None:
        """Take in an operator's act."""
        if act.late and act.action in ("cancel", "release"):
            self.raised, self.raised_below = together(one for one in self.raises() if one.act.time > act.time)
            if act.action == "release" and self.cancelled is not None and self.cancelled.act.time <= act.time:
                self.cancelled = None
        elif act.action == "cancel":
            self.take_back(act, now_s, policy)
        elif act.action == "raise":
            self.raised, self.raised_below = together((*self.raises(), raised(act, now_s)))
            self.cancelled = None
        elif act.action == "release":
            self.raised = self.raised_below = self.cancelled = None
        elif act.action == "confirm" and self.proposed_s is not None:
            # A confirmation of nothing must not confirm whatever is proposed next.
            self.confirmed = True

    def raises(self) -> tuple[Raised, ...]:
        """The raises in force, the gravest last."""
        return tuple(one for one in (self.raised_below, self.raised) if one is not None)

    def take_back(self, act: OperatorAct, now_s: float, policy: Policy) -> None:
        """Let go of everything that stands but what blinds us; the policy begins again from nothing.

        Tracks and neighbours' alerts are taken back by those who keep them. Where nothing stands, nothing is cancelled.
        """
        # A cancel that waited for its second person takes back what its author saw, and no raise that came after.
        self.raised, self.raised_below = together(one for one in self.raises() if one.act.time > act.time)
        if URGENCY[self.level] == 0 and self.proposed_s is None:
            return
        cover = self.own == "take_cover" or self.proposed_s is not None
        self.cancelled = cancelled(act, now_s, policy, self.cancelled, cover=cover)
        self.impact_until_s = self.told_prepare_until_s = self.told_cover_until_s = 0.0
        self.own, self.proposed_s, self.confirmed = "none", None, False

    def said(self, level: ZoneLevel, now_s: float) -> str:
        """What operators tell the public along with a warning of this level issued now; empty: nothing."""
        order = self.raised if URGENCY[level] > 0 else self.cancelled
        # An all clear later than the cancel is not the cancel's.
        if order is None or (level == "all_clear" and order.since_s < now_s):
            return ""
        return order.act.public_reason

    def unsaid(self, now_s: float) -> bool:
        """Whether operators tell the public something else by now than the warning in force does."""
        return self.warning is not None and self.said(self.level, now_s) != (self.warning.public_reason or "")

    def let_go(self, now_s: float) -> None:
        """Drop an impact, reports and orders whose time is over."""
        if self.told_cover_until_s <= now_s:
            self.told_cover_until_s = 0.0
        if self.told_prepare_until_s <= now_s:
            self.told_prepare_until_s = 0.0
        self.raised, self.raised_below = together(one for one in self.raises() if one.ends_s > now_s)
        if self.cancelled is not None and self.cancelled.ends_s <= now_s:
            self.cancelled = None
        if self.impact_until_s <= now_s:
            self.impact_until_s = 0.0

    def face(self) -> Face:
        """All that `state` depends on, much cheaper to compare: asked of every warned zone at every tick."""
        return self.level, self.since_s, self.blind, self.warning.id if self.warning is not None else None

    def state(self, zone: str, drill: bool) -> ZoneState:
        """What is shown of it."""
        shown = self.warning if self.level != "none" else None
        assert self.level == "none" or shown is not None, f"{zone} stands at {self.level} without a warning"
        threat: ThreatClass | None = shown.threat if shown and self.level != "all_clear" else None
        return ZoneState(
            zone=zone,
            level=self.level,
            since=None if self.since_s is None or shown is None else time_of(self.since_s),
            expires=shown.expires if shown else None,
            eta_earliest=shown.eta_earliest if shown else None,
            eta_likely=shown.eta_likely if shown else None,
            threat=threat,
            warning=shown.id if shown else None,
            degraded=self.blind is not None,
            degraded_reason=self.blind,
            drill=drill,
            public_reason=shown.public_reason if shown else UNSET,
        )


def to_plain(standing: Standing) -> Any:
    """As plain containers, for a snapshot."""
    return msgspec.to_builtins(standing)


def from_plain(plain: Any) -> Standing:
    """From a snapshot."""
    return msgspec.convert(plain, Standing)
