"""The words of a text one after another, and what each span of them may mean: phrases of the lexicon, or a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tocsin.ingest.text.language import Seats
from tocsin.ingest.text.lexicon import Lexicon, Phrase
from tocsin.ingest.text.names import SLIPPED, Names, Node, Step
from tocsin.ingest.text.plain import CHARACTERS_MAX, Token, plain, tokens_and_rest
from tocsin.ingest.text.units import Units
from tocsin.ingest.text.words import Look, Words, longest, meanings, next_look, particle_role

# A number above this counts nothing that flies.
COUNT_MAX = 99
# "obl.", "min."
SHORT_LETTERS_MAX = 3
# A tenth of a millisecond each; no warning has more misspelt names, and what is not looked at is unread.
SLIPS_MAX = 80
# In a line of whole sentences, a small town's name has a capital letter.
KNOWN_PEOPLE_MIN = 20_000
# A district is not called after a village of its name when a town has so many times its people.
SEAT_TIMES = 20.0


class Span(NamedTuple):
    """Words start..end of a text.

    means     heading -> value, of the lexicon; or `number`, `clock`, `arrow`, `sign`, `break`
    places    (entry, quality) of a place named here; `role` and `form` are what its particle and its ending say
    seats     (entry, quality) of a district named here
    regions   ids of regions named here; `adjective`: only together with a word for region
    away_m    it is so far from the place, nobody says in which direction; 0: it is there
    """

    start: int
    end: int
    said: str
    means: dict[str, str]
    places: tuple[tuple[int, float], ...] = ()
    role: str = ""
    form: str = ""
    seats: bool = False
    regions: tuple[str, ...] = ()
    away_m: float = 0.0


class Scanner:
    """Finds spans; remembers the words that it has looked up."""

    def __init__(self, lexicon: Lexicon, names: Names, seats: Iterable[Seats] = ()) -> None:
        self._names = names
        self._units = Units(names, seats)
        self._words = Words(lexicon, names)

    def scan(self, text: str) -> tuple[list[Token], list[Span], int]:
        """The tokens of a text, its spans in order, and how many characters at its end are not read.

        A token in no span means nothing here.
        """
        row, rest = tokens_and_rest(plain(text))
        beyond = rest + len(text[CHARACTERS_MAX:].strip())
        looks = self._words.looks(row)
        spans: list[Span] = []
        left = [SLIPS_MAX]
        at, size = 0, len(row)
        while at < size:
            if looks[at].idle and not self._matters(row, looks, at, spans):
                at += 1
                continue
            span = self._settled(row, looks, at) or self._at(row, looks, at, spans, left)
            if span is None:
                at += 1
            else:
                spans.append(self._doubted(row, looks, span, spans) if span.places else span)
                at = span.end
        return row, spans, beyond

    @staticmethod
    def _doubted(row: Sequence[Token], looks: Sequence[Look], span: Span, before: Sequence[Span]) -> Span:
        """A place as named, or with less weight where its name may be the end of one that nobody knows.

        "Over Aita ash Shaab": behind a word that announces a place, and an unknown one, stands no name of its own.
        """
        at = span.start - 1
        if not before or before[-1].end != at or "role" not in before[-1].means:
            return span
        look = looks[at]
        if not (look.title or look.abjad) or len(look.plain) < SHORT_LETTERS_MAX or not look.plain.isalpha():
            return span
        return span._replace(places=tuple((number, quality * SLIPPED) for number, quality in span.places))

    def _settled(self, row: Sequence[Token], looks: Sequence[Look], at: int) -> Span | None:
        """What the word means by itself, or the place that it names, where the next word makes no more of it.

        Most words are settled so; what is left is looked at by all rules.
        """
        look = looks[at]
        if look.alone is None and look.name is None:
            return self._point(row, looks, at) if row[at].said == "." else None
        if (look.seconds or look.follow) and self._goes_on(row, looks, at):
            return None
        if look.alone is not None:
            return Span(at, at + 1, row[at].said, look.alone[0], (), look.alone[1], look.plain)
        assert look.name is not None
        return Span(at, at + 1, row[at].said, {}, look.name[0], look.name[1], look.plain)

    @staticmethod
    def _goes_on(row: Sequence[Token], looks: Sequence[Look], at: int) -> bool:
        """Whether the next word may go on with a phrase or a name."""
        look, then = looks[at], next_look(row, looks, at)
        return then is not None and bool(look.seconds.keys() & then.starts or look.follow & then.steps_to)

    def _matters(self, row: Sequence[Token], looks: Sequence[Look], at: int, before: Sequence[Span]) -> bool:
        """Whether a word that nobody knows may begin a phrase, or be a district or, behind "over", a misspelt name."""
        announced = bool(before) and before[-1].end == at and "role" in before[-1].means
        return announced or self._units.may_be(looks[at]) or self._goes_on(row, looks, at)

    def _point(self, row: Sequence[Token], looks: Sequence[Look], at: int) -> Span:
        """A point ends a sentence, unless it stands behind a shortened word."""
        short = at > 0 and self._is_short(row[at - 1], looks[at - 1])
        return Span(at, at + 1, ".", {"sign": "."} if short else {"break": "."})

    @staticmethod
    def _is_short(token: Token, look: Look) -> bool:
        """Whether the point behind a word may be of the shortened word and no end of a sentence."""
        if len(token.said) > SHORT_LETTERS_MAX or not token.said.isalpha() or (look.steps and len(token.said) > 1):
            return False
        headings = {phrase.meaning.heading for phrase in look.single}
        return len(token.said) == 1 or not headings or bool(headings & {"unit", "kind"} and "filler" not in headings)

    def _at(
        self, row: Sequence[Token], looks: Sequence[Look], at: int, before: Sequence[Span], left: list[int]
    ) -> Span | None:
        """The best span that begins here: the longest, and of as long ones a phrase before a place.

        `left`: how many more words of this text may be looked at for slips of the pen.
        """
        end, phrases = longest(row, looks, at)
        place = self._place(row, looks, at, before)
        if place is not None and place.end == at + 1 and (seat := self._seat(row, looks, at, place)) is not None:
            return seat
        if place is not None and (place.end > end or self._is_name(looks, at, phrases, place, row, before)):
            return place
        if not phrases:
            return self._district(row, looks, at) or self._slip(row, looks, at, before, left)
        means = meanings(phrases)
        if means.get("stage") == "all_clear" and end > at + 1 and self._begins_name(looks, end):
            means = self._parted(looks, at, end) or means
        regions = [
            phrase.meaning.value
            for phrase in phrases
            if phrase.meaning.heading == "region"
            or (phrase.meaning.heading == "region_adjective" and self._is_region(row, looks, at, end, before))
        ]
        if end > at + 1 and not {"kind", "stage"}.isdisjoint(means):
            self._add_inner(means, looks, at, end)
        if not means and not regions:
            return place or self._district(row, looks, at) or self._slip(row, looks, at, before, left)
        if regions and (seat := self._district(row, looks, at)) is not None and "region" not in _headings(phrases):
            return seat
        role = particle_role(looks[at].forms, phrases)
        said = " ".join(token.said for token in row[at:end])
        return Span(at, end, said, means, role=role, form=looks[end - 1].plain, regions=tuple(dict.fromkeys(regions)))

    @staticmethod
    def _begins_name(looks: Sequence[Look], at: int) -> bool:
        """Whether a place or a region begins here."""
        if at >= len(looks):
            return False
        look = looks[at]
        regional = any(phrase.meaning.heading in ("region", "region_adjective") for phrase in look.single)
        return regional or (bool(look.steps) and not look.single and (look.title or look.abjad))

    @staticmethod
    def _parted(looks: Sequence[Look], at: int, end: int) -> dict[str, str] | None:
        """What the words of a phrase say one by one, if the last gives a role: "alert over Lviv" is no "alert over"."""
        roles = [phrase for phrase in looks[end - 1].single if phrase.meaning.heading == "role"]
        stages = [phrase for look in looks[at : end - 1] for phrase in look.single if phrase.meaning.heading == "stage"]
        if not roles or not stages:
            return None
        return {"stage": stages[0].meaning.value, "role": roles[0].meaning.value}

    @staticmethod
    def _add_inner(means: dict[str, str], looks: Sequence[Look], at: int, end: int) -> None:
        """What single words within a phrase say besides: "missile danger" is a kind, and a danger; "jets" are many."""
        for look in looks[at:end]:
            for phrase in look.single:
                heading, value = phrase.meaning
                if heading in ("kind", "stage", "many"):
                    means.setdefault(heading, value)

    def _place(self, row: Sequence[Token], looks: Sequence[Look], at: int, before: Sequence[Span]) -> Span | None:
        """The longest name that begins here, if it is one: small letters in a line with capitals name only what
        people know or what a word like "over" announces."""
        said = row[at].said
        if said.isupper() and (written := self._names.as_written(said)):
            return Span(at, at + 1, said, {}, tuple((number, 1.0) for number in written))
        end, best, role = self._walk(row, looks, at, looks[at].steps)
        if not best:
            return None
        if end == at + 1 and not self._named(looks[at], best, before):
            return None
        return self._span(row, looks, at, end, best, role)

    def _named(self, look: Look, best: dict[int, float], before: Sequence[Span]) -> bool:
        if look.title or (look.abjad and len(look.plain) >= 3):
            return True
        if len(look.plain) < 4:
            return False
        announced = bool(before) and "role" in before[-1].means
        return announced or max(self._names.entries[number].people for number in best) >= KNOWN_PEOPLE_MIN

    def _walk(
        self, row: Sequence[Token], looks: Sequence[Look], at: int, steps: Sequence[Step]
    ) -> tuple[int, dict[int, float], str]:
        """Along the trie from here: the end of the longest name, its places with quality, and the particle's role."""
        front: list[tuple[Node, float, str]] = [
            (self._names.root.next[step.name_word], step.quality, step.role)
            for step in steps
            if step.name_word in self._names.root.next
        ]
        end, best_end, best, role = at + 1, at, dict[int, float](), ""
        while front:
            ended: dict[int, float] = {}
            plain_role = ""
            for node, quality, particle in front:
                for number, theirs in node.entries.items():
                    if quality * theirs > ended.get(number, 0.0):
                        ended[number] = quality * theirs
                        plain_role = particle
            if ended:
                best_end, best, role = end, ended, plain_role
            if not any(node.next for node, _, _ in front) or end >= len(row):
                break
            if row[end].said == "-" and row[end].glued and end + 1 < len(row):
                end += 1
            front = [
                (node.next[step.name_word], quality * step.quality, particle)
                for node, quality, particle in front
                for step in looks[end].steps
                if step.name_word in node.next
            ]
            end += 1
        return best_end, best, role

    def _span(
        self, row: Sequence[Token], looks: Sequence[Look], at: int, end: int, best: dict[int, float], role: str
    ) -> Span:
        said = " ".join(token.said for token in row[at:end] if token.said != "-")
        return Span(at, end, said, {}, tuple(best.items()), role=role, form=looks[end - 1].plain)

    def _is_name(
        self,
        looks: Sequence[Look],
        at: int,
        phrases: Sequence[Phrase],
        place: Span,
        row: Sequence[Token],
        before: Sequence[Span],
    ) -> bool:
        """Whether a name beats phrases as long as it: a phrase that is a mere stem of it, or idle words."""
        look = looks[at]
        if not phrases:
            return True
        if len(phrases[0].words) > place.end - at:
            return False
        if "region" in _headings(phrases) or (
            any(phrase.meaning.heading == "region_adjective" for phrase in phrases)
            and self._units.follows(row, looks, place.end)
        ):
            return False
        if all(phrase.meaning.heading in ("filler", "region_adjective") for phrase in phrases):
            # A greeting or a hamlet: "Доброго".
            announced = bool(before) and "role" in before[-1].means
            people = max(self._names.entries[number].people for number, _ in place.places)
            return (look.title or look.abjad) and (announced or bool(place.role) or people >= KNOWN_PEOPLE_MIN)
        rests = [len(look.plain) - len(phrase.words[0]) if phrase.stems[0] else 0 for phrase in phrases]
        return look.title and min(rests) >= 3 and max(quality for _, quality in place.places) > SLIPPED

    def _slip(
        self, row: Sequence[Token], looks: Sequence[Look], at: int, before: Sequence[Span], left: list[int]
    ) -> Span | None:
        """A name with a slip of the pen, where a name is to be expected."""
        look = looks[at]
        announced = bool(before) and before[-1].end == at and "role" in before[-1].means
        if not look.plain.isalpha() or not (look.title or look.abjad or announced):
            return None
        left[0] -= 1
        if left[0] < 0:
            return None
        steps = self._words.slips(look)
        if not steps:
            return None
        end, best, role = self._walk(row, looks, at, steps)
        return self._span(row, looks, at, end, best, role) if best else None

    def _is_region(
        self, row: Sequence[Token], looks: Sequence[Look], at: int, end: int, before: Sequence[Span]
    ) -> bool:
        """Whether the adjective at..end is a region: with a word for it, or behind one that announces it."""
        if self._units.goes_with(row, looks, at, end):
            return True
        last = next((one for one in reversed(before) if one.means.get("unit") != "and" and one.said != ","), None)
        announced = last is not None and (bool(last.regions) or not {"role", "compass"}.isdisjoint(last.means))
        return announced and before[-1].end == at and self._units.is_elliptic(row, looks, at, end)

    def _seat(self, row: Sequence[Token], looks: Sequence[Look], at: int, place: Span) -> Span | None:
        """The district named here, where the word is a village's name too that is far smaller than the seat."""
        if not self._units.may_be(looks[at]) or not self._units.is_district(looks, at + 1):
            return None
        seat = self._district(row, looks, at)
        if seat is None or self._most_people(seat) < SEAT_TIMES * self._most_people(place):
            return None
        return seat

    def _most_people(self, span: Span) -> float:
        return max(self._names.entries[number].people for number, _ in span.places)

    def _district(self, row: Sequence[Token], looks: Sequence[Look], at: int) -> Span | None:
        """A district by the adjective of its seat, when a word for district follows, or the land around its seat."""
        towns = self._units.towns(row, looks, at)
        if not towns:
            return None
        places = tuple((number, 1.0) for number in towns)
        return Span(at, at + 1, row[at].said, {}, places, form=looks[at].plain, seats=True)


def _headings(phrases: Sequence[Phrase]) -> set[str]:
    return {phrase.meaning.heading for phrase in phrases}
