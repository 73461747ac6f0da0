"""`tocsin zones check`: what is wrong with zones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.command.zones_report import Json

if TYPE_CHECKING:
    from tocsin.ingest.zone_problem import Problem


def check(
    files: Annotated[list[Path], typer.Argument(help="The zones (.geojson).", show_default=False)],
    as_json: Json = False,
) -> None:
    """Find what is wrong with zones: one line per problem; exit 1 when any is an error. Each file is judged by itself.

    Features that are no zone, overlaps, gaps, ids used twice, tiny or self-crossing outlines, outlines across the date
    line, latitude and longitude exchanged, missing names and parents, names with characters that nobody sees,
    population 0.

    Example: `tocsin zones check zones.geojson`
    """
    from tocsin.ingest.zone_checks import check_zones
    from tocsin.ingest.zone_problem import Problem
    from tocsin.model.errors import BadFile, BadRecord
    from tocsin.model.geojson import zones_and_wrong
    from tocsin.replay.files import read_text

    found: list[tuple[Path, Problem]] = []
    count = 0
    for file in files:
        try:
            known, wrong = zones_and_wrong(read_text(file, "a zones file (GeoJSON)"))
        except (BadRecord, BadFile) as error:
            # What can be read and is no zones file may be a map of another kind.
            hint = "" if isinstance(error, BadFile) else "; a map becomes zones by `tocsin zones import`"
            found.append((file, Problem("error", "the file", f"cannot be used: {error}{hint}")))
            continue
        count += len(known)
        found += [(file, Problem("error", which, why)) for which, why in wrong]
        found += [(file, problem) for problem in check_zones(known)]
        if not known and not wrong:
            found.append((file, Problem("error", "the file", "holds no zone")))
    errors = sum(problem.grade == "error" for _, problem in found)
    if as_json:
        rows = [{"file": str(f), "grade": p.grade, "zone": p.zone, "text": p.text} for f, p in found]
        typer.echo(json.dumps({"zones": count, "errors": errors, "problems": rows}, ensure_ascii=False))
    else:
        for file, problem in found:
            typer.echo(f"{file}: {problem.grade}: {problem.zone} {problem.text}")
        typer.echo(f"{count} zones, {errors} errors, {len(found) - errors} remarks")
    if errors:
        raise typer.Exit(1)
