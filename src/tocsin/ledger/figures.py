"""How many, from the words in which people say it."""

from __future__ import annotations

import re

from tocsin.ledger.claim import Figure
from tocsin.model.errors import BadValue

_WORDS = {
    "no": 0, "none": 0, "nobody": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
# A plural is two of them at least; how many more, nobody can say.
_PLURALS = {"dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2_000}
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,11}}|{'|'.join(_WORDS)})"
_ABOUT = r"(?P<about>about |around |some |approximately |roughly )?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?P<least>at least |more than |over )?{_ABOUT}(?P<low>{_NUMBER})(?P<plus>\+)?",
        rf"(?P<most>up to |at most |fewer than |less than ){_ABOUT}(?P<high>{_NUMBER})",
        rf"{_ABOUT}(?:between )?(?P<low>{_NUMBER})(?: to | and |-)(?P<high>{_NUMBER})",
        rf"(?P<least>at least )?(?P<plural>{'|'.join(_PLURALS)})",
    )
)


def figure_of(said: str) -> Figure:
    """What words allow: "at least nine" is 9 or more, "hundreds" 200 or more, "unknown" nothing.

    Raises BadValue for words that say no number.

    >>> [str(figure_of(said)) for said in ("five", "At least 9", "about 30", "3-5", "more than 1,000", "hundreds")]
    ['5', 'at least 9', 'about 30', '3 to 5', 'at least 1001', 'at least 200']
    """
    text = " ".join(said.casefold().replace("–", "-").split())
    if text == "unknown":
        return Figure()
    found = next(filter(None, (shape.fullmatch(text) for shape in _SHAPES)), None)
    if found is None:
        raise BadValue(f"figure is {said!r}; write it as 5, at least 9, about 30, 3 to 5, up to 30, hundreds, unknown")
    parts = found.groupdict()
    if plural := parts.get("plural"):
        return Figure(low=_PLURALS[plural])
    about = bool(parts.get("about"))
    low, high = _count(parts.get("low")), _count(parts.get("high"))
    if most := parts.get("most"):
        assert high is not None, "a most without a number"
        return Figure(high=high - (most in ("fewer than ", "less than ") and high > 0), about=about)
    if high is not None:
        return Figure(low=low, high=high, about=about)
    assert low is not None, "a least without a number"
    if least := parts.get("least"):
        return Figure(low=low + (least in ("more than ", "over ") and not about), about=about)
    return Figure(low=low, high=None if parts.get("plus") else low, about=about)


def _count(text: str | None) -> int | None:
    return None if text is None else _WORDS[text] if text in _WORDS else int(text.replace(",", ""))
