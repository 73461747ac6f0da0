"""`tocsin replay`: a recording through the whole chain, offline and deterministic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer


def replay(
    observations: Annotated[
        str,
        typer.Argument(
            help="`.jsonl`, `.csv`, `.parquet`, `.pcap`, `.ast`, `.json` (posts), `journal.db`; `-` is stdin."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for tracks.csv, warnings.jsonl, forecast.csv and summary.json.")],
    sensors: Annotated[Path | None, typer.Option(help="The sensors file (JSON); a journal holds its own.")] = None,
    zones: Annotated[Path | None, typer.Option(help="The zones file (GeoJSON); a journal holds its own.")] = None,
    policy: Annotated[str, typer.Option(help="A shipped policy's name, or the path of a policy.toml.")] = "default",
    drill: Annotated[bool, typer.Option("--drill", help="Mark every warning as a drill.")] = False,
    sources: Annotated[Path | None, typer.Option(help="TOML with [[source]] tables: who may say what.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of a recording without one.")] = None,
    config: Annotated[Path | None, typer.Option(help="Take [track] and [forecast] from this settings file.")] = None,
    terrain: Annotated[Path | None, typer.Option(help="A folder of elevation; without it the Earth is smooth.")] = None,
) -> None:
    """Replay a recording offline: tracks, forecasts and warnings as the live service would have made them.

    A journal is played again as it was lived: its own sensors, zones, policy, officers' acts and ticks. Written beside
    the rest is `zones.geojson`, for `tocsin score`.

    Example: `tocsin replay observations.jsonl --sensors sensors.json --zones zones.geojson --out run`
    """
    import json
    from functools import partial

    from tocsin.command import day_of
    from tocsin.ingest.reasons import by_reason
    from tocsin.ingest.rejects import unused
    from tocsin.journal.reading import is_journal
    from tocsin.model.errors import BadSettings
    from tocsin.replay import replay as replayed
    from tocsin.replay.journal import replay_journal
    from tocsin.replay.progress import progress

    if is_journal(Path(observations)):
        if sensors or zones or sources or config or terrain or drill or policy != "default":
            raise BadSettings(f"{observations} is a journal and holds what it was decided with; give it --out alone")
        night = replay_journal(Path(observations), out, partial(progress, text="replaying"))
        _say_night(night, out, as_json)
        return
    if sensors is None or zones is None:
        raise BadSettings(f"{observations} is no journal, and needs --sensors and --zones")
    summary = replayed(
        observations,
        sensors=sensors,
        zones=zones,
        out=out,
        policy=policy,
        drill=drill,
        sources=sources,
        day_s=day_of(date),
        config=config,
        terrain=terrain,
        progress=partial(progress, text="replaying"),
    )
    if as_json:
        typer.echo(json.dumps(summary))
        return
    typer.echo(
        f"{sum(summary['observations'].values())} observations over {summary['world_s']:.0f} s in "
        f"{summary['spent_s']:.1f} s ({summary['times_real_time']:g} × real time): {summary['tracks']} tracks, "
        f"{_told(summary)}; see {out}"
    )
    for sentence in summary["land"]:
        typer.echo(f"the land {sentence}", err=True)
    if summary["refused"]:
        typer.echo(f"not used, or not wholly: {by_reason(summary['refused'], summary['refused_values'])}", err=True)
    if said := unused(summary, out / "rejects.jsonl"):
        typer.echo(said, err=True)


def _told(summary: dict[str, Any]) -> str:
    """How many warnings of each level were issued."""
    return ", ".join(f"{count} {level}" for level, count in summary["warnings"].items()) or "no warnings"


def _say_night(night: dict[str, Any], out: Path, as_json: bool) -> None:
    import json

    if as_json:
        typer.echo(json.dumps(night))
        return
    typer.echo(
        f"{night['events']} events over {night['world_s']:.0f} s in {night['spent_s']:.1f} s: "
        f"{night['tracks']} tracks, {_told(night)}; see {out}"
    )
