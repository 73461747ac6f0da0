"""What sources a recording or a port holds, and a sensors file to complete from it."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.ingest.asterix.reader import Source, sources_of
from tocsin.ingest.asterix.recording import is_recording, read_recording
from tocsin.ingest.asterix.records import Record
from tocsin.ingest.asterix.reports import Place, north_mark, place_of, turn_s
from tocsin.ingest.rejects import Rejects
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of, time_text
from tocsin.model.wire import has_no_place

# A minute of a fast antenna; a median of more says nothing more.
TURNS_MAX = 60
# Reports that need to know where their radar stands; the others carry positions of their own.
POLAR = {1: "040", 15: "627/AZ", 48: "040"}


@dataclass(slots=True)
class Seen:
    """One source: its records by category, and what they say of it."""

    records: Counter[int] = field(default_factory=Counter)
    first_s: float | None = None
    last_s: float | None = None
    place: Place | None = None
    said_turn_s: float | None = None
    polar: int = 0
    norths: list[float] = field(default_factory=list)

    @property
    def rotation_s(self) -> float | None:
        """How long the antenna takes to turn once, as it says or as its north marks come; None: not known."""
        turns = [later - one for one, later in zip(self.norths, self.norths[1:], strict=False) if later > one]
        return self.said_turn_s or (statistics.median(turns) if turns else None)


class Discovery:
    """Takes in records, and tells what sources there are."""

    def __init__(self) -> None:
        self.sources: dict[Source, Seen] = {}

    def note(self, category: int, source: Source, record: Record, time_s: float | None) -> None:
        """Take in a record; `AsterixReader` calls it as its `watch`."""
        seen = self.sources.setdefault(source, Seen())
        seen.records[category] += 1
        if time_s is not None:
            seen.first_s = time_s if seen.first_s is None else min(seen.first_s, time_s)
            seen.last_s = time_s if seen.last_s is None else max(seen.last_s, time_s)
            if north_mark(category, record) and len(seen.norths) <= TURNS_MAX:
                seen.norths.append(time_s)
        seen.polar += POLAR.get(category, "-") in record and "600/P84" not in record
        seen.said_turn_s = turn_s(category, record) or seen.said_turn_s
        place = place_of(category, record)
        # Nothing stands at 0, 0: it was never set.
        if place is not None and abs(place.lat) <= 90 and abs(place.lon) <= 180 and (place.lat or place.lon):
            seen.place = place

    def rows(self, known: Sequence[Sensor] = ()) -> list[dict[str, Any]]:
        """Each source with what is known of it, in order; `sensor`: its id where `known` has it."""
        sensors = sources_of(known)
        rows = []
        for (sac, sic), seen in sorted(self.sources.items()):
            sensor = sensors.get((sac, sic))
            place = seen.place
            rows.append(
                {
                    "source": f"{sac}/{sic}",
                    "sensor": sensor and sensor.id,
                    "records": seen.records.total(),
                    "categories": {f"{category:03}": number for category, number in sorted(seen.records.items())},
                    "rotation_s": seen.rotation_s and round(seen.rotation_s, 3),
                    "first": None if seen.first_s is None else time_text(time_of(seen.first_s)),
                    "last": None if seen.last_s is None else time_text(time_of(seen.last_s)),
                    "lat": place and round(place.lat, 5),
                    "lon": place and round(place.lon, 5),
                    "altitude_m": place and place.altitude_m,
                    "needs_place": bool(seen.polar) or not set(seen.records) - {2, 16, 34},
                }
            )
        return rows


def sensors_to_complete(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries of a sensors file for the sources whose reports cannot be placed without; null is what is missing."""
    entries = []
    for row in rows:
        if not row["needs_place"]:
            continue
        entry = {"id": row["source"], "kind": "radar", "asterix": [int(part) for part in row["source"].split("/")]}
        entry |= {key: row[key] for key in ("lat", "lon", "altitude_m")}
        entries.append(entry if not row["rotation_s"] else entry | {"scan_s": row["rotation_s"]})
    return entries


def discover(recordings: Sequence[Path], rejects: Rejects, *, day_s: float = 0.0) -> Discovery:
    """What sources recordings hold. Raises BadFile where one cannot be read."""
    found = Discovery()
    for path in recordings:
        for _ in read_recording(path, (), rejects, day_s=day_s, watch=found.note):
            pass
    return found


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The same for people: a line for each source."""
    lines = []
    for row in rows:
        counts = ", ".join(f"{number} × {category}" for category, number in row["categories"].items())
        turn = "" if row["rotation_s"] is None else f"; turns in {row['rotation_s']:g} s"
        span = "" if row["first"] is None else f"; {row['first']} to {row['last']}"
        place = "; stands where it does not say" if row["needs_place"] else ""
        if row["lat"] is not None:
            place = f"; stands at {row['lat']:.5f}, {row['lon']:.5f}, {row['altitude_m']:g} m"
        name = "" if row["sensor"] is None else f" ({row['sensor']})"
        lines.append(f"{row['source']}{name}: {counts}{turn}{span}{place}")
    return "\n".join(lines)


def completed(octets: bytes, recordings: Sequence[Path]) -> bytes:
    """A sensors file, with the places that radars say of themselves in recordings where the file gives none."""
    files = [path for path in recordings if is_recording(path) and path.is_file()]
    try:
        entries = json.loads(octets)
    except (ValueError, RecursionError):
        return octets
    if not files or not isinstance(entries, list) or not any(map(has_no_place, entries)):
        return octets
    sources = discover(files, Rejects()).sources
    said = {f"{sac}/{sic}": seen.place for (sac, sic), seen in sources.items() if seen.place is not None}
    return json.dumps([_placed(entry, said) for entry in entries]).encode()


def _placed(entry: Any, said: Mapping[str, Place]) -> Any:
    if not has_no_place(entry):
        return entry
    numbers = entry.get("asterix")
    place = said.get("/".join(map(str, numbers)) if isinstance(numbers, list) else str(entry.get("id")))
    given = {key: value for key, value in entry.items() if value is not None}
    return entry if place is None else place._asdict() | given
