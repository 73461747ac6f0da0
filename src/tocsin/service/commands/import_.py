"""`tocsin import`: recorded flights as observations, or as what radars would have seen of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def import_(
    files: Annotated[list[Path], typer.Argument(help="Recorded flights: .json or .json.gz.", show_default=False)],
    out: Annotated[Path, typer.Option(help="A .jsonl file of observations; for plots also .pcap or .ast (ASTERIX).")],
    what: Annotated[
        Literal["positions", "plots"], typer.Option("--as", help="What aircraft say, or what radars see of them.")
    ] = "positions",
    sensors: Annotated[Path | None, typer.Option(help="The radars, for plots: a sensors file.")] = None,
    seed: Annotated[int, typer.Option(help="Chance of noise, misses and false plots.")] = 1,
    rejects: Annotated[Path | None, typer.Option(help="Keep rows that cannot be used in this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Turn recorded flights into observations.

    Reads what the traffic library saves (to_json, also gzipped) and readsb's trace_full files.

    Example: `tocsin import flights.json.gz --out observations.jsonl`

    Example: `tocsin import flights.json.gz --as plots --sensors sensors.json --out radar.pcap`
    """
    from collections import Counter

    from rich.progress import track

    from tocsin.ingest.flights import read_flights
    from tocsin.ingest.rejects import Rejects
    from tocsin.model.errors import BadFile, BadSettings
    from tocsin.model.wire import to_json

    if what == "plots" and sensors is None:
        raise BadSettings("--as plots needs --sensors: say where the radars stand")
    if out.suffix.lower() not in ((".jsonl",) if what == "positions" else (".jsonl", ".pcap", ".ast")):
        raise BadSettings(
            f"--out {out} has the ending {out.suffix!r}; positions go to .jsonl, plots also to .pcap or .ast"
        )
    import sys

    doubts: Counter[str] = Counter()
    with Rejects(rejects) as refused:
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
    try:
        out.write_bytes(data)
    except OSError as error:
        raise BadFile(f"{out} cannot be written: {error.strerror}; choose another --out") from error
    summary = {
        "files": len(files),
        "positions": len(positions),
        "written": count,
        "rejected": refused.counts,
        "doubtful": dict(doubts.most_common()),
        "out": str(out),
    }
    if json:
        typer.echo(to_json(summary).decode())
        return
    typer.echo(f"{count} {what} of {len(positions)} recorded positions in {out}")
    if refused.total:
        typer.echo(refused.summary())
    for reason, number in doubts.most_common():
        typer.echo(f"{number} kept though doubtful: {reason}")


def _plots(positions: list, sensors: Path, suffix: str, seed: int) -> tuple[int, bytes]:  # type: ignore[type-arg]
    """(how many, the file) of the plots that the radars of a sensors file would report of some positions."""
    from tocsin.model.errors import BadFile
    from tocsin.model.observation import Plot
    from tocsin.model.wire import sensors_from_json, to_json
    from tocsin.simulate.asterix import pcap, recording, stream_of
    from tocsin.simulate.flown import seen_by

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
