"""Which level a zone should have now: the policy's rules, in the order in which they outrank each other."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.warn import sentence
from tocsin.warn.due_zones import Due
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure
from tocsin.warn.standing import URGENCY, Standing, ZoneLevel


@dataclass(frozen=True, slots=True)
class Verdict:
    """A level and, where evidence alone does not explain it, why."""

    level: ZoneLevel
    reason: str = ""


def wanted(
    now_s: float, standing: Standing, due: Due, pressure: Pressure, z: int, policy: Policy, urgent: bool
) -> Verdict:
    """The level zone `z` should have. Operators outrank impacts and alerts, and these the policy.

    urgent   a proposal cannot wait for its confirmation any longer
    """
    by_policy = _by_policy(now_s, standing, due, pressure, z, policy, urgent)
    if standing.override == "cancel":
        return _cancelled(now_s, standing, policy)
    best = by_policy
    for floor in _floors(now_s, standing):
        if URGENCY[floor.level] > URGENCY[best.level]:
            best = floor
    return best


def lapsed(now_s: float, standing: Standing) -> bool:
    """Let go of an impact and of a neighbour's alert whose time is over; whether there was one."""
    impact = 0.0 < standing.impact_until_s <= now_s
    alert = standing.alert is not None and standing.alert_until_s <= now_s
    if impact:
        standing.impact_until_s = 0.0
    if alert:
        standing.alert = None
    return impact or alert


def _by_policy(
    now_s: float, standing: Standing, due: Due, pressure: Pressure, z: int, policy: Policy, urgent: bool
) -> Verdict:
    level = standing.level
    if pressure.cover[z] >= 1.0 and _may_issue(now_s, standing, pressure, z, policy, urgent):
        return _bounded(now_s, standing, due, z, Verdict("take_cover"), policy)
    if pressure.cover[z] < policy.off_ratio:
        standing.proposed_s, standing.confirmed = None, False
    if level == "take_cover":
        held = _held(now_s, standing, float(due.falling_s[z]), policy)
        if held is not None:
            return _bounded(now_s, standing, due, z, held, policy)
        # Before an all clear comes a step down: cover ends, vigilance does not.
    return _below_cover(now_s, standing, due, pressure, z, policy)


def _held(now_s: float, standing: Standing, falling_s: float, policy: Policy) -> Verdict | None:
    """Cover goes on while its evidence lasts, and a little longer; for its shortest time; a while out of blindness."""
    if now_s - falling_s < policy.linger_s or now_s - standing.covered_s < policy.min_on_s:
        return Verdict("take_cover")
    if standing.blind is not None and now_s - falling_s < policy.blind_hold_s:
        return Verdict("take_cover", f"Cover is held because we may be blind here: {standing.blind}.")
    return None


def _below_cover(now_s: float, standing: Standing, due: Due, pressure: Pressure, z: int, policy: Policy) -> Verdict:
    level = standing.level
    cooling = now_s - standing.cleared_s < policy.cooldown_s
    if pressure.prepare[z] >= (policy.cooldown_factor if cooling else 1.0):
        return Verdict("prepare")
    if level in ("prepare", "take_cover"):
        if standing.blind is not None:
            return Verdict("prepare", f"No all clear can be given, because we may be blind here: {standing.blind}.")
        quiet = now_s - due.quiet_s[z] >= policy.clear_quiet_s
        if quiet and not pressure.approached(z, policy.clear_reach_s):
            return Verdict("all_clear")
        return Verdict("prepare", sentence.waning(float(pressure.probability[z]), policy.clear_reach_s / 60))
    if level == "all_clear" and now_s < standing.expires_s:
        return Verdict("all_clear")
    return Verdict("none")


def _may_issue(now_s: float, standing: Standing, pressure: Pressure, z: int, policy: Policy, urgent: bool) -> bool:
    """Whether cover may be ordered without, or after, a confirmation. Silence fails towards warning.

    A proposal of a `manual` class waits until it cannot wait any longer, one of a `confirm` class for `confirm_s`.
    """
    if standing.level == "take_cover" or pressure.automatic[z] >= 1.0 or standing.confirmed or urgent:
        standing.proposed_s = None
        return True
    if standing.proposed_s is None:
        standing.proposed_s = now_s
    if now_s - standing.proposed_s < policy.confirm_s or pressure.lapsing[z] < 1.0:
        return False
    standing.proposed_s = None
    return True


def _bounded(now_s: float, standing: Standing, due: Due, z: int, verdict: Verdict, policy: Policy) -> Verdict:
    """Cover that no sensor's sight has renewed for the policy's maximum becomes prepare."""
    since = max(standing.covered_s, float(due.renewed_s[z]))
    if standing.level == "take_cover" and now_s - since > policy.max_on_s:
        return Verdict("prepare", f"Nothing has been seen here for {policy.max_on_s / 60:.0f} min: stay near shelter.")
    return verdict


def _floors(now_s: float, standing: Standing) -> list[Verdict]:
    """What the operator, an impact or a neighbour asks for, whatever the policy thinks."""
    floors = []
    if standing.override in ("prepare", "take_cover"):
        floors.append(Verdict(standing.override, f"Ordered by {standing.override_by}."))
    if standing.impact_until_s > now_s:
        floors.append(Verdict("take_cover", "Something fell here or close by."))
    if standing.alert is not None:
        floors.append(Verdict(standing.alert, "A neighbouring service warns of danger here."))
    return floors


def _cancelled(now_s: float, standing: Standing, policy: Policy) -> Verdict:
    """An operator's retraction stands until it is released."""
    if URGENCY[standing.level] > 0:
        return Verdict("all_clear", f"Cancelled by {standing.override_by}.")
    if standing.level == "all_clear" and now_s < standing.expires_s:
        return Verdict("all_clear")
    return Verdict("none")
