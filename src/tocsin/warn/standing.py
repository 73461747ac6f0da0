"""How one zone stands between two decisions."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec

from tocsin.model.threat import Floor, ThreatClass
from tocsin.model.value import time_of
from tocsin.model.warning import Warning, ZoneState

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
    own                  the level the policy alone gives, from what sensors see; never above what is shown, except
                         under an operator's cancel
    covered_s            when the policy's own cover began
    cleared_s            when its last own all clear was given, and
    clear_until_s        until when that stands
    proposed_s           since when a proposal has waited for a confirmation; None: none waits
    override             what the operator ordered; None: nothing
    alert                the gravest of neighbours' alerts in force here
    impact_until_s       cover after something fell here
    told_prepare_until_s, told_cover_until_s, told   what reports ask for, until when, and of what class
    blind, unseen        why we may be blind; whether no sight was lost, because there never was any
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
    clear_until_s: float = 0.0
    proposed_s: float | None = None
    confirmed: bool = False
    override: Literal["prepare", "take_cover", "cancel"] | None = None
    override_by: str = ""
    alert: Literal["prepare", "take_cover"] | None = None
    impact_until_s: float = 0.0
    told_prepare_until_s: float = 0.0
    told_cover_until_s: float = 0.0
    told: ThreatClass = "unknown"
    blind: str | None = None
    unseen: bool = False
    last: bool = False
    warning: Warning | None = None

    def hold(self, now_s: float, own: ZoneLevel, proposed_s: float | None, confirmed: bool, clear_s: float) -> None:
        """Write down what the policy alone decided; an all clear of its own stands for `clear_s`."""
        self.proposed_s, self.confirmed = proposed_s, confirmed
        if own == self.own:
            return
        self.own = own
        if own == "take_cover":
            self.covered_s = now_s
        elif own == "all_clear":
            self.cleared_s, self.clear_until_s = now_s, float(math.ceil(now_s + clear_s))

    def tell(self, floor: Floor) -> None:
        """Write down what a report asks for: it raises and lengthens, and never the reverse."""
        if floor.level == "take_cover":
            self.told_cover_until_s = max(self.told_cover_until_s, floor.until_s)
        self.told_prepare_until_s = max(self.told_prepare_until_s, floor.until_s)
        self.told = floor.threat

    def let_go(self, now_s: float) -> None:
        """Drop an impact and reports whose time is over."""
        if self.told_cover_until_s <= now_s:
            self.told_cover_until_s = 0.0
        if self.told_prepare_until_s <= now_s:
            self.told_prepare_until_s = 0.0
        if self.impact_until_s <= now_s:
            self.impact_until_s = 0.0

    def face(self) -> Face:
        """All that `state` depends on, much cheaper to compare: asked of every warned zone at every tick."""
        return self.level, self.since_s, self.blind, self.warning.id if self.warning is not None else None

    def state(self, zone: str, drill: bool) -> ZoneState:
        """What is shown of it."""
        shown = self.warning if self.level != "none" else None
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
        )


def to_plain(standing: Standing) -> Any:
    """As plain containers, for a snapshot."""
    return msgspec.to_builtins(standing)


def from_plain(plain: Any) -> Standing:
    """From a snapshot."""
    return msgspec.convert(plain, Standing)
