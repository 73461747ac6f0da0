"""Warnings of real nights against the incidents of the ledger: hit, in vain, missed, and what nobody can tell.

An incident is known to some minutes and some hundred metres. What is said of it here is said only where it holds for
every moment of its window and every zone that it may have been in; else it is unverifiable. A night of which the ledger
keeps no incident at all proves nothing: its warnings are unverifiable, too, and not false.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.incident import Incident
from tocsin.model.value import seconds_of, time_of
from tocsin.model.warning import Warning
from tocsin.score.cover import Cover, cover_of_warnings
from tocsin.score.episodes import AFTER_S, named
from tocsin.score.spread import NEAR_M

# Nights are cut at noon, UTC: a raid that goes on past midnight is of one.
NOON_S = 43_200.0
DAY_S = 86_400.0
# Within this many standard deviations of where an incident is put it was, for certain enough.
SIGMAS = 2.0

Stretch = Literal["hit", "in vain", "unverifiable"]
Told = Literal["warned in time", "warned too late", "not warned", "unverifiable"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a service decided: its warnings, the zones they are of, from when to when, under which policy.

    sensors   warning id -> the sensors that had seen what it warns of
    """

    warnings: Sequence[Warning]
    index: ZoneIndex
    begin_s: float
    end_s: float
    policy: str = ""
    drill: bool = False
    sensors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class CoverRow(NamedTuple):
    """One stretch under cover: its night, zone, class named, what came of it, minutes, and persons times minutes.

    sensors   those behind the warning that began it
    """

    night: str
    zone: str
    threat: str
    policy: str
    outcome: Stretch
    minutes: float
    person_minutes: float
    sensors: tuple[str, ...] = ()


class StruckRow(NamedTuple):
    """One incident: its night, the zones it may have been in, what people there were told, the least lead, seconds.

    sensors   those behind the warnings that began the covers it fell into
    """

    night: str
    policy: str
    incident: Incident
    zones: tuple[str, ...]
    outcome: Told
    lead_s: float | None
    sensors: tuple[str, ...] = ()


class Night(NamedTuple):
    """A service's decisions against a ledger; `left_out`: why incidents of its time were not used -> how many."""

    cover: list[CoverRow]
    struck: list[StruckRow]
    left_out: dict[str, int]


class _Fell(NamedTuple):
    """An incident on the ground of the zones: where, its uncertainty, and from when to when it may have been."""

    incident: Incident
    point: Any
    off_m: float
    begin_s: float
    end_s: float


def scored(decided: Decided, incidents: Iterable[Incident]) -> Night:
    """What came of every stretch under cover, and what people were told of every incident."""
    cover = cover_of_warnings(decided.warnings, decided.index.number, decided.end_s)
    left_out: Counter[str] = Counter()
    fell = [one for incident in incidents if (one := _fell(incident, decided, left_out)) is not None]
    behind = _behind(decided)
    struck = [row for one in fell if (row := _struck(one, decided, cover, behind, left_out)) is not None]
    here = [one for one in fell if shapely.dwithin(decided.index.outlines, one.point, NEAR_M).any()]
    kept = {night for one in here for night in (_night(one.begin_s), _night(one.end_s))}
    return Night(_cover_rows(decided, cover, behind, fell, kept), struck, dict(left_out))


# Zone's number and the moment at which it went under cover -> sensors.
_Behind = Mapping[tuple[int, float], tuple[str, ...]]


def _behind(decided: Decided) -> _Behind:
    """The sensors behind each warning that may begin a stretch of cover."""
    number = decided.index.number
    return {
        (number[one.zone], seconds_of(one.time)): decided.sensors.get(one.id, ())
        for one in decided.warnings
        if one.level == "take_cover" and one.zone in number
    }


def _fell(incident: Incident, decided: Decided, left_out: Counter[str]) -> _Fell | None:
    begin_s = seconds_of(incident.window.begin)
    end_s = np.inf if incident.window.end is None else seconds_of(incident.window.end)
    if incident.drill != decided.drill or end_s < decided.begin_s or begin_s > decided.end_s:
        return None
    if incident.place is None or incident.window.end is None:
        left_out["it has no place" if incident.place is None else "nobody says by when it was"] += 1
        return None
    point = shapely.points(*decided.index.frame.to_local(incident.place.lat, incident.place.lon))
    return _Fell(incident, point, SIGMAS * incident.place.sigma_m, begin_s, float(end_s))


