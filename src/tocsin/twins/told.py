"""What machines of a sector tell each other, and whoever shows it: what each decided, and all it holds.

On the wire: JSON, compressed. Subjects: `<prefix>.decided.<sector>.<node>`; who is asked for all he holds hears it at
`<prefix>.ask.<sector>.<node>`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.model.effect import Effect, Picture
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration
from tocsin.model.value import UNREADABLE, Id, Name, Time, Value
from tocsin.model.warning import Warning, ZoneState
from tocsin.model.wire import in_words, to_json

# Brokers take messages of 1 MB; so many warned zones are half of it.
ZONES_MAX = 4_000
# What one message may unpack to: so many zones with the longest reasons.
BYTES_MAX = 64_000_000


class Step(Value, frozen=True, kw_only=True):
    """The warnings of one step of an engine, and the zones that it shows otherwise than before."""

    time: Time
    warnings: tuple[Warning, ...] = ()
    zones: tuple[ZoneState, ...] = ()


class Told(Value, frozen=True, kw_only=True):
    """What one machine tells the others of its sector.

    life            of this run of its engine: another after each start
    number          counts what it tells in this life, without a gap
    configuration   by which it decides, and whether what it decides is a drill
    veil            a digest of the secret that hides from the public where sensors stand; empty: it does not say
    whole           it is all that it holds, in one step, or
    part, parts     so much of it; the other parts come before and after it
    """

    sector: Name
    node: Name
    life: Name
    number: Annotated[int, Meta(ge=0)]
    configuration: Id
    drill: bool
    steps: tuple[Step, ...]
    veil: Annotated[str, Meta(max_length=64)] = ""
    whole: bool = False
    part: Annotated[int, Meta(ge=0)] = 0
    parts: Annotated[int, Meta(ge=1)] = 1


_decoder = msgspec.json.Decoder(Told)


def packed(told: Told) -> bytes:
    """One message."""
    return zlib.compress(to_json(told), 1)


def unpacked(data: bytes) -> Told:
    """What a message says. Raises BadRecord."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, BYTES_MAX)
        if unpacker.unconsumed_tail:
            raise BadRecord(f"more than {BYTES_MAX} bytes of what a machine decided")
        return _decoder.decode(text)
    except (zlib.error, *UNREADABLE) as error:
        raise BadRecord(f"not what a machine decided: {in_words(error, Told)}") from error


def subject(prefix: str, sector: str, node: str = "*") -> str:
    """Where a machine tells what it decided; `*`: all machines of a sector, or all sectors."""
    return f"{prefix}.decided.{sector}.{node}"


class Teller:
    """Words what one machine tells, in order."""

    def __init__(self, sector: str, node: str, life: str, veil: str) -> None:
        self._sector, self._node, self._life, self._veil = sector, node, life, veil
        self._number = 0

    def changed(self, steps: Iterable[Sequence[Effect]], configuration: Configuration) -> Told:
        """The message that tells of some steps: their effects in order."""
        return self._told(tuple(step for effects in steps for step in _steps(effects)), configuration)

    def whole(self, warnings: Sequence[Warning], picture: Picture, configuration: Configuration) -> list[Told]:
        """The messages that tell all that stands."""
        by_zone = {warning.zone: warning for warning in warnings}
        cuts = [picture.zones[at : at + ZONES_MAX] for at in range(0, len(picture.zones), ZONES_MAX)] or [()]
        found = []
        for part, zones in enumerate(cuts):
            there = tuple(by_zone[one.zone] for one in zones if one.zone in by_zone)
            step = Step(time=picture.time, warnings=there, zones=zones)
            told = self._told((step,), configuration)
            found.append(msgspec.structs.replace(told, whole=True, part=part, parts=len(cuts)))
        return found

    def _told(self, steps: tuple[Step, ...], configuration: Configuration) -> Told:
        self._number += 1
        return Told(
            sector=self._sector,
            node=self._node,
            life=self._life,
            number=self._number,
            configuration=configuration.id,
            drill=configuration.drill,
            steps=steps,
            veil=self._veil,
        )


def _steps(effects: Sequence[Effect]) -> Iterator[Step]:
    """The effects of one step of the engine, each picture with the warnings before it."""
    warnings: list[Warning] = []
    for effect in effects:
        if isinstance(effect, Warning):
            warnings.append(effect)
        elif isinstance(effect, Picture):
            yield Step(time=effect.time, warnings=tuple(warnings), zones=effect.zones)
            warnings = []
