"""A bench in parts: every module of its prefix beside this one measures one.

`figures()` of a part gives what it found, and `REACH`, where it has one, the most that each of its figures may be. One
that lacks what it needs is said, and the others go on.
"""

from __future__ import annotations

import importlib
import json as jsonlib
import pkgutil
from types import ModuleType
from typing import Any

import typer

from tocsin import bench
from tocsin.model.errors import BadSettings, Missing


def chosen(prefix: str, asked: str | None) -> list[str]:
    """The parts that are asked for by their names, with commas between; None: all. Raises BadSettings."""
    names = parts(prefix)
    wanted = names if asked is None else asked.split(",")
    if strange := [name for name in wanted if name not in names]:
        raise BadSettings(f"there is no part {strange[0]!r}; there are {', '.join(names)}")
    return wanted


def measure(prefix: str, wanted: list[str], *, json: bool) -> None:
    """Measure these parts, and print what each found."""
    found: dict[str, Any] = {}
    for name in wanted:
        part = importlib.import_module(f"{bench.__name__}.{prefix}{name}")
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


def parts(prefix: str) -> list[str]:
    """Every part that can be measured, in order."""
    modules = pkgutil.iter_modules(bench.__path__)
    return sorted(one.name.removeprefix(prefix) for one in modules if one.name.startswith(prefix))


def _show(name: str, part: ModuleType, figures: dict[str, Any]) -> None:
    typer.echo(f"{name}: {(part.__doc__ or '').splitlines()[0]}")
    reach = getattr(part, "REACH", {})
    for key, value in figures.items():
        if key in reach:
            kept = "kept" if value <= reach[key] else "MISSED"
            typer.echo(f"  {key:40} {value:<12g} at most {reach[key]:g}: {kept}")
        else:
            typer.echo(f"  {key:40} {value}")
