"""What struck which zone, since when it was tracked, and what people there were told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.value import seconds_of, time_text
from tocsin.score.cover import Cover
from tocsin.score.sightings import CIVIL, Sightings
from tocsin.score.truth import Strike, Truth

Floats = NDArray[np.float64]

# A track this close to an object, in time and place, is that object's.
MATCH_S, MATCH_M = 15.0, 2_000.0


@dataclass(frozen=True, slots=True)
class Struck:
    """Strikes in zones, in order of time; columns of length S.

    zone        int64, number of the zone
    time_s      POSIX seconds
    shelter_s   what people there need
    seen_s      seconds before the strike at which what struck was first tracked; NaN: never, or it is not known
    """

    strikes: tuple[Strike, ...]
    zone: NDArray[np.int64]
    time_s: Floats
    shelter_s: Floats
    seen_s: Floats

    @property
    def early(self) -> NDArray[np.bool_]:
        """Which could have been warned of in time: what struck was tracked `shelter_s` before, bool [S]."""
        return np.asarray(self.seen_s >= self.shelter_s)

    def leads_s(self, cover: Cover) -> Floats:
        """Seconds each one's zone had been under cover, float64 [S]; 0: not at all."""
        begins = [cover.around(z, t) for z, t in zip(self.zone.tolist(), self.time_s.tolist(), strict=True)]
        return np.array([0.0 if b is None else t - b for b, t in zip(begins, self.time_s, strict=True)], float)


def struck_of(truth: Truth, sightings: Sightings, index: ZoneIndex) -> Struck:
    """Strikes with the zone each fell in; those outside every zone concern nobody we warn."""
    placed = [(strike, zone) for strike in truth.strikes if (zone := _zone(strike, index)) is not None]
    number = np.array([zone for _, zone in placed], np.int64)
    return Struck(
        strikes=tuple(strike for strike, _ in placed),
        zone=number,
        time_s=np.array([seconds_of(strike.time) for strike, _ in placed], float),
        shelter_s=index.shelter_s[number],
        seen_s=np.array([_seen_s(strike, truth, sightings, index) for strike, _ in placed], float),
    )


def outcomes(struck: Struck, cover: Cover, index: ZoneIndex) -> list[dict[str, Any]]:
    """Each strike for people to read: when, where, what, how long it was tracked, the lead, and what came of it.

    outcome   `warned in time`, or why not: `never tracked`, `tracked too late`, `warned too late`, `not warned`
    """
    rows = []
    for k, lead_s in enumerate(struck.leads_s(cover).tolist()):
        strike, zone = struck.strikes[k], index.zones[int(struck.zone[k])]
        seen_s, shelter_s = float(struck.seen_s[k]), float(struck.shelter_s[k])
        rows.append(
            {
                "time": time_text(strike.time),
                "zone": zone.id,
                "threat": strike.threat,
                "object": strike.object,
                "tracked_s": None if np.isnan(seen_s) else round(seen_s, 1),
                "shelter_s": shelter_s,
                "lead_s": round(lead_s, 1),
                "outcome": _outcome(lead_s, seen_s, shelter_s),
            }
        )
    return rows


def _outcome(lead_s: float, seen_s: float, shelter_s: float) -> str:
    if lead_s >= shelter_s:
        return "warned in time"
    if np.isnan(seen_s):
        return "never tracked"
    if seen_s < shelter_s:
        return "tracked too late"
    return "warned too late" if lead_s > 0 else "not warned"


def _zone(strike: Strike, index: ZoneIndex) -> int | None:
    if strike.threat == CIVIL:
        return None
    if strike.zone is not None and strike.zone in index.number:
        return index.number[strike.zone]
    _, zones = index.at(strike.lat, strike.lon)
    return int(zones[0]) if len(zones) else None


def _seen_s(strike: Strike, truth: Truth, sightings: Sightings, index: ZoneIndex) -> float:
    """Seconds before a strike at which a track first followed the object that struck; NaN: never, or it is unknown."""
    path = next((p for p in truth.paths if p.object == strike.object), None)
    if path is None:
        return float("nan")
    begin, end = np.searchsorted(sightings.time_s, (path.time_s[0] - MATCH_S, seconds_of(strike.time)))
    rows = slice(int(begin), int(end))
    lat, lon = path.at(sightings.time_s[rows])
    known = np.flatnonzero(np.isfinite(lat))
    east, north = index.frame.to_local(lat[known], lon[known])
    off = np.hypot(sightings.east_m[rows][known] - east, sightings.north_m[rows][known] - north)
    same = known[off <= MATCH_M + 2 * np.minimum(sightings.sigma_m[rows][known], 5_000.0)]
    return seconds_of(strike.time) - float(sightings.time_s[rows][same[0]]) if len(same) else float("nan")
