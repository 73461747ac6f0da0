"""What is known of each word as written: its forms, the phrases that it may begin, the names that it may be of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tocsin.ingest.text.lexicon import Lexicon, Phrase
from tocsin.ingest.text.names import Names, Step
from tocsin.ingest.text.plain import Token, word

# Words looked up are remembered, 1 kB each; a hostile sender has more than any channel writes.
REMEMBERED_MAX = 30_000
ARROWS = {
    "→": 90.0, "➡": 90.0, "⇒": 90.0, "▶": 90.0, "►": 90.0, "➔": 90.0, "➜": 90.0,
    "->": 90.0, "-->": 90.0, "=>": 90.0, "➤": 90.0,
    "←": 270.0, "⬅": 270.0, "◀": 270.0, "↑": 0.0, "⬆": 0.0, "↓": 180.0, "⬇": 180.0,
    "↗": 45.0, "⬈": 45.0, "↘": 135.0, "⬊": 135.0, "↙": 225.0, "⬋": 225.0, "↖": 315.0, "⬉": 315.0,
}  # fmt: skip
BREAKS = frozenset("\n.;!|•")
# Phrases are told apart by so many letters of their second words.
BEGINNING = 3
COMMAS = frozenset(",،")
_REGIONAL = frozenset({"region", "region_adjective"})


class Look(NamedTuple):
    """What is known of one word as written.

    single    the phrases of one word that it is, the best first; `longer`: those that it may begin
    steps     the words of names that it may be a form of
    alone     what it means and its particle's role, where no longer phrase begins here; None where more must be known
    seconds   the longer phrases by the beginning of their second word; `starts`: how it begins itself, with particles
              and without, and "" for stems shorter than a beginning
    name      the places that it names and its particle's role, where the next word does not go on with the name
    follow    the words that may go on with the name; `steps_to`: those that it may be itself
    idle      it is in small letters, and nothing is known of it but how longer phrases begin
    """

    plain: str
    forms: tuple[tuple[str, str], ...]
    single: tuple[Phrase, ...]
    longer: tuple[Phrase, ...]
    steps: tuple[Step, ...]
    alone: tuple[dict[str, str], str] | None
    seconds: dict[str, tuple[Phrase, ...]]
    starts: frozenset[str]
    name: tuple[tuple[tuple[int, float], ...], str] | None
    follow: frozenset[str]
    steps_to: frozenset[str]
    idle: bool
    title: bool
    cased: bool
    abjad: bool


class Words:
    """Looks words up, and remembers them."""

    def __init__(self, lexicon: Lexicon, names: Names) -> None:
        self._lexicon, self._names = lexicon, names
        self._looks: dict[str, Look] = {}
        self._slips: dict[str, tuple[Step, ...]] = {}

    def looks(self, row: Iterable[Token]) -> list[Look]:
        """What is known of each word of a row."""
        known = self._looks
        return [known.get(token.said) or self.look(token.said) for token in row]

    def look(self, said: str) -> Look:
        """What is known of a word."""
        look = self._looks.get(said)
        if look is None:
            if len(self._looks) >= REMEMBERED_MAX:
                self._looks.clear()
            look = self._looks[said] = self._look_up(said)
        return look

    def slips(self, look: Look) -> tuple[Step, ...]:
        """The words of names that it may be a misspelt form of."""
        steps = self._slips.get(look.plain)
        if steps is None:
            if len(self._slips) >= REMEMBERED_MAX:
                self._slips.clear()
            steps = self._slips[look.plain] = self._names.slips(look.forms)
        return steps

    def _look_up(self, said: str) -> Look:
        one = word(said)
        forms = self._forms(one)
        phrases = list(dict.fromkeys(phrase for form, _ in forms for phrase in self._lexicon.beginning(form)))
        phrases.sort(key=Phrase.rank, reverse=True)
        single = tuple(phrase for phrase in phrases if len(phrase.words) == 1)
        longer = tuple(phrase for phrase in phrases if len(phrase.words) > 1)
        steps = self._names.steps(forms) if one.isalpha() and len(one) > 1 else ()
        cased = one.upper() != one
        abjad, title = one.isalpha() and not cased, said[:1].isupper()
        alone, name, follow = _of_sign(said) if not single else None, None, frozenset[str]()
        if steps and not self._names.as_written(said):
            name, follow = self._name(steps)
        if phrases or not (title or (abjad and len(one) >= 3)):
            name = None
        # In small letters, a name as long as a phrase is never meant; a longer one goes on with the next word.
        regional = not _REGIONAL.isdisjoint(row.meaning.heading for row in single)
        if single and not regional and (not steps or (cased and not title)):
            alone = meanings(single), particle_role(forms, single)
        idle = not (single or steps or title or abjad) and said.isalpha()
        return Look(
            one, forms, single, longer, steps, alone, _by_second_word(longer),
            frozenset(("", *(form[:BEGINNING] for form, _ in forms))), name, follow,
            frozenset(step.name_word for step in steps), idle, title, cased, abjad,
        )  # fmt: skip

    def _name(self, steps: Sequence[Step]) -> tuple[tuple[tuple[tuple[int, float], ...], str] | None, frozenset[str]]:
        """The places that a word names by itself, its particle's role, and the words that may go on with the name."""
        best, role, follow = dict[int, float](), "", set[str]()
        for step in steps:
            node = self._names.root.next.get(step.name_word)
            if node is None:
                continue
            follow.update(node.next)
            for number, theirs in node.entries.items():
                if step.quality * theirs > best.get(number, 0.0):
                    best[number] = step.quality * theirs
                    role = step.role
        return ((tuple(best.items()), role) if best else None), frozenset(follow)

    def _forms(self, one: str) -> tuple[tuple[str, str], ...]:
        """A word as it stands, and without the particles that some languages write in front of it, with their roles."""
        forms = [(one, "")]
        for size in (1, 2, 3):
            role = self._lexicon.particles.get(one[:size])
            if role is not None and len(one) >= size + 2:
                forms.append((one[size:], role))
        return tuple(forms)


