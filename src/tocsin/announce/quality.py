"""What a way out owes to whoever relies on it, and each channel's word on how it stands with that.

A rule is done (and a test shows it), to do (and the reason says what is missing), or exempt (and the reason says why
it cannot apply). A channel that leaves a rule out cannot be imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

RULES = {
    "one_batch": "the warnings of one tick go out together",
    "order": "nobody hears an older word on a zone after a newer one",
    "idempotent": "a warning told twice, by its id, changes nothing",
    "bounded": "everything that waits has a bound, and what happens beyond it is said",
    "stands_alone": "failing, slow or hanging, it delays no other channel and no decision",
    "retries": "what failed is tried again, ever more slowly",
    "deadline": "nothing is told after it has expired",
    "receipts": "it knows what has been received",
    "restart": "after a restart whoever listens hears what stands",
    "drill": "a drill says so, and cannot be taken for the real thing",
    "private": "it names no track, sensor, source, probability or operator's reason",
    "blindness": "that we may be blind is told, and is never an all clear",
    "languages": "it speaks the reader's language",
    "proof": "whoever receives it can verify who sent it",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a channel stands with one rule; `why` is the name of the test that shows it where it is done."""

    state: Literal["done", "todo", "exempt"]
    why: str


def done(test: str) -> Verdict:
    """Kept; the test with this name shows it."""
    return Verdict("done", test)


def todo(reason: str) -> Verdict:
    """Not kept yet."""
    return Verdict("todo", reason)


def exempt(reason: str) -> Verdict:
    """Cannot apply here."""
    return Verdict("exempt", reason)


class Quality:
    """A verdict for every rule. Raises ValueError where a rule is left out, made up, or judged without a reason."""

    def __init__(self, **verdicts: Verdict) -> None:
        if strange := sorted(verdicts.keys() ^ RULES.keys()):
            raise ValueError(f"a quality sheet judges every rule once; look at {', '.join(strange)}")
        for rule, verdict in verdicts.items():
            if len(verdict.why.split()) < (1 if verdict.state == "done" else 4):
                raise ValueError(f"{rule} is {verdict.state}: say why in a sentence, or name the test that shows it")
        self._verdicts = verdicts

    def __iter__(self) -> Iterator[tuple[str, Verdict]]:
        """Each rule with its verdict, in the order of RULES."""
        return ((rule, self._verdicts[rule]) for rule in RULES)
