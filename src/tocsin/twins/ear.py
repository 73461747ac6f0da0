"""Hears another machine of the sector: what is not in order, or by another configuration, lowers nothing."""

from __future__ import annotations

from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Configuration
from tocsin.model.warning import Warning, ZoneState
from tocsin.twins.agreement import Agreement
from tocsin.twins.told import Step, Told


class Ear:
    """What one other machine tells, into the agreement.

    asks     whether it must be asked for all that it holds, because something of it is missing
    strange  why what it says counts only where it raises, or not at all; None: it counts
    """

    def __init__(self, agreement: Agreement, sector: str, node: str) -> None:
        self.asks = True
        self.strange: str | None = None
        self._agreement, self._sector, self._node = agreement, sector, node
        self._at: tuple[str, int] | None = None
        self._warnings: list[Warning] = []
        self._states: list[ZoneState] = []
        self._parts = 0

    def hear(self, told: Told, ours: Configuration | None) -> list[list[Effect]]:
        """What is published once a message is heard, one list for each step of it.

        ours   the configuration by which this machine decides; None: it shows what others decide
        """
        if (told.sector, told.node) != (self._sector, self._node):
            return []
        follows = self._at == (told.life, told.number - 1)
        self._at = (told.life, told.number)
        if ours is not None and told.drill != ours.drill:
            called = ("in earnest", "as a drill")
            return self._miss(f"it decides {called[told.drill]}, and this machine {called[ours.drill]}")
        alike = ours is None or told.configuration == ours.id
        if not alike:
            self._miss("it decides by another configuration than this machine")
        if told.whole:
            return self._gather(told, follows=follows) if alike else []
        if alike and follows and self.strange is None and not self.asks:
            return [self._agreement.take(self._node, [*step.warnings, _picture(step)]) for step in told.steps]
        if alike:
            self._miss(None)
        return [self._agreement.raised(self._node, step.warnings) for step in told.steps]

    def forget(self) -> None:
        """Begin anew: the machine is gone, or has come back."""
        self._at, self.asks, self.strange = None, True, None

    def _miss(self, strange: str | None) -> list[list[Effect]]:
        """Note that it is not wholly heard: until it has told all it holds, it may raise and nothing is lowered."""
        self.asks, self.strange = True, strange
        self._parts = 0
        if self._agreement.lives[self._node] == "living":
            self._agreement.expect(self._node)
        return []

    def _gather(self, told: Told, *, follows: bool) -> list[list[Effect]]:
        """Take in all that it holds, or a part of it."""
        if told.part == 0:
            self._warnings, self._states, self._parts = [], [], 0
        elif not follows or self._parts != told.part:
            return self._miss(None)
        self._parts += 1
        self._warnings += [warning for step in told.steps for warning in step.warnings]
        self._states += [state for step in told.steps for state in step.zones]
        if self._parts < told.parts:
            return []
        self.asks, self.strange = False, None
        picture = Picture(time=max(step.time for step in told.steps), zones=tuple(self._states))
        return [self._agreement.stand(self._node, self._warnings, picture)]


def _picture(step: Step) -> Picture:
    return Picture(time=step.time, zones=step.zones)