def _by_second_word(longer: Sequence[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    """Phrases by how their second words begin, in their order; under "" those whose second word is a short stem."""
    found: dict[str, tuple[Phrase, ...]] = {}
    for phrase in longer:
        short = phrase.stems[1] and len(phrase.words[1]) < BEGINNING
        key = "" if short else phrase.words[1][:BEGINNING]
        found[key] = (*found.get(key, ()), phrase)
    return found


def next_look(row: Sequence[Token], looks: Sequence[Look], at: int) -> Look | None:
    """What is known of the word that may go on with a phrase or a name; a hyphen between the two is none."""
    after = at + 1
    if after < len(row) and row[after].said == "-" and row[after].glued:
        after += 1
    return looks[after] if after < len(row) else None


def _of_sign(said: str) -> tuple[dict[str, str], str] | None:
    """What a number, a time of day or a sign is that the lexicon does not know; None for words, and for points."""
    first = said[0]
    if first.isalpha() or said == ".":
        return None
    if first.isdecimal():
        return {"clock" if ":" in said else "number": said}, ""
    if said in ARROWS:
        return {"arrow": str(ARROWS[said])}, ""
    if said in BREAKS:
        return {"break": said}, ""
    return ({"sign": said, "boundary": said} if said in COMMAS else {"sign": said}), ""


def meanings(phrases: Sequence[Phrase]) -> dict[str, str]:
    """Heading -> value, of each heading the best; regions apart."""
    means: dict[str, str] = {}
    for phrase in phrases:
        if phrase.meaning.heading not in _REGIONAL:
            means.setdefault(phrase.meaning.heading, phrase.meaning.value)
    return means


def particle_role(forms: Sequence[tuple[str, str]], phrases: Sequence[Phrase]) -> str:
    """The role that the particle before a word gives, if it is a phrase's word only without it."""
    for form, role in forms:
        for phrase in phrases if role else ():
            if form.startswith(phrase.words[0]) if phrase.stems[0] else form == phrase.words[0]:
                return role
    return ""


def longest(row: Sequence[Token], looks: Sequence[Look], at: int) -> tuple[int, Sequence[Phrase]]:
    """The end of the longest phrases that begin here, and those phrases, best first; `at` and none without any."""
    best_end, found = at + 1, list[Phrase]()
    seconds = looks[at].seconds
    then = next_look(row, looks, at) if seconds else None
    for phrase in _may_go_on(seconds, then) if then is not None else ():
        end = _follow(phrase, row, looks, at)
        if end > best_end:
            best_end, found = end, [phrase]
        elif end == best_end and found:
            found.append(phrase)
    if found:
        return best_end, found
    single = looks[at].single
    return (at + 1, single) if single else (at, ())


def _may_go_on(seconds: Mapping[str, tuple[Phrase, ...]], then: Look) -> Sequence[Phrase]:
    """The phrases whose second word the next word may be, the best first."""
    keys = seconds.keys() & then.starts
    if len(keys) == 1:
        return seconds[keys.pop()]
    return sorted((phrase for key in keys for phrase in seconds[key]), key=Phrase.rank, reverse=True)


def _follow(phrase: Phrase, row: Sequence[Token], looks: Sequence[Look], at: int) -> int:
    """Where a phrase that may begin here ends; `at` when it does not go on. A hyphen between words is none."""
    end = at + 1
    for wanted, stem in zip(phrase.words[1:], phrase.stems[1:], strict=True):
        if end < len(row) and row[end].said == "-" and row[end].glued:
            end += 1
        if end >= len(row):
            return at
        for form, _ in looks[end].forms:
            if form.startswith(wanted) if stem else form == wanted:
                break
        else:
            return at
        end += 1
    return end
