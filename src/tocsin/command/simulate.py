"""`tocsin simulate`: a night from a scenario and one integer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    scenario: Annotated[Path, typer.Argument(help="Scenario file (TOML); scenarios/ has some.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the four files; made if absent.")],
    seed: Annotated[int, typer.Option(help="One integer is one night.")] = 1,
    zones: Annotated[Path | None, typer.Option(help="GeoJSON zones instead of the scenario's place.")] = None,
    country: Annotated[str | None, typer.Option(help="Two-letter country instead of the scenario's.")] = None,
    asterix: Annotated[bool, typer.Option("--asterix", help="Also write radar.pcap, what the radars send.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Write observations.jsonl, sensors.json, zones.geojson and truth.jsonl of a simulated night.

    The same scenario, zones and seed give the same files, byte for byte.

    Example: `tocsin simulate scenarios/mixed-raid.toml --seed 7 --out night`
    """
    from collections import Counter

    from rich.console import Console

    from tocsin.model.geojson import zones_to_geojson
    from tocsin.model.wire import to_json
    from tocsin.replay.scenarios import load_scenario, zones_for
    from tocsin.simulate.world import simulate as play

    world = load_scenario(scenario)
    places = zones_for(world, scenario.parent, zones=zones, country=country)
    with Console(stderr=True).status(f"Simulating {world.title or world.name}"):
        night = play(world, places, seed)
        files = {
            "observations.jsonl": b"".join(to_json(one) + b"\n" for one in night.observations),
            "sensors.json": b"[\n" + b",\n".join(to_json(sensor) for sensor in night.sensors) + b"\n]\n",
            "zones.geojson": zones_to_geojson(night.zones) + b"\n",
            "truth.jsonl": b"".join(to_json(one) + b"\n" for one in night.truth),
        }
        if asterix:
            from tocsin.simulate.asterix import pcap, recording_of

            files["radar.pcap"] = pcap(recording_of(night, world))
    _write(out, files)
    counts = dict(sorted(Counter(type(one).__name__.lower() for one in night.observations).items()))
    strikes = sum(one.__struct_config__.tag == "strike" for one in night.truth)
    summary = {
        "scenario": world.name,
        "seed": seed,
        "observations": len(night.observations),
        "by_kind": counts,
        "sensors": len(night.sensors),
        "zones": len(night.zones),
        "objects": len(night.truth) - strikes,
        "strikes": strikes,
        "out": str(out),
    }
    if json:
        typer.echo(to_json(summary).decode())
    else:
        typer.echo(
            f"{world.title or world.name}, seed {seed}: {summary['objects']} objects, {strikes} strikes, "
            f"{len(night.observations)} observations from {len(night.sensors)} sensors over {len(night.zones)} zones "
            f"in {out}"
        )


def _write(folder: Path, files: dict[str, bytes]) -> None:
    from tocsin.model.errors import BadFile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise BadFile(
            f"{error.filename or folder} cannot be written: {error.strerror}; choose another --out"
        ) from error
