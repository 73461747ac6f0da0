"""An engine on a processor of another kind: a night from a file, in a process that does without what this one has.

`python -m tocsin.bench.unlike NIGHT` plays it and writes what it told beside it; `OLD` is the environment for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Event
from tocsin.model.warning import Warning
from tocsin.model.wire import event_from_json, to_json
from tocsin.twins.guarded import Guarded
from tocsin.twins.told import Step

# NumPy and the C library without vector instructions and fused multiplication, linear algebra for a processor of 2004.
OLD: Mapping[str, str] = {
    "OPENBLAS_CORETYPE": "Prescott",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
}


class Played(msgspec.Struct):
    """What an engine told of a night, and a product that is another in its last digits on another processor."""

    digits: str
    steps: list[Step]


class Telling(Guarded):
    """An engine that remembers what it heard, and what it told of it.

    events   in order
    steps    of those on which it told something of zones, in order
    """

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.steps: list[Step] = []

    def step(self, event: Event) -> list[Effect]:
        effects = super().step(event)
        self.events.append(event)
        pictures = [effect for effect in effects if isinstance(effect, Picture)]
        warnings = tuple(effect for effect in effects if isinstance(effect, Warning))
        if pictures:
            zones = tuple(state for picture in pictures for state in picture.zones)
            self.steps.append(Step(time=pictures[-1].time, warnings=warnings, zones=zones))
        else:
            assert not warnings, "warnings without a picture of them"
        return effects


def digits() -> str:
    """A product's last digits."""
    matrix = np.sin(np.arange(1.0, 10_001.0)).reshape(100, 100)
    return float((matrix @ matrix).sum()).hex()


def write_night(path: Path, events: Sequence[Event]) -> None:
    """One event a line."""
    path.write_bytes(b"\n".join(map(to_json, events)))


def begun_elsewhere(night: Path) -> subprocess.Popen[bytes]:
    """Another process, on an old processor, that plays a night."""
    command = [sys.executable, "-W", "ignore", "-m", "tocsin.bench.unlike", str(night)]
    return subprocess.Popen(command, env=os.environ | OLD)  # noqa: S603 - our own command


def read_played(night: Path) -> Played:
    """What it told of a night."""
    return msgspec.json.decode(_told(night).read_bytes(), type=Played)


def _told(night: Path) -> Path:
    return night.with_suffix(".told")


def _events(night: Path) -> Iterator[Event]:
    for line in night.read_bytes().split(b"\n"):
        yield event_from_json(line)


def play(night: Path) -> None:
    """Play it here, and write what came of it."""
    engine = Telling()
    for event in _events(night):
        engine.step(event)
    _told(night).write_bytes(msgspec.json.encode(Played(digits(), engine.steps)))


if __name__ == "__main__":
    play(Path(sys.argv[1]))
