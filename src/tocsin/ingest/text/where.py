"""Where a draft's places are: names weighed by each other, the channel and the line's regions; and the course."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from tocsin.ingest.text import mixture
from tocsin.ingest.text.areas import Region
from tocsin.ingest.text.draft import Draft, Spoken
from tocsin.ingest.text.language import Kind, Role
from tocsin.ingest.text.names import Entry, Names
from tocsin.ingest.text.reading import Named, Spot
from tocsin.model.threat import BALLISTIC

# "North of Kyiv": so far, give or take.
OFFSET_M, OFFSET_SIGMA_M = 11_000.0, 7_000.0
COMPASS_SIGMA_DEG = 25.0
# Warnings list every town of a coast; what is named beyond is listed as unread.
PLACES_MAX = 100
# From this weight a place says where the line's others are.
KNOWN_WEIGHT = 0.95
# Names that stand alone are weighed once; a hostile sender has others. There may be a locator a channel.
REMEMBERED_MAX = 5_000
_Rows = list[tuple[Entry, float]]
_Key = tuple[tuple[tuple[int, float], ...], bool]


class Locator:
    """Finds where drafts are, for a channel that covers some regions."""

    def __init__(
        self, names: Names, regions: Mapping[str, Region], kinds: Mapping[str, Kind], covers: Collection[str]
    ) -> None:
        self._names, self._regions, self._kinds, self._covers = names, regions, kinds, frozenset(covers)
        self._alone: dict[_Key, tuple[_Rows, tuple[Spot, ...]]] = {}

    def places(self, draft: Draft, kind: str | None) -> tuple[Named, ...]:
        """The draft's places, each as what it may mean; a region that only says where another place is falls away."""
        spoken = draft.places[:PLACES_MAX]
        if not spoken:
            return ()
        regions, beside, scope = set(draft.scope), set[str](), set[int]()
        names = [place for place in spoken if place.span.places]
        if len(names) < len(spoken):
            regions.update(one for place in spoken for one in place.span.regions)
            scope = {id(place) for place in spoken if place.span.regions and self._only_scope(place, names)}
            beside = {one for place in spoken if id(place) in scope for one in place.span.regions}
        first = {id(place): self._weigh(place, beside, regions) for place in names}
        sure = [one for one in first.values() if one[0][0][1] >= KNOWN_WEIGHT and one[1][0].weight >= KNOWN_WEIGHT]
        near = (sure[0][0][0][0].lat, sure[0][0][0][0].lon) if sure else None
        found: list[Named] = []
        for place in spoken:
            if id(place) in scope:
                continue
            role = self._role(draft, place, kind)
            if place.span.regions:
                found += self._region(place, role)
                continue
            rows, spots = first[id(place)]
            if near is not None and rows[0][1] < KNOWN_WEIGHT:
                rows = mixture.weighted(self._names.entries, place.span.places, beside, regions, self._covers, near)
                spots = mixture.spots(rows, _best(place), place.span.seats)
            if place.offset_deg is not None:
                spots = tuple(
                    mixture.moved(one, place.offset_deg, place.offset_m or OFFSET_M + one.sigma_m, OFFSET_SIGMA_M)
                    for one in spots
                )
            elif place.away_m:
                spots = tuple(msgspec.structs.replace(one, sigma_m=max(one.sigma_m, place.away_m)) for one in spots)
            found.append(Named(place.span.said, role, spots, place.span.seats))
        return tuple(found)

    def course(self, draft: Draft, places: Sequence[Named]) -> tuple[float | None, float | None]:
        """The course in words, or else from one named place to another."""
        if draft.course_deg is not None and not draft.from_deg:
            return draft.course_deg, COMPASS_SIGMA_DEG
        between = self._between(places)
        if between is None and draft.course_deg is not None:
            return draft.course_deg, COMPASS_SIGMA_DEG
        return between or (None, None)

    @staticmethod
    def _between(places: Sequence[Named]) -> tuple[float, float] | None:
        """From one place to another, which says more than from which side it came."""
        by_role: dict[Role, Named] = {}
        for one in places:
            if one.sure:
                by_role.setdefault(one.role, one)
        end = by_role.get("towards") or (by_role.get("over") if "from" in by_role else None)
        start = by_role.get("over") or by_role.get("via") or by_role.get("from")
        if start is end:
            start = by_role.get("from")
        return None if start is None or end is None else mixture.course(start.spots[0], end.spots[0])

    def _weigh(self, place: Spoken, beside: Collection[str], named: Collection[str]) -> tuple[_Rows, tuple[Spot, ...]]:
        """The weighed meanings of a name, and the mixture that they make; remembered where no region is named."""
        key = (place.span.places, place.span.seats)
        if not named and (known := self._alone.get(key)) is not None:
            return known
        rows = mixture.weighted(self._names.entries, place.span.places, beside, named, self._covers, None)
        made = rows, mixture.spots(rows, _best(place), place.span.seats)
        if not named and len(self._alone) < REMEMBERED_MAX:
            self._alone[key] = made
        return made

    def _only_scope(self, place: Spoken, names: Sequence[Spoken]) -> bool:
        """Whether a region only says which place of a name is meant: no word gives it a role, and one lies in it."""
        if (place.role is not None and not place.listed) or place.part_deg is not None:
            return False
        units = set(place.span.regions)
        return any(self._names.entries[number].unit in units for one in names for number, _ in one.span.places)

    def _region(self, place: Spoken, role: Role) -> list[Named]:
        found = []
        for one in place.span.regions:
            if one in self._regions:
                region = self._regions[one]
                spot = mixture.region_spot(region)
                if place.part_deg is not None:
                    spot = mixture.moved(spot, place.part_deg, 0.8 * region.sigma_m, 0.7 * region.sigma_m)
                found.append(Named(place.span.said, role, (spot,), region=True))
        return found

    def _role(self, draft: Draft, place: Spoken, kind: str | None) -> Role:
        """A place without a role is where things are launched from, are bound for, or are."""
        if place.role is not None:
            if place.role == "over" and draft.onto and self._is_bound(draft, place, kind):
                return "towards"
            if place.role == "over" and draft.coming and draft.soon and not draft.stages:
                return "towards"
            if place.role == "towards" and ("impact" in draft.stages or self._strikes(kind)):
                return "over"
            # "From Khorol in Hlobyne": into.
            first = draft.places[0]
            if place.role == "over" and first.role == "from" and place is draft.places[1] and place.offset_deg is None:
                return "towards"
            return place.role
        if "launch" in draft.stages and not draft.impact and not any(one.role == "from" for one in draft.places):
            own = kind is not None and self._kinds[kind].bound
            return "towards" if draft.shelter or draft.inbound or own else "from"
        if draft.here is not None:
            return "towards" if draft.onto and self._is_bound(draft, place, kind) else draft.here
        others = {one.role for one in draft.places}
        if self._strikes(kind) or "impact" in draft.stages:
            return "over"
        bound = draft.from_deg or draft.inbound or "from" in others or (falls(self._kinds, kind) and not draft.stages)
        return "towards" if bound or (draft.soon and not draft.stages) else "over"

    def _is_bound(self, draft: Draft, place: Spoken, kind: str | None) -> bool:
        """Whether "on" a place means that it is bound for it: what is launched, what falls, and missiles for towns.

        What has come down is said by words for it, and what is shot down or over flies nowhere.
        """
        if "launch" in draft.stages:
            return True
        if draft.soothing or draft.impact or self._strikes(kind):
            return False
        return falls(self._kinds, kind) or (not place.span.regions and flies_to(self._kinds, kind))

    def _strikes(self, kind: str | None) -> bool:
        return kind is not None and self._kinds[kind].stage == "impact"


def falls(kinds: Mapping[str, Kind], kind: str | None) -> bool:
    """Whether a thing of this kind is never over a place but about to be there: what flies an arc or glides."""
    return kind is not None and sum(kinds[kind].odds.get(name, 0.0) for name in BALLISTIC) > 0.5


def flies_to(kinds: Mapping[str, Kind], kind: str | None) -> bool:
    """Whether a thing of this kind is more a missile than anything that stays."""
    return kind is not None and sum(kinds[kind].odds.get(name, 0.0) for name in (*BALLISTIC, "cruise_missile")) > 0.5


def hovers(kinds: Mapping[str, Kind], kind: str) -> bool:
    """Whether a thing of this kind lets things fall from right above."""
    return sum(kinds[kind].odds.get(name, 0.0) for name in ("drone", "helicopter")) > 0.5


def _best(place: Spoken) -> float:
    """How well the best of a name's spellings fits."""
    return max(quality for _, quality in place.span.places)
