"""Files into the ledger: every row is accounted for, and the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.claim import Claim
from tocsin.ledger.opening import opened
from tocsin.ledger.others import OWN_FORMATS, Others
from tocsin.ledger.record import Record, record_json
from tocsin.ledger.returning import Returning
from tocsin.ledger.sql import SqlStore
from tocsin.ledger.store import BATCH
from tocsin.model.errors import BadSettings

# So many rows of a file wait for what they take back; more are not held.
WAITING_MAX = 10_000
# Format -> the module that reads it: its `read(path, rejects)` gives a `Row` for every row that it counts as used.
FORMATS = {
    "jsonl": "tocsin.ledger.formats.jsonl",
    "csv": "tocsin.ledger.formats.csv_table",
    "hxl": "tocsin.ledger.formats.hxl",
    "geojson": "tocsin.ledger.formats.geojson",
    "parquet": "tocsin.ledger.formats.parquet",
    "journal": "tocsin.ledger.formats.journal",
    "missile-attacks": "tocsin.ledger.formats.missile_attacks",
    "alert-intervals": "tocsin.ledger.formats.alert_intervals",
    "oref-alerts": "tocsin.ledger.formats.oref_alerts",
    "ucdp": "tocsin.ledger.formats.ucdp",
    "acled": "tocsin.ledger.formats.acled",
    "notes": "tocsin.ledger.formats.notes",
}


class Row(NamedTuple):
    """What one row of a file says: where it stands there (file:line), and the records that it became."""

    where: str
    records: tuple[Record, ...]


Progress = Callable[[Iterable[Row]], Iterable[Row]]


def import_file(
    store: SqlStore,
    path: Path,
    format_: str,
    rejects: Rejects,
    progress: Progress = lambda rows: rows,
    *,
    decisions: bool = False,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Read a file into the ledger, some thousand records at a time, each batch durable before the next is read.

    decisions   the file is this ledger's own: what people decided in it counts here, and what it says anew of what is
                known here is taken. Else that is rejected (`Others`), but into a ledger that is empty, and of what
                people here write (`notes`)
    now         what was recorded after it is rejected likewise; None: nobody knows what time it is

    Returns `kept` (rows), `rejected`, `passed_over` and `records` (`new`, `known`). A row of which a record contradicts
    one that is there is rejected; what else it says is kept. One that would erase what is whole here always is.
    Raises BadSettings for a format that nobody knows, and BadFile.
    """
    batches = _batches(progress(_rows(path, format_, rejects)))
    return _imported(store, batches, rejects, decisions=decisions or format_ in OWN_FORMATS, now=now)


