"""A recording through the whole chain, offline and deterministic."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.authorities import read_sources
from tocsin.ingest.files import read_observations
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone
from tocsin.plan.terrain import read_terrain
from tocsin.plan.zone_sight import OverLand, over_land
from tocsin.replay.configuration import configuration_of, read_policy, read_sensors, read_tuning, read_zones
from tocsin.replay.offline import Offline
from tocsin.replay.run_files import RunFiles
from tocsin.warn.coverage import TARGET_M


def replay(
    observations: str | PathLike[str],
    *,
    sensors: str | PathLike[str],
    zones: str | PathLike[str],
    out: str | PathLike[str],
    policy: str = "default",
    drill: bool = False,
    sources: str | PathLike[str] | None = None,
    day_s: float = 0.0,
    config: str | PathLike[str] | None = None,
    terrain: str | PathLike[str] | None = None,
    progress: Callable[[Iterable[Observation]], Iterable[Observation]] | None = None,
) -> dict[str, Any]:
    """Replay a file of observations as the live service would have decided; returns what is in `summary.json`.

    observations    a recording of any kind `tocsin replay` reads; `-` is stdin
    sensors, zones  their files, JSON and GeoJSON
    out             folder for tracks.csv, warnings.jsonl, forecast.csv, summary.json, and rejects.jsonl where any were
    policy          a shipped policy's name, or the path of a policy.toml
    drill           mark every warning as a drill
    sources         TOML with the `[[source]]` tables of the settings: who may say what; without it all are trusted
    day_s           POSIX seconds of the midnight that begins the day of a recording that holds none
    config          a tocsin.toml whose tables [track] and [forecast] hold
    terrain         a folder of elevation that radars see over, as `land` in the settings
    progress        shown the observations as they go by, as `tqdm` is

    The same arguments give the same `effects_sha256`. Raises BadFile and BadSettings.
    """
    folder = Path(out)
    known = read_sensors(Path(sensors), [Path(observations)])
    places, table = read_zones(Path(zones)), read_policy(policy)
    may, profiles = (None, {}) if sources is None else read_sources(Path(sources))
    tuning = read_tuning(None if config is None else Path(config))
    land = _land(terrain, known, places)
    begun_s = time.perf_counter()
    with RunFiles(folder) as files, Rejects(folder / "rejects.jsonl") as rejects:
        stream = iter(
            read_observations(observations if observations == "-" else Path(observations), known, rejects, day_s=day_s)
        )
        first = next(stream, None)
        if first is None:
            raise BadFile(f"{observations} holds no observation that can be used. {rejects.summary()}".rstrip())
        configuration = configuration_of(
            places,
            known,
            table,
            drill=drill,
            time=first.received_at,
            sources=may,
            tuning=tuning,
            sight=land.sight,
            masking=land.masking,
        )
        offline = Offline(configuration, profiles=profiles)
        offline.watchers.append(files.forecast)
        every = chain([first], stream)
        for effect in offline.run(every if progress is None else progress(every)):
            files.write(effect)
        spent_s = time.perf_counter() - begun_s
        summary = files.summary()
        summary |= rejects.figures() | {
            "observations": offline.counts,
            "policy": policy,
            "drill": drill,
            "land": land.said,
            "horizon_s": tuning.forecast.horizon_s,
            "spent_s": round(spent_s, 3),
            "times_real_time": round(summary["world_s"] / spent_s, 1),
        }
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def _land(folder: str | PathLike[str] | None, sensors: Sequence[Sensor], zones: Sequence[Zone]) -> OverLand:
    if folder is None:
        return OverLand({}, {}, [])
    return over_land(read_terrain([Path(folder)]), sensors, ZoneIndex(zones), TARGET_M)
