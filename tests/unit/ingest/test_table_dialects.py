"""Tables of plots as programs of every country write them: what is not understood for certain is rejected and named."""

from __future__ import annotations

import codecs
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.ingest.files import read_observations, read_plots
from tocsin.ingest.plot_tables import read_plot_table
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.table_files import LINE_BYTES_MAX
from tocsin.model.errors import BadFile
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor

SENSORS = (Sensor(id="r1", kind="radar", lat=50.1, lon=29.0),)
T = "2026-03-01T03:00:0{}Z"
HEAD = "time,sensor,range_m,azimuth_deg\n"
GOOD = T.format(0) + ",r1,60000.5,90.25\n"


def read(tmp_path: Path, text: str | bytes, name: str = "plots.csv") -> tuple[PlotTable, Rejects]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rejects = Rejects(tmp_path / "rejects.jsonl")
    table = read_plot_table(path, SENSORS, rejects)
    rejects.close()
    assert rejects.account.balanced
    return table, rejects


def kept(tmp_path: Path) -> str:
    return (tmp_path / "rejects.jsonl").read_text()


def places(table: PlotTable) -> list[tuple[float, float]]:
    return list(zip(table.range_m.tolist(), table.azimuth_deg.tolist(), strict=True))


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table_that_windows_saved_as_unicode_text_is_the_same_table(tmp_path: Path, delimiter: str) -> None:
    text = (HEAD + GOOD + T.format(1) + ",Größe,60000,90\n").replace("\n", "\r\n").replace(",", delimiter)
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        table, rejects = read(tmp_path, mark + text.encode(encoding), "plots.txt")
        assert places(table) == [(60_000.5, 90.25)]
        assert "its sensor 'Größe' is not in the sensors file" in rejects.summary()


def test_seconds_that_may_be_milliseconds_are_asked_about(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, "t_s,sensor,range_m,azimuth_deg\n1772334000000,r1,60000,90\n")
    assert "are they milliseconds?" in rejects.summary()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (',r1,"60000,5","90,1"', "6 fields under a heading of 4; are its decimals written with commas?"),
        (",r1,60000,5,90,1", "6 fields under a heading of 4; are its decimals written with commas?"),
        (",r1,60000,90,1", "5 fields under a heading of 4"),
        (",r1,60000,90,", "5 fields under a heading of 4"),
        (",r1,60000", "3 fields under a heading of 4"),
        ("", "1 fields under a heading of 4"),
        # Three fields, one of which has a comma: what stands fourth is no azimuth.
        (',r1,"60000,5"', "3 fields under a heading of 4"),
        (',r1,"60000,5', "a quote that is not closed"),
        (',"r1,60000,90', "a quote that is not closed"),
        (",r1,6\x000000,90", "range_m is not a number"),
        (",r1,60_000,90", "range_m is not a number"),
        (",r1,60 000,90", "range_m is not a number"),
        (",r1,0x10,90", "range_m is not a number"),
    ],
)
def test_a_row_of_another_shape_than_its_heading_is_rejected_and_costs_no_other(
    tmp_path: Path, row: str, reason: str
) -> None:
    table, rejects = read(tmp_path, HEAD + GOOD + T.format(1) + row + "\n" + GOOD)
    assert places(table) == [(60_000.5, 90.25)] * 2
    assert rejects.total == 1
    assert f'plots.csv:3","reason":"{reason}' in kept(tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("delimiter", "mark"), [(",", "."), (";", "."), (";", ","), ("\t", ","), ("\t", "."), ("|", ","), ("|", ".")]
)
def test_every_delimiter_and_decimal_mark_is_read_for_what_it_is(
    tmp_path: Path, delimiter: str, mark: str, end: str
) -> None:
    rows = [["time", "sensor", "range_m", "azimuth_deg", "mode3a"], [T.format(0), "r1", "60000.5", "90.25", "7700"]]
    rows += [[T.format(1), "r1", "59000", "91.123", ""]]
    lines = [delimiter.join(cell.replace(".", mark) if row else cell for cell in row) for row in rows]
    table, rejects = read(tmp_path, end.join(lines))
    assert places(table) == [(60_000.5, 90.25), (59_000.0, 91.123)]
    assert (table.mode3a.tolist(), rejects.total) == ([0o7700, -1], 0)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # One mark for all: what has the other is rejected, whichever most have.
        (["60000,5;90,1", "59000.5;90,1", "58000,5;90,2"], [(60_000.5, 90.1), (58_000.5, 90.2)]),
        (["60000.5;90.1", "59000,5;90.1", "58000.5;90.2"], [(60_000.5, 90.1), (58_000.5, 90.2)]),
        # Sixty thousand, or sixty?
        (["60,000;90", "59,000;90", "58000;90"], [(58_000.0, 90.0)]),
        (["60.000,5;90", "59000,5;90"], [(59_000.5, 90.0)]),
        (["60,000.5;90", "59000.5;90"], [(59_000.5, 90.0)]),
    ],
)
def test_where_marks_differ_or_may_part_thousands_nothing_is_guessed(
    tmp_path: Path, rows: list[str], found: list[tuple[float, float]]
) -> None:
    lines = ["time;sensor;range_m;azimuth_deg", *(f"{T.format(0)};r1;{row}" for row in rows)]
    table, rejects = read(tmp_path, "\n".join(lines))
    assert places(table) == found
    assert rejects.total == len(rows) - len(found)
    assert "range_m is not a number" in kept(tmp_path)


