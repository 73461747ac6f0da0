"""What is held back, for operators: where, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.model.warning import Level
from tocsin.twins.published import Published
from tocsin.twins.voter import Voter

_WANTED: tuple[Level, ...] = ("all_clear", "prepare", "prepare", "take_cover")
GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Held:
    """A zone in which somebody would lower what is published, and somebody else does not let it.

    level, wanted   what is published, and the lowest that anybody would have there
    since           since when they differ
    by, why         who holds it, and why
    """

    zone: str
    level: Level
    wanted: Level
    since: datetime
    by: tuple[str, ...]
    why: str


def held_in(
    zone: str,
    published: Published,
    since: datetime,
    counting: Sequence[Voter],
    floor: tuple[int, str] | None,
    unheard: tuple[str, ...],
) -> Held | None:
    """Who holds a zone's level against whom; None: nobody would lower it."""
    ranks = {voter.name: voter.rank(zone) for voter in counting if voter.life == "living"}
    lowest = min(ranks.values(), default=published.rank)
    if lowest >= published.rank:
        return None
    by = tuple(name for name, rank in ranks.items() if rank >= published.rank)
    if by:
        why = f"{' and '.join(by)} would not lower it"
    elif floor is not None:
        by, why = (GUARD,), floor[1]
    elif unheard:
        by, why = unheard, unheard_said(unheard)
    else:
        return None
    return Held(zone, published.warning.level, _WANTED[lowest], since, by, why)


def unheard_said(names: Sequence[str]) -> str:
    """That these have not told yet what they hold."""
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} not said yet what stands there"
