"""Files into the ledger: every row is accounted for, and the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.others import OWN_FORMATS, Others
from tocsin.ledger.record import Record
from tocsin.ledger.store import BATCH, Store
from tocsin.model.errors import BadSettings

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
    store: Store,
    path: Path,
    format_: str,
    rejects: Rejects,
    progress: Progress = lambda rows: rows,
    *,
    decisions: bool = False,
) -> dict[str, Any]:
    """Read a file into the ledger, some thousand records at a time, each batch durable before the next is read.

    decisions   what people decided in the file counts here, too: a person at this ledger says so. Else it is rejected,
                but into a ledger that is empty, and of what people here write (`notes`)

    Returns `kept` (rows), `rejected`, `passed_over` and `records` (`new`, `known`). A row of which a record contradicts
    one that is there is rejected; what else it says is kept. One that would erase what is whole here always is.
    Raises BadSettings for a format that nobody knows, and BadFile.
    """
    if format_ not in FORMATS:
        raise BadSettings(f"there is no format {format_!r}; known are {', '.join(sorted(FORMATS))}")
    rows: Iterator[Row] = import_module(FORMATS[format_]).read(path, rejects)
    counts: Counter[str] = Counter(new=0, known=0)
    others = Others(store, decisions=decisions or format_ in OWN_FORMATS)
    held: list[Row] = []
    records = 0
    for row in progress(rows):
        held.append(row)
        records += len(row.records)
        if records >= BATCH:
            _append(store, held, rejects, counts, others)
            held, records = [], 0
    _append(store, held, rejects, counts, others)
    if others.taken:
        rejects.notice(f"the ledger was empty: {others.taken} decisions of the file count here")
    account = rejects.account
    assert account.balanced, f"a row of {path} is not accounted for: {account}"
    return {
        "kept": account.used,
        "rejected": account.rejected,
        "passed_over": account.passed_over,
        "records": dict(counts),
    }


def _append(store: Store, held: list[Row], rejects: Rejects, counts: Counter[str], others: Others) -> None:
    rows = []
    for row in held:
        if (why := others.refused(row.records)) is None:
            rows.append(row)
        else:
            rejects.turn_away(why, row.records, row.where)
    done = store.append(record for row in rows for record in row.records)
    counts.update(new=done.new, known=done.known)
    if not done.conflicts:
        return
    reasons = {id(conflict.record): conflict.reason for conflict in done.conflicts}
    for row in rows:
        said = [reasons[id(record)] for record in row.records if id(record) in reasons]
        if said:
            rejects.turn_away(said[0], row.records, row.where)