@pytest.mark.parametrize(
    "head",
    [
        " Time , SENSOR,Range_M ,azimuth_deg\n",
        '"time","sensor","Range M","azimuth deg"\n',
        "\n\nsep=,\n" + HEAD,
        '"sep=,"\n' + HEAD,
        "\ufeff" + HEAD,
        "# made by a radar of ours, 2026\n#\n" + HEAD,
        "#" + HEAD,
        "\ufeff# a note\n# " + HEAD,
    ],
)
def test_a_heading_may_be_written_as_people_write_it(tmp_path: Path, head: str) -> None:
    bad = T.format(1) + ",r1,x,90\n"
    table, rejects = read(tmp_path, head + GOOD + "\n  \n" + bad + GOOD)
    assert places(table) == [(60_000.5, 90.25)] * 2
    assert rejects.account[:3] == (3, 2, 1)
    assert f"plots.csv:{head.count(chr(10)) + 4}" in kept(tmp_path)


def test_a_line_of_comment_is_no_row_wherever_it_stands_and_is_counted(tmp_path: Path) -> None:
    rows = [HEAD, "# begins, at 3\n", GOOD, f"#{GOOD}", '  # a "quote\n', T.format(1) + ",r1,x,90\n", GOOD, "# end"]
    table, rejects = read(tmp_path, "".join(rows))
    assert places(table) == [(60_000.5, 90.25)] * 2
    assert rejects.account == (3, 2, 1, 0)
    assert rejects.remarks == {"a line of comment (#)": 4}
    assert "plots.csv:6" in kept(tmp_path)


def test_where_rows_begin_with_a_sensor_it_may_be_called_with_a_hash(tmp_path: Path) -> None:
    path = tmp_path / "plots.csv"
    path.write_text(f"sensor,time,range_m,azimuth_deg\n#1,{T.format(0)},60000,90\n")
    table = read_plot_table(path, (Sensor(id="#1", kind="radar", lat=50.1, lon=29.0),), Rejects())
    assert places(table) == [(60_000, 90)]


@pytest.mark.parametrize("zone", ["Z", " UTC", "UTC", " GMT", "+00:00", "+0000", "+00"])
def test_a_zone_may_be_written_in_any_usual_form(tmp_path: Path, zone: str) -> None:
    table, rejects = read(
        tmp_path, f"{HEAD}2026-03-01 03:00:00.25{zone},r1,60000,90\n2026-03-01T05:00:00+0130,r1,1,2\n"
    )
    assert (table.time_s.tolist(), rejects.total) == ([1_772_334_000.25, 1_772_334_000 + 1_800], 0)
    # A day alone, or a time without a zone, is none.
    assert len(read(tmp_path, f"{HEAD}2026-03-01,r1,60000,90\n2026-03-01T03:00:00,r1,60000,90\n")[0].time_s) == 0


