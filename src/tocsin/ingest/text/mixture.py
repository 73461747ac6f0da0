"""A name and what it may mean: places weighted by people, by what line and channel are about, by nearness."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from tocsin.ingest.text.areas import SIGMA_DISTRICT_M, Region
from tocsin.ingest.text.names import FORMER, SLIPPED, Entry
from tocsin.ingest.text.reading import Spot

# How much likelier a place is that lies in a region which the line names beside it, or just names.
BESIDE, NAMED = 1_000.0, 30.0
# How much likelier a place is that the channel covers.
COVERED = 50.0
# Places of one line lie near each other; a drone flies 185 km in an hour.
NEAR_KM = 120.0
FAR_WEIGHT = 0.02
SPOTS_MAX = 8
WEIGHT_MIN = 0.02
# Two entries so near are one place under two names.
SAME_KM = 5.0
# A misspelt name is at best this likely to be what it looks like, and never sure; towns' more often.
SLIPPED_WEIGHT_MAX, SLIPPED_TOWN_WEIGHT_MAX = 0.6, 0.78
TOWN_PEOPLE_MIN = 30_000
# A town is at best this likely meant by the name that it had once, where another place has that name.
FORMER_WEIGHT_MAX = 0.7


def distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Kilometres between two positions, on a sphere; good to half a per cent, for weighing only."""
    shrink = math.cos(math.radians((lat_a + lat_b) / 2))
    return 111.195 * math.hypot(lat_a - lat_b, (lon_a - lon_b + 180) % 360 * shrink - 180 * shrink)


def weighted(
    entries: Sequence[Entry],
    candidates: Sequence[tuple[int, float]],
    beside: Collection[str],
    named: Collection[str],
    covers: Collection[str],
    near: tuple[float, float] | None,
) -> list[tuple[Entry, float]]:
    """(place, weight) by falling weight, summing to one at most: every place that a name may mean.

    candidates     number in `entries` and quality of the spelling
    beside, named  regions that stand beside the name, or elsewhere in the line
    covers         regions, or whole countries, that the channel writes of; empty: any
    near           where another place of the line is, known for sure
    """  # fmt: skip
    rows: list[tuple[Entry, float]] = []
    own = max(quality for _, quality in candidates) > FORMER
    former = {entries[number].id for number, quality in candidates if own and quality <= FORMER}
    for number, quality in candidates:
        entry = entries[number]
        weight = entry.people * quality
        if entry.unit in beside:
            weight *= BESIDE
        elif entry.unit in named:
            weight *= NAMED
        if covers and (entry.unit in covers or entry.unit[:2] in covers):
            weight *= COVERED
        if near is not None:
            away = distance_km(entry.lat, entry.lon, *near) / NEAR_KM
            weight *= FAR_WEIGHT + math.exp(-away * away)
        rows.append((entry, weight))
    rows.sort(key=lambda row: (-row[1], row[0].id))
    total = sum(weight for _, weight in rows)
    first = rows[0][0]
    if first.id in former and first.unit not in beside and first.unit not in named:
        # Large as it is, it only had the name once, and others have it now.
        total = max(total, rows[0][1] / FORMER_WEIGHT_MAX)
    return [(entry, weight / total) for entry, weight in rows]


def spots(rows: Sequence[tuple[Entry, float]], best: float, district: bool) -> tuple[Spot, ...]:
    """The mixture to say, likeliest first; `best` is the quality of the best spelling."""
    merged: list[tuple[Entry, float]] = []
    for entry, weight in rows[: 4 * SPOTS_MAX]:
        for at, (other, sum_so_far) in enumerate(merged):
            if distance_km(entry.lat, entry.lon, other.lat, other.lon) < SAME_KM:
                merged[at] = (other, sum_so_far + weight)
                break
        else:
            merged.append((entry, weight))
    merged = [(entry, weight * entry.alone) for entry, weight in merged]
    if best <= SLIPPED:
        most = SLIPPED_TOWN_WEIGHT_MAX if merged[0][0].people >= TOWN_PEOPLE_MIN else SLIPPED_WEIGHT_MAX
        merged = [(entry, weight * most) for entry, weight in merged]
    kept = [row for row in merged[:SPOTS_MAX] if row[1] >= WEIGHT_MIN] or merged[:1]
    return tuple(
        Spot(
            entry.id, entry.name, entry.lat, entry.lon, SIGMA_DISTRICT_M if district else entry.sigma_m,
            math.floor(1e3 * weight + 1e-6) / 1e3,
        )
        for entry, weight in kept
    )  # fmt: skip


def region_spot(region: Region) -> Spot:
    """A region as one wide place."""
    return Spot(region.id, region.id, region.lat, region.lon, region.sigma_m, 1.0)


def moved(spot: Spot, bearing_deg: float, distance_m: float, sigma_m: float) -> Spot:
    """A place so far in a direction from another, so wide."""
    north = math.cos(math.radians(bearing_deg)) * distance_m / 111_195
    east = math.sin(math.radians(bearing_deg)) * distance_m / (111_195 * max(math.cos(math.radians(spot.lat)), 0.1))
    lon = (spot.lon + east + 180) % 360 - 180
    return Spot(spot.id, spot.name, max(-90.0, min(90.0, spot.lat + north)), lon, sigma_m, spot.weight)


def course(start: Spot, end: Spot) -> tuple[float, float] | None:
    """(degrees, one standard deviation) from one place to another; None where they are as wide as they are apart."""
    lat_a, lat_b = math.radians(start.lat), math.radians(end.lat)
    east = math.radians(end.lon - start.lon)
    y = math.sin(east) * math.cos(lat_b)
    x = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(east)
    away_m = 1e3 * distance_km(start.lat, start.lon, end.lat, end.lon)
    wide_m = math.hypot(start.sigma_m, end.sigma_m)
    if away_m < 1_000 or wide_m > away_m:
        return None
    sigma = math.degrees(math.atan2(wide_m, away_m))
    return round(math.degrees(math.atan2(y, x)) % 360, 1), round(max(sigma, 10.0), 1)
