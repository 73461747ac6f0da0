"""What a replay writes: tracks.csv, warnings.jsonl and summary.json, as the contracts say, and forecast.csv."""

from __future__ import annotations

import csv
import hashlib
import math
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tocsin.engine.decision_basis import Moment
from tocsin.ingest.rejects import Rejects
from tocsin.model.effect import Degraded, Effect, Picture, Refused
from tocsin.model.errors import BadFile
from tocsin.model.incident import Incident
from tocsin.model.track import Track
from tocsin.model.value import time_of, time_text
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json

TRACK_COLUMNS = (
    "time", "track_id", "lat", "lon", "altitude_m", "speed_mps", "heading_deg", "sigma_m",
    "threat", "probability", "status", "sensors", "cooperative", "icao24",
)  # fmt: skip
FORECAST_COLUMNS = ("time", "zone", "probability", "eta_likely")
# A forecast changes slowly; what is less likely than this makes up nine tenths of the rows and none of the warnings.
FORECAST_EVERY_S = 30.0
FORECAST_LEAST = 0.005


def track_row(time: str, track: Track) -> str:
    """One line of tracks.csv; `time` is the track's."""
    return (
        f"{time},{track.id},{track.lat},{track.lon},{track.altitude_m},{track.speed_mps},{track.heading_deg},"
        f"{track.sigma_m},{track.threat},{track.probability},{track.status},{track.sensors},{int(track.cooperative)},"
        f"{track.icao24 or ''}\n"
    )


class RunFiles:
    """Writes effects into a folder as they come, and counts them.

    digest   SHA-256 of all effects as JSON: two runs with the same one did the same, byte for byte
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._tracks = (folder / "tracks.csv").open("w", encoding="utf-8", newline="")
            self._warnings = (folder / "warnings.jsonl").open("wb")
            self._forecasts = (folder / "forecast.csv").open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise BadFile(f"{folder} cannot be written: {error.strerror}; choose another --out") from error
        self.folder = folder
        self.warnings: Counter[str] = Counter()
        # Only counted: what was refused is in the recording.
        self.refused = Rejects()
        self.track_ids: set[str] = set()
        self.incidents = 0
        self.blind_most = 0
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self._digest, self._told = hashlib.sha256(), hashlib.sha256()
        self._tracks.write(",".join(TRACK_COLUMNS) + "\n")
        self._forecast = csv.writer(self._forecasts)
        self._forecast.writerow(FORECAST_COLUMNS)
        self._forecast_at_s = -math.inf

    def write(self, effect: Effect) -> None:
        """Take one effect."""
        line = to_json(effect) + b"\n"
        self._digest.update(line)
        if isinstance(effect, Picture):
            self.first_at = self.first_at or effect.time
            self.last_at = effect.time
            self.track_ids.update(track.id for track in effect.tracks if track.status != "tentative")
            time = time_text(effect.time)
            self._tracks.writelines(track_row(time, track) for track in effect.tracks)
        elif isinstance(effect, Warning):
            self.warnings[effect.level] += 1
            self._told.update(to_json((effect.time, effect.zone, effect.level)) + b"\n")
            self._warnings.write(line)
        elif isinstance(effect, Refused):
            self.refused.count(effect.reason)
        elif isinstance(effect, Degraded):
            self.blind_most = max(self.blind_most, len(effect.zones))
        elif isinstance(effect, Incident):
            self.incidents += 1

    def forecast(self, moment: Moment) -> None:
        """Take what a decision rested on: every `FORECAST_EVERY_S` what was expected of the zones is kept."""
        if moment.now_s < self._forecast_at_s + FORECAST_EVERY_S:
            return
        self._forecast_at_s = moment.now_s
        expected = moment.expected(FORECAST_LEAST)
        time = time_text(time_of(moment.now_s))
        columns = zip(expected.zones, expected.probability.tolist(), expected.eta_likely_s.tolist(), strict=True)
        self._forecast.writerows(
            (time, zone, f"{probability:.4f}", time_text(time_of(round(eta_s)))) for zone, probability, eta_s in columns
        )

    def summary(self) -> dict[str, Any]:
        """What happened, in numbers."""
        return {
            "from": self.first_at and time_text(self.first_at),
            "to": self.last_at and time_text(self.last_at),
            "world_s": (self.last_at - self.first_at).total_seconds() if self.first_at and self.last_at else 0.0,
            "tracks": len(self.track_ids),
            "warnings": dict(sorted(self.warnings.items())),
            "incidents": self.incidents,
            "blind_zones_most": self.blind_most,
            "refused": self.refused.counts,
            "refused_values": self.refused.values,
            "warnings_sha256": self._told.hexdigest(),
            "effects_sha256": self._digest.hexdigest(),
        }

    def close(self) -> None:
        """Close the files."""
        self._tracks.close()
        self._warnings.close()
        self._forecasts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
