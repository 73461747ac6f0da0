"""An engine and its second opinion as one: what comes back is what may be published, the same in every replay.

The guard can only hold a warning. Where it fails itself, nothing is held, and operators are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tocsin.engine.engine import Engine
from tocsin.engine.snapshot import unpacked
from tocsin.engine.state import State
from tocsin.guard.guard import Doubt, Guard
from tocsin.model.effect import Effect, Picture
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration, Event, KeptZone, Tick
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.model.wire import pack, unpack
from tocsin.twins.agreement import Agreement
from tocsin.twins.held import Held
from tocsin.twins.published import Published
from tocsin.twins.voter import Word

ENGINE = "engine"
# Raised whenever the same events would be published otherwise than before.
VERSION = 2


class Guarded(Engine):
    """An `Engine` whose all clears go out only when the guard does not doubt them.

    guard_failures   how often the guard failed, and did not hold what it might have held
    """

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state)
        self._agreement = Agreement({ENGINE: "living"}, own=ENGINE)
        self._guard: Guard | None = None
        self._guarded: Configuration | None = None
        # What was doubted last; and whether the guard was asked at all: it must know when it no longer is.
        self._doubted: dict[str, Doubt] = {}
        self._asked = False
        self.guard_failures = 0

    def step(self, event: Event) -> list[Effect]:
        """Take in one event and return what the world must be told; see `Engine.step`."""
        effects = super().step(event)
        self._hear(event)
        return self._agreement.take(ENGINE, effects, lambda zones: self._doubts(zones, event))

    def held(self) -> tuple[Held, ...]:
        """Where the guard holds what the engine would lower."""
        return self._agreement.held()

    def standing(self) -> tuple[Warning, ...]:
        """The warnings in force as they are published, in the order of the zones."""
        apart = self._agreement.publication.apart
        if not apart or self._state is None:
            return super().standing()
        there = {warning.zone: warning for warning in super().standing() if warning.zone not in apart}
        there |= {zone: self._agreement.publication.zones[zone].warning for zone in apart}
        number = self._state.index.number
        return tuple(sorted(there.values(), key=lambda one: (number.get(one.zone, len(number)), one.zone)))

    def kept(self) -> tuple[KeptZone, ...]:
        """How the zones stand, as it is published; see `Engine.kept`."""
        zones, apart = self._agreement.publication.zones, self._agreement.publication.apart
        return tuple(_kept(one, zones[one.zone]) if one.zone in apart else one for one in super().kept())

    def picture(self) -> Picture | None:
        """Every zone's state as of the last tick, as it is published; None before the first."""
        picture = super().picture()
        return None if picture is None else self._agreement.picture(ENGINE, picture)

    def snapshot(self) -> bytes:
        """Everything it knows, the guard's part too. Raises BadRecord before the first configuration."""
        publication, words = self._agreement.publication, self._agreement.words(ENGINE)
        return pack(
            {
                "guarded": VERSION,
                "engine": super().snapshot(),
                "guard": None if self._guard is None else self._guard.dump(),
                "doubted": {zone: list(doubt) for zone, doubt in self._doubted.items()},
                "asked": self._asked,
                "failures": self.guard_failures,
                "apart": [
                    _packed(zone, since, publication.zones[zone], words.get(zone), publication.ids.last.get(zone))
                    for zone, since in publication.apart.items()
                ],
            }
        )

    @classmethod
    def restore(cls, data: bytes) -> Guarded:
        """One that goes on exactly where the snapshot was taken. Raises BadRecord for another version's."""
        fields = unpack(data)
        if not isinstance(fields, dict) or fields.get("guarded") != VERSION:
            raise BadRecord("the snapshot is of another version; rebuild the state from the journal")
        one = cls(unpacked(fields["engine"]))
        one._guarded = one.configuration
        if fields["guard"] is not None and one._guarded is not None:
            one._guard = Guard.load(fields["guard"], one._guarded)
        one._doubted = {zone: Doubt(*doubt) for zone, doubt in fields["doubted"].items()}
        one._asked, one.guard_failures = fields["asked"], fields["failures"]
        picture = Engine.picture(one)
        if picture is not None:
            one._agreement.begin(Engine.standing(one), picture)
        one._agreement.set_apart(ENGINE, [_unpacked(plain) for plain in fields["apart"]])
        one._agreement.doubt(one._doubted)
        return one

    def _hear(self, event: Event) -> None:
        """Let the guard hear an event, and a configuration when the engine has taken it."""
        try:
            if self.configuration is not self._guarded:
                assert self.configuration is not None, "a configuration does not go away"
                if self._guard is None:
                    self._guard = Guard(self.configuration)
                else:
                    self._guard.hear(self.configuration)
                self._guarded = self.configuration
            if self._guard is not None and not isinstance(event, Configuration):
                self._guard.hear(event)
        except Exception:  # noqa: BLE001 - a second opinion that fails must not keep a warning from going out
            self.guard_failures += 1

    def _doubts(self, zones: Sequence[str], event: Event) -> Mapping[str, Doubt]:
        """What the guard doubts of the zones that would be lowered. The end of a zone or of a drill is none of it."""
        assert self._state is not None and self._guarded is not None, "nothing is lowered before a configuration"
        published, number, drill = self._agreement.publication.zones, self._state.index.number, self._guarded.drill
        asked = [zone for zone in zones if zone in number and published[zone].warning.drill == drill]
        if not isinstance(event, Tick):
            self._doubted = {zone: self._doubted[zone] for zone in asked if zone in self._doubted}
        elif asked or self._asked:
            self._asked, self._doubted = bool(asked), {}
            try:
                if self._guard is not None:
                    self._doubted = dict(self._guard.doubts(seconds_of(event.time), asked))
            except Exception:  # noqa: BLE001 - nor may it hold for ever
                self.guard_failures += 1
        return self._doubted


def _kept(zone: KeptZone, published: Published) -> KeptZone:
    level = published.warning.level
    return msgspec.structs.replace(zone, level="none" if level == "all_clear" else level)


def _packed(zone: str, since: datetime, published: Published, word: Word | None, last: tuple[int, int] | None) -> Any:
    return [zone, *(msgspec.to_builtins(one) for one in (since, published, word, last))]


def _unpacked(plain: Any) -> tuple[str, datetime, Published, Word | None, tuple[int, int] | None]:
    zone, since, published, word, last = plain
    return (
        zone,
        msgspec.convert(since, datetime),
        msgspec.convert(published, Published),
        msgspec.convert(word, Word | None),
        msgspec.convert(last, tuple[int, int] | None),
    )
