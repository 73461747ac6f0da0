"""Which warnings a pushed channel is for: of which zones, of which levels, of live raids or of drills.

Whatever raised, lowers: who was told of something in a zone is told how it goes on there until its all clear, whatever
the levels chosen. Who was told of nothing hears of no end.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from tocsin.model.warning import Warning

Raising = Literal["prepare", "take_cover"]
Worlds = Literal["both", "live", "drills"]


class Choice:
    """Picks from what is offered; remembers the last that was picked of each zone.

    zones    ids; None: all
    levels   that begin to be told; what follows on them is told, too
    worlds   whether live raids are told, drills, or both
    """

    def __init__(self, zones: Collection[str] | None, levels: Collection[Raising], worlds: Worlds) -> None:
        self._zones = None if zones is None else frozenset(zones)
        self._levels = frozenset(levels)
        self._worlds = worlds
        # By zone; None: something was offered, and nothing picked.
        self._last: dict[str, Warning | None] = {}

    def of(self, warnings: Sequence[Warning]) -> list[Warning]:
        """Those of them that are for this channel, in order. Offered again they are picked again."""
        picked = []
        for warning in warnings:
            if self._zones is not None and warning.zone not in self._zones:
                continue
            if self._picks(warning):
                self._last[warning.zone] = warning
                picked.append(warning)
            else:
                self._last.setdefault(warning.zone, None)
        return picked

    def _picks(self, warning: Warning) -> bool:
        last = self._last.get(warning.zone)
        if last is not None and last.id == warning.id:
            return True
        if warning.level == "all_clear":
            # After a restart nobody remembers what was told: what it ends says whether it was.
            return _told(last) if warning.zone in self._last else self._may_have_told(warning)
        if self._worlds != "both" and warning.drill != (self._worlds == "drills"):
            return False
        goes_on = _told(last) and last is not None and last.expires > warning.time
        return warning.level in self._levels or goes_on

    def _may_have_told(self, end: Warning) -> bool:
        """Whether what this ends may have been told before a restart: an end too many is better than one too few."""
        # The identifier ends in the level.
        ended = None if end.replaces is None else end.replaces.rpartition("/")[2]
        return ended not in {"prepare", "take_cover"} or ended in self._levels


def _told(last: Warning | None) -> bool:
    return last is not None and last.level != "all_clear"
