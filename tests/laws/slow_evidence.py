"""What tracks call for in one zone, and what holds its all clear back, from docs/why/warning.md: track by track.

It shares nothing with `tocsin.warn` but the policy's numbers and what was measured of arrivals.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.arrival import ARRIVALS
from tocsin.model.threat import Outlook
from tocsin.model.track import Track
from tocsin.warn.policy import Policy

NEVER = math.inf


@dataclass
class Evidence:
    """What the tracks that endanger a zone call for; 1 is a call.

    speaks    something speaks against an all clear
    seen      a track that is seen now takes part in the call for cover
    weights   track -> how much it carries
    """

    cover: float = 0.0
    automatic: float = 0.0
    lapsing: float = 0.0
    prepare: float = 0.0
    seen: bool = False
    earliest_s: float = NEVER
    weights: dict[str, float] = field(default_factory=dict)


def evidence(
    z: int, outlook: Outlook, tracks: Mapping[str, Track], down: Collection[str], taken_back: Mapping[str, bool],
    index: ZoneIndex, policy: Policy,
) -> Evidence:  # fmt: skip
    """What every track that has not come down calls for in zone `z`."""
    found = Evidence()
    need_s = need(z, index, policy)
    for row in range(len(outlook.zone)):
        name, threat = outlook.tracks[outlook.track[row]], outlook.classes[outlook.track[row]]
        if outlook.zone[row] != z or name in down:
            continue
        probability, left_s = outlook.probability[row], outlook.eta_likely_s[row] - outlook.at_s
        warhead = policy.warhead.get(threat, 10.0 if threat == "ballistic_missile" else 1.0)
        loss_s = probability * harm(z, index, policy) * warhead
        # What would cost nobody a second, and is no tenth of what means `prepare`, calls for nothing.
        if loss_s < 1.0 and probability < 0.1 * policy.prepare_probability:
            continue
        arrival = ARRIVALS[threat]
        spread = math.hypot(arrival.spread, policy.response_spread)
        # Log-logistic about the likely time; both counted from a quarter of a minute ago.
        odds = math.exp((math.log((need_s + 15.0) / (max(left_s, 0.0) + 15.0)) - arrival.shift) / spread)
        chance = odds / (1.0 + odds)
        density = odds / (1.0 + odds) ** 2 / (spread * (need_s + 15.0))
        cover = loss_s * (density + chance / need_s) / (1.0 + policy.false_cover_s / need_s)
        prepare = 0.0
        if left_s <= policy.prepare_s:
            prepare = math.log(1.0 - min(probability, 0.999)) / math.log(1.0 - policy.prepare_probability)
        if name in taken_back:
            prepare, cover = 0.0, 0.0 if taken_back[name] else cover
        mode = policy.mode.get(threat, "automatic")
        found.cover += cover
        found.automatic += cover if mode == "automatic" else 0.0
        found.lapsing += cover if mode != "manual" else 0.0
        found.prepare += prepare
        found.seen |= cover > 0.0 and name in tracks and tracks[name].status == "confirmed"
        found.weights[name] = cover + prepare / 1_000
        if found.weights[name] > 0.01:
            found.earliest_s = min(found.earliest_s, outlook.eta_earliest_s[row])
    return found


def need(z: int, index: ZoneIndex, policy: Policy) -> float:
    """Seconds before an attack at which people must be told."""
    return index.zones[z].shelter_s + policy.margin_s + policy.delivery_s


def harm(z: int, index: ZoneIndex, policy: Policy) -> float:
    """What a strike in zone `z`, met without cover, costs one person there, in seconds under cover."""
    people = [zone.population for zone in index.zones]
    ground = [outline.area for outline in index.outlines]
    # A share of all strikes falls anywhere: as if that share of all who may be struck lived evenly on the ground.
    anywhere = sum(people) * policy.area_share / (1.0 - policy.area_share) * ground[z] / sum(ground)
    zone = index.zones[z]
    factors = [policy.region_factor[name] for name in (zone.id, zone.parent) if name in policy.region_factor]
    return policy.miss_minutes * 60.0 * policy.struck_people / (people[z] + anywhere) * (factors or [1.0])[0]


def hostile(track: Track | None) -> bool:
    """Whether something can hold an all clear back; what was lost (None) can."""
    if track is None:
        return True
    return track.status != "tentative" and not track.cooperative and track.classes.get("civil", 0.0) < 0.7


def reachable(z: int, outlook: Outlook, tracks: Mapping[str, Track], down: Collection[str], policy: Policy) -> bool:
    """Whether something hostile can be in zone `z` soon; or anything ballistic is in the air, wherever it goes."""
    for number, name in enumerate(outlook.tracks):
        falls = name.startswith("launch:") or outlook.classes[number] in ("rocket", "ballistic_missile")
        if falls and name not in down and hostile(tracks.get(name)):
            return True
    for row in range(len(outlook.zone)):
        name = outlook.tracks[outlook.track[row]]
        if outlook.zone[row] != z or name in down or not hostile(tracks.get(name)):
            continue
        lost = name not in tracks
        if not lost and outlook.eta_earliest_s[row] - outlook.at_s <= policy.clear_utmost_s:
            return True
        least = policy.clear_probability * (0.2 if lost else 1.0)
        if outlook.eta_likely_s[row] - outlook.at_s <= policy.clear_reach_s and outlook.probability[row] >= least:
            return True
    # What others than the newest sensor said last counts as if the track had been lost there.
    apart = outlook.apart
    for row in range(0 if apart is None else len(apart.zone)):
        assert apart is not None
        soon = apart.eta_likely_s[row] - outlook.at_s <= policy.clear_reach_s
        some = apart.probability[row] >= 0.2 * policy.clear_probability
        if apart.zone[row] == z and apart.tracks[apart.track[row]] not in down and soon and some:
            return True
    return False


def approached(z: int, tracks: Mapping[str, Track], down: Collection[str], index: ZoneIndex, policy: Policy) -> bool:
    """Whether something hostile comes nearer to zone `z` that could be here in time if it flew straight here."""
    for name, track in tracks.items():
        if name in down or not hostile(track):
            continue
        east_m, north_m = (float(part) for part in index.frame.to_local(track.lat, track.lon))
        to_east_m, to_north_m = index.east_m[z] - east_m, index.north_m[z] - north_m
        away_deg = math.degrees(math.atan2(to_east_m, to_north_m)) - track.heading_deg
        away_m = math.hypot(to_east_m, to_north_m) - index.radius_m[z]
        if (
            track.speed_mps > 0
            and math.cos(math.radians(away_deg)) > 0
            and away_m <= policy.clear_reach_s * track.speed_mps
        ):
            return True
    return False
