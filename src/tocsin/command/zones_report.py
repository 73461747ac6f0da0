"""What the commands that make zones share: where they are written, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.model.zone import Zone

Out = Annotated[Path, typer.Option(help="Where the zones go (.geojson).")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
# Of one kind of note a person reads so many; a program gets all.
LINES_MAX = 50


def geojson_ending(out: Path) -> None:
    """Raises BadSettings where a file's ending promises something other than the GeoJSON that is written."""
    from tocsin.model.errors import BadSettings

    if out.suffix.lower() not in ("", ".geojson", ".json"):
        raise BadSettings(
            f"--out {out} has the ending {out.suffix!r}; zones are written as GeoJSON: end it in .geojson"
        )


def report(
    out: Path, made: Sequence[Zone], notes: list[str], as_json: bool, unused: Mapping[str, Any] | None = None
) -> None:
    """Say what was made; `unused`: what was read, rejected, passed over and refused on the way."""
    people = sum(zone.population for zone in made)
    if as_json:
        said = {"zones": len(made), "population": people, "out": str(out), "notes": notes, **(unused or {})}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    _say(notes)
    if unused:
        _say([f"refused: {reason}" for reason in unused["refused"]])
        _say([f"rejected: {reason}" for reason in unused["rejected"]])
        for kind, number in unused["passed_over"].items():
            typer.echo(f"passed over: {number} × {kind}")
        bad = f"{len(unused['rejected'])} rejected, {len(unused['refused'])} files refused"
        typer.echo(f"{unused['read']} features read, {bad}, {sum(unused['passed_over'].values())} passed over")
    typer.echo(f"{len(made)} zones, {people:.0f} people: {out}")


def _say(lines: Sequence[str]) -> None:
    """Lines for people, so many of them."""
    for line in lines[:LINES_MAX]:
        typer.echo(line)
    if len(lines) > LINES_MAX:
        typer.echo(f"… and {len(lines) - LINES_MAX} more; --json gives all")
