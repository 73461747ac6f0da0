"""Rows of archives of alerts, each one alert."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.alert import Alert
from tocsin.ledger.importing import Row
from tocsin.model.errors import BadInput

_Fields = TypeVar("_Fields")


def alert_rows(
    path: Path, rows: Iterable[tuple[int, _Fields, str]], alert_of: Callable[[_Fields], Alert], rejects: Rejects
) -> Iterator[Row]:
    """The alert of each (line, fields, text) that was counted as read; what is none is rejected with its reason."""
    for line, fields, text in rows:
        where = f"{path}:{line}"
        try:
            alert = alert_of(fields)
        except BadInput as error:
            rejects.add(str(error), text, where)
            continue
        rejects.use()
        yield Row(where, (alert,))
