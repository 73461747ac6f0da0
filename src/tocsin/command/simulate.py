"""`tocsin simulate`: a night from a scenario and one integer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    scenario: Annotated[
        str, typer.Argument(help="A shipped scenario's name, or the path of a file.", show_default=False)
    ],
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

    from tocsin.model.wire import to_json
    from tocsin.replay.files import write_files
    from tocsin.replay.nights import night_files
    from tocsin.replay.scenarios import load_scenario, scenario_path, zones_for
    from tocsin.simulate.world import simulate as play

    path = scenario_path(scenario)
    world = load_scenario(path)
    places = zones_for(world, path.parent, zones=zones, country=country)
    with Console(stderr=True).status(f"Simulating {world.title or world.name}"):
        night = play(world, places, seed)
        files = night_files(night)
        if asterix:
            from tocsin.simulate.asterix import pcap, recording_of

            files["radar.pcap"] = pcap(recording_of(night, world))
    write_files(out, files)
    kinds = Counter(type(one).__name__.lower() for one in night.observations)
    strikes = sum(one.__struct_config__.tag == "strike" for one in night.truth)
    summary = {
        "scenario": world.name,
        "seed": seed,
        "observations": len(night.observations),
        "by_kind": dict(sorted(kinds.items())),
        "sensors": len(night.sensors),
        "zones": len(night.zones),
        "objects": len(night.truth) - strikes,
        "strikes": strikes,
        "out": str(out),
    }
    if json:
        typer.echo(to_json(summary).decode())
        return
    typer.echo(
        f"{world.title or world.name}, seed {seed}: {summary['objects']} objects, {strikes} strikes, "
        f"{len(night.observations)} observations from {len(night.sensors)} sensors over {len(night.zones)} zones "
        f"in {out}"
    )
