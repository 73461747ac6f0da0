"""What goes wrong in a night: read from `faults/*.toml`, and drawn for one seed."""

from __future__ import annotations

import random
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from tocsin.model.errors import BadFile

Span = tuple[float, float]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
DiskFault = Literal["full", "read_only", "broken", "unsynced", "slow"]


class DiskFails(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of these, from some time on, for so long."""

    fault: tuple[DiskFault, ...]
    at_s: Span
    for_s: Span


class Kill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The process ends at some time, and is started again at once.

    power    the machine ends, and what was not synced may be gone
    damage   something is damaged before it is started again
    """

    at_s: Span
    power: bool = False
    damage: bool = False


class ClockStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The machine's clock is set at some time by so much."""

    at_s: Span
    by_s: Span


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of the messages that are lost, whose answer is lost, and that come late by so much."""

    lost: Share = 0.0
    unanswered: Share = 0.0
    delayed: Share = 0.0
    delay_s: Span = (0.0, 0.0)


class Workload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a file.

    slack_s   for so long a zone may stand lower than in a night with nothing wrong: what was sent in vain is sent again
    """

    slack_s: float = 0.0
    disk: tuple[DiskFails, ...] = ()
    kill: tuple[Kill, ...] = ()
    clock: tuple[ClockStep, ...] = ()
    network: Network = Network()


class Doing(NamedTuple):
    """Something that goes wrong, or right again, at a time.

    what   heal, kill, power, clock, or a fault of the disk
    """

    at_s: float
    what: str
    by_s: float = 0.0
    damage: bool = False


def workloads(folder: Path | None = None) -> dict[str, Workload]:
    """Name -> workload of every file in a folder; by default those that come with the source. Raises BadFile."""
    folder = folder or Path(str(resources.files("tocsin"))).parents[1] / "faults"
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = msgspec.convert(tomllib.loads(path.read_text()), Workload)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise BadFile(f"{path}: {error}") from error
    if not found:
        raise BadFile(f"there is no workload in {folder}; run it in a checkout of the source")
    return found


def drawn(workload: Workload, chance: random.Random) -> list[Doing]:
    """What happens, in the order of time."""
    doings = []
    for fails in workload.disk:
        at_s = chance.uniform(*fails.at_s)
        ends_s = at_s + chance.uniform(*fails.for_s)
        doings += [Doing(at_s, chance.choice(fails.fault)), Doing(ends_s, "heal")]
    for kill in workload.kill:
        what = "power" if kill.power else "kill"
        doings += [Doing(chance.uniform(*kill.at_s), what, damage=kill.damage)]
    for step in workload.clock:
        doings += [Doing(chance.uniform(*step.at_s), "clock", chance.uniform(*step.by_s))]
    return sorted(doings)
