"""Options that the planner's commands share; importing them costs nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

Sensors = Annotated[Path, typer.Option(help="The sensors file (JSON).")]
Zones = Annotated[Path, typer.Option(help="The zones file (GeoJSON).")]
Terrain = Annotated[
    Path | None,
    typer.Option(help="Folder or file of elevation (.hgt, GeoTIFF); without it a smooth Earth at sea level."),
]
Classes = Annotated[str, typer.Option(help="Classes of threat, with commas between.")]
Threats = Annotated[
    str | None, typer.Option(help="A scenario, shipped or a file, whose attackers are planned against.")
]
Policy = Annotated[str, typer.Option(help="A shipped policy's name, or the path of a policy.toml.")]
Heights = Annotated[str, typer.Option(help="Metres above the ground, with commas between.")]
Out = Annotated[Path | None, typer.Option(help="Folder for tables, maps and a report, readable by you alone.")]
Day = Annotated[bool, typer.Option("--day", help="By day; else by night, when eyes reach three tenths as far.")]
Visibility = Annotated[float, typer.Option(min=50, max=100_000, help="Nobody sees farther, metres.")]
Noise = Annotated[
    float, typer.Option(min=0, max=60, help="Wind and traffic: dB louder than where microphones were tried.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
ALL = "drone,cruise_missile,jet,helicopter,ballistic_missile,rocket"


def _first(sensors: Sensors, zones: Zones, terrain: Terrain = None) -> None:
    """The network that a command is of."""


def _last(
    day: Day = False, visibility_m: Visibility = 10_000.0, noise_db: Noise = 0.0, out: Out = None, as_json: Json = False
) -> None:
    """Under what conditions, and where the result goes."""


def of_a_network(command: Callable[..., None]) -> Callable[..., None]:
    """A command of a network under some conditions, with the options that say which.

    It takes `given`, `conditions`, `out` and `as_json`, and its own options; `sensors` where it names that file.
    """
    wanted = inspect.signature(command).parameters
    made = {"given", "conditions", "out", "as_json", "sensors"}
    own = [one for name, one in wanted.items() if name not in made]
    before, after = (list(inspect.signature(one).parameters.values()) for one in (_first, _last))

    @wraps(command)
    def run(**told: Any) -> None:
        from tocsin.command.plan_inputs import conditions_of, network

        files = {name: told.pop(name) for name in ("sensors", "zones", "terrain")}
        conditions = conditions_of(*(told.pop(name) for name in ("day", "visibility_m", "noise_db")))
        if "sensors" in wanted:
            told["sensors"] = files["sensors"]
        command(given=network(**files), conditions=conditions, **told)

    hints: dict[str, Any] = {}
    # A file that the command names itself has the options of all.
    for one in (command, _first, _last):
        hints |= get_type_hints(one, {**one.__globals__, "Given": Any, "Conditions": Any}, include_extras=True)
    signature = [one.replace(kind=one.KEYWORD_ONLY, annotation=hints[one.name]) for one in (*before, *own, *after)]
    run.__annotations__ = {one.name: one.annotation for one in signature}
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    return run
