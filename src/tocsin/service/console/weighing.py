"""What stands behind one zone's warning: who carries it, what holds it, and what would clear it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np

from tocsin.announce.delivery import Delivered
from tocsin.model.identity import launch_track
from tocsin.model.value import time_of
from tocsin.model.warning import ZoneState
from tocsin.service.console.evidence import Carrier, Clearing, Evidence, Hold
from tocsin.service.console.glance import Glance
from tocsin.warn.blindness import read
from tocsin.warn.standing import Standing

CARRIERS_MAX = 100
# Voices of reports near by that are named.
VOICES_MAX = 20
# A report within this of a zone may be what asks for its warning; so long reports count.
REPORTED_M, REPORTED_S = 30_000.0, 900.0


def evidence_of(glance: Glance, zone: str, delivered: Callable[[str], tuple[Delivered, ...]]) -> Evidence | None:
    """All of it; None: there is no such zone. `delivered`: what became of a warning on every channel."""
    index, behind = glance.moment.index, glance.behind
    z = index.number.get(zone)
    if z is None:
        return None
    standing = behind.standings.get(zone, Standing())
    state = standing.state(zone, drill=False) if zone in behind.standings else ZoneState(zone=zone)
    carriers, count = _carriers(glance, z, standing)
    holds = tuple(_holds(glance, z, standing))
    shown = standing.warning if state.level != "none" else None
    blind = glance.moment.blind.get(zone)
    return Evidence(
        zone=zone,
        name=index.zones[z].name,
        people=int(index.population[z]),
        shelter_s=float(index.shelter_s[z]),
        level=state.level,
        since=state.since,
        expires=state.expires,
        warning=state.warning,
        threat=state.threat,
        probability=round(float(behind.pressure.probability[z]), 3),
        cover=round(float(behind.pressure.cover[z]), 3),
        prepare=round(float(behind.pressure.prepare[z]), 3),
        reason=shown.reason if shown is not None else "",
        carriers=carriers,
        carrier_count=count,
        sources=_sources(glance, carriers, holds),
        holds=holds,
        clearing=_clearing(glance, z, standing, holds) if state.level in ("prepare", "take_cover") else None,
        degraded_reason=blind,
        blindness=None if blind is None else read(blind),
        delivered=delivered(shown.id) if shown is not None else (),
    )


def _carriers(glance: Glance, z: int, standing: Standing) -> tuple[tuple[Carrier, ...], int]:
    """The likeliest tracks, and how many there are."""
    outlook = glance.moment.outlook
    begin, end = np.searchsorted(outlook.zone, [z, z + 1]).tolist()
    likeliest = begin + np.argsort(-outlook.probability[begin:end], kind="stable")[:CARRIERS_MAX]
    tracks = {track.id: track for track in glance.moment.tracks}
    back = set(standing.cancelled.tracks) if standing.cancelled is not None else set()
    found = []
    for row in likeliest.tolist():
        number = int(outlook.track[row])
        name = outlook.tracks[number]
        track = tracks.get(name)
        found.append(
            Carrier(
                track=name,
                threat=outlook.classes[number],
                probability=round(float(outlook.probability[row]), 3),
                eta_earliest=_second(float(outlook.eta_earliest_s[row])),
                eta_likely=_second(float(outlook.eta_likely_s[row])),
                sensors=track.sensors if track is not None else None,
                heard=track.updated if track is not None else None,
                taken_back=name in back,
            )
        )
    return tuple(found), end - begin


def _holds(glance: Glance, z: int, standing: Standing) -> Iterator[Hold]:
    """Everything that asks for a level, the policy's own first."""
    now_s = glance.moment.now_s
    if standing.own in ("prepare", "take_cover"):
        lingers = standing.own == "take_cover" and bool(glance.behind.pressure.cover[z] < 1.0)
        why = "What sensors see calls for it."
        if lingers:
            why = "What sensors saw called for cover, which is held a little longer."
        yield Hold(by="sensors", level=standing.own, until=None, who=(), why=why, lingers=lingers)
    for raised in reversed(standing.raises()):
        until = None if math.isinf(raised.ends_s) else time_of(raised.ends_s)
        yield Hold(by="officer", level=raised.act.level, until=until, who=(raised.act.operator,), why=raised.act.reason)
    if standing.impact_until_s > now_s:
        why = "Something fell here or close by."
        yield Hold(by="impact", level="take_cover", until=_second(standing.impact_until_s), who=(), why=why)
    for source, level, until_s in glance.behind.alerts_in(z):
        if level in ("prepare", "take_cover"):
            why = "A neighbouring service warns of danger here."
            yield Hold(by="neighbour", level=level, until=_second(until_s), who=(source,), why=why)  # type: ignore[arg-type]
    until_s = max(standing.told_cover_until_s, standing.told_prepare_until_s)
    if until_s > now_s:
        covers = standing.told_cover_until_s > now_s
        why = "Reported by more than one observer." if covers else "Reported by one observer; nothing confirms it yet."
        level = "take_cover" if covers else "prepare"
        yield Hold(by="reports", level=level, until=_second(until_s), who=_voices(glance, z), why=why)  # type: ignore[arg-type]


