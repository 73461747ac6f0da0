"""Recorded flights, or ASTERIX recordings, turned into files of observations, or of what radars would have seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from itertools import count as numbers_from
from pathlib import Path
from typing import TypeVar

from tocsin.ingest.files import read_observations
from tocsin.ingest.flights import name_of, read_flights
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Observation, Plot, Position
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.wire import to_json
from tocsin.replay.files import opened

_Found = TypeVar("_Found")


def import_recordings(
    files: Sequence[Path],
    out: Path,
    sensors: Sequence[Sensor],
    rejects: Rejects,
    refused: list[str],
    *,
    day_s: float,
    progress: Callable[[Iterable[Observation]], Iterable[Observation]],
) -> dict[str, int]:
    """Write every observation of ASTERIX recordings, one after the other, as it is read; how many.

    refused   gets the reasons for which files cannot be used; the others are read all the same
    Raises BadFile where none can.
    """
    found = _of_each(files, lambda file: read_observations(file, sensors, rejects, day_s=day_s), refused)
    # Nothing is written over before something was read.
    first = next(found, None)
    if first is None:
        nothing = f"of its {rejects.account.read} records none is a report or a north mark"
        why = "; ".join(filter(None, [*refused, rejects.summary()])) or nothing
        raise BadFile(f"none of {len(files)} recordings holds a usable observation; {why}")
    written = positions = 0
    with opened(out) as file:
        for one in progress(chain([first], found)):
            file.write(to_json(one) + b"\n")
            written += 1
            positions += isinstance(one, Position)
    return {"positions": positions, "written": written}


def import_flights(
    files: Sequence[Path],
    out: Path,
    radars: Sequence[Sensor] | None,
    seed: int,
    rejects: Rejects,
    refused: list[str],
    doubts: Counter[str],
    *,
    progress: Callable[[Sequence[Path]], Iterable[Path]],
) -> dict[str, int]:
    """Write recorded flights, in order of time; how many. Raises BadFile.

    refused  gets the reasons for which files cannot be used; the others are read all the same
    radars   write what these would have seen of the flights instead; the ending of `out` says in which form
    doubts   gets the reasons for which positions were kept though doubtful
    """
    names = _names(files)
    read = _of_each(progress(files), lambda file: read_flights(file, rejects, doubts, names[file]), refused)
    positions = list(read)
    if not positions:
        reasons = "; ".join(filter(None, [*refused, rejects.summary()])) or "there is no row in them"
        raise BadFile(f"none of {len(files)} files holds a usable position; {reasons}")
    positions.sort(key=lambda one: one.time)
    if radars is not None and (unseen := sum(one.altitude_m is None for one in positions)):
        rejects.take_back(unseen)
        rejects.count("a position without a height, of which nobody can say whether a radar sees it", unseen)
        if unseen == len(positions):
            raise BadFile(f"no radar can be said to see any of {unseen} positions; {rejects.summary()}")
    if radars is None:
        count, data = len(positions), b"".join(to_json(one) + b"\n" for one in positions)
    else:
        count, data = _plots(positions, radars, out.suffix.lower(), seed)
    with opened(out) as file:
        file.write(data)
    return {"positions": len(positions), "written": count}


def _names(files: Iterable[Path]) -> dict[Path, str]:
    """A name for each file, its own where no earlier one has that: of every day there is a trace_full_4b1801.json."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for file in dict.fromkeys(files):
        own = name_of(file)
        others = (f"{own}-{number}" for number in numbers_from(2))
        names[file] = own if own not in taken else next(other for other in others if other not in taken)
        taken.add(names[file])
    return names


def _of_each(files: Iterable[Path], read: Callable[[Path], Iterable[_Found]], refused: list[str]) -> Iterator[_Found]:
    """What is read of each file that can be; of the others, why not."""
    for file in files:
        try:
            yield from read(file)
        except BadFile as error:
            refused.append(str(error))


def _plots(positions: list[Position], radars: Sequence[Sensor], suffix: str, seed: int) -> tuple[int, bytes]:
    """(how many, the file) of the plots that radars would report of some positions."""
    from tocsin.simulate.asterix import pcap, recording, stream_of
    from tocsin.simulate.recorded_flights import seen_by

    seen = seen_by(positions, radars, seed)
    if suffix == ".jsonl":
        return len(seen.observations), b"".join(to_json(one) + b"\n" for one in seen.observations)
    plots = [one for one in seen.observations if isinstance(one, Plot)]
    frames = recording(plots, [with_defaults(one) for one in radars], seen.north_s, seen.start_s, seen.end_s)
    return len(plots), pcap(frames) if suffix == ".pcap" else stream_of(frames)
