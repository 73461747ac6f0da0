"""Journals damaged at random, one bit, cut, torn, deleted, older copies: whether it is said, or nothing was lost."""

from __future__ import annotations

import logging
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import typer

from tocsin.journal import Journal
from tocsin.journal.check import check
from tocsin.journal.upkeep import Bounds
from tocsin.model.errors import JournalError
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Presence
from tocsin.model.value import EPOCH
from tocsin.model.wire import to_json

BOUNDS = Bounds(live_events_max=60, segment_events=20, remembered_events=10_000, sealed_events=15)
EVENTS = 120
TORN_BYTES = (512, 4_096)
# Where nothing is written to a disk, thousands take a minute.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it
NAME = "journal.db"

# Does harm to the journal in a folder, and says what.
Harm = Callable[[Path, random.Random], str]


class Night(NamedTuple):
    """A journal to be damaged, and what was acknowledged of it.

    folder   as a killed service leaves it, its write-ahead log included
    older    the same at some time before
    events   every event acknowledged, in order
    states   the states of which snapshots were taken
    """

    folder: Path
    older: Path
    events: list[Event]
    states: set[bytes]


@contextmanager
def night() -> Iterator[Night]:
    """A small journal with archives, sealed ids and snapshots, in memory where there is room for that."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="tocsin-damage-") as name:
        folder = Path(name)
        live, states = folder / "live", set[bytes]()
        events = [_event(number) for number in range(1, EVENTS + 1)]
        with Journal.open(live / NAME, bounds=BOUNDS) as journal:
            for start in range(0, EVENTS, 4):
                journal.append(events[start : start + 4])
                if start % 24 == 20:
                    journal.upkeep()
                    states.add(b"state %d" % journal.last_seq)
                    journal.save_snapshot(journal.last_seq, b"state %d" % journal.last_seq)
                if start == 80:
                    shutil.copytree(live, folder / "older")
            shutil.copytree(live, folder / "night")
        yield Night(folder / "night", folder / "older", events, states)


def _event(number: int) -> Event:
    time = EPOCH + timedelta(days=20_000, seconds=number)
    if number % 5 == 0:
        return Tick(time=time)
    return Presence(id=f"p/{number}", time=time, source="post", sensor="post")


def damaged(of: Night, folder: Path, chance: random.Random) -> str:
    """Copy a night into a folder and damage it there; what was done."""
    shutil.copytree(of.folder, folder)
    harms: list[Harm] = [flip, flip, flip, cut, tear, delete, partial(_older, of)]
    return chance.choice(harms)(folder, chance)


def _some_file(folder: Path, chance: random.Random) -> Path:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".lock", ".sha256")]
    main = [path for path in files if path.name in (NAME, NAME + "-wal")]
    found = chance.choice(main if chance.random() < 0.6 else files)
    found.chmod(0o600)
    return found


def flip(folder: Path, chance: random.Random) -> str:
    """Turn one bit of some file over; what was done."""
    path = _some_file(folder, chance)
    data = bytearray(path.read_bytes())
    if not data:
        return f"nothing: {path.name} is empty"
    bit = chance.randrange(8 * len(data))
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    return f"flip bit {bit % 8} of byte {bit // 8} of {path.name}"


def cut(folder: Path, chance: random.Random) -> str:
    """Cut some file; what was done."""
    path = _some_file(folder, chance)
    length = chance.randrange(path.stat().st_size + 1)
    with path.open("r+b") as stream:
        stream.truncate(length)
    return f"cut {path.name} to {length} bytes"


def tear(folder: Path, chance: random.Random) -> str:
    """Zero a block of some file; what was done."""
    path, block = _some_file(folder, chance), chance.choice(TORN_BYTES)
    size = path.stat().st_size
    start = chance.randrange(size // block + 1) * block
    with path.open("r+b") as stream:
        stream.seek(start)
        stream.write(bytes(min(block, size - start)))
    return f"zero {block} bytes of {path.name} at {start}"


def delete(folder: Path, chance: random.Random) -> str:
    """Delete some file, or two; what was done."""
    gone = {_some_file(folder, chance) for _ in range(chance.choice((1, 1, 2)))}
    for path in gone:
        path.unlink()
    return f"delete {', '.join(sorted(path.name for path in gone))}"


def _older(of: Night, folder: Path, chance: random.Random) -> str:
    names = [NAME, *(name for name in (NAME + "-wal", NAME + ".head") if chance.random() < 0.6)]
    for suffix in ("", "-wal", "-shm"):
        (folder / (NAME + suffix)).unlink(missing_ok=True)
    for name in names:
        shutil.copyfile(of.older / name, folder / name)
    return f"an older {', '.join(names)}"


def verdict(of: Night, folder: Path) -> str:
    """What a start on a damaged journal comes to: `refused`, `said`, `whole` (nothing was lost), or `unsaid`."""
    path = folder / NAME
    try:
        with Journal.open(path, bounds=BOUNDS, mend=True) as journal:
            if journal.gap is not None or any(check(path)) or list(folder.glob("*.damaged-*")):
                return "said"
            if list(journal.read_json()) != [(seq, to_json(event)) for seq, event in enumerate(of.events, 1)]:
                return "unsaid"
            snapshot = journal.latest_snapshot()
            if snapshot is not None and snapshot[1] not in of.states:
                return "unsaid"
            again = [(receipt, event) for receipt, event in zip(journal.append(of.events), of.events, strict=True)]
            known = all(isinstance(event, Tick) or receipt.outcome == "duplicate" for receipt, event in again)
            return "whole" if known else "unsaid"
    except JournalError:
        return "refused"


def run(*, json: bool = False, seeds: int = 1_000) -> None:
    """Damage a journal `seeds` times and count what became of it; exit 1 where a loss was not said."""
    logging.getLogger("tocsin").setLevel(logging.CRITICAL)
    verdicts: Counter[str] = Counter()
    unsaid: list[str] = []
    with night() as one:
        for seed in range(seeds):
            folder = one.folder.with_name(f"seed-{seed}")
            what = damaged(one, folder, random.Random(seed))  # noqa: S311 - a seed is a damage
            found = verdict(one, folder)
            verdicts[found] += 1
            if found == "unsaid":
                unsaid.append(f"seed {seed}: {what}")
            shutil.rmtree(folder)
    result = {"damages": seeds, **{name: verdicts[name] for name in ("said", "refused", "whole", "unsaid")}}
    if json:
        typer.echo(to_json(result).decode())
    else:
        typer.echo(
            f"{seeds:,} random damages: {verdicts['said']} said, {verdicts['refused']} refused with a reason, "
            f"{verdicts['whole']} lost nothing, {verdicts['unsaid']} lost something without a word"
        )
        for line in unsaid:
            typer.echo(f"  {line}")
    if unsaid:
        raise typer.Exit(1)
