"""Plots as a table, `.csv` or `.parquet`: the bulk way in for recordings of radars.

Columns `time` (RFC 3339 with a zone) or `t_s` (seconds; a run without a date counts from 1970), `sensor`, `range_m`,
`azimuth_deg`, and where measured `altitude_m`, `doppler_mps`, `icao24` (six hexadecimal digits), `mode3a` (up to four
octal digits). Other columns are ignored.

Decimals may be written with commas where no comma parts the fields. Most of the table's numbers say which mark it is;
a number with the other is none, and where all commas may as well part thousands none of them is guessed at.

Quality: every value is checked against the same bounds as a plot that arrives alone; a height, Doppler, address or
code that is none is left out of its plot, and counted; any other bad row costs itself only and is kept with its line,
as is one with more or fewer fields than the heading; rows keep the order of the file. Rows of a sensor that nobody
described cannot be placed on the map and are rejected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin.ingest.parquet_files import PARQUET, load_parquet
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.table_files import (
    REMARK,
    UNCLOSED,
    Loaded,
    heading_of,
    in_utf8,
    load_csv,
    sealed_connection,
)
from tocsin.model.errors import BadFile
from tocsin.model.observation import Plot
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor
from tocsin.model.value import bounds_of

if TYPE_CHECKING:
    import duckdb

# Some 150 bytes per plot while reading: 3 GB. Longer recordings are cut into files.
PLOTS_MAX = 20_000_000
# Of one fault in one table this many rows are kept with their text; all are counted.
KEPT_PER_FAULT_MAX = 1_000
# 9999-12-31, the last day a time can be written.
TIME_S_MAX = 253_402_214_400.0

# Not a row: a blank line, which has no fields at all, or a comment.
BLANK = -1
# Numbers of fields, of rows that have too many or too few, that are named one by one.
SHAPES_MAX = 100
# Sensors nobody described that are named one by one.
STRANGERS_MAX = 100
_NUMBERS = ("range_m", "azimuth_deg", "altitude_m", "doppler_mps")
# What a plot is worth having without, where it is nonsense.
_SPARE = ("altitude_m", "doppler_mps", "icao24", "mode3a")
_REQUIRED = ("sensor", "range_m", "azimuth_deg")
_FORMS = {
    "time": "a time with a zone, such as 2026-01-31T12:00:00.5Z",
    "icao24": "six hexadecimal digits",
    "mode3a": "four octal digits",
}
# Types of parquet that are numbers; no other is made one.
_NUMERIC = re.compile(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)")
# A decimal mark for certain, not a mark between thousands: not three digits behind it, or none or too many before.
_DECIMALS = r"[-+]?(?:\d*{mark}(?:\d{{1,2}}|\d{{4,}})?|0*{mark}\d+|\d{{4,}}{mark}\d+)(?:[eE][-+]?\d+)?"
# The end of a time without its zone.
_CLOCK = r":\d\d(?:\.\d+)? ?"
_WANTED = ("time", "t_s", "sensor", *_NUMBERS, "icao24", "mode3a")


def read_plot_table(path: Path, sensors: Sequence[Sensor], rejects: Rejects) -> PlotTable:
    """The plots of a `.csv` or `.parquet` file, as columns in the order of the file.

    `sensors` of the table are the ids of all sensors given. Raises BadFile where the file as a whole cannot be used.
    """
    import duckdb

    with sealed_connection() as connection:
        try:
            load = load_parquet if _is_parquet(path) else load_csv
            with in_utf8(path) as text:
                loaded = load(connection, text, partial(_check_columns, path), PLOTS_MAX)
            table = _table(connection, path, sensors, rejects, loaded)
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise BadFile(f"{path} cannot be read as a table of plots: {first}") from error
        _report_unreadable(connection, path, rejects, loaded.unreadable)
    return table


def has_heading(path: Path) -> bool:
    """Whether a text, however its file is called, has the heading of a table of plots."""
    try:
        return bool(_check_columns(path, heading_of(path, partial(_check_columns, path))))
    except BadFile:
        return False


def _is_parquet(path: Path) -> bool:
    """What a table is its octets say; one that is neither is what it is called."""
    with path.open("rb") as file:
        head = file.read(len(PARQUET))
    return head == PARQUET or (path.suffix.lower() == ".parquet" and not has_heading(path))


def _check_columns(path: Path, names: Sequence[str]) -> list[str]:
    """The wanted ones among a file's columns. Raises BadFile where one that must be there is missing."""
    missing = [name for name in _REQUIRED if name not in names]
    if "time" not in names and "t_s" not in names:
        missing.insert(0, "time (or t_s)")
    if missing:
        raise BadFile(f"{path} has no column {', '.join(missing)}; its columns are {', '.join(names)[:300]}")
    return [name for name in _WANTED if name in names]


