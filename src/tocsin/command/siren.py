"""`tocsin siren`: the reference siren."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def siren(
    config: Annotated[Path, typer.Option(help="The siren's settings.")] = Path("siren.toml"),
    silent: Annotated[bool, typer.Option("--silent", help="Play nothing; all else as if it were played.")] = False,
    status: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write how it stands to this file (JSON) whenever that changes.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print how it stands as JSON lines.")] = False,
) -> None:
    """Be a siren: obey signed commands, sound, and report, until told to stop.

    It sounds when take cover begins and when the all clear ends it, never for prepare, and shows a line whenever
    something changes. Without renewal it stops by itself within 90 s.

    Example: `tocsin siren --config siren.toml --status /run/siren.json`
    """
    import asyncio
    import json
    import signal
    from contextlib import suppress

    from tocsin.service.siren import read_siren, siren_of

    said = ""

    def shown(state: dict[str, object]) -> None:
        nonlocal said
        line = json.dumps(state) if as_json else _line(state)
        if line != said:
            typer.echo(line)
        said = line
        if status is not None:
            with suppress(OSError):
                part = status.with_name(status.name + ".part")
                part.write_text(json.dumps(state) + "\n")
                part.replace(status)

    async def work() -> None:
        client = siren_of(read_siren(config), config.resolve().parent, silent=silent, shown=shown)
        running = asyncio.ensure_future(client.run())
        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, running.cancel)
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(work())


def _line(state: dict[str, object]) -> str:
    """How a siren stands, in a line.

    >>> _line({"siren": "school", "stands": "take_cover", "drill": True, "sounding": True, "connected": False,
    ...        "zones": ["home"], "missed": ["home/1"], "clock_off_s": None, "troubles": ["no sound"]})
    'siren school: DRILL take cover, sounding, in home; missed an alarm that is over (home/1); no connection; no sound'
    """
    drill = "DRILL " if state["drill"] else ""
    sounding = ", sounding" if state["sounding"] else ""
    zones = state["zones"]
    where = f", in {', '.join(map(str, zones))}" if isinstance(zones, list) and zones else ""
    off_s, troubles = state["clock_off_s"], state["troubles"]
    missed = state["missed"]
    found = []
    if isinstance(missed, list) and missed:
        found.append(f"missed an alarm that is over ({', '.join(map(str, missed))})")
    found += [] if state["connected"] else ["no connection"]
    found += [f"its clock is {off_s:+.0f} s off"] if isinstance(off_s, float) and off_s else []
    found += [str(trouble) for trouble in troubles] if isinstance(troubles, list) else []
    stands = str(state["stands"]).replace("_", " ")
    return "; ".join([f"siren {state['siren']}: {drill}{stands}{sounding}{where}", *found])
