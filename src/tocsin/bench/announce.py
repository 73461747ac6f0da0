"""From a decision to the people, on every channel: how long, whether anything is lost, and what a liar gets.

Every module `announce_…` beside this one measures a part: `figures()` gives what it found, and `REACH`, where it has
one, the most that each of its figures may be. One that lacks what it needs is said, and the others go on.
"""

from __future__ import annotations

import importlib
import json as jsonlib
import logging
import pkgutil
from types import ModuleType
from typing import Any

import typer

from tocsin import bench
from tocsin.model.errors import BadSettings, Missing
from tocsin.service.logs import set_up_logs

PREFIX = "announce_"


def run(*, json: bool = False, channel: str | None = None) -> None:
    """Measure and print; `channel`: these parts only, by their names with commas between."""
    names = parts()
    asked = names if channel is None else channel.split(",")
    if strange := [name for name in asked if name not in names]:
        raise BadSettings(f"there is no part {strange[0]!r}; there are {', '.join(names)}")
    # That some channels are dead here is no news.
    set_up_logs(logging.CRITICAL)
    found: dict[str, Any] = {}
    for name in asked:
        part = importlib.import_module(f"{bench.__name__}.{PREFIX}{name}")
        try:
            figures = part.figures()
        except Missing as error:
            typer.echo(f"{name}: not measured: {error}", err=True)
            continue
        found |= figures
        if not json:
            _show(name, part, figures)
    if json:
        typer.echo(jsonlib.dumps(found))


def parts() -> list[str]:
    """Every part that can be measured, in order."""
    modules = pkgutil.iter_modules(bench.__path__)
    return sorted(one.name.removeprefix(PREFIX) for one in modules if one.name.startswith(PREFIX))


def _show(name: str, part: ModuleType, figures: dict[str, Any]) -> None:
    typer.echo(f"{name}: {(part.__doc__ or '').splitlines()[0]}")
    reach = getattr(part, "REACH", {})
    for key, value in figures.items():
        if key in reach:
            kept = "kept" if value <= reach[key] else "MISSED"
            typer.echo(f"  {key:40} {value:<12g} at most {reach[key]:g}: {kept}")
        else:
            typer.echo(f"  {key:40} {value}")