def _struck(fell: _Fell, decided: Decided, cover: Cover, behind: _Behind, left_out: Counter[str]) -> StruckRow | None:
    """What people were told of one incident; None outside every zone."""
    index = decided.index
    zones = np.flatnonzero(shapely.dwithin(index.outlines, fell.point, fell.off_m))
    inside = np.flatnonzero(shapely.intersects(index.outlines, fell.point))
    if not len(inside):
        left_out["it fell outside every zone"] += 1
        return None
    told = [_told(cover, int(zone), fell, float(index.shelter_s[zone])) for zone in zones]
    begun = [(int(zone), begin_s) for zone in zones for begin_s in _meeting(cover, int(zone), fell)]
    same = len({outcome for outcome, _ in told}) == 1
    outcome: Told = told[0][0] if same else "unverifiable"
    leads = [lead_s for _, lead_s in told if lead_s is not None]
    return StruckRow(
        night=_night(fell.begin_s),
        policy=decided.policy,
        incident=fell.incident,
        zones=tuple(index.zones[int(zone)].id for zone in zones),
        outcome=outcome,
        lead_s=min(leads) if leads and same and outcome != "unverifiable" else None,
        sensors=tuple(sorted({name for key in begun for name in behind.get(key, ())})),
    )


def _meeting(cover: Cover, zone: int, fell: _Fell) -> list[float]:
    """When the stretches began, in one zone, that were on at a moment at which it may have been."""
    first, last = np.searchsorted(cover.zone, (zone, zone + 1))
    begin_s, end_s = cover.begin_s[first:last], cover.end_s[first:last]
    met: list[float] = begin_s[(begin_s <= fell.end_s) & (end_s >= fell.begin_s)].tolist()
    return met


def _told(cover: Cover, zone: int, fell: _Fell, shelter_s: float) -> tuple[Told, float | None]:
    """What was told in one zone, at every moment at which it may have been; the least lead."""
    first, last = np.searchsorted(cover.zone, (zone, zone + 1))
    begin_s, end_s = cover.begin_s[first:last], cover.end_s[first:last]
    meets = np.flatnonzero((begin_s <= fell.end_s) & (end_s >= fell.begin_s))
    if not len(meets):
        return "not warned", None
    began, ended = float(begin_s[meets[0]]), float(end_s[meets[0]])
    if len(meets) > 1 or began > fell.begin_s or ended < fell.end_s:
        return "unverifiable", None
    least_s = fell.begin_s - began
    if least_s >= shelter_s:
        return "warned in time", least_s
    return ("warned too late", least_s) if fell.end_s - began < shelter_s else ("unverifiable", None)


def _cover_rows(decided: Decided, cover: Cover, behind: _Behind, fell: list[_Fell], kept: set[str]) -> list[CoverRow]:
    index = decided.index
    classes = named(cover, decided.warnings, index)
    rows = []
    columns = zip(cover.zone.tolist(), cover.begin_s.tolist(), cover.end_s.tolist(), classes, strict=True)
    for zone, begin_s, end_s, threat in columns:
        night, minutes = _night(begin_s), (end_s - begin_s) / 60
        outcome = _outcome(index.outlines[zone], begin_s, end_s + AFTER_S, fell) if night in kept else "unverifiable"
        spent, sensors = float(index.population[zone]) * minutes, behind.get((zone, begin_s), ())
        name = index.zones[zone].id
        rows.append(CoverRow(night, name, threat, decided.policy, outcome, minutes, spent, sensors))
    return rows


def _outcome(outline: Any, begin_s: float, end_s: float, fell: list[_Fell]) -> Stretch:
    """Whether anything fell within NEAR_M of a zone from when it went under cover to shortly after it came out."""
    perhaps = False
    for one in fell:
        if one.end_s < begin_s or one.begin_s > end_s:
            continue
        away_m = float(shapely.distance(outline, one.point))
        if away_m > NEAR_M + one.off_m:
            continue
        if away_m + one.off_m <= NEAR_M and begin_s <= one.begin_s and one.end_s <= end_s:
            return "hit"
        perhaps = True
    return "unverifiable" if perhaps else "in vain"


def _night(at_s: float) -> str:
    """The day on whose evening a night began, as 2026-05-03."""
    return time_of((at_s - NOON_S) // DAY_S * DAY_S).date().isoformat()
