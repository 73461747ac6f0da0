"""Names that say no place of what flies: of rivers, of cities' quarters, of streets and roads, and common words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files

import msgspec

from tocsin.ingest.place_names import begins_alike
from tocsin.ingest.text.areas import region_rows
from tocsin.ingest.text.beside import span_at
from tocsin.ingest.text.language import Language
from tocsin.ingest.text.names import Entry, Names
from tocsin.ingest.text.plain import Token
from tocsin.ingest.text.roads import aside, away_km, distance, doubted, is_label, road, sentence, street, unit_of
from tocsin.ingest.text.scan import Span

# A city with quarters is as wide as one of 100,000 people; so near lies a district that goes with it, and what is
# narrower than a town of 30,000, far from there, only has the name of a quarter.
CITY_SIGMA_M_MIN, NEAR_CITY_KM, SEAT_SIGMA_M_MIN = 1_750.0, 30.0, 970.0
# "Donu" is of the Don, and "Donetsk" is not.
ENDING_LETTERS_MAX = 3


class _Quarter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stems: tuple[str, ...]
    of: tuple[str, ...]


class Asides:
    """Takes names out of a row of spans, or makes them less sure, where what stands beside them says so."""

    def __init__(self, names: Names, languages: Iterable[Language]) -> None:
        languages = tuple(languages)
        self._names = names
        self._rivers = frozenset(stem for one in languages for stem in one.rivers)
        self._districts = frozenset(word for one in languages for word in one.units.get("district", ()))
        self._common = frozenset(form for one in languages for form in one.common)
        largest: dict[str, Entry] = {}
        for entry in names.entries:
            if entry.unit and (entry.unit not in largest or entry.people > largest[entry.unit].people):
                largest[entry.unit] = entry
        self._capitals = {entry.name for entry in largest.values()}
        table = tomllib.loads((files(__package__) / "places.toml").read_text("utf-8"))
        self._quarters = msgspec.convert(table.get("quarter", []), list[_Quarter])

    def without(self, row: Sequence[Token], spans: list[Span]) -> list[Span]:
        """The spans, without names that say no place; those that only may say none weigh as misspelt ones do."""
        spans = list(spans)
        for at, span in enumerate(spans):
            unit = span.means.get("unit")
            if span.places:
                self._name(row, spans, at)
            elif unit == "street":
                street(row, spans, at)
            elif unit == "road":
                road(self._likeliest, row, spans, at)
            elif "metres" in span.means:
                distance(self._likeliest, spans, at)
            elif "number" in span.means and is_label(row, spans, at):
                spans[at] = aside(span, "label")
        return spans

    def _name(self, row: Sequence[Token], spans: list[Span], at: int) -> None:
        """A name that may be a river's, a city's quarter or a common word."""
        span, before = spans[at], span_at(spans, at - 1)
        beside = before if before is not None and before.end == span.start else None
        after = span_at(spans, at + 1)
        of = unit_of(after) if after is not None and after.start == span.end else ""
        if of == "region" and self._is_of_region(span):
            # "Poltava oblast" in a language that says "Poltavan": who writes so means the region all the same.
            spans[at] = span._replace(places=(), regions=(self._likeliest(span).unit,))
        elif _is_river(spans, at):
            spans[at] = aside(span, "river")
        elif beside is not None and unit_of(beside) == "along" and self._flows(span) and not of:
            # "Along the Dnipro", "the Dnipro"; the "Dnipro region" does not flow.
            spans[at] = aside(span, "river")
        elif beside is not None and beside.means.get("role") == "via" and self._flows(span):
            spans[at] = doubted(span)
        elif self._is_district(spans, at):
            self._quarter(spans, at)
        elif span.form in self._common and not row[span.start].said[:1].isupper():
            if span.start and row[span.start - 1].said[:1].isupper() and beside is None:
                spans[at] = aside(span, "common")
            elif beside is None or "role" not in beside.means:
                spans[at] = doubted(span)

    def _is_of_region(self, span: Span) -> bool:
        """Whether a town as its name stands is its region's largest, and the region has an adjective of its own."""
        own = self._likeliest(span)
        named = any(row.id == own.unit and row.adjectives for row in region_rows())
        return named and own.name in self._capitals and all(quality == 1.0 for _, quality in span.places[:1])

    def _is_district(self, spans: Sequence[Span], at: int) -> bool:
        """Whether a name is a district's: by a word for it behind the name, or at its end."""
        span, after = spans[at], span_at(spans, at + 1)
        if span.seats or (after is not None and after.start == span.end and unit_of(after) == "district"):
            return True
        return span.end > span.start + 1 and span.form in self._districts

    def _quarter(self, spans: list[Span], at: int) -> None:
        """A district beside a city: its own quarter, if one of the name is near or none is known far away."""
        span = spans[at]
        if span.seats and self._is_quarter(spans, at):
            spans[at] = aside(span, "quarter")
            return
        city = self._city_beside(spans, at)
        if city is None:
            return
        entries = self._names.entries
        near = tuple(one for one in span.places if away_km(entries[one[0]], city) <= NEAR_CITY_KM)
        own = self._likeliest(span)
        if near:
            spans[at] = span._replace(places=near)
        elif span.end > span.start + 1 or not begins_alike(span.form, own.name):
            # Only cities' quarters have a word for district in their names; and no district is called by a former one.
            spans[at] = aside(span, "quarter")
        elif own.sigma_m < SEAT_SIGMA_M_MIN or not own.unit:
            spans[at] = doubted(span) if own.unit == city.unit else aside(span, "quarter")

    def _city_beside(self, spans: Sequence[Span], at: int) -> Entry | None:
        """The city that stands before a district, with a comma between them at most."""
        before = span_at(spans, at - 1)
        if before is not None and before.said == ",":
            before = span_at(spans, at - 2)
        if before is None or not before.places or before.seats or spans[at].start - before.end > 1:
            return None
        city = self._likeliest(before)
        return city if city.sigma_m >= CITY_SIGMA_M_MIN else None

    def _flows(self, span: Span) -> bool:
        return any(span.form[: len(span.form) - cut] in self._rivers for cut in range(ENDING_LETTERS_MAX + 1))

    def _is_quarter(self, spans: Sequence[Span], at: int) -> bool:
        """Whether a district is a quarter of a city that the sentence names: "Kharkiv, Kyivskyi district"."""
        cities = {city for one in self._quarters if spans[at].form.startswith(one.stems) for city in one.of}
        for one in sentence(spans, at) if cities else ():
            if spans[one].places and not spans[one].seats:
                entry = self._likeliest(spans[one])
                if f"{entry.unit} {entry.name}" in cities:
                    return True
        return False

    def _likeliest(self, span: Span) -> Entry:
        entries = self._names.entries
        return entries[max(span.places, key=lambda row: entries[row[0]].people * row[1])[0]]


def _is_river(spans: Sequence[Span], at: int) -> bool:
    """Whether a word for river stands directly beside a name, or in brackets behind it."""
    span, before, after = spans[at], span_at(spans, at - 1), span_at(spans, at + 1)
    if after is not None and after.said == "(" and after.start == span.end:
        after = span_at(spans, at + 2)
        return after is not None and unit_of(after) == "river"
    if before is not None and before.end == span.start and unit_of(before) == "river":
        return True
    return after is not None and after.start == span.end and unit_of(after) == "river"