def _text(name: str) -> str:
    return f"""trim(CAST({name} AS VARCHAR), ' "\t\r')"""


def _expression(name: str, kind: str, decimal: str) -> str:
    """SQL that turns a raw column into a number, NULL where it is absent or wrong; `decimal` marks its decimals."""
    text = _text(name)
    if name == "time":
        if kind.startswith("TIMESTAMP"):
            zoned = "TIMESTAMPTZ" if "ZONE" in kind else "TIMESTAMP"
            return f"CASE WHEN isfinite(time) THEN epoch_us(CAST(time AS {zoned})) END"
        return _time(text)
    if name == "icao24":
        # Of a number nobody knows whether its digits are meant as hexadecimal.
        if kind != "VARCHAR":
            return "CAST(NULL AS UINTEGER)"
        return f"CASE WHEN regexp_full_match({text}, '[0-9a-fA-F]{{6}}') THEN TRY_CAST('0x' || {text} AS UINTEGER) END"
    if name == "mode3a":
        return rf"CASE WHEN regexp_full_match({text}, '[0-7]{{1,4}}(\.0)?') THEN TRY_CAST({text} AS DOUBLE) END"
    if name == "sensor":
        return text
    if kind == "VARCHAR":
        # Written with the other mark, or with marks between thousands, it is no number.
        point = f" AND NOT contains({text}, '.')" if decimal == "," else ""
        plain = f"replace({text}, ',', '.')" if decimal == "," else text
        # DuckDB takes 60_000 for sixty thousand.
        return f"CASE WHEN NOT contains({text}, '_'){point} THEN TRY_CAST({plain} AS DOUBLE) END"
    return f"TRY_CAST({name} AS DOUBLE)" if _NUMERIC.fullmatch(kind) else "CAST(NULL AS DOUBLE)"


