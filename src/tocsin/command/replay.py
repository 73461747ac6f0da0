"""`tocsin replay`: a recording through the whole chain, offline and deterministic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def replay(
    observations: Annotated[str, typer.Argument(help="`.jsonl`, `.csv`, `.parquet`, `.pcap`, `.ast`; `-` is stdin.")],
    sensors: Annotated[Path, typer.Option(help="The sensors file (JSON).")],
    zones: Annotated[Path, typer.Option(help="The zones file (GeoJSON).")],
    out: Annotated[Path, typer.Option(help="Folder for tracks.csv, warnings.jsonl, forecast.csv and summary.json.")],
    policy: Annotated[str, typer.Option(help="A shipped policy's name, or the path of a policy.toml.")] = "default",
    drill: Annotated[bool, typer.Option("--drill", help="Mark every warning as a drill.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of a recording without one.")] = None,
) -> None:
    """Replay a recording offline: tracks, forecasts and warnings as the live service would have made them.

    Example: `tocsin replay observations.jsonl --sensors sensors.json --zones zones.geojson --out run`
    """
    import json
    import time
    from itertools import chain

    from tocsin.command import day_of
    from tocsin.ingest.files import read_observations
    from tocsin.ingest.rejects import Rejects
    from tocsin.model.errors import BadFile
    from tocsin.replay.configuration import configuration_of, read_policy, read_sensors, read_zones
    from tocsin.replay.offline import Offline
    from tocsin.replay.progress import progress
    from tocsin.replay.run_files import RunFiles

    known = read_sensors(sensors)
    places = read_zones(zones)
    table = read_policy(policy)
    out.mkdir(parents=True, exist_ok=True)
    begun_s = time.perf_counter()
    with Rejects(out / "rejects.jsonl") as rejects, RunFiles(out) as files:
        stream = iter(read_observations(observations, known, rejects, day_s=day_of(date)))
        first = next(stream, None)
        if first is None:
            raise BadFile(f"{observations} holds no observation that can be used. {rejects.summary()}".rstrip())
        offline = Offline(configuration_of(places, known, table, drill=drill, time=first.received_at))
        offline.watchers.append(files.forecast)
        for effect in offline.run(progress(chain([first], stream), "replaying")):
            files.write(effect)
        spent_s = time.perf_counter() - begun_s
        summary = files.summary()
        summary |= {
            "observations": offline.counts,
            "rejected": rejects.counts,
            "passed_over": rejects.passed_over,
            "policy": policy,
            "drill": drill,
            "spent_s": round(spent_s, 3),
            "times_real_time": round(summary["world_s"] / spent_s, 1),
        }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(summary))
        return
    warnings = ", ".join(f"{count} {level}" for level, count in summary["warnings"].items()) or "no warnings"
    typer.echo(
        f"{sum(offline.counts.values())} observations over {summary['world_s']:.0f} s in {spent_s:.1f} s "
        f"({summary['times_real_time']:g} × real time): {summary['tracks']} tracks, {warnings}; see {out}"
    )
    if said := rejects.summary():
        typer.echo(said, err=True)
