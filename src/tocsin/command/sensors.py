"""`tocsin sensors discover`: what a recording or a port holds, and a sensors file to complete."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

sensors = typer.Typer(help="Find sensors in recordings and on the network.", no_args_is_help=True)


@sensors.callback()
def _root() -> None:
    """Keeps `discover` a command of its own."""


@sensors.command()
def discover(
    recording: Annotated[str, typer.Argument(help="An ASTERIX recording, or udp://HOST:PORT (or a group).")],
    out: Annotated[Path | None, typer.Option(help="Write a sensors file to complete (.json).")] = None,
    known: Annotated[Path | None, typer.Option("--sensors", help="Name those that this sensors file has.")] = None,
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="How long to listen; Ctrl-C ends it.")] = 60.0,
    interface: Annotated[str, typer.Option(help="Of a multicast group: the address that joins it.")] = "0.0.0.0",  # noqa: S104
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of a recording that holds none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """List ASTERIX sources: categories, rotation time, counts, first and last time, and place where it is sent.

    With --out, their entries of a sensors file are written. Where a radar does not say where it stands, lat, lon and
    altitude_m are null: Tocsin refuses the file until you complete it. Positions (021, 062) need no entry.

    Example: `tocsin sensors discover radar.pcap --out sensors.json`

    Example: `tocsin sensors discover udp://239.1.2.3:8600 --interface 192.0.2.10 --seconds 30`
    """
    import json

    from tocsin.command import day_of
    from tocsin.ingest.asterix.discovery import sensors_to_complete, table
    from tocsin.ingest.asterix.listening import discovered
    from tocsin.model.errors import BadFile
    from tocsin.replay.configuration import read_sensors
    from tocsin.replay.files import opened
    from tocsin.replay.progress import share_shown

    if out is not None and out.exists():
        raise BadFile(f"{out} is there already, perhaps completed by hand; give another --out")
    with share_shown("listening") as progress:
        rows, figures, said = discovered(
            recording,
            read_sensors(known),
            day_s=day_of(date),
            listen_s=seconds,
            interface=interface,
            progress=progress,
        )
    entries = sensors_to_complete(rows)
    if out is not None:
        with opened(out) as file:
            file.write((json.dumps(entries, indent=2) + "\n").encode())
    if as_json:
        typer.echo(json.dumps({"sources": rows, "sensors": entries} | figures))
        return
    typer.echo(table(rows))
    if said:
        typer.echo(said, err=True)
    if out is not None:
        missing = [one["id"] for one in entries if one["lat"] is None]
        typer.echo(
            f"{len(entries)} sensors in {out}" + (f"; complete the place of {', '.join(missing)}" if missing else "")
        )