def _decimal(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> str:
    """The mark before decimals in most of a table's numbers; a point where nothing says that it is a comma."""
    found = {}
    for mark, pattern in ((",", _DECIMALS.format(mark=",")), (".", _DECIMALS.format(mark=r"\."))):
        sums = " + ".join(f"count(*) FILTER (regexp_full_match({_text(name)}, $pattern))" for name in names)
        row = connection.execute(f"SELECT {sums or 0} FROM raw", {"pattern": pattern} if sums else {}).fetchone()  # noqa: S608
        found[mark] = row[0] if row else 0
    return "," if found[","] > found["."] else "."


def _time(text: str) -> str:
    """SQL for microseconds since 1970. RFC 3339 has a point, ISO 8601 a comma too; a zone may be UTC, +0000 or +00."""
    text = f"replace({text}, ',', '.')"
    forms = (
        (r"(Z|z|[+-]\d\d:\d\d)$", text),
        (rf"{_CLOCK}(UTC|GMT)$", f"regexp_replace({text}, ' ?(UTC|GMT)$', 'Z')"),
        (rf"{_CLOCK}[+-]\d\d$", f"{text} || ':00'"),
        (rf"{_CLOCK}[+-]\d\d\d\d$", rf"regexp_replace({text}, '(\d\d)$', ':\1')"),
    )
    cases = (
        f"WHEN regexp_matches({text}, '{form}') THEN epoch_us(TRY_CAST({full} AS TIMESTAMPTZ))" for form, full in forms
    )
    return f"CASE {' '.join(cases)} END"


class _Columns:
    """The raw table as arrays, with a fault (0: none) per row."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, loaded: Loaded) -> None:
        self.kinds = {row[0]: row[1] for row in connection.execute("DESCRIBE raw").fetchall() if row[0] in _WANTED}
        texts = [name for name in ("t_s", *_NUMBERS) if self.kinds.get(name) == "VARCHAR"]
        # Where commas part the fields none is left to mark decimals.
        self.decimal = "." if loaded.delimiter == "," else _decimal(connection, texts)
        parts = ["fields"]
        for name, kind in self.kinds.items():
            parts.append(f"{_expression(name, kind, self.decimal)} AS {name}")
            blank = f" AND {_text(name)} NOT IN ('', 'NaN', 'nan')" if kind == "VARCHAR" else ""
            parts.append(f"({name} IS NOT NULL{blank}) AS has_{name}")
        self.arrays = connection.execute(f"SELECT {', '.join(parts)} FROM raw").fetchnumpy()  # noqa: S608
        self.rows = len(self.arrays["has_sensor"])
        self.fault = np.zeros(self.rows, np.int16)
        self.reasons = ["none"]
        self.left_out: list[tuple[NDArray[np.bool_], str]] = []
        self._judge_shape(loaded.fields)

    def _judge_shape(self, wanted: int) -> None:
        fields = self.arrays["fields"]
        blank = np.ma.getmaskarray(fields)
        self.fault[blank] = BLANK
        self.blank = int(np.count_nonzero(blank))
        counts = np.ma.filled(fields, wanted)
        remarks = counts == REMARK
        self.fault[remarks] = BLANK
        self.remarks = int(np.count_nonzero(remarks))
        counts[remarks] = wanted
        self.blame(counts == UNCLOSED, "a quote that is not closed")
        for count in np.unique(counts[(counts != wanted) & (counts != UNCLOSED)])[:SHAPES_MAX].tolist():
            hint = "; are its decimals written with commas?" if count > wanted else ""
            self.blame(counts == count, f"{count} fields under a heading of {wanted}{hint}")
        self.blame(counts != wanted, f"another number of fields than {wanted}, as its heading has")

    def blame(self, rows: NDArray[np.bool_], reason: str) -> None:
        """Mark rows as faulty unless an earlier fault was found in them."""
        self.reasons.append(reason)
        self.fault[rows & (self.fault == 0)] = len(self.reasons) - 1

    def leave_out(self, values: NDArray[np.float64], rows: NDArray[np.bool_], reason: str) -> None:
        """Take values of some rows for not measured: the rest of their plots is worth having."""
        values[rows] = np.nan
        self.left_out.append((rows, reason))

    def number(
        self, name: str, *, low: float, high: float, required: bool = False, hint: str = ""
    ) -> NDArray[np.float64]:
        """A column as float64, NaN where absent; what is no number or out of bounds is blamed, or left out (_SPARE).

        hint   added to the reason why one is out of bounds
        """
        if name not in self.kinds:
            return np.full(self.rows, np.nan)
        column = self.arrays[name]
        values = np.ma.filled(column.astype(np.float64), np.nan)
        has = np.asarray(self.arrays[f"has_{name}"], bool)
        absent = np.isnan(values)
        if required:
            self.blame(~has, f"no {name}")
        worded = has & np.ma.getmaskarray(column)
        beyond = ~absent & ~((values >= low) & (values <= high))
        found = (
            (worded, f"{name} is not {self._form(name)}"),
            (beyond, f"{name} does not lie between {low:g} and {high:g}{hint}"),
        )
        if name in _SPARE:
            for rows, reason in found:
                self.leave_out(values, rows, reason)
            return values
        self.blame(*found[0])
        if required:
            self.blame(has & absent, f"{name} is not a number")
        self.blame(*found[1])
        return values

    def _form(self, name: str) -> str:
        return _FORMS.get(name) or ("a number with a decimal comma" if self.decimal == "," else "a number")

    def time_s(self) -> NDArray[np.float64]:
        """POSIX seconds from `time`, and from `t_s` where there is no `time`."""
        if "time" not in self.kinds:
            hint = "; are they milliseconds?"
            return self.number("t_s", low=-TIME_S_MAX / 5, high=TIME_S_MAX, required=True, hint=hint)
        limit_us = TIME_S_MAX * 1e6
        return self.number("time", low=-limit_us / 5, high=limit_us, required=True) / 1e6

    def sensor(self, ids: Sequence[str]) -> NDArray[np.int32]:
        """The index of each row's sensor; rows of sensors nobody described are blamed, sensor by sensor."""
        index = {name: number for number, name in enumerate(ids)}
        names = np.ma.filled(self.arrays["sensor"].astype(object), "")
        strangers: dict[str, int] = {}
        for name in names:
            if len(strangers) >= STRANGERS_MAX:
                break
            if name not in index:
                strangers.setdefault(name, -2 - len(strangers))
        index |= strangers
        column = np.fromiter((index.get(name, -1) for name in names), np.int32, self.rows)
        self.blame(~np.asarray(self.arrays["has_sensor"], bool), "no sensor")
        for name, number in strangers.items():
            self.blame(column == number, f"its sensor {name!r} is not in the sensors file")
        self.blame(column < 0, "its sensor is not in the sensors file")
        return column


def _table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sensors: Sequence[Sensor],
    rejects: Rejects,
    loaded: Loaded,
) -> PlotTable:
    columns = _Columns(connection, loaded)
    if columns.rows > PLOTS_MAX:
        raise BadFile(f"{path} has more than {PLOTS_MAX} plots; cut it into several files")
    ids = tuple(sensor.id for sensor in sensors)
    time_s = columns.time_s()
    sensor = columns.sensor(ids)
    numbers = {}
    for name in _NUMBERS:
        low, high = bounds_of(Plot, name)
        numbers[name] = columns.number(name, low=low, high=high, required=name in _REQUIRED)
    icao24 = columns.number("icao24", low=0, high=0xFFFFFF)
    mode3a = columns.number("mode3a", low=0, high=7777)
    _keep_faulty(connection, path, columns, rejects, loaded)
    good = columns.fault == 0
    rejects.read(columns.rows - columns.blank - columns.remarks + len(loaded.unreadable))
    if columns.remarks:
        rejects.remark("a line of comment (#)", columns.remarks)
    rejects.use(int(np.count_nonzero(good)))
    for rows, reason in columns.left_out:
        rejects.leave_out(reason, int(np.count_nonzero(rows & good)))
    return PlotTable(
        time_s=time_s[good],
        sensor=sensor[good],
        **{name: values[good] for name, values in numbers.items()},
        icao24=np.nan_to_num(icao24[good]).astype(np.uint32),
        mode3a=_octal(mode3a[good]),
        sensors=ids,
    )


