"""What needs a decision: orders that wait or end, and what they rest on; the most pressing first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tocsin.model.order import Proposal
from tocsin.model.value import time_of, time_text
from tocsin.service.console.around import Around
from tocsin.service.console.glance import Glance
from tocsin.service.console.leaning import Growth, grown, leaning, relayed
from tocsin.service.console.shown import Can, Facts, Needed, Standing
from tocsin.service.console.troubled import troubles
from tocsin.service.console.zones import of_zones

ACTS = "/v1/acts"
MATTERS_MAX = 500
# An order that ends is said so long before.
RAISE_ENDS_S, CANCEL_ENDS_S = 300.0, 120.0
# What a raise is lengthened by, unless the officer says otherwise.
LONGER_S = 1_800.0


def needed(glance: Glance, around: Around, standing: Sequence[Standing], growth: Growth) -> list[Needed]:
    """Everything that asks for a decision now; first what has a deadline, the earliest first."""
    found = [
        *_approvals(glance),
        *_proposals(glance),
        *_ending(glance, standing, around.now),
        *_leaning(glance),
        *_growing(glance, growth),
        *_relayed(glance),
        *troubles(glance, around),
    ]
    found.sort(key=lambda one: (one.deadline is None, one.deadline or around.now))
    return found[:MATTERS_MAX]


def _approvals(glance: Glance) -> Iterator[Needed]:
    for one in glance.orders.waiting:
        send = {"action": "approve", "act": one.act, "act_of": one.operator}
        every = one.action in glance.configuration.acts.second_person
        rule = "drill" if one.action == "switch" else one.action if every else "wide"
        facts: Facts = {
            "operator": one.operator,
            "action": one.action,
            "level": one.level,
            "act": one.act,
            "rule": rule,
        }
        yield Needed(
            id=f"approval/{one.operator}/{one.act}",
            kind="approval",
            why=f"{one.operator} wants to {one.action}: {one.why}",
            since=one.since,
            deadline=one.ends,
            otherwise="it is let go",
            can=(Can(do="approve", to=ACTS, body=send),),
            facts=facts | {"rule": rule},
            **of_zones(glance.moment.index, one.zones),
        )


def _proposals(glance: Glance) -> Iterator[Needed]:
    """One for all zones that the same track would send into cover."""
    groups: dict[str, list[Proposal]] = {}
    for proposal in glance.orders.proposals:
        groups.setdefault(proposal.tracks[0] if proposal.tracks else "", []).append(proposal)
    for track, each in groups.items():
        zones = [one.zone for one in each]
        first = each[0]
        yield Needed(
            id=f"proposal/{track or first.zone}",
            kind="proposal",
            why=first.reason or "The policy would order cover, and asks first.",
            since=min(one.since for one in each),
            deadline=min(filter(None, (_issued(glance, one) for one in each)), default=None),
            otherwise="cover is ordered",
            tracks=first.tracks,
            can=(
                Can(do="confirm", to=ACTS, body={"action": "confirm", "zones": zones}),
                Can(do="cancel", to=ACTS, body={"action": "cancel", "zones": zones}),
                _look(first.zone),
            ),
            facts={
                "threat": first.threat,
                "probability": first.probability,
                "track": track or None,
                "eta_earliest": time_text(first.eta_earliest) if first.eta_earliest else None,
                "eta_likely": time_text(first.eta_likely) if first.eta_likely else None,
            },
            **of_zones(glance.moment.index, zones),
        )


def _issued(glance: Glance, proposal: Proposal) -> datetime | None:
    """When a proposal is issued unless somebody answers; None: nobody can tell yet."""
    z = glance.moment.index.number.get(proposal.zone)
    if z is None:
        return None
    behind, ends = glance.behind, []
    if behind.pressure.lapsing[z] >= 1.0:
        ends.append(proposal.since + timedelta(seconds=behind.policy.confirm_s))
    if proposal.eta_earliest is not None:
        ends.append(proposal.eta_earliest - timedelta(seconds=float(behind.need_s[z])))
    return max(min(ends), glance_time(glance)) if ends else None


def glance_time(glance: Glance) -> datetime:
    """When it was decided."""
    return time_of(glance.moment.now_s)


def _ending(glance: Glance, standing: Sequence[Standing], now: datetime) -> Iterator[Needed]:
    flying = {track.id for track in glance.moment.tracks}
    taken_back: dict[str, set[str]] = {}
    for order in glance.orders.standing:
        taken_back.setdefault(f"{order.operator}/{order.act}", set()).update(order.tracks)
    for one in standing:
        soon_s = RAISE_ENDS_S if one.action == "raise" else CANCEL_ENDS_S
        if one.ends is None or (one.ends - now).total_seconds() > soon_s:
            continue
        name = f"{one.operator}/{one.act}"
        # A cancel whose tracks are gone ends without anybody's noticing.
        if one.action == "cancel" and flying.isdisjoint(taken_back[name]):
            continue
        again: dict[str, Any] = {"zones": one.zones, "reason": one.reason, "public_reason": one.public_reason}
        release = Can(do="release", to=ACTS, body={"action": "release", "zones": one.zones})
        if one.action == "raise":
            longer = again | {"action": "raise", "level": one.level, "lasts_s": LONGER_S}
            can, then = (Can(do="extend", to=ACTS, body=longer), release), "the policy decides again"
        else:
            can = (Can(do="cancel", to=ACTS, body=again | {"action": "cancel"}), release)
            then = "what still threatens raises again"
        yield Needed(
            id=f"ends/{name}/{one.action}",
            kind="ends",
            why=f"The {one.action} of {one.operator} is about to end by itself.",
            since=one.since,
            deadline=one.ends,
            otherwise=then,
            can=can,
            facts={"operator": one.operator, "action": one.action, "level": one.level, "act": one.act},
            **of_zones(glance.moment.index, one.zones),
        )


def _leaning(glance: Glance) -> Iterator[Needed]:
    for track, zones, sensor in leaning(glance):
        said = f"sensor {sensor}" if sensor else "one report"
        yield Needed(
            id=f"one_source/{track}",
            kind="one_source",
            why=f"Cover stands because of {track} alone, and only {said} supports it.",
            tracks=(track,),
            can=(Can(do="cancel", to=ACTS, body={"action": "cancel", "zones": zones}), _look(zones[0])),
            facts={"track": track, "sensor": sensor},
            **of_zones(glance.moment.index, zones),
        )


def _growing(glance: Glance, growth: Growth) -> Iterator[Needed]:
    index, pressure = glance.moment.index, glance.behind.pressure
    numbers = grown(glance, growth)
    if not numbers:
        return
    zones = [index.zones[z].id for z in numbers]
    likely_s = pressure.likely_s[numbers]
    first_s = float(np.nanmin(likely_s)) if not np.isnan(likely_s).all() else math.nan
    most = float(pressure.probability[numbers].max())
    yield Needed(
        id="growing",
        kind="growing",
        why=f"An attack has become likelier within the last minute where people only prepare: up to {most:.0%}.",
        deadline=None if math.isnan(first_s) else time_of(first_s),
        otherwise="the likely time of the first arrival; the policy orders cover before where it must",
        can=(
            Can(do="raise", to=ACTS, body={"action": "raise", "zones": zones, "level": "take_cover", "lasts_s": 600}),
            _look(zones[0]),
        ),
        facts={"probability": round(most, 2)},
        **of_zones(index, zones),
    )


def _relayed(glance: Glance) -> Iterator[Needed]:
    zones, sources = relayed(glance)
    if zones:
        yield Needed(
            id="neighbour",
            kind="neighbour",
            why=f"Warned of because a neighbour does, and for nothing that we see: {', '.join(sources)}.",
            can=(
                Can(do="raise", to=ACTS, body={"action": "raise", "zones": zones, "level": "take_cover"}),
                Can(do="cancel", to=ACTS, body={"action": "cancel", "zones": zones}),
                _look(zones[0]),
            ),
            facts={"sources": ", ".join(sources)},
            **of_zones(glance.moment.index, zones),
        )


def _look(zone: str) -> Can:
    return Can(do="look", to=f"/v1/console/zones/{zone}/evidence")
