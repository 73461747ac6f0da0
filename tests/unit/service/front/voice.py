"""A node that tells front ends, without brokers between: what it tells is packed, and lost where the test wants it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from tests.decided import ZONES, Decides
from tocsin.announce.told.teller import Teller
from tocsin.announce.told.wire import Told, packed, unpacked
from tocsin.model.effect import Effect
from tocsin.service.front.country import Country

IDS = [zone.id for zone in ZONES]


class Voice:
    """One node of a sector, with its twins, that speaks for some zones."""

    def __init__(
        self,
        sector: str,
        name: str,
        *,
        owned: Collection[str] = tuple(IDS),
        twins: tuple[str, ...] = ("a", "b"),
        drill: bool = False,
        veil: str = "",
    ) -> None:
        self.decides = Decides(drill=drill)
        self.owned: Collection[str] = frozenset(owned)
        self.teller = Teller(
            self.decides.board,
            sector,
            name,
            lambda: self.decides.now,
            lambda: self.owned,
            kept_max=100,
            twins=twins,
            veil=veil,
        )
        self.decides.channels.append(self.teller)  # type: ignore[arg-type]  # a part of two channels

    def decide(self, *effects: Effect) -> None:
        """One tick."""
        self.decides.decide(*effects)

    def told(self, *, whole: bool = False) -> Told:
        """What it tells by now, over the wire."""
        return unpacked(packed(self.teller.tell(whole=whole)))

    def tell(self, country: Country, at_s: float, *, whole: bool = False, late_s: float = 0.0) -> bool:
        """Tell it a front end; whether that asks for everything."""
        told = self.told(whole=whole)
        age_s = told.age_s(self.decides.now)
        return country.hear(told, at_s, None if age_s is None else age_s + late_s)


def levels(country: Country, at_s: float, now: datetime) -> dict[str, str]:
    """How every zone stands in everything that is told, `blind` added where nobody sees."""
    states = {}
    for effect in country.effects(at_s, now, whole=True):
        for state in getattr(effect, "zones", ()):
            if not isinstance(state, str):
                states[state.zone] = state.level + (" blind" if state.degraded else "")
    return states
