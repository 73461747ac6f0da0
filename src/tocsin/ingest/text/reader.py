"""Texts of channels read into reports: by the words of the language files, and never by guessing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache

from tocsin.ingest.text.areas import countries_of, know_zones, names_of, region_rows, regions_of
from tocsin.ingest.text.asides import Asides
from tocsin.ingest.text.beside import sentences
from tocsin.ingest.text.cautions import without_cautions
from tocsin.ingest.text.clauses import clauses
from tocsin.ingest.text.draft import Draft
from tocsin.ingest.text.drafts import Drafter
from tocsin.ingest.text.drops import is_essay, kept, reason_to_drop_all, stands_out, sums_on, unread_words
from tocsin.ingest.text.language import Kind, Language, Stage, kinds, languages
from tocsin.ingest.text.lexicon import lexicon_of
from tocsin.ingest.text.merge import merged
from tocsin.ingest.text.mixture import region_spot
from tocsin.ingest.text.names import SLIPPED, Names
from tocsin.ingest.text.reading import Named, Reading, Report, Understood
from tocsin.ingest.text.scan import Scanner, Span
from tocsin.ingest.text.where import PLACES_MAX, Locator, flies_to, hovers
from tocsin.model.errors import BadSettings
from tocsin.model.threat import ThreatClass
from tocsin.model.zone import Zone

# What is said outright outranks what is said in passing, in this order.
_GRAVEST: tuple[Stage, ...] = ("all_clear", "gone", "threat", "impact", "launch")
REPORTS_MAX = 40
NOTHING = "nothing that is understood"


@lru_cache(4)
def _shared_names(countries: tuple[tuple[str, float], ...], codes: tuple[str, ...]) -> Names:
    """Names that no channel adds to; looking 12,000 places up in a list of 235,000 takes seconds."""
    return names_of(dict(countries), {code: languages()[code] for code in codes})


def _beyond(drafts: Sequence[Draft]) -> tuple[str, ...]:
    """The places that no report has room for."""
    if len(drafts) <= REPORTS_MAX and all(len(draft.places) <= PLACES_MAX for draft in drafts):
        return ()
    kept = [PLACES_MAX if at < REPORTS_MAX else 0 for at in range(len(drafts))]
    return tuple(place.span.said for draft, most in zip(drafts, kept, strict=True) for place in draft.places[most:])


class Reader:
    """Reads texts of one channel, or of any: what it covers and what it calls things is given at birth."""

    def __init__(
        self,
        *,
        countries: Mapping[str, float] | None = None,
        covers: Collection[str] = (),
        only: Collection[str] = (),
        more: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
        aliases: Mapping[str, str] | None = None,
        zones: Iterable[Zone] = (),
        further: Mapping[str, Language] | None = None,
    ) -> None:
        """
        countries  country -> people that a place has at least; None: those of all languages
        covers     regions (`UA.13`) or countries that the channel writes of
        only       languages by code; empty: all that are shipped, for channels mix them
        more       further phrases of the channel: heading -> value -> phrases
        aliases    what the channel calls a place -> the place's id, or its unit and Latin name (`UA.13 Brovary`)
        zones      whose names are places too
        further    languages that are not shipped, by code

        Raises BadSettings for a country, a region or an alias that is not known.
        """  # fmt: skip
        every = {**languages(), **(further or {})}
        known = {code: one for code, one in every.items() if not only or code in only or code == "signs"}
        self._kinds: Mapping[str, Kind] = kinds()
        chosen = tuple((countries_of(every) if countries is None else countries).items())
        zones = tuple(zones)
        own = bool(aliases or zones or further)
        self._names = names_of(dict(chosen), known) if own else _shared_names(chosen, tuple(known))
        know_zones(self._names, zones)
        words = {row.id: row.words for row in region_rows()}
        adjectives = {row.id: row.adjectives for row in region_rows()}
        self._languages = known
        self._more = {**(more or {}), "region": words, "region_adjective": adjectives}
        self._scanner = self._scanner_of(known)
        self._asides = Asides(self._names, known.values())
        self._scanners: dict[str, Scanner] = {}
        self._drafter = Drafter(self._kinds, [one.role_by_case for one in known.values()])
        self.covers = self._known(covers)
        self._regions = regions_of(self._names)
        self._locator = Locator(self._names, self._regions, self._kinds, self.covers)
        for alias, place in (aliases or {}).items():
            if place not in self._names.known:
                raise BadSettings(
                    f"the alias {alias!r} is of {place!r}, which is no place here; give its id or unit and name"
                )
            self._names.call(self._names.known[place], [alias], exact=True)
        self._names.seats("")
        # Names one slip apart are gathered at the first need, which is not to be the first misspelt line of a night.
        self._names.slips(())

    def _known(self, covers: Iterable[str]) -> frozenset[str]:
        for one in covers:
            if not any(one in (entry.unit, entry.unit[:2]) for entry in self._names.entries):
                raise BadSettings(f"no places are known in {one!r}; give a first-level unit (UA.13) or a country")
        return frozenset(covers)

    def covered(self) -> tuple[Named, ...]:
        """The regions that the channel covers, each as one wide place; of a country that it covers, none."""
        known = [self._regions[one] for one in sorted(self.covers) if one in self._regions]
        return tuple(Named(one.id, "over", (region_spot(one),), region=True) for one in known)

    def covering(self, covers: Iterable[str]) -> Reader:
        """The same reader for a channel that covers these regions; shares all that it knows."""
        other = copy(self)
        other.covers = self._known(covers)
        other._locator = Locator(self._names, self._regions, self._kinds, other.covers)
        return other

    def read(self, text: str, *, explain: bool = False, language: str | None = None) -> Reading:
        """What a text says; `explain`: and what each word was taken for.

        `language` (BCP 47) is what the channel says that it writes: that language's words alone are tried first, and
        hold where all languages' understand no more; a wrong label hides nothing. Takes time in proportion to the
        text's length, which is cut at plain.CHARACTERS_MAX; what is cut off is `beyond` in the reading.
        """
        narrow = self._narrowed(language)
        first = self._read(narrow, text, explain) if narrow is not None else None
        if first is not None and first.reports and not first.unread:
            return first
        whole = self._read(self._scanner, text, explain)
        return first if first is not None and first.reports and len(first.unread) <= len(whole.unread) else whole

    def _narrowed(self, language: str | None) -> Scanner | None:
        """The scanner of one language alone, made when it is first asked for; None where there is no such language."""
        code = language.split("-")[0].lower() if language else ""
        if code not in self._languages or code == "signs":
            return None
        if code not in self._scanners:
            known = {one: self._languages[one] for one in (code, "signs") if one in self._languages}
            self._scanners[code] = self._scanner_of(known)
        return self._scanners[code]

    def _scanner_of(self, known: Mapping[str, Language]) -> Scanner:
        return Scanner(lexicon_of(known, self._more), self._names, [one.seats for one in known.values()])

    def _read(self, scanner: Scanner, text: str, explain: bool) -> Reading:
        row, spans, beyond = scanner.scan(text)
        spans = without_cautions(self._asides.without(row, spans), len(row))
        drafts: list[Draft] = []
        dropped: str | None = None
        essay = is_essay(spans, row)
        for sentence, end in sentences(spans, len(row)):
            if essay and not stands_out(sentence, end):
                dropped = dropped or "essay"
                continue
            if dropped == "summary" and sums_on(sentence):
                continue
            left, reason = kept(list(clauses(sentence, end)))
            dropped = dropped or reason
            if left:
                drafts += self._drafter.drafts(left)
        drafts = merged(drafts)
        unread = unread_words(row, spans) + _beyond(drafts)
        told = [span for span in spans if span.means.keys() != {"sign"}] if explain else []
        understood = tuple(map(self._understood, told))
        reason = reason_to_drop_all(spans)
        reports = () if reason is not None else self._reports(drafts)
        if reports:
            return Reading(reports, None, unread, understood, beyond)
        nothing = f"{NOTHING}, and it is longer than is read" if beyond else NOTHING
        return Reading((), reason or dropped or nothing, unread, understood, beyond)

    def _understood(self, span: Span) -> Understood:
        if span.places:
            named = self._names.entries[max(span.places, key=lambda row: self._names.entries[row[0]].people)[0]].name
            return Understood(span.said, "district" if span.seats else "place", named)
        if span.regions:
            return Understood(span.said, "region", span.regions[0])
        heading, value = next(iter(span.means.items()))
        return Understood(span.said, heading, value)

    def _reports(self, drafts: Sequence[Draft]) -> tuple[Report, ...]:
        made: list[Report] = []
        kind: str | None = None
        for draft in drafts[:REPORTS_MAX]:
            own = self._kind(draft.kinds)
            # "2 more targets" after a missile are missiles.
            if own is not None and kind is not None and self._is_anything(own):
                own = None
            inherited = own is None and kind is not None
            report = self._report(draft, own or kind, inherited, bool(made))
            kind = own or kind
            if report is not None:
                made.append(report)
        return tuple(made)

    def _kind(self, said: Sequence[str]) -> str | None:
        """The kind that says most: the sharpest odds, the first of several; plain ones only alone."""
        if len(said) < 2:
            return said[0] if said else None
        return max(said, key=lambda name: (not self._kinds[name].plain, max(self._kinds[name].odds.values())))

    def _is_anything(self, kind: str) -> bool:
        return self._kinds[kind].plain and self._kinds[kind].odds.get("unknown", 0.0) > 0.5

    def _report(self, draft: Draft, kind: str | None, inherited: bool, goes_on: bool) -> Report | None:
        if draft.releases and kind is not None and hovers(self._kinds, kind):
            draft.stages = [stage for stage in draft.stages if stage != "launch"]
        if draft.fell and flies_to(self._kinds, kind):
            draft.stages = ["impact" if stage == "gone" else stage for stage in draft.stages]
        places = self._locator.places(draft, kind)
        odds: Mapping[ThreatClass, float] = {"unknown": 1.0} if kind is None else self._kinds[kind].odds
        stage = self._stage(draft, kind, places)
        if stage == "none" and goes_on and draft.moving and (draft.counts or draft.numbers or draft.further):
            # "Explosions in Kharkiv, more is coming".
            stage = "in_flight"
        if stage == "none":
            return None
        course, sigma = self._locator.course(draft, places)
        return Report(
            odds, stage, places, kind, self._count(draft, stage), draft.further, course, sigma, draft.delay_s,
            draft.clock, weak=kind is None or inherited, inherited=inherited, there=draft.there,
        )  # fmt: skip

    @staticmethod
    def _count(draft: Draft, stage: Stage) -> int | None:
        if said := draft.numbers or draft.counts:
            return said[0]
        if stage not in ("threat", "all_clear"):
            return 2 if draft.many else 1
        return None

    def _stage(self, draft: Draft, kind: str | None, places: Sequence[Named]) -> Stage:
        said = set(draft.stages)
        if "takeoff" in said:
            carrier = kind is not None and self._kinds[kind].stage == "threat"
            said.add("threat" if carrier or kind is None or self._is_anything(kind) else "launch")
        for stage in _GRAVEST:
            if stage in said and not (stage == "threat" and draft.launched):
                return stage
        own = next(
            (self._kinds[one].stage for one in (*draft.kinds, kind) if one is not None and self._kinds[one].stage), None
        )
        if own is not None:
            return own
        standing = "standing" in said
        if standing and not (kind or draft.flies or any(one.role == "towards" for one in places)):
            return "threat"
        if draft.there or standing:
            return "over" if draft.there else "in_flight" if not places else self._where(draft, places)
        if not (kind or places or draft.course_deg is not None):
            return "none"
        if kind is None and not (places and self._is_told(draft)):
            said_count = draft.counts or draft.numbers or draft.further
            return "in_flight" if draft.course_deg is not None and said_count else "none"
        return self._where(draft, places)

    @staticmethod
    def _is_told(draft: Draft) -> bool:
        """Whether a draft of places alone is about them: a misspelt name may be any word with a capital letter."""
        if draft.moving or draft.counts or draft.numbers:
            return True
        for place in draft.places:
            if place.span.regions or (place.role is not None and not place.listed):
                return True
            if any(quality > SLIPPED for _, quality in place.span.places):
                return True
        return False

    @staticmethod
    def _where(draft: Draft, places: Sequence[Named]) -> Stage:
        there = [one for one in places if one.role in ("over", "via", "between") and not one.region]
        onward = draft.inbound or draft.course_deg is not None or any(one.role in ("towards", "from") for one in places)
        return "over" if there and not onward else "in_flight"
