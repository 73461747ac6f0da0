"""What is held back, in a sentence for operators."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.twins.held import Held

# Named one by one; of more, how many.
NAMED_MAX = 5


def held_said(held: Sequence[Held], what: str, *, named: bool) -> str | None:
    """Which zones are held above what somebody would have there, and why; None: none.

    what    who holds them
    named   zones and reasons, too: they are for operators alone
    """
    if not held:
        return None
    count = f"{len(held)} zone{'s' if len(held) > 1 else ''}"
    if not named:
        return f"{what}: {count}"
    zones = "; ".join(
        f"{one.zone} stays at {one.level} instead of {one.wanted} since {one.since:%H:%M:%S}: {one.why}"
        for one in held[:NAMED_MAX]
    )
    more = f"; and {len(held) - NAMED_MAX} more" if len(held) > NAMED_MAX else ""
    return f"{what}: {count} ({zones}{more}); if they are wrong, cancel the warnings there"


def guard_said(failures: int) -> str | None:
    """That the second opinion fails; None: it does not."""
    if not failures:
        return None
    return (
        f"the second opinion failed {failures} times since the journal began: what it might have held has gone out "
        "unchecked; report it, with the journal of the hour"
    )
