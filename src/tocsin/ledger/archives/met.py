"""Alerts of an archive against the attacks of another: what share of alert-hours met one, by region and year.

An alert met an attack when it stood at some time while the attack lasted. Because most attacks are told as a night and
a country, that is a range: at least the alerts that met an attack on their own region by name, at most those that met
one which may have been there. Beside it stands what chance gives: the share of all hours in which such an attack is
told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from tocsin.ledger.alert import Alert
from tocsin.ledger.archives.regions import rules, target_of
from tocsin.ledger.archives.stretches import Stretches, clipped, joined, meets
from tocsin.ledger.claim import Claim
from tocsin.ledger.formats.missile_attacks import is_reconnaissance
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record
from tocsin.model.value import seconds_of, time_of

# Where the end of an alert is not known it is taken to have lasted as the volunteers' archive says.
UNKNOWN_END_S = 1_800.0
HOUR_S = 3_600.0


class Attack(NamedTuple):
    """From when to when, and the regions it was on by name, or may have been on."""

    begin_s: float
    end_s: float
    named: frozenset[str]
    possible: frozenset[str]


class Attacks(NamedTuple):
    """What an archive of attacks gives: `attacks`, and what became of its rows.

    rows       `strikes` that map to a region or an area, `reconnaissance`, `unmapped`
    unmapped   words that no rule knows -> how often
    """

    attacks: list[Attack]
    rows: dict[str, int]
    unmapped: dict[str, int]


def attacks_of(records: Iterable[Record]) -> Attacks:
    """The attacks of an archive's records (`formats.missile_attacks`); what only looked is left out, and counted."""
    incidents: dict[str, Incident] = {}
    hit: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if isinstance(record, Incident):
            incidents[record.incident] = record
        elif isinstance(record, Claim) and record.measure == "damage" and record.figure is None:
            hit[record.incident].append(record.subject)
    rows: Counter[str] = Counter(strikes=0, reconnaissance=0, unmapped=0)
    unmapped: Counter[str] = Counter()
    attacks = []
    for name, incident in incidents.items():
        if is_reconnaissance(incident.weapon):
            rows["reconnaissance"] += 1
            continue
        target = target_of(" and ".join([incident.struck, *hit[name]]))
        unmapped.update(target.unmapped)
        rows["strikes" if target.possible else "unmapped"] += 1
        end = incident.window.end or incident.window.begin
        if target.possible:
            attacks.append(Attack(seconds_of(incident.window.begin), seconds_of(end), target.named, target.possible))
    return Attacks(attacks, dict(rows), dict(unmapped.most_common()))


def met(alerts: Iterable[Alert], attacks: Attacks) -> dict[str, Any]:
    """The share of alert-hours that met an attack.

    Returns `total`, and `rows` by region and year, each with `alerts`, `hours`, `met_named` and `met_possible` (shares
    of the hours), `chance_named` and `chance_possible` (shares of all hours of both archives in which such an attack
    is told), `attacks_named` and `attacks_alerted` (attacks on the region by name, and those that met an alert there);
    and what was left out: `regions_unmapped`, `attack_rows`, `targets_unmapped`. Shares are None where nothing is.
    """
    known = rules()
    begins: dict[str, list[float]] = defaultdict(list)
    ends: dict[str, list[float]] = defaultdict(list)
    unmapped: Counter[str] = Counter()
    for alert in alerts:
        region = known.alerts.get(alert.region)
        if region is None:
            unmapped[alert.region] += 1
            continue
        begin_s = seconds_of(alert.window.begin)
        begins[region].append(begin_s)
        ends[region].append(begin_s + UNKNOWN_END_S if alert.window.end is None else seconds_of(alert.window.end))
    stood = {region: joined(begins[region], ends[region]) for region in sorted(begins)}
    span = _span(stood, attacks.attacks)
    rows = [] if span is None else [
        row | {"region": region, "year": year}
        for region, mine in stood.items()
        for year, low, high in _years(*span)
        if (row := _row(region, mine, attacks.attacks, low, high))["alerts"]
    ]  # fmt: skip
    return {
        "from": None if span is None else time_of(span[0]).date().isoformat(),
        "to": None if span is None else time_of(span[1]).date().isoformat(),
        "total": total_of(rows),
        "rows": rows,
        "regions_unmapped": dict(unmapped.most_common()),
        "attack_rows": attacks.rows,
        "targets_unmapped": attacks.unmapped,
    }


def _row(region: str, stood: Stretches, attacks: list[Attack], low: float, high: float) -> dict[str, Any]:
    """One region between two moments; the hours are sums, from which shares are made."""
    mine = clipped(stood, low, high)
    named = [one for one in attacks if region in one.named and one.begin_s < high and one.end_s > low]
    row: dict[str, Any] = {"alerts": len(mine.begin_s), "hours": float(mine.length_s.sum()) / HOUR_S}
    row["all_hours"] = (high - low) / HOUR_S
    for key, those in (("named", named), ("possible", [one for one in attacks if region in one.possible])):
        told = clipped(joined((one.begin_s for one in those), (one.end_s for one in those)), low, high)
        row[f"hours_met_{key}"] = float(mine.length_s[meets(mine, told)].sum()) / HOUR_S
        row[f"hours_told_{key}"] = float(told.length_s.sum()) / HOUR_S
    each = Stretches(np.array([one.begin_s for one in named]), np.array([one.end_s for one in named]))
    row["attacks_named"] = len(named)
    row["attacks_alerted"] = int(meets(each, stood).sum())
    return row | _shares(row)


def _shares(row: dict[str, Any]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for key in ("named", "possible"):
        found[f"met_{key}"] = _share(row[f"hours_met_{key}"], row["hours"])
        found[f"chance_{key}"] = _share(row[f"hours_told_{key}"], row["all_hours"])
    found["alerted"] = _share(row["attacks_alerted"], row["attacks_named"])
    return found


def total_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All rows as one."""
    keys = ("alerts", "hours", "all_hours", "hours_met_named", "hours_met_possible", "hours_told_named")
    summed = {
        key: sum(row[key] for row in rows) for key in (*keys, "hours_told_possible", "attacks_named", "attacks_alerted")
    }
    return summed | _shares(summed)


def _share(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole > 0 else None


def _span(stood: dict[str, Stretches], attacks: list[Attack]) -> tuple[float, float] | None:
    """From when to when both archives tell; None: they never do."""
    if not stood or not attacks:
        return None
    low = max(min(float(one.begin_s[0]) for one in stood.values()), min(one.begin_s for one in attacks))
    high = min(max(float(one.end_s[-1]) for one in stood.values()), max(one.end_s for one in attacks))
    return (low, high) if low < high else None


def _years(low: float, high: float) -> list[tuple[int, float, float]]:
    """(year, from, to) of every year that a span touches, in UTC."""
    years = range(time_of(low).year, time_of(high).year + 1)
    edges = [seconds_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (*years, years[-1] + 1)]
    return [
        (year, max(begin, low), min(end, high)) for year, begin, end in zip(years, edges[:-1], edges[1:], strict=True)
    ]
