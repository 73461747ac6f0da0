"""A readable journal made of a damaged one: every event that is whole, and a `loss` where others were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import apsw

from tocsin.journal.archive import read_segment
from tocsin.journal.chain import row_crc
from tocsin.journal.encoded import Encoded, encode
from tocsin.journal.journal import Journal
from tocsin.journal.reading import Reading
from tocsin.journal.store import fetch, known_by
from tocsin.model.errors import BadFile, BadRecord, JournalError
from tocsin.model.event import Loss
from tocsin.model.observation import Observation
from tocsin.model.value import EPOCH, clipped
from tocsin.model.wire import event_from_json

_TOGETHER = 1_000
# So many numbers in a row are asked for in vain before the next row that there is: one flipped bit makes a number of
# 2^40, and where numbers are out of order a row may be found that is not the next.
_ASKED_MAX = 10_000


class Hole(NamedTuple):
    """Events of the damaged journal that cannot be read, as they were numbered there, and why."""

    first: int
    last: int
    why: str


def rescue(path: Path, out: Path) -> tuple[int, list[Hole]]:
    """Write what is whole of the journal at `path` into a new one; how many events that are, and what is missing.

    They are numbered anew. Nothing is changed at `path`, and a service may go on writing there. Raises BadFile where
    there is something at `out`, and JournalError where the database cannot be read at all.
    """
    if out.exists():
        raise BadFile(f"{out} is there already; name a file that is not")
    count, holes = 0, list[Hole]()
    hole: Hole | None = None
    time = EPOCH
    waiting: list[Encoded] = []
    with Reading(path) as reading, Journal.open(out) as journal:
        for first, last, body, why in _all(reading):
            if body is None:
                hole = Hole(first if hole is None else hole.first, last, why if hole is None else hole.why)
                continue
            time = _time_of(body, time)
            if hole is not None:
                waiting.append(_said(hole, time))
                holes.append(hole)
                hole = None
            waiting.append(Encoded(*known_by(body), body))
            count += 1
            if len(waiting) >= _TOGETHER:
                journal.append_encoded(waiting)
                waiting.clear()
        if hole is not None:
            waiting.append(_said(hole, time))
            holes.append(hole)
        journal.append_encoded(waiting)
    return count, holes


def _all(reading: Reading) -> Iterator[tuple[int, int, bytes | None, str]]:
    """Every event up to the last as (first, last, body, why not); body None: none of these can be read."""
    after = 0
    for segment in reading.segments:
        try:
            # Read before any is handed on: whether the file is the one that was written shows at its end.
            found = list(read_segment(reading.path.with_name(reading.path.name + ".archive"), segment, after))
        except JournalError as error:
            if segment.last > after:
                yield after + 1, segment.last, None, str(error)
        else:
            yield from ((seq, seq, body, "") for seq, body in found)
        after = segment.last
    seq, missing = after + 1, 0
    while seq <= reading.last_seq:
        body, why = _row(reading.db, seq)
        missing = 0 if body is not None else missing + 1
        last = seq if missing < _ASKED_MAX else _before_next(reading.db, seq)
        yield seq, last, body, why
        seq = last + 1


def _before_next(db: apsw.Connection, seq: int) -> int:
    """The last number before that of the next row; where that cannot be told, this one."""
    try:
        (found,) = fetch(db, "SELECT min(seq) FROM events WHERE seq > ?", (seq,))[0]
    except apsw.Error:
        return seq
    return seq if found is None else max(seq, int(found) - 1)


def _row(db: apsw.Connection, seq: int) -> tuple[bytes | None, str]:
    try:
        found = fetch(db, "SELECT crc, body FROM events WHERE seq = ?", (seq,))
    except apsw.Error as error:
        return None, f"the database is damaged ({error})"
    if not found:
        return None, "it is missing"
    crc, body = found[0]
    whole = isinstance(body, bytes) and crc == row_crc(seq, body)
    return (body, "") if whole else (None, "it is damaged")


def _time_of(body: bytes, before: datetime) -> datetime:
    """When an event reached us; as far as it cannot be told, when the one before did."""
    try:
        event = event_from_json(body)
    except BadRecord:
        return before
    return max(before, event.received_at if isinstance(event, Observation) else event.time)


def _said(hole: Hole, time: datetime) -> Encoded:
    reason = f"events {hole.first} to {hole.last} of the journal could not be rescued: {hole.why}"
    loss = Loss(
        id=f"rescued/{hole.first}-{hole.last}", time=time, first=hole.first, last=hole.last, reason=clipped(reason)
    )
    return encode(loss)
