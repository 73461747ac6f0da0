"""Follows a board and says what changed on it, in the words of `wire`; one for each that is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import msgspec

from tocsin.announce.board import Board
from tocsin.announce.bodies import PublicZone, public_warning
from tocsin.announce.cap_archive import told as as_told
from tocsin.announce.channel import Batch
from tocsin.announce.told.wire import Told, ToldWarning, calm_zone
from tocsin.model.effect import Picture
from tocsin.model.warning import Warning

_json = msgspec.json.Encoder()


class Teller:
    """What one follower has not been told yet; fold it after the board.

    node     this machine's name among its twins
    owned    the zones that it speaks for
    twins    who decides the sector with it; veil: the mark of what hides blindness
    kept_max warnings that wait for a follower that is away; the oldest go first, counted as `lost`
    """

    def __init__(
        self,
        board: Board,
        sector: str,
        node: str,
        now: Callable[[], datetime],
        owned: Callable[[], Collection[str]],
        *,
        kept_max: int,
        twins: Sequence[str] = (),
        veil: str = "",
    ) -> None:
        self.lost = 0
        self._board = board
        self._sector, self._node, self._twins, self._veil = sector, node, tuple(twins), veil
        self._now = now
        self._owned = owned
        self._kept_max = kept_max
        self._changed = board.follow()
        self._new: list[ToldWarning] = []
        self._last: dict[str, ToldWarning] = {}
        self._number = 0

    def fold(self, batch: Batch) -> None:
        """Take in what one tick brought."""
        for effect in batch.effects:
            if isinstance(effect, Warning):
                warning = told_warning(effect)
                if self._last.get(effect.zone) != warning:
                    self._new.append(warning)
                self._last[effect.zone] = warning
            elif isinstance(effect, Picture):
                for state in effect.zones:
                    if state.level == "none":
                        self._last.pop(state.zone, None)
        self._make_room()

    def _make_room(self) -> None:
        if (over := len(self._new) - self._kept_max) > 0:
            del self._new[:over]
            self.lost += over

    def remember(self, warnings: Sequence[ToldWarning]) -> None:
        """Tell these, too, before all others; whoever has them drops them by their ids."""
        self._new = [*warnings, *self._new]
        self._make_room()

    def tell(self, *, whole: bool) -> Told:
        """What was not told yet; or how everything stands, with what was not told yet."""
        owned = self._owned()
        drill = self._board.drill
        looked = owned if whole else [zone for zone in self._changed if zone in owned]
        self._changed.clear()
        states = [state for zone in looked if (state := self._state(zone, drill)) is not None]
        if whole:
            states = [state for state in states if state != calm_zone(state.zone, drill=drill)]
        new, self._new = self._new, []
        known = {one.id for one in new}
        standing = [one for one in self._last.values() if one.id not in known] if whole else []
        self._number += 1
        now = self._now()
        return Told(
            sector=self._sector,
            node=self._node,
            number=self._number,
            now=now,
            picture_at=self._board.picture_at,
            drill=drill,
            doubtful=self._board.doubted,
            whole=whole,
            zones=tuple(states),
            warnings=tuple(one for one in (*standing, *new) if one.zone in owned),
            owned=tuple(owned) if whole else (),
            twins=self._twins,
            veil=self._veil,
        )

    def _state(self, zone: str, drill: bool) -> PublicZone | None:
        """As the public sees it; of what is shown no more, that it is calm."""
        encoded = self._board.zone_json(zone)
        return calm_zone(zone, drill=drill) if encoded is None else msgspec.json.decode(encoded, type=PublicZone)


def told_warning(warning: Warning) -> ToldWarning:
    """A warning as it is told."""
    public = public_warning(warning)
    fields = {name: getattr(public, name) for name in public.__struct_fields__}
    return ToldWarning(**fields, probability=as_told(warning).probability)
