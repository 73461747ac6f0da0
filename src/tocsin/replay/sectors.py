"""Cuts from files; and a night through one engine and through those of a country's sectors, on the same ticks."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tocsin.engine.engine import Engine
from tocsin.model.effect import Effect
from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.event import Configuration, Event
from tocsin.model.observation import Observation
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json
from tocsin.replay.files import opened, read_text
from tocsin.replay.offline import Offline
from tocsin.sectors.cut import Cut, cut_from_json, cut_to_json
from tocsin.sectors.ours import Ours


def read_cut(path: Path) -> Cut:
    """The cut of a sectors.json. Raises BadFile naming it."""
    try:
        return cut_from_json(read_text(path, "a cut (tocsin sectors plan writes one)"))
    except BadRecord as error:
        raise BadFile(f"{path}: {error}") from error


def write_cut(path: Path, cut: Cut) -> None:
    """Write a sectors.json anew, whole or not at all. Raises BadFile."""
    part = path.with_name(f"{path.name}.part")
    with opened(part) as file:
        file.write(cut_to_json(cut))
    part.replace(path)


@dataclass(frozen=True)
class Decided:
    """What one engine made of a night.

    warnings   those of the zones that it decides, in order
    cpu_s      processor seconds that it took
    """

    warnings: tuple[Warning, ...]
    cpu_s: float


class _Listening(Engine):
    """An engine that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def step(self, event: Event) -> list[Effect]:
        self.events.append(event)
        return super().step(event)


def played_uncut(configuration: Configuration, observations: Iterable[Observation]) -> tuple[list[Event], Decided]:
    """The events of a night, its ticks among them, and what one engine makes of them."""
    engine = _Listening()
    begun_s = time.process_time()
    effects = Offline(configuration, engine=engine).run(observations)
    warnings = tuple(effect for effect in effects if isinstance(effect, Warning))
    return engine.events, Decided(warnings, time.process_time() - begun_s)


def played_cut(events: Sequence[Event], cuts: Mapping[int, Cut], restarts: Mapping[str, int]) -> dict[str, Decided]:
    """What the engine of each sector makes of the same events.

    cuts       from which event on the sectors have which cut, rising, the first from 0
    restarts   before which event a sector's engine goes on from its snapshot in a new one
    """
    return {name: _played(events, cuts, name, restarts.get(name)) for name in cuts[0].sectors}


def _played(events: Sequence[Event], cuts: Mapping[int, Cut], sector: str, restart: int | None) -> Decided:
    engine, warnings, ours = Engine(), list[Warning](), Ours()
    begun_s = time.process_time()
    for number, event in enumerate(events):
        if number in cuts:
            ours = Ours(cuts[number].sectors[sector])
        if number == restart:
            engine = Engine.restore(engine.snapshot())
        warnings += [one for one in ours.effects(engine.step(event)) if isinstance(one, Warning)]
    return Decided(tuple(warnings), time.process_time() - begun_s)


def differences(uncut: Sequence[Warning], sectors: Mapping[str, Decided]) -> list[tuple[str, Warning]]:
    """What one engine says and the sectors together do not, and the other way round: who says it, and what.

    A warning that two sectors issue, as while a zone moves, is one: whoever hears it twice drops it by its id.
    """
    one = Counter(map(to_json, uncut))
    together = Counter({text for decided in sectors.values() for text in map(to_json, decided.warnings)})
    return [
        (who, msgspec.json.decode(text, type=Warning))
        for who, more in (("one engine", one - together), ("sectors", together - one))
        for text in more.elements()
    ]
