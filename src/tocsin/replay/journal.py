"""A live night out of its journal: what it holds, its observations, and the whole of it played again."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tocsin.engine.decision_basis import Moment
from tocsin.forecast.settings import ForecastSettings
from tocsin.journal.head import read_head
from tocsin.journal.reading import Reading
from tocsin.model.effect import Effect
from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.event import Configuration, Event
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Observation
from tocsin.model.tables import from_table
from tocsin.model.value import time_of, time_text
from tocsin.model.wire import event_from_json
from tocsin.replay.run_files import RunFiles
from tocsin.twins.guarded import Guarded

Progress = Callable[[Iterable[Event]], Iterable[Event]]
# Told of every event, what came of it, and what the last decision rested on.
Also = Callable[[Event, Sequence[Effect], Moment | None], None]


def kind_of(event: Event) -> str:
    """What an event is called on the wire."""
    return str(event.__struct_config__.tag)


def summary_of(path: Path) -> dict[str, Any]:
    """What a journal holds, in numbers. Raises BadFile and JournalError."""
    kinds: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    first = last = None
    with Reading(path) as reading:
        for _, body in reading.read_json():
            try:
                event = event_from_json(body)
            except BadRecord:
                kinds["unreadable"] += 1
                continue
            kinds[kind_of(event)] += 1
            at = event.received_at if isinstance(event, Observation) else event.time
            first, last = first or at, at
            if isinstance(event, Observation):
                sources[event.source] += 1
        head = read_head(reading.path)
        return {
            "last_event": reading.last_seq,
            "from": first and time_text(first),
            "to": last and time_text(last),
            "events": dict(sorted(kinds.items())),
            "sources": dict(sources.most_common()),
            "archived_to": max((one.last for one in reading.segments), default=0),
            "chain": (reading.chain_at(reading.last_seq) or b"").hex(),
            "head": None if head is None else head.seq,
            "head_at": None if head is None else time_text(time_of(head.at_s)),
        }


def export(path: Path, out: Path) -> tuple[int, int]:
    """Write the observations of a journal as `.jsonl`; how many, and how many of its events are none.

    Raises BadFile and JournalError.
    """
    counts: Counter[bool] = Counter()
    try:
        with Reading(path) as reading, out.open("wb") as file:
            for _, body in reading.read_json():
                try:
                    is_one = isinstance(event_from_json(body), Observation)
                except BadRecord:
                    is_one = False
                counts[is_one] += 1
                if is_one:
                    file.write(body + b"\n")
    except OSError as error:
        raise BadFile(f"{out} cannot be written: {error.strerror}; choose another --out") from error
    return counts[True], counts[False]


def replay_journal(path: Path, out: Path, progress: Progress | None = None, also: Also | None = None) -> dict[str, Any]:
    """Play a live night again, event by event, ticks and configurations included; what is in `summary.json`.

    Written into `out` is what `tocsin replay` writes, and `zones.geojson`, the zones it was decided for last: to score
    the night by. Raises BadFile, JournalError.
    """
    engine, zones = Guarded(), b""
    failed = 0
    begun_s = time.perf_counter()
    with Reading(path) as reading, RunFiles(out) as files:
        events = _events(reading)
        for event in events if progress is None else progress(events):
            if isinstance(event, Configuration):
                zones = zones_to_geojson(event.zones)
            try:
                effects = engine.step(event)
            except Exception:  # noqa: BLE001 - it failed when it was live, too, and the service went on
                failed += 1
                continue
            if also is not None:
                also(event, effects, engine.moment)
            for effect in effects:
                files.write(effect)
            if effects and engine.moment is not None:
                files.forecast(engine.moment)
        if engine.configuration is None:
            raise BadFile(f"{path} holds no configuration that can be read; nothing was decided from it")
        spent_s = time.perf_counter() - begun_s
        summary = files.summary()
        summary |= {
            "events": reading.last_seq,
            "failed": failed,
            "drill": engine.configuration.drill,
            "policy": str(engine.configuration.policy.get("name", "")),
            "horizon_s": from_table(ForecastSettings, engine.configuration.forecast, "[forecast]").horizon_s,
            "spent_s": round(spent_s, 3),
            "times_real_time": round(summary["world_s"] / spent_s, 1),
        }
    (out / "zones.geojson").write_bytes(zones)
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def _events(reading: Reading) -> Iterator[Event]:
    for _, body in reading.read_json():
        try:
            yield event_from_json(body)
        except BadRecord:
            # The service passed it over, too.
            continue
