"""Scenarios and the zones they are played over, from files and the gazetteer."""

from __future__ import annotations

from importlib import resources
from os import PathLike
from pathlib import Path

from tocsin.ingest.gazetteer import build_zones
from tocsin.model.errors import BadFile
from tocsin.model.zone import Zone
from tocsin.replay.configuration import read_zones
from tocsin.replay.files import read_text
from tocsin.simulate.scenario import Scenario, scenario_from_toml


def shipped_scenario(name: str) -> Path:
    """The file of a scenario that comes with Tocsin. Raises BadFile listing those there are."""
    packaged = Path(str(resources.files("tocsin"))) / "scenarios"
    # Installed, the scenarios lie inside the package; in a checkout, beside `src`.
    folder = packaged if packaged.is_dir() else Path(str(resources.files("tocsin"))).parents[1] / "scenarios"
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml")))
        raise BadFile(f"there is no scenario {name!r}; there are {known}")
    return path


def scenario_path(scenario: str | PathLike[str]) -> Path:
    """The path of a scenario's file, given itself or as a shipped scenario's name. Raises BadFile."""
    path = Path(scenario)
    return path if path.suffix == ".toml" or path.is_file() else shipped_scenario(str(scenario))


def load_scenario(path: Path) -> Scenario:
    """The scenario of a file. Raises BadFile, BadRecord."""
    return scenario_from_toml(read_text(path, "a scenario"), str(path))


def zones_for(
    scenario: Scenario, folder: Path, *, zones: Path | None = None, country: str | None = None
) -> tuple[Zone, ...]:
    """The zones to play over: a file given, a country given, else what the scenario says (its file, its country).

    `folder` is the scenario's own; a path in the scenario is relative to it. Raises BadFile, BadRecord, BadSettings.
    """
    if zones is None and country is None and scenario.place.zones is not None:
        zones = folder / scenario.place.zones
    if zones is None:
        return build_zones(country or scenario.place.country)
    return read_zones(zones)
