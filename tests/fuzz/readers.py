"""What reads each kind of input, as the program does, and the account of it where the reader keeps one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from tests.fuzz.samples import NOW_S, Sample
from tocsin.cap.check import check
from tocsin.ingest.aircraft_json import AircraftReader
from tocsin.ingest.beast import BeastReader
from tocsin.ingest.files import read_observations
from tocsin.ingest.flights import read_flights
from tocsin.ingest.rejects import Account, Rejects
from tocsin.ingest.remote_id_lines import RemoteIdReader
from tocsin.ingest.sbs import SbsReader
from tocsin.ingest.text.posts import read_posts
from tocsin.ingest.text.reader import Reader
from tocsin.ingest.zone_files import import_zones
from tocsin.ledger.importing import FORMATS
from tocsin.ledger.record import record_json
from tocsin.ledger.wire import record_from_json
from tocsin.model.sensor import Sensor

# Raises what the program would show, and nothing else; the account of what was read.
Read = Callable[[Sample, Path], Account | None]
SENSORS = (Sensor(id="radar-1", kind="radar", lat=50.0, lon=30.0, altitude_m=200.0, asterix=(1, 2)),)


def _written(sample: Sample, folder: Path) -> Path:
    path = folder / f"input{sample.suffix}"
    path.write_bytes(sample.content)
    return path


def _observations(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    for _ in read_observations(_written(sample, folder), SENSORS, rejects):
        pass
    return rejects.account


def _flights(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    for _ in read_flights(_written(sample, folder), rejects, Counter()):
        pass
    return rejects.account


def _zones(sample: Sample, folder: Path) -> None:
    import_zones([_written(sample, folder)])


def _alerts(sample: Sample, folder: Path) -> None:
    check(sample.content, profile="basic")


def _aircraft(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    AircraftReader("receiver", rejects).read(sample.content, NOW_S)
    return rejects.account


def _sbs(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    reader = SbsReader("receiver", rejects)
    for line in sample.content.split(b"\n"):
        reader.read(line, NOW_S)
    return rejects.account


def _beast(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    reader, half = BeastReader("receiver", rejects), len(sample.content) // 2
    for number, part in enumerate((sample.content[:half], sample.content[half:])):
        reader.read(part, NOW_S + number)
    return rejects.account


def _remote_id(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    RemoteIdReader("receiver", rejects).read(sample.content, NOW_S)
    return rejects.account


@cache
def _reader() -> Reader:
    return Reader()


def _posts(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    for post in read_posts(_written(sample, folder), rejects):
        _reader().read(post.text)
    return rejects.account


def _ledger(sample: Sample, folder: Path) -> Account:
    rejects = Rejects()
    reader = import_module(FORMATS[sample.suffix.removeprefix(".")])
    for row in reader.read(_written(sample, folder), rejects):
        for record in row.records:
            assert record_from_json(record_json(record)) == record
    return rejects.account


READERS: dict[str, Read] = {
    "captures": _observations, "tables": _observations, "observations": _observations, "flights": _flights,
    "zones": _zones, "alerts": _alerts, "aircraft": _aircraft, "sbs": _sbs, "beast": _beast, "remote-id": _remote_id,
    "posts": _posts, "ledger": _ledger,
}  # fmt: skip
