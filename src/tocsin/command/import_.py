"""`tocsin import`: recorded flights as observations, or as what radars would have seen of them; ASTERIX recordings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Recorded flights (.json, .json.gz, .csv), or ASTERIX.", show_default=False)
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
    """Turn recorded flights, or ASTERIX recordings, into observations. A file that cannot be read stops no other.

    Reads what the traffic library saves (to_json, also gzipped), readsb's trace_full files, saved pictures of aircraft
    (aircraft.json, OpenSky), tables of OpenSky and Flightradar24, and ASTERIX as replay does.

    Example: `tocsin import flights.json.gz --out observations.jsonl`

    Example: `tocsin import flights.json.gz --as plots --sensors sensors.json --out radar.pcap`

    Example: `tocsin import radar.ast --sensors sensors.json --date 2026-03-01 --out observations.jsonl`
    """
    import sys
    from collections import Counter
    from functools import partial

    from rich.progress import track

    from tocsin.command import day_of
    from tocsin.ingest.rejects import Rejects
    from tocsin.model.wire import to_json
    from tocsin.replay.configuration import read_sensors
    from tocsin.replay.importing import import_flights, import_recordings
    from tocsin.replay.progress import progress

    recorded = _are_recordings(files, out, what, sensors, date)
    doubts: Counter[str] = Counter()
    unread: list[str] = []
    with Rejects(rejects) as refused:
        known = read_sensors(sensors, files if recorded else ())
        if recorded:
            shown = partial(progress, text="reading")
            counts = import_recordings(files, out, known, refused, unread, day_s=day_of(date), progress=shown)
            said = f"{counts['written']} observations in {out}"
        else:
            radars = known if what == "plots" else None
            bar = partial(track, description="Reading flights", disable=not sys.stderr.isatty(), transient=True)
            counts = import_flights(files, out, radars, seed, refused, unread, doubts, progress=bar)
            said = f"{counts['written']} {what} of {counts['positions']} recorded positions in {out}"
    if json:
        unused = refused.figures() | {"doubtful": dict(doubts.most_common())} | ({"refused": unread} if unread else {})
        typer.echo(to_json({"files": len(files)} | counts | unused | {"out": str(out)}).decode())
    else:
        typer.echo(said)
        if unused_said := refused.summary():
            typer.echo(unused_said)
        for reason, number in doubts.most_common():
            typer.echo(f"{number} kept though doubtful: {reason}")
    for reason in unread:
        typer.echo(f"refused: {reason}", err=True)
    if unread:
        raise typer.Exit(1)


def _are_recordings(files: list[Path], out: Path, what: str, sensors: Path | None, date: datetime | None) -> bool:
    """Whether the files are ASTERIX recordings. Raises BadSettings where the options do not fit them."""
    from tocsin.ingest.asterix.recording import is_recording
    from tocsin.model.errors import BadSettings

    recorded = {is_recording(file) for file in files}
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
    return recorded == {True}
