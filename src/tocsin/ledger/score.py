"""The score of a run: who was warned, how long before, at what burden; next to two simple rules on the same tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.cover import Cover, cover_of_warnings
from tocsin.ledger.rules import circle_cover, region_cover
from tocsin.ledger.sightings import CIVIL, Sightings
from tocsin.ledger.truth import Path4, Strike, Truth
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning

Floats = NDArray[np.float64]

# An all clear this soon before a strike by something that was tracked was a false one.
FALSE_CLEAR_S = 600.0
# A threat to a zone is gone when nothing hostile is within this much flight of it any more.
GONE_S = 300.0
# A track this close to an object, in time and place, is that object's.
MATCH_S, MATCH_M = 15.0, 2_000.0
SAMPLE_S = 10.0


def score(warnings: Sequence[Warning], sightings: Sightings, truth: Truth, index: ZoneIndex) -> dict[str, Any]:
    """The score as the contracts name it, plus what makes it fair to read; plain numbers, None where undefined.

    strikes, warned, warned_any, lead_s, burden, false_zone_hours, all_clear_s, by_threat   for the warnings given
    observable          share of strikes whose attacker was tracked `shelter_s` before it struck
    warned_observable   share warned among those: what the sensors left to be won
    false_all_clears    all clears within 10 min before a strike in that zone by something tracked
    region, circle      the same for the two simple rules
    """
    strikes = [(strike, zone) for strike, zone in _placed(truth, index)]
    end_s = _end_s(warnings, sightings, truth)
    tracked = [_tracked_since(strike, truth, sightings, index) for strike, _ in strikes]
    cover = cover_of_warnings(warnings, index.number, end_s)
    result = score_cover(cover, strikes, tracked, index)
    result["all_clear_s"] = _all_clear_s(warnings, truth, index)
    result["false_all_clears"] = _false_all_clears(warnings, strikes, tracked, index)
    for name, rule in (("region", region_cover), ("circle", circle_cover)):
        result[name] = score_cover(rule(sightings, index), strikes, tracked, index)
    return result


def score_cover(
    cover: Cover, strikes: Sequence[tuple[Strike, int]], tracked: Sequence[float | None], index: ZoneIndex
) -> dict[str, Any]:
    """The score of any cover: by our warnings or by a simple rule.

    strikes   with the number of the zone each fell in
    tracked   since when each one's attacker was tracked, POSIX seconds
    """
    leads = np.array([_lead_s(cover, zone, seconds_of(strike.time)) for strike, zone in strikes], float)
    shelter = np.array([index.shelter_s[zone] for _, zone in strikes], float)
    early = np.array(
        [
            since is not None and seconds_of(strike.time) - since >= index.shelter_s[zone]
            for (strike, zone), since in zip(strikes, tracked, strict=True)
        ],
        bool,
    )
    timely = leads >= shelter
    struck = np.unique([zone for _, zone in strikes]).astype(np.int64)
    people = float(index.population[struck].sum())
    seconds = cover.end_s - cover.begin_s
    person_s = float((index.population[cover.zone] * seconds).sum())
    threats = np.array([strike.threat for strike, _ in strikes])
    return {
        "strikes": len(strikes),
        "warned": _share(timely),
        "warned_any": _share(leads > 0),
        "observable": _share(early),
        "warned_observable": _share(timely[early]),
        "lead_s": _percentiles(leads[leads > 0], (10, 50, 90)),
        "burden": round(person_s / people, 1) if people > 0 else None,
        "person_hours": round(person_s / 3600, 1),
        "false_zone_hours": round(_false_hours(cover, strikes), 3),
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


def leads_of(cover: Cover, strikes: Sequence[tuple[Strike, int]]) -> Floats:
    """Seconds each strike's zone had been under cover, float64 [S]; 0: not at all."""
    return np.array([_lead_s(cover, zone, seconds_of(strike.time)) for strike, zone in strikes], float)


def placed_strikes(truth: Truth, index: ZoneIndex) -> list[tuple[Strike, int]]:
    """Strikes with the number of the zone each fell in; those outside every zone concern nobody we warn."""
    return _placed(truth, index)


def _placed(truth: Truth, index: ZoneIndex) -> list[tuple[Strike, int]]:
    placed = []
    for strike in truth.strikes:
        if strike.threat == CIVIL:
            continue
        zone = index.number.get(strike.zone) if strike.zone is not None else None
        if zone is None:
            _, zones = index.at(strike.lat, strike.lon)
            zone = int(zones[0]) if len(zones) else None
        if zone is not None:
            placed.append((strike, zone))
    return placed


def _lead_s(cover: Cover, zone: int, time_s: float) -> float:
    begin_s = cover.around(zone, time_s)
    return 0.0 if begin_s is None else time_s - begin_s


