"""The score of a run: who was warned, how long before, at what burden; next to two simple rules on the same tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.score.clears import false_all_clears, waits_s
from tocsin.score.cover import Cover, cover_of_warnings
from tocsin.score.rules import circle_cover, family, region_cover
from tocsin.score.sightings import Sightings
from tocsin.score.strikes import Struck, outcomes, struck_of
from tocsin.score.truth import Truth

Floats = NDArray[np.float64]


def score_warnings(warnings: Sequence[Warning], sightings: Sightings, truth: Truth, index: ZoneIndex) -> dict[str, Any]:
    """The score as the contracts name it, plus what makes it fair to read; plain numbers, None where undefined.

    strikes, warned, warned_any, lead_s, burden, false_zone_hours, all_clear_s, by_threat   for the warnings given
    observable          share of strikes whose attacker was tracked `shelter_s` before it struck
    warned_observable   share warned among those: what the sensors left to be won
    tracked_s           how long attackers had been tracked when they struck: the lead the sensors allow
    false_all_clears    all clears within 10 min before a strike in that zone by something tracked
    each                every strike, with what came of it
    region, circle      the same for the two simple rules
    """
    struck = struck_of(truth, sightings, index)
    cover = cover_of_warnings(warnings, index.number, end_s(warnings, sightings, truth))
    result = score_cover(cover, struck, index)
    result["all_clear_s"] = _percentiles(waits_s(warnings, truth, index), (50, 90))
    result["false_all_clears"] = len(false_all_clears(warnings, struck, index))
    result["each"] = outcomes(struck, cover, index)
    for name, rule in (("region", region_cover), ("circle", circle_cover)):
        result[name] = score_cover(rule(sightings, index), struck, index)
    return result


def score_family(sightings: Sightings, struck: Struck, index: ZoneIndex) -> list[dict[str, Any]]:
    """Share warned and burden of every simple rule on the same tracks: what a policy has to beat."""
    rows = []
    for name, flight_s, cover in family(sightings, index):
        scored = score_cover(cover, struck, index)
        kept = ("warned", "warned_observable", "burden", "person_hours")
        rows.append({"rule": name, "flight_s": flight_s} | {key: scored[key] for key in kept})
    return rows


def score_cover(cover: Cover, struck: Struck, index: ZoneIndex) -> dict[str, Any]:
    """The score of any cover: by our warnings or by a simple rule."""
    leads, early = struck.leads_s(cover), struck.early
    timely = leads >= struck.shelter_s
    people = float(index.population[np.unique(struck.zone)].sum())
    person_s = float((index.population[cover.zone] * (cover.end_s - cover.begin_s)).sum())
    threats = np.array([strike.threat for strike in struck.strikes])
    return {
        "strikes": len(leads),
        "warned": _share(timely),
        "warned_any": _share(leads > 0),
        "observable": _share(early),
        "warned_observable": _share(timely[early]),
        "lead_s": _percentiles(leads[leads > 0], (10, 50, 90)),
        "tracked_s": _percentiles(struck.seen_s[np.isfinite(struck.seen_s)], (10, 50, 90)),
        "burden": round(person_s / people, 1) if people > 0 else None,
        "person_hours": round(person_s / 3600, 1),
        "people_struck": round(people),
        "false_zone_hours": round(_false_hours(cover, struck), 3),
        "by_threat": {
            str(name): {
                "strikes": int((threats == name).sum()),
                "warned": _share(timely[threats == name]),
                "warned_any": _share(leads[threats == name] > 0),
                "observable": _share(early[threats == name]),
                "warned_observable": _share(timely[early & (threats == name)]),
                "lead_s": _percentiles(leads[(threats == name) & (leads > 0)], (10, 50, 90)),
            }
            for name in sorted(set(threats.tolist()))
        },
    }


def end_s(warnings: Sequence[Warning], sightings: Sightings, truth: Truth) -> float:
    """When the run was over, POSIX seconds: cover that stands then ends."""
    ends = [float(path.time_s[-1]) for path in truth.paths] + [seconds_of(w.time) for w in warnings]
    return max([*ends, float(sightings.time_s.max(initial=0.0))])


def mean_of_known(values: Sequence[float | None]) -> float | None:
    """The mean of a figure over several scores, of those where it is defined; None where none is."""
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def _share(which: NDArray[np.bool_]) -> float | None:
    return round(float(which.mean()), 4) if len(which) else None


def _percentiles(values: Floats, ranks: Sequence[int]) -> dict[str, float | None]:
    return {f"p{rank}": round(float(np.percentile(values, rank)), 1) if len(values) else None for rank in ranks}


def _false_hours(cover: Cover, struck: Struck) -> float:
    """Zone-hours of stretches under cover in which nothing struck the zone."""
    hit = np.zeros(len(cover.zone), bool)
    for zone, time_s in zip(struck.zone, struck.time_s, strict=True):
        hit |= (cover.zone == zone) & (cover.begin_s <= time_s) & (time_s <= cover.end_s)
    return float((cover.end_s - cover.begin_s)[~hit].sum()) / 3600
