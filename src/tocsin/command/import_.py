"""`tocsin import`: recorded flights as observations, or as what radars would have seen of them; ASTERIX recordings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

if TYPE_CHECKING:
    from collections import Counter

    from tocsin.ingest.rejects import Rejects


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Recorded flights (.json, .json.gz), or ASTERIX.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="A .jsonl file of observations; for plots also .pcap or .ast (ASTERIX).")],
    what: Annotated[
        Literal["positions", "plots"], typer.Option("--as", help="What aircraft say, or what radars see of them.")
    ] = "positions",
    sensors: Annotated[Path | None, typer.Option(help="The radars, for plots: a sensors file.")] = None,
    seed: Annotated[int, typer.Option(help="Chance of noise, misses and false plots.")] = 1,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of an ASTERIX recording that holds none.")
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="Keep rows that cannot be used in this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Turn recorded flights, or ASTERIX recordings, into observations.

    Reads what the traffic library saves (to_json, also gzipped), readsb's trace_full files, and ASTERIX as replay does.

    Example: `tocsin import flights.json.gz --out observations.jsonl`

    Example: `tocsin import flights.json.gz --as plots --sensors sensors.json --out radar.pcap`

    Example: `tocsin import radar.ast --sensors sensors.json --date 2026-03-01 --out observations.jsonl`
    """
    from collections import Counter

    from tocsin.ingest.files import RECORDINGS
    from tocsin.ingest.rejects import Rejects
    from tocsin.model.errors import BadSettings
    from tocsin.model.wire import to_json

    recorded = {file.suffix.lower() in RECORDINGS for file in files}
    if recorded == {True, False}:
        raise BadSettings("flights and ASTERIX recordings do not go into one file; import them one after the other")
    if recorded == {True} and what == "plots":
        raise BadSettings("--as plots is for flights; a recording's plots are imported as they are: leave it out")
    if recorded == {False} and date is not None:
        raise BadSettings("--date is for ASTERIX recordings; flights say their day themselves: leave it out")
    if what == "plots" and sensors is None:
        raise BadSettings("--as plots needs --sensors: say where the radars stand")
    if out.suffix.lower() not in ((".jsonl",) if what == "positions" else (".jsonl", ".pcap", ".ast")):
        raise BadSettings(
            f"--out {out} has the ending {out.suffix!r}; observations go to .jsonl, plots also to .pcap or .ast"
        )
    doubts: Counter[str] = Counter()
    with Rejects(rejects) as refused:
        if recorded == {True}:
            counts = _decoded(files, out, sensors, date, refused)
            said = f"{counts['written']} observations in {out}"
        else:
            counts = _flown(files, out, what, sensors, seed, refused, doubts)
            said = f"{counts['written']} {what} of {counts['positions']} recorded positions in {out}"
    if json:
        unused = {
            "rejected": refused.counts,
            "passed_over": refused.passed_over,
            "doubtful": dict(doubts.most_common()),
        }
        typer.echo(to_json({"files": len(files)} | counts | unused | {"out": str(out)}).decode())
        return
    typer.echo(said)
    if unused_said := refused.summary():
        typer.echo(unused_said)
    for reason, number in doubts.most_common():
        typer.echo(f"{number} kept though doubtful: {reason}")


def _decoded(
    files: list[Path], out: Path, sensors: Path | None, date: datetime | None, refused: Rejects
) -> dict[str, int]:
    """Write every observation of ASTERIX recordings, one after the other, as it is read; how many."""
    from itertools import chain

    from tocsin.command import day_of
    from tocsin.ingest.files import read_observations
    from tocsin.model.errors import BadFile
    from tocsin.model.observation import Position
    from tocsin.model.wire import to_json
    from tocsin.replay.configuration import read_sensors
    from tocsin.replay.progress import progress

    known = read_sensors(sensors)
    found = chain.from_iterable(read_observations(file, known, refused, day_s=day_of(date)) for file in files)
    # Nothing is written over before something was read.
    first = next(found, None)
    if first is None:
        raise BadFile(f"none of {len(files)} recordings holds a usable observation; {refused.summary()}")
    written = positions = 0
    with _written(out) as file:
        for one in progress(chain([first], found), "reading"):
            file.write(to_json(one) + b"\n")
            written += 1
            positions += isinstance(one, Position)
    return {"positions": positions, "written": written}


def _flown(
    files: list[Path],
    out: Path,
    what: str,
    sensors: Path | None,
    seed: int,
    refused: Rejects,
    doubts: Counter[str],
) -> dict[str, int]:
    """Write recorded flights, or what radars would have seen of them, in order of time; how many."""
    import sys

    from rich.progress import track

    from tocsin.ingest.flights import read_flights
    from tocsin.model.errors import BadFile
    from tocsin.model.wire import to_json

    positions = [
        position
        for file in track(files, "Reading flights", disable=not sys.stderr.isatty(), transient=True)
        for position in read_flights(file, refused, doubts)
    ]
    if not positions:
        raise BadFile(f"none of {len(files)} files holds a usable position; {refused.summary()}")
    positions.sort(key=lambda one: one.time)
    count, data = (len(positions), b"".join(to_json(one) + b"\n" for one in positions))
    if what == "plots":
        assert sensors is not None
        count, data = _plots(positions, sensors, out.suffix.lower(), seed)
    with _written(out) as file:
        file.write(data)
    return {"positions": len(positions), "written": count}


def _written(out: Path) -> BinaryIO:
    from tocsin.model.errors import BadFile

    try:
        return out.open("wb")
    except OSError as error:
        raise BadFile(f"{out} cannot be written: {error.strerror}; choose another --out") from error


def _plots(positions: list, sensors: Path, suffix: str, seed: int) -> tuple[int, bytes]:  # type: ignore[type-arg]
    """(how many, the file) of the plots that the radars of a sensors file would report of some positions."""
    from tocsin.model.errors import BadFile
    from tocsin.model.observation import Plot
    from tocsin.model.wire import sensors_from_json, to_json
    from tocsin.simulate.asterix import pcap, recording, stream_of
    from tocsin.simulate.recorded_flights import seen_by

    try:
        stations = sensors_from_json(sensors.read_bytes())
    except OSError as error:
        raise BadFile(f"{sensors} cannot be read: {error.strerror}; give a sensors file") from error
    seen = seen_by(positions, stations, seed)
    if suffix == ".jsonl":
        return len(seen.observations), b"".join(to_json(one) + b"\n" for one in seen.observations)
    plots = [one for one in seen.observations if isinstance(one, Plot)]
    from tocsin.model.sensor import with_defaults

    frames = recording(plots, [with_defaults(one) for one in stations], seen.north_s, seen.start_s, seen.end_s)
    return len(plots), pcap(frames) if suffix == ".pcap" else stream_of(frames)
