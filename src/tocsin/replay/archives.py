"""Archives read and compared: alerts with another relay's, and with attacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.alert import Alert
from tocsin.ledger.archives.delays import delays
from tocsin.ledger.archives.met import attacks_of, met
from tocsin.ledger.formats import alert_intervals, missile_attacks
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record

Progress = Callable[[Iterable[Row]], Iterable[Row]]


def compared(files: Sequence[Path], attacks: Path | None, rejects: Rejects, progress: Progress) -> dict[str, Any]:
    """`met` of the first archive of alerts and the attacks, `delays` of the second after the first; what there is.

    `read` and `rejected` count rows of all files. Raises BadFile where one cannot be read.
    """
    relays = [list(_alerts(progress(alert_intervals.read(path, rejects)))) for path in files]
    result: dict[str, Any] = {}
    if attacks is not None:
        result["met"] = met(relays[0], attacks_of(_records(progress(missile_attacks.read(attacks, rejects)))))
    if len(relays) > 1:
        result["delays"] = delays(*relays[:2])
    return result | {"read": rejects.account.read, "rejected": rejects.counts}


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        yield from row.records


def _alerts(rows: Iterable[Row]) -> Iterator[Alert]:
    return (one for one in _records(rows) if isinstance(one, Alert))