def _share(which: NDArray[np.bool_]) -> float | None:
    return round(float(which.mean()), 4) if len(which) else None


def _percentiles(values: Floats, ranks: Sequence[int]) -> dict[str, float | None]:
    return {f"p{rank}": round(float(np.percentile(values, rank)), 1) if len(values) else None for rank in ranks}


def _false_hours(cover: Cover, strikes: Sequence[tuple[Strike, int]]) -> float:
    """Zone-hours of stretches under cover in which nothing struck the zone."""
    hit = np.zeros(len(cover.zone), bool)
    for strike, zone in strikes:
        time_s = seconds_of(strike.time)
        hit |= (cover.zone == zone) & (cover.begin_s <= time_s) & (time_s <= cover.end_s)
    return float((cover.end_s - cover.begin_s)[~hit].sum()) / 3600


def _end_s(warnings: Sequence[Warning], sightings: Sightings, truth: Truth) -> float:
    ends = [float(path.time_s[-1]) for path in truth.paths] + [seconds_of(w.time) for w in warnings]
    return max([*ends, float(sightings.time_s.max(initial=0.0))])


def _tracked_since(strike: Strike, truth: Truth, sightings: Sightings, index: ZoneIndex) -> float | None:
    """When a track first followed the object that struck; None: never, or the object is not known."""
    path = next((p for p in truth.paths if p.object == strike.object), None)
    if path is None or not len(sightings.time_s):
        return None
    begin, end = np.searchsorted(sightings.time_s, (path.time_s[0] - MATCH_S, seconds_of(strike.time)))
    rows = slice(int(begin), int(end))
    lat, lon = path.at(sightings.time_s[rows])
    known = np.flatnonzero(np.isfinite(lat))
    if not len(known):
        return None
    east, north = index.frame.to_local(lat[known], lon[known])
    off = np.hypot(sightings.east_m[rows][known] - east, sightings.north_m[rows][known] - north)
    same = off <= MATCH_M + 2 * np.minimum(sightings.sigma_m[rows][known], 5_000.0)
    return float(sightings.time_s[rows][known[same]][0]) if same.any() else None


def _all_clear_s(warnings: Sequence[Warning], truth: Truth, index: ZoneIndex) -> dict[str, float | None]:
    """Seconds from the last threat gone to the all clear, over all clears that ended cover."""
    last_level: dict[str, set[str]] = {}
    waits = []
    for warning in sorted(warnings, key=lambda w: seconds_of(w.time)):
        levels = last_level.setdefault(warning.zone, set())
        if warning.level == "all_clear" and "take_cover" in levels and warning.zone in index.number:
            gone_s = _gone_s(index.number[warning.zone], seconds_of(warning.time), truth, index)
            if gone_s is not None:
                waits.append(seconds_of(warning.time) - gone_s)
        last_level[warning.zone] = set() if warning.level == "all_clear" else levels | {warning.level}
    return _percentiles(np.array(waits, float), (50, 90))


def _gone_s(zone: int, before_s: float, truth: Truth, index: ZoneIndex) -> float | None:
    """The last moment up to `before_s` at which something hostile was within `GONE_S` of flight of a zone."""
    latest = None
    for path in truth.paths:
        if path.threat == CIVIL or path.time_s[0] > before_s:
            continue
        seconds, near = _near(path, zone, index)
        near &= seconds <= before_s
        if near.any():
            latest = max(latest or 0.0, float(seconds[near].max()))
    return latest


def _near(path: Path4, zone: int, index: ZoneIndex) -> tuple[Floats, NDArray[np.bool_]]:
    seconds = np.append(np.arange(path.time_s[0], path.time_s[-1], SAMPLE_S), path.time_s[-1])
    lat, lon = path.at(seconds)
    east, north = index.frame.to_local(lat, lon)
    length = np.hypot(np.diff(east), np.diff(north)).sum()
    speed = length / max(path.time_s[-1] - path.time_s[0], 1.0)
    away = np.hypot(east - index.east_m[zone], north - index.north_m[zone]) - index.radius_m[zone]
    return seconds, np.asarray(away <= GONE_S * speed)


def _false_all_clears(
    warnings: Sequence[Warning], strikes: Sequence[tuple[Strike, int]], tracked: Sequence[float | None],
    index: ZoneIndex,
) -> int:  # fmt: skip
    """All clears within `FALSE_CLEAR_S` before a strike in that zone by something that was tracked when they came."""
    count = 0
    clears = [(index.number.get(w.zone), seconds_of(w.time)) for w in warnings if w.level == "all_clear"]
    for (strike, zone), since_s in zip(strikes, tracked, strict=True):
        time_s = seconds_of(strike.time)
        count += sum(
            1
            for z, at_s in clears
            if z == zone and time_s - FALSE_CLEAR_S <= at_s <= time_s and since_s is not None and since_s <= at_s
        )
    return count