def import_into(
    where: str,
    path: Path,
    format_: str,
    rejects: Rejects,
    progress: Progress = lambda rows: rows,
    *,
    decisions: bool = False,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The same into the ledger of that name, which is made where there is none, once there is something to keep."""
    batches = _batches(progress(_rows(path, format_, rejects)))
    first = next(batches, None)
    if first is None:
        return _figures(rejects, Counter(new=0, known=0))
    with opened(where, make=True) as store:
        decide = decisions or format_ in OWN_FORMATS
        return _imported(store, chain([first], batches), rejects, decisions=decide, now=now)


def _rows(path: Path, format_: str, rejects: Rejects) -> Iterator[Row]:
    if format_ not in FORMATS:
        raise BadSettings(f"there is no format {format_!r}; known are {', '.join(sorted(FORMATS))}")
    found: Iterator[Row] = import_module(FORMATS[format_]).read(path, rejects)
    return found


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows, as many at once as have `BATCH` records."""
    held: list[Row] = []
    records = 0
    for row in rows:
        held.append(row)
        records += len(row.records)
        if records >= BATCH:
            yield held
            held, records = [], 0
    if held:
        yield held


def _imported(
    store: SqlStore, batches: Iterable[list[Row]], rejects: Rejects, *, decisions: bool, now: datetime | None
) -> dict[str, Any]:
    taking = _Taking(store, rejects, Others(store, decisions=decisions, now=now))
    for held in batches:
        taking.take(held)
    taking.finish()
    return _figures(rejects, taking.counts)


def _figures(rejects: Rejects, records: Counter[str]) -> dict[str, Any]:
    account = rejects.account
    assert account.balanced, f"a row is not accounted for: {account}"
    return {
        "kept": account.used,
        "rejected": account.rejected,
        "passed_over": account.passed_over,
        "records": dict(records),
    }


class _Taking:
    """Rows of a file into a store. `counts`: records that were `new`, and those that were `known`."""

    def __init__(self, store: SqlStore, rejects: Rejects, others: Others) -> None:
        self._store, self._rejects, self._others = store, rejects, others
        self._returning = Returning(store)
        self._waiting: list[Row] = []
        self._stripped = 0
        self.counts: Counter[str] = Counter(new=0, known=0)

    def take(self, held: list[Row], *, last: bool = False) -> int:
        """Append a batch, or turn its rows away; how many records were new.

        last   what a claim takes back must be here by now; else such a row waits for what follows
        """
        rows = []
        for row in held:
            if not last and len(self._waiting) < WAITING_MAX and self._others.waits(row.records):
                self._waiting.append(row)
            elif (row := self._without_known(row)).records and (why := self._refused(row.records)) is not None:
                self._rejects.turn_away(why, _lines(row.records), row.where)
            else:
                rows.append(row)
        self._others.note(record for row in rows for record in row.records)
        done = self._store.append(record for row in rows for record in row.records)
        self._stripped += done.stripped
        reasons = {}
        for conflict in done.conflicts:
            if self._returning.is_home(conflict.record):
                self.counts["known"] += 1
            else:
                reasons[id(conflict.record)] = conflict.reason
        self.counts.update(new=done.new, known=done.known)
        for row in rows if reasons else ():
            said = [reasons[id(record)] for record in row.records if id(record) in reasons]
            if said:
                self._rejects.turn_away(said[0], _lines(row.records), row.where)
        return done.new

    def finish(self) -> None:
        """Take what waited, and say what a person should know of it."""
        waiting, self._waiting = in_order(self._waiting), []
        for at in range(0, len(waiting), BATCH):
            self.take(waiting[at : at + BATCH], last=True)
        if self._others.taken:
            self._rejects.notice(f"the ledger was empty: {self._others.taken} decisions of the file count here")
        if self._others.revised:
            self._rejects.notice(f"{self._others.revised} claims take back what their own source said before")
        if self._stripped:
            self._rejects.leave_out("personal parts or words, which a redaction here takes out", self._stripped)

    def _without_known(self, row: Row) -> Row:
        """A row without those of its records that are here under other names, or that describe a source by the way."""
        left = []
        for record in row.records:
            if self._returning.is_hidden(record):
                self.counts["known"] += 1
            elif len(row.records) > 1 and self._others.repeats(record):
                self._rejects.leave_out("what it says of a source that this ledger knows")
            else:
                left.append(record)
        return row if len(left) == len(row.records) else row._replace(records=tuple(left))

    def _refused(self, records: tuple[Record, ...]) -> str | None:
        return self._returning.refused(records) or self._others.refused(records)


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Rows so that what a claim takes back comes before it; those that take each other back in a ring come last."""
    here = {record.id for row in rows for record in row.records}
    needs = [{one.revises for one in row.records if isinstance(one, Claim) and one.revises in here} for row in rows]
    followers: defaultdict[str | None, list[int]] = defaultdict(list)
    for number, names in enumerate(needs):
        for name in names:
            followers[name].append(number)
    ready = deque(number for number, names in enumerate(needs) if not names)
    found: dict[int, Row] = {}
    while ready:
        number = ready.popleft()
        found[number] = rows[number]
        for record in rows[number].records:
            for follower in followers.pop(record.id, ()):
                needs[follower].discard(record.id)
                if not needs[follower]:
                    ready.append(follower)
    return [*found.values(), *(row for number, row in enumerate(rows) if number not in found)]


def _lines(records: Iterable[Record]) -> bytes:
    """Records as a file of ours would have them, for the reject file."""
    return b"\n".join(map(record_json, records))
