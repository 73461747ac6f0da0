"""`tocsin score`: a replay against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def score(
    run_dir: Annotated[Path, typer.Argument(help="The folder a replay wrote: tracks.csv, warnings.jsonl.")],
    truth: Annotated[Path, typer.Option("--truth", help="What happened: truth.jsonl.")],
    zones: Annotated[Path, typer.Option("--zones", help="The zones the replay used: zones.geojson.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Score a replay against what happened, next to two simple rules on the same tracks.

    Example: `tocsin score out --truth raid/truth.jsonl --zones raid/zones.geojson`
    """
    import msgspec

    from tocsin.service.scorecard import print_scorecard

    result = score_run(run_dir, truth, zones)
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
    else:
        print_scorecard(result)


def score_run(run_dir: Path, truth: Path, zones: Path) -> dict[str, Any]:
    """The score of the run in a folder. Raises BadFile naming what cannot be read."""
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.ledger.score import score as score_warnings
    from tocsin.ledger.sightings import read_sightings
    from tocsin.ledger.truth import read_truth
    from tocsin.service.configuration import read_zones

    index = ZoneIndex(read_zones(zones))
    sightings = read_sightings(run_dir / "tracks.csv", index)
    return score_warnings(_warnings(run_dir / "warnings.jsonl"), sightings, read_truth(truth), index)


def _warnings(path: Path) -> list[Any]:
    """The warnings a replay wrote. Raises BadFile naming the line that is wrong."""
    from tocsin.model.errors import BadFile, BadRecord
    from tocsin.model.warning import Warning
    from tocsin.model.wire import effect_from_json

    warnings = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror}); give the folder a replay wrote") from error
    for number, line in enumerate(lines, 1):
        try:
            effect = effect_from_json(line)
        except BadRecord as error:
            raise BadFile(f"{path}:{number}: {error}") from error
        if isinstance(effect, Warning):
            warnings.append(effect)
    return warnings
