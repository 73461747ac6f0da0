"""After a loss: what stood is held, and no zone is thought seen, until an operator releases it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from tocsin.engine.state import State
from tocsin.model.event import Loss, OperatorAct
from tocsin.warn.blindness import Blindness

# Whose raise it is that holds what stood before a loss; and why a zone of which something was lost may be blind.
RECORD = "record"
LOST = str(Blindness("lost"))


def lose(state: State, loss: Loss) -> None:
    """Hold every zone at what it stood at before events were lost, and let none be thought seen, until released."""
    state.lost = frozenset(zone.id for zone in state.index.zones)
    state.lost_reason = loss.reason
    state.warner.skip_episodes({one.zone: one.episode for one in loss.zones})
    levels: tuple[Literal["prepare", "take_cover"], ...] = ("prepare", "take_cover")
    for level in levels:
        zones = tuple(one.zone for one in loss.zones if one.level == level)
        if zones:
            # By the hand of the record itself, which needs no second person.
            order = OperatorAct(
                id=loss.id,
                time=loss.time,
                operator=RECORD,
                action="raise",
                zones=zones,
                level=level,
                reason=loss.reason,
            )
            state.waiting.acts.append(order)


def unreleased(state: State, zones: Collection[str] | None) -> str | None:
    """What was lost and in how many of some zones no operator has released it yet, in a sentence; None: nothing.

    zones   None: of all
    """
    held = sum(zones is None or zone in zones for zone in state.lost)
    if not held:
        return None
    until = f"what stands in {held} zones is held, and none is cleared, until an operator releases them"
    return f"{state.lost_reason}; {until}"
