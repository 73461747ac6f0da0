"""Options that the planner's commands share; importing them costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Sensors = Annotated[Path, typer.Option(help="The sensors file (JSON).")]
Zones = Annotated[Path, typer.Option(help="The zones file (GeoJSON).")]
Terrain = Annotated[
    Path | None,
    typer.Option(help="Folder or file of elevation (.hgt, GeoTIFF); without it a smooth Earth at sea level."),
]
Classes = Annotated[str, typer.Option(help="Classes of threat, with commas between.")]
Out = Annotated[Path | None, typer.Option(help="Folder for tables, maps and a report, readable by you alone.")]
Day = Annotated[bool, typer.Option("--day", help="By day; else by night, when eyes reach three tenths as far.")]
Visibility = Annotated[float, typer.Option(min=50, max=100_000, help="Nobody sees farther, metres.")]
Noise = Annotated[
    float, typer.Option(min=0, max=60, help="Wind and traffic: dB louder than where microphones were tried.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
ALL = "drone,cruise_missile,jet,helicopter,ballistic_missile,rocket"
