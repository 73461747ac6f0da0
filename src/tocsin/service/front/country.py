"""Every sector together: the picture that a front end shows, out of what the nodes of every sector told.

A zone that nobody who is heard speaks for is blind, and stands at what was known of it last; it is never calm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from tocsin.announce.told.wire import Told
from tocsin.announce.veil import PUBLIC_REASON
from tocsin.model.effect import Degraded, Effect, Picture
from tocsin.model.warning import Warning, ZoneState
from tocsin.service.front.sector import Sector
from tocsin.twins.voter import rank

_RANKS = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}


class Country:
    """Every sector. Times are seconds of one monotonic clock.

    dead_after_s  a node, and a sector, that was not heard for so long is not heard
    """

    def __init__(self, zones: Sequence[str], dead_after_s: float) -> None:
        self.sectors: dict[str, Sector] = {}
        self._zones = tuple(zones)
        self._dead_after_s = dead_after_s
        self._shown: dict[str, ZoneState] = {}
        self._warnings: dict[str, Warning] = {}
        self._blind: frozenset[str] | None = None
        self._new: list[Warning] = []
        self._begun_s: float | None = None
        self._began = False

    def hear(self, told: Told, now_s: float, age_s: float | None) -> bool:
        """Take in what a node told, of a picture so many seconds old; whether it must be asked for everything."""
        sector = self.sectors.setdefault(told.sector, Sector(self._dead_after_s))
        effects, ask = sector.hear(told, now_s, age_s)
        self._note(effects)
        return ask

    def _note(self, effects: Iterable[Effect]) -> None:
        self._new += [one for one in effects if isinstance(one, Warning) and self._warnings.get(one.zone) != one]

    def unheard(self, now_s: float) -> dict[str, float]:
        """Sectors that are not heard -> how old their pictures are, seconds."""
        return {name: one.age_s(now_s) for name, one in self.sectors.items() if not one.heard(now_s)}

    def spoken_for(self, now_s: float) -> frozenset[str]:
        """Zones that somebody who is heard speaks for, and can vouch for it."""
        heard = [one for one in self.sectors.values() if not all(node.doubtful for node in one.living(now_s))]
        return frozenset[str]().union(*(one.owned(now_s) for one in heard))

    def less_time(self, now_s: float) -> frozenset[str]:
        """Zones of which it is said that there is less warning time than usual."""
        return frozenset[str]().union(*(one.less_time(now_s) for one in self.sectors.values()))

    def drill(self, now_s: float, otherwise: bool) -> bool:
        """Whether everything that is heard is a drill; where nothing is, what stood."""
        said = [node.drill for one in self.sectors.values() for node in one.living(now_s)]
        return all(said) if said else otherwise

    def age_s(self, now_s: float) -> float | None:
        """How old the oldest picture of a sector that is heard is, seconds; None: none is."""
        return max((one.age_s(now_s) for one in self.sectors.values() if one.heard(now_s)), default=None)

    def effects(self, now_s: float, now: datetime, *, whole: bool) -> tuple[Effect, ...]:
        """What is to be told now: what changed, or everything that stands.

        The picture is as old as that of the sector that is heard and is oldest; there is none where none is heard, and
        none before everybody was heard once (or counts no more): who was told of cover by another front end, or by this
        one before it was started again, must not be told "none" for want of a word.
        """
        for sector in self.sectors.values():
            self._note(sector.look(now_s))
        age_s, begins = self.age_s(now_s), self._begins(now_s)
        if age_s is None or not begins:
            return ()
        states = self._states(now_s)
        new = [one for one in self._new if self._stands(one, states)]
        self._new = []
        self._warnings.update((one.zone, one) for one in new)
        for zone in [zone for zone in self._warnings if states[zone].level == "none"]:
            del self._warnings[zone]
        changed = states if whole else {zone: one for zone, one in states.items() if self._shown.get(zone) != one}
        self._shown = states
        degraded = frozenset(zone for zone, state in states.items() if state.degraded)
        time = now - timedelta(seconds=age_s)
        said = [Degraded(time=time, zones=tuple(sorted(degraded)))] if whole or degraded != self._blind else []
        self._blind = degraded
        standing = [one for one in self._warnings.values() if one not in new] if whole else []
        return (*standing, *new, *said, Picture(time=time, zones=tuple(changed.values())))

    def _begins(self, now_s: float) -> bool:
        """Whether all that is to be heard at first was heard, or had its time, counted from the first look."""
        if self._begun_s is None:
            self._begun_s = now_s
        complete = all(one.complete(now_s) for one in self.sectors.values())
        complete = complete and self.spoken_for(now_s).issuperset(self._zones)
        self._began = self._began or complete or now_s - self._begun_s > self._dead_after_s
        return self._began

    def _states(self, now_s: float) -> dict[str, ZoneState]:
        """How every zone stands: as the gravest of those who speak for it, or, where nobody does, spoke for it last."""
        speaking = [(one, one.owned(now_s)) for one in self.sectors.values() if one.heard(now_s)]
        spoken_for = self.spoken_for(now_s)
        states = {}
        for zone in self._zones:
            found = [one.shown[zone] for one, owned in speaking if zone in owned and zone in one.shown]
            found = found or [one.shown[zone] for one in self.sectors.values() if zone in one.shown]
            state = max(found, key=lambda one: _RANKS[one.level]) if found else ZoneState(zone=zone)
            if (zone not in spoken_for or any(one.degraded for one in found)) and state.degraded_reason is None:
                state = msgspec.structs.replace(state, degraded=True, degraded_reason=PUBLIC_REASON)
            states[zone] = state
        return states

    def _stands(self, warning: Warning, states: dict[str, ZoneState]) -> bool:
        """Whether a zone of two sectors, while it is moved, is not lowered by the word of one of them."""
        state = states.get(warning.zone)
        return state is not None and (rank(warning) > 0 or _RANKS[state.level] == 0)
