"""Reading what the engine is configured with: zones, sensors and policy files."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from tocsin.forecast.settings import ForecastSettings
from tocsin.ingest.asterix.discovery import completed
from tocsin.model.access import Authority
from tocsin.model.errors import BadFile, BadRecord, BadSettings
from tocsin.model.event import ActRules, Configuration
from tocsin.model.geojson import zones_from_geojson
from tocsin.model.masking import Masking
from tocsin.model.sensor import Sensor
from tocsin.model.tables import from_table
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import Value, time_text
from tocsin.model.wire import sensors_from_json
from tocsin.model.zone import Zone
from tocsin.replay.files import read_text
from tocsin.track.settings import TrackSettings
from tocsin.warn.policy import policy_from_table

NO_RULES = ActRules()


def read_zones(path: Path) -> tuple[Zone, ...]:
    """The zones of a GeoJSON file. Raises BadFile naming the file and the feature."""
    try:
        return zones_from_geojson(read_text(path, "a zones file (GeoJSON)"))
    except BadRecord as error:
        raise BadFile(f"{path}: {error}") from error


def read_sensors(path: Path | None, recordings: Sequence[Path] = ()) -> tuple[Sensor, ...]:
    """The sensors of a JSON file; none without a file. Raises BadFile naming the file and the sensor.

    recordings   of ASTERIX: a radar that the file does not say the place of stands where it says itself (034/120)
    """
    if path is None:
        return ()
    text = read_text(path, "a sensors file (JSON)")
    try:
        return sensors_from_json(completed(text, recordings))
    except BadRecord as error:
        raise BadFile(f"{path}: {error}") from error


def shipped_policies() -> tuple[str, ...]:
    """Names of the policies that come with Tocsin."""
    folder = resources.files("tocsin.warn") / "policies"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def read_policy(name: str) -> dict[str, Any]:
    """A shipped policy by name, or a policy.toml by path, checked. Raises BadSettings."""
    path = Path(name)
    if path.suffix == ".toml":
        try:
            text = as_utf8(path.read_bytes()).decode()
        except (OSError, UnicodeDecodeError, BadRecord) as error:
            raise BadSettings(f"the policy file {path} cannot be read: {error}") from error
    elif name in shipped_policies():
        text = (resources.files("tocsin.warn") / "policies" / f"{name}.toml").read_text(encoding="utf-8")
    else:
        known = ", ".join(shipped_policies())
        raise BadSettings(f"there is no policy {name!r}; take one of {known}, or the path of a policy.toml")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"the policy {name} is not TOML: {error}") from error
    try:
        policy_from_table(table)
    except BadSettings as error:
        raise BadSettings(f"{name}: {error}") from error
    return table


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the tracker and the forecast do otherwise than by default."""

    track: TrackSettings = field(default_factory=TrackSettings)
    forecast: ForecastSettings = field(default_factory=ForecastSettings)


def tuning_of(track: dict[str, Any], forecast: dict[str, Any]) -> Tuning:
    """The tables `[track]` and `[forecast]` of a tocsin.toml, or of the environment. Raises BadSettings."""
    return Tuning(
        from_table(TrackSettings, track, "[track]", strict=False),
        from_table(ForecastSettings, forecast, "[forecast]", strict=False),
    )


def read_tuning(path: Path | None) -> Tuning:
    """The tables `[track]` and `[forecast]` of a file; the defaults without one. Raises BadFile, BadSettings."""
    if path is None:
        return Tuning()
    try:
        table = tomllib.loads(read_text(path, "a settings file (TOML)").decode())
    except ValueError as error:
        raise BadSettings(f"{path} is not TOML: {error}") from error
    tables = [table.get(name, {}) for name in ("track", "forecast")]
    if not all(isinstance(one, dict) for one in tables):
        raise BadSettings(f"{path}: track and forecast are tables; write [track] and [forecast]")
    return tuning_of(*tables)


def configuration_of(
    zones: tuple[Zone, ...],
    sensors: tuple[Sensor, ...],
    policy: dict[str, Any],
    *,
    drill: bool,
    time: datetime,
    sources: tuple[Authority, ...] | None = None,
    tuning: Tuning = Tuning(),
    acts: ActRules = NO_RULES,
    sight: dict[str, tuple[str, ...]] | None = None,
    masking: dict[str, Masking] | None = None,
) -> Configuration:
    """The configuration event; its id is of its time, so that configuring again is another event.

    sources   who may say what; None: everybody everything
    sight     the zones that radars see over the land; None: over a smooth Earth
    masking   what the land hides from radars; None: nothing
    """
    return Configuration(
        id=f"configuration/{time_text(time)}",
        time=time,
        sensors=sensors,
        zones=zones,
        policy=policy,
        drill=drill,
        sources=sources,
        track=_chosen(tuning.track),
        forecast=_chosen(tuning.forecast),
        acts=acts,
        sight=sight or {},
        masking=masking or {},
    )


def _chosen(value: Value) -> dict[str, Any]:
    """What differs from the defaults: a journal says what was chosen, and nothing else."""
    usual = type(value)()
    plain = msgspec.to_builtins(value)
    return {key: part for key, part in plain.items() if getattr(value, key) != getattr(usual, key)}