@pytest.mark.parametrize("name", ["plots.tsv", "plots.txt", "plots", "plots.parquet", "plots.dat"])
def test_a_table_is_known_by_its_heading_however_it_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text((HEAD + GOOD * 2).replace(",", "\t"))
    assert len(read_plots(path, SENSORS, Rejects()).time_s) == 2
    assert len(list(read_observations(path, SENSORS, Rejects()))) == 2


def test_parquet_is_known_by_its_octets_however_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "plots.parquet"
    duckdb.execute(f"COPY (SELECT 5.0 t_s, 'r1' sensor, 60000 range_m, 90.5 azimuth_deg) TO '{path}' (FORMAT parquet)")
    path.rename(tmp_path / "plots.csv")
    assert places(read_plots(tmp_path / "plots.csv", SENSORS, Rejects())) == [(60_000, 90.5)]


def test_quoted_fields_may_hold_the_delimiter_where_nothing_of_them_is_read(tmp_path: Path) -> None:
    head = "time,note,sensor,range_m,azimuth_deg\n"
    rows = [f'{T.format(n)},"{note}","r1", "60000",90\r\n' for n, note in enumerate(("rain, heavy", 'a ""b"", c', ""))]
    table, rejects = read(tmp_path, head + "".join(rows) + T.format(4) + ',5" gun,r1,60000,90')
    assert places(table) == [(60_000.0, 90.0)] * 4
    assert rejects.total == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "has no column"),
        (b"\n\n\n", "has no column"),
        (b"time sensor range_m azimuth_deg\n", "its columns are time_sensor_range_m_azimuth_deg"),
        (b"a;b;c\n1;2;3\n", "its columns are a, b, c"),
        (b"time,sensor,range_m,azimuth_deg,Range_M\n", "a heading with range_m twice"),
    ],
)
def test_a_table_without_a_heading_we_know_is_refused_with_what_it_has(tmp_path: Path, text: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        read(tmp_path, text)


def test_a_row_longer_than_a_row_may_be_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    table, rejects = read(tmp_path, HEAD + "x" * (LINE_BYTES_MAX + 50) + "\n" + GOOD)
    assert (len(table), rejects.total, rejects.account.read) == (1, 1, 2)


def parquet(tmp_path: Path, kinds: str, values: str) -> tuple[PlotTable, Rejects]:
    path = tmp_path / "plots.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE p ({kinds})")
        connection.execute(f"INSERT INTO p VALUES {values}")
        connection.execute(f"COPY p TO '{path}' (FORMAT parquet)")
    return read(tmp_path, path.read_bytes(), "plots.parquet")


