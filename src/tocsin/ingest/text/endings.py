"""Inflected words led back to what they may be forms of, and words that are one slip of the pen apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

# What is left of a name when its ending is gone; less would be anything.
STEM_LETTERS_MIN = 2
# A slip in a shorter word makes another word of it.
SLIP_LETTERS_MIN = 5
SLIP_LETTERS_MIN_ABJAD = 4


class Endings:
    """The endings of inflected forms, with those that the name itself may have."""

    def __init__(self, tables: Iterable[Mapping[str, Sequence[str]]]) -> None:
        merged: dict[str, dict[str, None]] = {}
        for table in tables:
            for ending, bases in table.items():
                merged.setdefault(ending, {}).update(dict.fromkeys(bases))
        self._bases = {ending: tuple(bases) for ending, bases in merged.items()}
        self._longest = max(map(len, self._bases), default=0)

    def bases(self, form: str) -> Iterator[str]:
        """Every word that a form may be of, longest endings first; the form itself is not among them."""
        seen = {form}
        for size in range(min(self._longest, len(form) - STEM_LETTERS_MIN), -1, -1):
            cut = len(form) - size
            for base in self._bases.get(form[cut:], ()):
                whole = form[:cut] + base
                if whole not in seen:
                    seen.add(whole)
                    yield whole


def one_slip(a: str, b: str) -> bool:
    """Whether words differ by one letter more, less, other, or two neighbours exchanged.

    >>> one_slip("конотпом", "конотопом"), one_slip("суми", "сімя")
    (True, False)
    """
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    return rest_a[1:] == rest_b if len(a) > len(b) else rest_a == rest_b[1:]


class Slips:
    """Words found by others that are one slip apart, by the letters that both keep (deletion neighbours)."""

    def __init__(self, words: Iterable[str], letters_min: int = SLIP_LETTERS_MIN, of: str = "") -> None:
        """`of`: the only letters that may be one more or less; empty: any slip is."""
        self._of = of
        self._letters_min = letters_min
        self._near: dict[str, list[str]] = {}
        for one in words:
            if len(one) >= letters_min:
                for cut in _shorter(one):
                    self._near.setdefault(cut, []).append(one)

    def near(self, form: str) -> set[str]:
        """The words that a form is one slip away from, beginning with the same letter."""
        if len(form) < self._letters_min:
            return set()
        found = {one for cut in _shorter(form) for one in self._near.get(cut, ())}
        return {one for one in found if one[0] == form[0] and one_slip(one, form) and self._may(one, form)}

    def _may(self, one: str, form: str) -> bool:
        return not self._of or (len(one) != len(form) and _without(one, self._of) == _without(form, self._of))


def _without(text: str, letters: str) -> str:
    return "".join(letter for letter in text if letter not in letters)


def _shorter(text: str) -> set[str]:
    return {text, *(text[:at] + text[at + 1 :] for at in range(1, len(text)))}
