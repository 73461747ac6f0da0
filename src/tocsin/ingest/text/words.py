"""What is known of each word as written: its forms, the phrases that it may begin, the names that it may be of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.ingest.text.lexicon import Lexicon, Phrase
from tocsin.ingest.text.names import Names, Step
from tocsin.ingest.text.plain import Token, word

# Words looked up are remembered, 1 kB each; a hostile sender has more than any channel writes.
REMEMBERED_MAX = 30_000
_REGIONAL = frozenset({"region", "region_adjective"})


class Look(NamedTuple):
    """What is known of one word as written.

    single    the phrases of one word that it is, the best first; `longer`: those that it may begin
    steps     the words of names that it may be a form of
    fixed     what it means and its particle's role, whatever stands beside it; None where that matters
    """

    plain: str
    forms: tuple[tuple[str, str], ...]
    single: tuple[Phrase, ...]
    longer: tuple[Phrase, ...]
    steps: tuple[Step, ...]
    fixed: tuple[dict[str, str], str] | None
    title: bool
    cased: bool
    abjad: bool


class Words:
    """Looks words up, and remembers them."""

    def __init__(self, lexicon: Lexicon, names: Names) -> None:
        self._lexicon, self._names = lexicon, names
        self._looks: dict[str, Look] = {}
        self._slips: dict[str, tuple[Step, ...]] = {}

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
        fixed = None
        if single and not longer and not steps and _REGIONAL.isdisjoint(row.meaning.heading for row in single):
            fixed = meanings(single), particle_role(forms, single)
        return Look(one, forms, single, longer, steps, fixed, said[:1].isupper(), cased, one.isalpha() and not cased)

    def _forms(self, one: str) -> tuple[tuple[str, str], ...]:
        """A word as it stands, and without the particles that some languages write in front of it, with their roles."""
        forms = [(one, "")]
        for size in (1, 2, 3):
            role = self._lexicon.particles.get(one[:size])
            if role is not None and len(one) >= size + 2:
                forms.append((one[size:], role))
        return tuple(forms)


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
    for phrase in looks[at].longer:
        end = _follow(phrase, row, looks, at)
        if end > best_end:
            best_end, found = end, [phrase]
        elif end == best_end and found:
            found.append(phrase)
    if found:
        return best_end, found
    single = looks[at].single
    return (at + 1, single) if single else (at, ())


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