def _octal(digits: NDArray[np.float64]) -> NDArray[np.int16]:
    """Codes from their four octal digits read as a decimal number; NaN becomes -1.

    >>> _octal(np.array([7700.0, np.nan, 21.0])).tolist()
    [4032, -1, 17]
    """
    whole = np.nan_to_num(digits).astype(np.int64)
    code = whole // 1000 * 512 + whole // 100 % 10 * 64 + whole // 10 % 10 * 8 + whole % 10
    return np.where(np.isnan(digits), -1, code).astype(np.int16)


def _line_numbers(rows: NDArray[np.int64], loaded: Loaded) -> NDArray[np.int64]:
    """Lines of the file (from 1) of rows of the table, from which its head and unreadable lines are missing."""
    first = loaded.head_lines + 1
    # The k-th unreadable line (from 0) stands before every row whose number is at least line - first - k.
    before = loaded.unreadable - first - np.arange(len(loaded.unreadable))
    return rows + first + np.searchsorted(before, rows, side="right")


def _keep_faulty(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    columns: _Columns,
    rejects: Rejects,
    loaded: Loaded,
) -> None:
    """Count every faulty row and keep the first of each fault as text."""
    for number, reason in enumerate(columns.reasons):
        rows = np.flatnonzero(columns.fault == number)
        if number == 0 or not len(rows):
            continue
        kept = rows[:KEPT_PER_FAULT_MAX].astype(np.int64)
        found = connection.execute(
            f"SELECT {', '.join(columns.kinds)}, wrong FROM raw WHERE rowid IN (SELECT unnest($rows)) ORDER BY rowid",  # noqa: S608
            {"rows": kept.tolist()},
        ).fetchall()
        for line, (*values, wrong) in zip(_line_numbers(kept, loaded), found, strict=True):
            record = wrong or ", ".join(f"{name}={value}" for name, value in zip(columns.kinds, values, strict=True))
            rejects.add(reason, record, f"{path}:{line}")
        if len(rows) > len(kept):
            rejects.count(reason, len(rows) - len(kept))


def _report_unreadable(
    connection: duckdb.DuckDBPyConnection, path: Path, rejects: Rejects, lines: NDArray[np.int64]
) -> None:
    if not len(lines):
        return
    seen: set[Any] = set()
    query = "SELECT line, csv_line, error_message FROM reject_errors ORDER BY line LIMIT $most"
    for line, text, message in connection.execute(query, {"most": KEPT_PER_FAULT_MAX}).fetchall():
        if line not in seen:
            rejects.add(f"not a line of a table: {message.splitlines()[0]}", text, f"{path}:{line}")
            seen.add(line)
    rejects.count("not a line of a table", len(lines) - len(seen))
