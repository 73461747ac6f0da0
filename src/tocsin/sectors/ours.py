"""What of an engine's effects its sector says: of its own zones all, of others' nothing."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tocsin.model.effect import Degraded, Effect, Picture
from tocsin.model.incident import Incident
from tocsin.model.order import Orders
from tocsin.model.warning import Warning


class Ours:
    """The zones that a sector decides; None: all there are."""

    def __init__(self, zones: Iterable[str] | None = None) -> None:
        self.zones = None if zones is None else frozenset(zones)

    def effects(self, effects: Iterable[Effect]) -> tuple[Effect, ...]:
        """What this sector says of what an engine decided, in order.

        Every sector shows all tracks that it follows to its operators. What fell outside all zones is told by every
        sector under the same id.
        """
        if self.zones is None:
            return tuple(effects)
        return tuple(said for effect in effects if (said := self._said(effect)) is not None)

    def orders(self, orders: Orders) -> Orders:
        """What operators of this sector ordered, and what waits for them."""
        if self.zones is None:
            return orders
        return Orders(
            standing=tuple(one for one in orders.standing if one.zone in self.zones),
            proposals=tuple(one for one in orders.proposals if one.zone in self.zones),
            waiting=tuple(one for one in orders.waiting if not one.zones or not self.zones.isdisjoint(one.zones)),
        )

    def _said(self, effect: Effect) -> Effect | None:
        assert self.zones is not None, "asked only where some zones are another's"
        if isinstance(effect, Warning):
            return effect if effect.zone in self.zones else None
        if isinstance(effect, Incident):
            return effect if effect.zone is None or effect.zone in self.zones else None
        if isinstance(effect, Picture):
            zones = tuple(state for state in effect.zones if state.zone in self.zones)
            return msgspec.structs.replace(effect, zones=zones)
        if isinstance(effect, Degraded):
            return msgspec.structs.replace(effect, zones=tuple(zone for zone in effect.zones if zone in self.zones))
        return effect
