"""`oref-alerts`: archives of Israel's Home Front Command's alerts, told apart by how they begin.

| archive | form | a row is |
|---|---|---|
| israel-alerts-data (dleshem, Apache-2.0) | CSV: data, date, time, category_desc, rid | an alert of zones |
| Israel-Alerts-Map (eranyariv) | JSON: id, title, cities, savedAt | an event, and every place alerted in it |

Both tell when an alert was given and none when it ended. Zones stand as they were written: a name may hold a comma
itself, so `data` is not cut at commas. The first archive's times are Jerusalem's; the second has one time for a whole
event, so nothing about seconds may be read out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.alert import Alert
from tocsin.ledger.formats.alert_rows import alert_rows
from tocsin.ledger.formats.bounded import beginning, whole
from tocsin.ledger.formats.csv_records import read_csv
from tocsin.ledger.formats.ids import imported_id
from tocsin.ledger.formats.times import local_span, utc_of
from tocsin.ledger.importing import Row
from tocsin.ledger.window import Window
from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.value import UNREADABLE

BY = "import/oref-alerts"
ZONE = "Asia/Jerusalem"
_NEEDED = ("data", "date", "time", "category_desc", "rid")
_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
_EVENTS_BYTES_MAX = 200_000_000
_WHAT = "an archive"
_NO_ZONE = "it names no zone"
_NO_END = "the archive does not tell its end"


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """Every alert of an archive; rows that are none go to `rejects`. Raises BadFile where it cannot be read."""
    if _is_json(path):
        return alert_rows(path, _counted(_events(path), rejects), _of_event, rejects)
    table = ((one.line, one.fields, one.text) for one in read_csv(path, _NEEDED, rejects))
    return alert_rows(path, table, _of_row, rejects)


def _counted(events: Iterable[Any], rejects: Rejects) -> Iterator[tuple[int, Any, str]]:
    for number, event in enumerate(events, 1):
        rejects.read()
        yield number, event, str(event)


def _of_row(fields: Mapping[str, str]) -> Alert:
    day = _DAY.fullmatch(fields["date"].strip())
    if day is None:
        raise BadRecord(f"date is {fields['date'][:40]!r}; it must be a day such as 24.07.2014")
    said = f"{day[3]}-{day[2]}-{day[1]} {fields['time'].strip()}"
    begin, _, change = local_span(said, ZONE, "date and time")
    if not fields["data"].strip():
        raise BadRecord(_NO_ZONE)
    return Alert(
        id=imported_id("oref", fields["rid"], fields["data"], said), recorded=begin, by=BY, source="oref",
        places=(fields["data"].strip(),), level="zones as written", category=fields["category_desc"].strip(),
        window=Window(begin=begin, said=said, zone=ZONE, rule=f"{_NO_END}{change}"),
    )  # fmt: skip


class _Event(msgspec.Struct):
    id: str
    title: str
    cities: list[str]
    saved_at: str = msgspec.field(name="savedAt")


def _of_event(raw: msgspec.Raw) -> Alert:
    try:
        event = msgspec.json.decode(raw, type=_Event)
    except UNREADABLE as error:
        raise BadRecord(f"no event of an alert: {error}") from error
    begin = utc_of(event.saved_at, "savedAt")
    if not any(map(str.strip, event.cities)):
        raise BadRecord(_NO_ZONE)
    return Alert(
        id=imported_id("oref-events", event.id, event.saved_at), recorded=begin, by=BY, source="oref",
        places=tuple(event.cities), level="zones", category=event.title,
        window=Window(begin=begin, said=event.saved_at, rule=_NO_END),
    )  # fmt: skip


def _is_json(path: Path) -> bool:
    return beginning(path, _WHAT, 64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["


def _events(path: Path) -> list[msgspec.Raw]:
    data = whole(path, _WHAT, _EVENTS_BYTES_MAX)
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw])
    except UNREADABLE as error:
        raise BadFile(f"{path} is no list of events: {error}") from error