@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT", "INTEGER", "UBIGINT", "HUGEINT", "DECIMAL(12,2)", "VARCHAR"])
def test_numbers_of_any_type_of_parquet_are_read(tmp_path: Path, kind: str) -> None:
    table, _ = parquet(
        tmp_path, f't_s {kind}, Sensor BLOB, "Range_M" {kind}, azimuth_deg {kind}', "(5, 'r1', 60000, 90)"
    )
    assert (table.time_s.tolist(), places(table)) == ([5.0], [(60_000.0, 90.0)])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("BOOLEAN", "true"), ("DATE", "'2026-01-01'"), ("TIMESTAMP", "'2026-01-01'"), ("INTEGER[]", "[1]"),
        ("STRUCT(a INTEGER)", "{'a': 1}"), ("INTERVAL", "INTERVAL 1 DAY"), ("VARCHAR", "'90,1'"), ("BLOB", "'x'"),
        ("TIME", "'10:00'"), ("UUID", "uuid()"), ("MAP(INTEGER, INTEGER)", "MAP {1: 2}"), ("VARCHAR", "NULL"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("column", ["azimuth_deg", "icao24"])
def test_what_is_no_number_in_parquet_is_rejected_row_by_row(
    tmp_path: Path, column: str, kind: str, value: str
) -> None:
    columns = {"t_s": ("DOUBLE", "5"), "sensor": ("VARCHAR", "'r1'"), "range_m": ("DOUBLE", "1000")}
    columns |= {"azimuth_deg": ("DOUBLE", "90"), column: (kind, value)}
    table, rejects = parquet(
        tmp_path,
        ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items()),
        f"({', '.join(value for _, value in columns.values())})",
    )
    # Without its address a plot is a plot.
    absent = column == "icao24"
    # A decimal comma is no doubt where no comma parts fields.
    read_as = (column, value) in {("azimuth_deg", "'90,1'"), ("t_s", "'90,1'")}
    assert (len(table), rejects.total) == ((1, 0) if absent or read_as else (0, 1))


def test_an_address_that_is_a_number_is_not_taken_for_its_digits(tmp_path: Path) -> None:
    kinds = "t_s DOUBLE, sensor VARCHAR, range_m DOUBLE, azimuth_deg DOUBLE, icao24 INTEGER"
    table, rejects = parquet(tmp_path, kinds, "(5, 'r1', 1000, 90, 400001)")
    assert (table.icao24.tolist(), list(rejects.left_out)) == ([0], ["icao24 is not six hexadecimal digits"])


def test_parquet_that_is_none_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for text in (b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", GOOD.encode()):
        with pytest.raises(BadFile, match="cannot be read as a table of plots"):
            read(tmp_path, text, "plots.parquet")


BOMBS = {
    "rows of nothing": ("5.0 t_s, 'r1' sensor, 1.0 range_m, 1.0 azimuth_deg", 3_000_000, "rows stand in"),
    "rows without end": ("5.0 t_s, 'r1' sensor, random() range_m, 1.0 azimuth_deg", 300_000, "up to 200,000 are read"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_parquet_that_would_become_too_much_is_refused_before_it_is_read(
    tmp_path: Path, bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.ingest.plot_tables.PLOTS_MAX", 200_000 if "end" in bomb else 20_000_000)
    columns, rows, said = BOMBS[bomb]
    path = tmp_path / "bomb.parquet"
    duckdb.execute(f"COPY (SELECT {columns} FROM range({rows})) TO '{path}' (FORMAT parquet)")
    with pytest.raises(BadFile, match=said):
        read(tmp_path, path.read_bytes(), "plots.parquet")


def test_a_name_of_a_megabyte_in_every_row_of_parquet_costs_no_more_than_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.ingest.parquet_files.MEMORY", "500MB")
    columns = "5.0 t_s, repeat('x', 1000000) sensor, random() range_m, 1.0 azimuth_deg"
    path = tmp_path / "bomb.parquet"
    duckdb.execute(f"COPY (SELECT {columns} FROM range(3000)) TO '{path}' (FORMAT parquet)")
    table, rejects = read(tmp_path, path.read_bytes(), "plots.parquet")
    assert (len(table), rejects.total) == (0, 3_000)


cells = st.text(alphabet='0123456789.,;"eE+- \t|TZ:r1\x00é', max_size=14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cells, max_size=6), max_size=6), st.sampled_from(",;\t|"))
def test_every_row_of_a_table_is_used_or_rejected_and_a_good_one_among_them_is_used(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    lines = [delimiter.join(row) for row in rows]
    text = "\n".join([*lines, GOOD.replace(",", delimiter)])
    table, rejects = read(tmp_path, HEAD.replace(",", delimiter) + text)
    assert rejects.account.read == sum(1 for line in some(text.split("\n")) if line.strip(" \t\r"))
    assert rejects.account.used == len(table)
    assert (60_000.5, 90.25) in places(table) or any("," in line for line in lines)