def _voices(glance: Glance, z: int) -> tuple[str, ...]:
    """Whose reports tell of something near, the nearest first."""
    index, now_s = glance.moment.index, glance.moment.now_s
    near = []
    for one in glance.reports:
        away_m = math.hypot(one.east_m - index.east_m[z], one.north_m - index.north_m[z])
        if away_m <= REPORTED_M + one.sigma_m + index.radius_m[z] and one.at_s > now_s - REPORTED_S:
            near.append((away_m, one.voice))
    return tuple(dict.fromkeys(voice for _, voice in sorted(near)))[:VOICES_MAX]


def _sources(glance: Glance, carriers: tuple[Carrier, ...], holds: tuple[Hold, ...]) -> tuple[str, ...]:
    """The sensors heard last of each track, who reported its launch, and who else holds the warning."""
    tracks = {track.id: track for track in glance.moment.tracks}
    launched = {launch_track(one): one.source for one in glance.launches}
    found: dict[str, None] = {}
    for one in carriers:
        name = tracks[one.track].newest if one.track in tracks else launched.get(one.track, "")
        if name:
            found[name] = None
    return (*found, *dict.fromkeys(who for hold in holds for who in hold.who if who not in found))


def _clearing(glance: Glance, z: int, standing: Standing, holds: tuple[Hold, ...]) -> Clearing:
    """What would give an all clear, and when at the earliest."""
    behind, now_s, policy = glance.behind, glance.moment.now_s, glance.behind.policy
    reachable = bool(behind.pressure.reachable[z]) or behind.pressure.approached(z, policy.clear_reach_s)
    blind = standing.blind is not None and not standing.unseen
    calm_s = float(behind.calm_s[z])
    others = [hold for hold in holds if hold.by != "sensors"]
    endless = any(hold.until is None for hold in others)
    ends_s = [hold.until.timestamp() for hold in others if hold.until is not None]
    earliest = None
    if not (reachable or blind or endless):
        held_s = max([now_s, standing.covered_s + policy.min_on_s if standing.own == "take_cover" else now_s, *ends_s])
        quiet_from_s = held_s if math.isinf(calm_s) else min(calm_s, held_s)
        earliest = _second(max(held_s, quiet_from_s + policy.clear_quiet_s))
    why = (
        "Something hostile can still come here."
        if reachable
        else f"We may be blind here: {standing.blind}."
        if blind
        else "An officer's raise holds it until it is released."
        if endless
        else "It clears once what holds it has ended and it has been quiet for a while."
    )
    return Clearing(
        reachable=reachable,
        held=bool(others),
        blind=blind,
        quiet_s=0.0 if math.isinf(calm_s) else max(0.0, now_s - calm_s),
        needed_quiet_s=policy.clear_quiet_s,
        earliest=earliest,
        why=why,
    )


def _second(at_s: float) -> datetime:
    return time_of(float(round(at_s)))
