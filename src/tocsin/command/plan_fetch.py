"""`tocsin plan fetch`: the lie of the land, brought whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.plan_options import Json


def fetch(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Files of elevation: .hgt, .tif or .tiff.")],
    sha256: Annotated[list[str], typer.Option(metavar="HEX", help="What a file must hash to; one for each, in order.")],
    out: Annotated[Path, typer.Option(help="Folder for the files; made if absent.")],
    as_json: Json = False,
) -> None:
    """Bring files of elevation into a folder: whole and as promised, or not at all. Tried again, it goes on.

    Nothing is fetched that is not named here, and nobody else is asked.

    Example: `tocsin plan fetch https://example.org/N42E001.hgt --sha256 $(cat N42E001.sha256) --out terrain`
    """
    import asyncio

    from tocsin.model.errors import BadFile, BadSettings
    from tocsin.model.wire import to_json
    from tocsin.plan.fetch import Wanted, fetch
    from tocsin.plan.terrain import read_terrain
    from tocsin.replay.progress import share_shown

    if len(urls) != len(sha256):
        raise BadSettings(f"{len(urls)} files and {len(sha256)} of --sha256; give one for each, in the same order")
    wanted = [Wanted(url, sha.lower()) for url, sha in zip(urls, sha256, strict=True)]
    if len({one.name for one in wanted}) != len(wanted):
        raise BadSettings("two files of one name; fetch them into different folders")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(f"{out} cannot be made: {error.strerror}; choose another --out") from error
    came = []
    for one in wanted:
        with share_shown(one.name) as shown:
            came.append(asyncio.run(fetch(one, out, shown)))
        # What is not elevation is said now, not on the day when it is needed.
        read_terrain([out / one.name])
    if as_json:
        typer.echo(to_json({"fetched": sum(came), "there_already": len(came) - sum(came), "out": str(out)}).decode())
        return
    typer.echo(f"{sum(came)} of {len(came)} fetched, the others were there; all as promised, in {out}")
