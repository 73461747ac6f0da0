"""`alert-intervals`: archives of when public alerts stood, told apart by their heading.

| archive | beside started_at, finished_at | a row is |
|---|---|---|
| official relay, Ukraine | oblast, raion, hromada, level | an oblast's, raion's or hromada's alert |
| volunteers' relay, Ukraine | region, naive | an oblast's; `naive`: nobody told its end |
| merged, by oblast (Parquet) | region | alerts of an oblast that met, as one |

Quality: times carry their offset; an alert that ends before it begins is rejected, and so is one that lasts longer than
`DURATION_MAX`. Luhansk and Crimea, where the alert never ends, are missing from all three.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.alert import Alert
from tocsin.ledger.formats.alert_rows import alert_rows
from tocsin.ledger.formats.csv_records import read_csv
from tocsin.ledger.formats.ids import imported_id
from tocsin.ledger.formats.parquet_rows import is_parquet, read_parquet
from tocsin.ledger.formats.times import DAY, utc_of
from tocsin.ledger.importing import Row
from tocsin.ledger.window import Window
from tocsin.model.errors import BadRecord

BY = "import/alert-intervals"
# The longest real one lasted a week and eight hours; longer is a missing end.
DURATION_MAX = timedelta(days=31)
_TIMES = ("started_at", "finished_at")
_UNKNOWN_END = "its end is not known; the archive writes 30 minutes after the beginning"
_MERGED = "alerts of its parts that met, as one"
_LEVELS = ("oblast", "raion", "hromada")


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """Every alert of an archive; rows that are none go to `rejects`. Raises BadFile where it cannot be read."""
    rows: Iterator[tuple[int, Mapping[str, object], str]]
    if is_parquet(path):
        rows = ((number, fields, str(fields)) for number, fields in read_parquet(path, ("region", *_TIMES), rejects))
    else:
        rows = ((one.line, one.fields, one.text) for one in read_csv(path, _TIMES, rejects))
    return alert_rows(path, rows, alert_of, rejects)


def alert_of(fields: Mapping[str, object]) -> Alert:
    """The alert that a row of any of these archives tells. Raises BadRecord and BadValue saying what is wrong in it."""
    begin, end = _time(fields, "started_at"), _time(fields, "finished_at")
    if end < begin:
        raise BadRecord(f"it lasted from {begin.isoformat()} to {end.isoformat()}; it ends before it begins")
    if end - begin > DURATION_MAX:
        raise BadRecord(f"it lasts {(end - begin) / DAY:.1f} days; an alert lasts 0 to {DURATION_MAX.days}")
    source, rule, known = "ua-official", "", True
    places: tuple[str, ...] = ()
    level = "oblast"
    if "oblast" in fields:
        region = str(fields["oblast"])
        level = str(fields.get("level", level))
        if level not in _LEVELS:
            raise BadRecord(f"level is {level[:40]!r}; known are {', '.join(_LEVELS)}")
        smaller = [str(fields.get(name) or "") for name in _LEVELS[1 : _LEVELS.index(level) + 1]]
        places = (", ".join(filter(None, smaller)),) if any(smaller) else ()
    elif "naive" in fields:
        region, source = str(fields["region"]), "ua-volunteers"
        known = str(fields["naive"]) != "True"
        rule = "" if known else _UNKNOWN_END
    else:
        region, source, rule = str(fields.get("region", "")), "ua-official-merged", _MERGED
    if not region:
        raise BadRecord("it names no region")
    return Alert(
        id=imported_id(source, region, level, *places, begin.isoformat(), end.isoformat()),
        recorded=end,
        by=BY,
        source=source,
        region=region,
        places=places,
        window=Window(begin=begin, end=end if known else None, rule=rule),
        level=level,
    )


def _time(fields: Mapping[str, object], name: str) -> datetime:
    found = fields.get(name)
    return found if isinstance(found, datetime) and found.tzinfo else utc_of(str(found), name)
