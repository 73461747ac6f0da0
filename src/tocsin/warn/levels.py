"""Which level a zone should have now: the policy's own rules, and above them what others ask for.

Two layers. The policy's own level follows from what sensors see and from nothing else. What is shown is the gravest of
that and of the floors that operators, impacts, neighbours and people's reports set. No floor ever enters the policy's
own layer: cover that a report began and lost can neither shorten nor cool down the cover that sensors ask for.
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.warn import sentence
from tocsin.warn.due_zones import Due
from tocsin.warn.orders import cancelled_by, ordered_by
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure
from tocsin.warn.standing import URGENCY, Standing, ZoneLevel


@dataclass(frozen=True, slots=True)
class Verdict:
    """A level and, where evidence alone does not explain it, why.

    proposed_s, confirmed   how a proposal of the policy's own stands after it; see `Standing`
    last                    the warning is said for the last time: it lapses, and no all clear follows
    """

    level: ZoneLevel
    reason: str = ""
    proposed_s: float | None = None
    confirmed: bool = False
    last: bool = False

    def __post_init__(self) -> None:
        assert self.level in URGENCY, f"{self.level!r} is no level"
        assert not self.last or self.level == "prepare", "what is said for the last time neither covers nor clears"


def own_level(
    now_s: float, standing: Standing, due: Due, pressure: Pressure, z: int, policy: Policy, urgent: bool
) -> Verdict:
    """The level that the policy alone gives zone `z`. Asks only: `Standing.hold` writes it down.

    urgent   a proposal cannot wait for its confirmation any longer
    """
    proposed_s, confirmed = standing.proposed_s, standing.confirmed
    calls = pressure.cover[z] >= 1.0
    if calls:
        proposed_s = _proposed_s(now_s, standing, pressure, z, policy, urgent)
    if calls and proposed_s is None:
        verdict = Verdict("take_cover")
    else:
        if pressure.cover[z] < policy.off_ratio:
            proposed_s, confirmed = None, False
        held = _held(now_s, standing, float(due.falling_s[z]), policy) if standing.own == "take_cover" else None
        # Before an all clear comes a step down: cover ends, vigilance does not.
        below = _below_cover(now_s, standing, due, pressure, z, policy) if held is None else held
        verdict = below if held is None else _bounded(now_s, standing, due, z, held, policy)
    return Verdict(verdict.level, verdict.reason, proposed_s, confirmed, verdict.last)


def shown_level(
    now_s: float, standing: Standing, own: Verdict, due: Due, pressure: Pressure, z: int, policy: Policy
) -> Verdict:
    """The level zone `z` should show. Operators, impacts, alerts and reports add to the policy; none lowers it."""
    best = own
    for floor in _floors(now_s, standing):
        # What somebody else still asks for does not lapse with the policy's own evidence.
        if URGENCY[floor.level] > URGENCY[best.level] or (best.last and floor.level == best.level):
            best = floor
    assert URGENCY[best.level] >= URGENCY[own.level], "nobody lowers what the policy asks for"
    if URGENCY[best.level] > 0:
        return best
    if URGENCY[standing.level] > 0:
        cancel = standing.cancelled
        if cancel is not None and cancel.since_s == now_s:
            return Verdict("all_clear", cancelled_by(cancel))
        return _afterwards(now_s, standing, float(due.calm_s[z]), pressure, z, policy)
    return Verdict("all_clear" if standing.level == "all_clear" and now_s < standing.expires_s else "none")


def _held(now_s: float, standing: Standing, falling_s: float, policy: Policy) -> Verdict | None:
    """Cover goes on while its evidence lasts, and a little longer; for its shortest time; a while out of blindness."""
    if now_s - falling_s < policy.linger_s or now_s - standing.covered_s < policy.min_on_s:
        return Verdict("take_cover")
    if standing.blind is not None and not standing.unseen and now_s - falling_s < policy.blind_hold_s:
        return Verdict("take_cover", f"Cover is held because we may be blind here: {standing.blind}.")
    return None


def _below_cover(now_s: float, standing: Standing, due: Due, pressure: Pressure, z: int, policy: Policy) -> Verdict:
    cooling = now_s - standing.cleared_s < policy.cooldown_s
    if pressure.prepare[z] >= (policy.cooldown_factor if cooling else 1.0):
        return Verdict("prepare")
    if URGENCY[standing.own] > 0:
        return _afterwards(now_s, standing, float(due.quiet_s[z]), pressure, z, policy)
    return Verdict(standing.own)


def _afterwards(
    now_s: float, standing: Standing, quiet_s: float, pressure: Pressure, z: int, policy: Policy
) -> Verdict:
    """What follows a warning that nothing asks for any more: an all clear when we know, prepare until then.

    quiet_s   since when nothing has spoken against an all clear
    """
    if standing.blind is not None and not standing.unseen:
        return Verdict("prepare", f"No all clear can be given, because we may be blind here: {standing.blind}.")
    if now_s - quiet_s >= policy.clear_quiet_s and not pressure.approached(z, policy.clear_reach_s):
        assert not pressure.reachable[z], "an all clear within reach of something hostile"
        return Verdict("all_clear") if standing.blind is None else _unseen_end(now_s, standing)
    return Verdict("prepare", sentence.waning(float(pressure.probability[z]), policy.clear_reach_s / 60))


def _unseen_end(now_s: float, standing: Standing) -> Verdict:
    """How a warning ends where there never was any sight: said once more, then it lapses into "we may be blind here".

    What was tracked is gone, so that holding it would be for ever; nobody saw that the zone is safe, so that an all
    clear would be a guess.
    """
    if standing.relayed:
        # We never saw anything here, before or after: who warned is who says that it is over.
        return Verdict("all_clear", "The neighbouring service that warned here has ended its warning.")
    if standing.last and now_s >= standing.expires_s:
        return Verdict("none")
    return Verdict("prepare", sentence.unseen(standing.blind or ""), last=True)


def _proposed_s(
    now_s: float, standing: Standing, pressure: Pressure, z: int, policy: Policy, urgent: bool
) -> float | None:
    """Since when cover has waited for a confirmation; None: it may be ordered now. Silence fails towards warning.

    A proposal of a `manual` class waits until it cannot wait any longer, one of a `confirm` class for `confirm_s`.
    """
    if standing.own == "take_cover" or pressure.automatic[z] >= 1.0 or standing.confirmed or urgent:
        return None
    since_s = now_s if standing.proposed_s is None else standing.proposed_s
    return since_s if now_s - since_s < policy.confirm_s or pressure.lapsing[z] < 1.0 else None


def _bounded(now_s: float, standing: Standing, due: Due, z: int, held: Verdict, policy: Policy) -> Verdict:
    """Cover that no sensor's sight has renewed for the policy's maximum becomes prepare, unless it still is called for.

    No clock takes back a call: it cannot tell what was lost long ago from a launch that was reported a minute ago.
    """
    since = max(standing.covered_s, float(due.renewed_s[z]))
    if now_s - since > policy.max_on_s:
        return Verdict("prepare", f"Nothing has been seen here for {policy.max_on_s / 60:.0f} min: stay near shelter.")
    return held


def _floors(now_s: float, standing: Standing) -> list[Verdict]:
    """What the operator, an impact, a neighbour or reports ask for, whatever the policy thinks."""
    floors = []
    if standing.raised is not None:
        floors.append(Verdict(standing.raised.act.level, ordered_by(standing.raised)))
    if standing.impact_until_s > now_s:
        floors.append(Verdict("take_cover", "Something fell here or close by."))
    if standing.alert is not None:
        floors.append(Verdict(standing.alert, "A neighbouring service warns of danger here."))
    if standing.told_cover_until_s > now_s:
        floors.append(Verdict("take_cover", "Reported here or on its way here by more than one observer."))
    if standing.told_prepare_until_s > now_s:
        floors.append(Verdict("prepare", "Reported nearby by one observer; nothing confirms it yet."))
    return floors
