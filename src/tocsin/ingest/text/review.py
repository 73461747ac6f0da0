"""What a channel's lines hold that nothing is made of, and what it may be: proposals for people, never applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tocsin.ingest.text.endings import Slips
from tocsin.ingest.text.language import languages
from tocsin.ingest.text.plain import plain, tokens, word
from tocsin.ingest.text.reading import Reading

EXAMPLES_MAX = 3
EXAMPLE_CHARACTERS_MAX = 120
# Words counted; hostile text has more.
WORDS_MAX = 50_000
# Words that stood before one of them; the commonest is among the first.
BEFORE_MAX = 16


class Proposal(NamedTuple):
    """A word that nothing was made of: how often it stood in lines, what it resembles, and some of the lines."""

    word: str
    lines: int
    resembles: tuple[str, ...]
    after: str
    examples: tuple[str, ...]


class Review:
    """Gathers unread words."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()
        self._after: dict[str, Counter[str]] = {}
        self._examples: dict[str, list[str]] = {}
        headed: dict[str, str] = {}
        for language in languages().values():
            for heading, table in (("kinds", language.kinds), ("stages", language.stages), ("roles", language.roles)):
                for value, phrases in table.items():
                    for phrase in phrases:
                        if " " not in phrase:
                            headed.setdefault(word(phrase.rstrip("*")), f"{heading}.{value}")
        self._headed = headed
        self._slips = Slips(headed)

    def note(self, text: str, reading: Reading) -> None:
        """Take one line in."""
        if not reading.unread:
            return
        row = [word(token.said) for token in tokens(plain(text))]
        before = dict(zip(row[1:], row, strict=False))
        for one in {word(said) for said in reading.unread}:
            if one not in self._lines and len(self._lines) >= WORDS_MAX:
                continue
            self._lines[one] += 1
            after = self._after.setdefault(one, Counter())
            if before.get(one, "") in after or len(after) < BEFORE_MAX:
                after[before.get(one, "")] += 1
            kept = self._examples.setdefault(one, [])
            if len(kept) < EXAMPLES_MAX:
                kept.append(text[:EXAMPLE_CHARACTERS_MAX])

    def proposals(self, at_least: int = 2, most: int = 100) -> Iterable[Proposal]:
        """The words that stand in so many lines or more, most frequent first."""
        for one, lines in sorted(self._lines.items(), key=lambda row: (-row[1], row[0]))[:most]:
            if lines < at_least:
                return
            near = sorted(f"{found} ({self._headed[found]})" for found in self._slips.near(one))
            after, times = self._after[one].most_common(1)[0]
            yield Proposal(one, lines, tuple(near), after if 2 * times > lines else "", tuple(self._examples[one]))
