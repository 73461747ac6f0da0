"""Tables and lines: bad records cost themselves only, and say where they stand."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tocsin.ingest.files import plots_of_table, read_observations, read_plots, table_of_plots
from tocsin.ingest.lines import bounded_lines
from tocsin.ingest.reasons import OTHER, REASONS_MAX
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of

SENSORS = (Sensor(id="A", kind="radar", lat=0, lon=0), Sensor(id="B", kind="radar", lat=1, lon=0))
HEAD = "time,sensor,range_m,azimuth_deg,altitude_m,icao24,mode3a,note\n"
GOOD = "2026-01-01T00:00:00.25Z,A,1000,20,,4ca123,7700,x\n"


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "plots.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-01-01T00:00:00,A,1000,20,,,,", "time is not a time with a zone"),
        (",A,1000,20,,,,", "no time"),
        ("2026-01-01T00:00:00Z,C,1000,20,,,,", "not in the sensors file"),
        ("2026-01-01T00:00:00Z,A,1000,420,,,,", "azimuth_deg does not lie between"),
        ("2026-01-01T00:00:00Z,A,1000", "3 fields under a heading of 8"),
        ("2026-01-01T00:00:00Z,A,1000,,,,,", "no azimuth_deg"),
        ("2026-01-01T00:00:00Z,A,nope,20,,,,", "range_m is not a number"),
        ("2026-01-01T00:00:00Z,A,inf,20,,,,", "range_m does not lie between"),
        ('"2026-01-01T00:00:00Z,A,"1,420,,,,', "a quote that is not closed"),
    ],
)
def test_a_bad_row_costs_itself_and_is_kept_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    path = table(tmp_path, HEAD + GOOD + row + "\n" + GOOD)
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        plots = read_plots(path, SENSORS, rejects)
    assert len(plots) == 2
    (kept,) = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert reason in kept["reason"]
    assert kept["where"] == f"{path}:3"


def test_a_row_of_broken_text_does_not_shift_the_lines_of_others(tmp_path: Path) -> None:
    path = table(
        tmp_path, (HEAD + GOOD).encode() + b"\xff\xfe,A,1,1,,,,\n" + b"2026-01-01T00:00:00Z,C,1,1,,,,\n" + GOOD.encode()
    )
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        assert len(read_plots(path, SENSORS, rejects)) == 2
    kept = [json.loads(line)["where"] for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert sorted(kept) == [f"{path}:3", f"{path}:4"]


def test_a_table_says_the_same_as_its_plots_one_by_one(tmp_path: Path) -> None:
    path = table(tmp_path, HEAD + GOOD + "2026-01-01T01:00:01+01:00,B,5.5,359.5,-12,,21,\n")
    plots = read_plots(path, SENSORS, Rejects())
    assert plots.time_s.tolist() == [1_767_225_600.25, 1_767_225_601.0]
    assert plots.mode3a.tolist() == [0o7700, 0o21]
    assert plots.icao24.tolist() == [0x4CA123, 0]
    first, second = read_observations(path, SENSORS, Rejects())
    assert (first.sensor, first.mode3a, first.icao24, first.altitude_m) == ("A", "7700", "4ca123", None)
    assert (second.sensor, second.mode3a, second.icao24, second.altitude_m) == ("B", "0021", None, -12.0)
    assert [one.id for one in read_observations(path, SENSORS, Rejects())] == [first.id, second.id]


@pytest.mark.parametrize("time", ["t_s DOUBLE", "time TIMESTAMP", "time TIMESTAMPTZ", "time VARCHAR"])
def test_parquet_may_hold_times_in_any_form(tmp_path: Path, time: str) -> None:
    path = tmp_path / "plots.parquet"
    value = "86400.5" if time.startswith("t_s") else "'1970-01-02T00:00:00.5Z'"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE p ({time}, sensor VARCHAR, range_m DOUBLE, azimuth_deg DOUBLE)")
        connection.execute(f"INSERT INTO p VALUES ({value}, 'B', 1000, 20)")
        connection.execute(f"COPY p TO '{path}' (FORMAT parquet)")
    plots = read_plots(path, SENSORS, Rejects())
    assert plots.time_s.tolist() == [86_400.5]
    assert some(np.isnan(plots.altitude_m)).all()
    assert plots.sensor.tolist() == [1]


@pytest.mark.parametrize("text", ["", "time,sensor,range_m\n", "azimuth_deg,range_m,sensor\n"])
def test_a_table_without_its_columns_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadFile, match="has no column"):
        read_plots(table(tmp_path, text), SENSORS, Rejects())


def test_a_file_of_an_unknown_kind_says_what_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "plots.xls"
    path.touch()
    with pytest.raises(BadFile, match=r"\.parquet"):
        list(read_observations(path, SENSORS, Rejects()))
    with pytest.raises(BadFile, match="is not a file"):
        read_plots(tmp_path / "nothing.csv", SENSORS, Rejects())


@pytest.mark.parametrize("name", ["o.jsonl", "o.json", "o.txt", "o.log", "o"])
@pytest.mark.parametrize(
    ("before", "between", "after"),
    [
        ("", "\n", ""),
        ("", "\r\n", "\r\n"),
        ("", "\r", "\r"),
        ("\x1e", "\n\x1e", "\n"),
        ("[", ",\n", "]\n"),
        ("", ",\n", ",\n"),
    ],
)
def test_lines_of_json_are_read_however_they_are_parted_and_called(
    tmp_path: Path, name: str, before: str, between: str, after: str
) -> None:
    plot = '{"kind":"plot","id":"%d","time":"2026-01-01T00:00:00Z","sensor":"A","range_m":1,"azimuth_deg":2}'
    (tmp_path / name).write_bytes((before + between.join(plot % n for n in range(3)) + after).encode())
    rejects = Rejects()
    assert [one.id for one in read_observations(tmp_path / name, SENSORS, rejects)] == ["0", "1", "2"]
    assert rejects.account == (3, 3, 0, 0)


def test_a_table_that_is_packed_is_to_be_unpacked(tmp_path: Path) -> None:
    (tmp_path / "plots.csv.gz").write_bytes(gzip.compress((HEAD + GOOD).encode()))
    with pytest.raises(BadFile, match="unpack tables and lines first: gunzip"):
        list(read_observations(tmp_path / "plots.csv.gz", SENSORS, Rejects()))


def test_a_bad_line_of_json_costs_itself_only(tmp_path: Path) -> None:
    good = '{"kind":"plot","id":"%d","time":"2026-01-01T00:00:00Z","sensor":"A","range_m":1,"azimuth_deg":2}'
    lines = [good % 1, "{", '{"kind":"plot"}', "", good.replace('_deg":2', '_deg":900') % 2, '{"kind":"ufo"}', good % 3]
    path = tmp_path / "observations.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    rejects = Rejects()
    assert [one.id for one in read_observations(path, SENSORS, rejects)] == ["1", "3"]
    assert rejects.total == 4
    assert len(read_plots(path, SENSORS, Rejects())) == 2


def test_an_endless_line_is_dropped_and_the_next_one_read() -> None:
    rejects = Rejects()
    stream = io.BytesIO(b"a\n" + b"x" * 5_000_000 + b"\nb\n" + b"y" * 3_000_000)
    assert list(bounded_lines(stream, "pipe", rejects, line_bytes_max=1_000)) == [(1, b"a"), (3, b"b")]
    assert rejects.total == 2


def test_the_reject_file_and_the_table_of_reasons_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    with Rejects(path, file_bytes_max=10_000) as rejects:
        for number in range(2_000):
            rejects.add(f"fault {chr(0x4E00 + number)}", b"\x00" * 100_000, "somewhere")
    assert rejects.total == 2_000
    assert len(rejects.counts) == REASONS_MAX + 1
    assert rejects.counts[OTHER] == 2_000 - REASONS_MAX
    # Each kind that finds no room any more is told of once.
    assert path.stat().st_size < 10_000 + REASONS_MAX * 150
    assert "only counted" in path.read_text().splitlines()[-1]


def test_one_noisy_reason_or_source_leaves_room_in_the_file_for_all_others(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    with Rejects(path, file_bytes_max=20_000) as rejects:
        for number in range(2_000):
            rejects.add(f"azimuth_deg is {number}", "a row", f"noisy.csv:{number}")
            rejects.add(f"a frame of {number} octets", "octets", "noisy")
        for name in ("noisy", "quiet"):
            rejects.add("azimuth_deg is 400", "another row", name)
        rejects.add("no time", "another row", "noisy.csv:7")
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert rejects.total == 4_003
    assert path.stat().st_size < 21_000
    assert [one["where"] for one in kept if one.get("record") == "another row"] == ["noisy", "quiet", "noisy.csv:7"]
    assert [one["reason"] for one in kept if "record" not in one] == [
        "enough of this: azimuth_deg is …; more is only counted",
        "enough of this: a frame of … octets; more is only counted",
    ]


def test_rejects_that_differ_in_their_values_are_one_kind() -> None:
    rejects = Rejects()
    rejects.add("range_m is -5.0; it must lie between 0 and 2e+07", "a", "f:1")
    rejects.add("range_m is -7; it must lie between 0 and 2e+07", "b", "f:2")
    assert list(rejects.counts.values()) == [2]
    assert rejects.summary().startswith("2 rejected")


def test_rejects_of_an_earlier_run_do_not_pass_for_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    with Rejects(path) as first:
        first.add("broken", "x", "f:1")
    with Rejects(path):
        assert not path.exists()
    assert "broken" in (tmp_path / "rejects.jsonl.old").read_text()


some_plots = st.lists(
    st.builds(
        Plot,
        id=st.uuids().map(str),
        time=st.floats(0, 4e9).map(lambda seconds: time_of(round(seconds, 3))),
        sensor=st.sampled_from("AB"),
        range_m=st.floats(0, 1e6),
        azimuth_deg=st.floats(0, 359.9),
        altitude_m=st.none() | st.floats(-400, 30_000),
        doppler_mps=st.none() | st.floats(-3_000, 3_000),
        icao24=st.none() | st.integers(1, 0xFFFFFF).map(lambda number: f"{number:06x}"),
        mode3a=st.none() | st.integers(0, 0o7777).map(lambda number: f"{number:04o}"),
    ),
    max_size=8,
)


@given(some_plots)
def test_plots_come_out_of_a_table_as_they_went_in(plots: list[Plot]) -> None:
    table = table_of_plots(plots, SENSORS, Rejects(), "test")
    names = ("time", "sensor", "range_m", "azimuth_deg", "altitude_m", "doppler_mps", "icao24", "mode3a")
    # A table counts its seconds in doubles: times to the microsecond.
    again = list(plots_of_table(table))
    assert [[getattr(one, name) for name in names] for one in again] == [
        [getattr(one, name) for name in names] for one in plots
    ]
    assert [one.source for one in again] == [one.sensor for one in plots]


def test_a_plot_of_a_sensor_nobody_described_is_in_no_table() -> None:
    rejects = Rejects()
    plot = Plot(id="p", time=time_of(0.0), sensor="C", range_m=1, azimuth_deg=1)
    assert len(table_of_plots([plot], SENSORS, rejects, "test")) == 0
    assert rejects.summary() == "1 rejected: 1 × its sensor 'C' is not in the sensors file (first: test)"


def test_a_line_may_be_as_long_as_its_bound_and_not_a_byte_longer() -> None:
    for cut in (b"", b"\n"):
        rejects = Rejects()
        stream = io.BytesIO(b"x" * 1_000 + b"\n" + b"y" * 1_001 + cut)
        assert list(bounded_lines(stream, "pipe", rejects, line_bytes_max=1_000)) == [(1, b"x" * 1_000)]
        assert rejects.total == 1


@given(st.lists(st.binary(max_size=12), max_size=12), st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_lines_are_the_same_however_a_pipe_cuts_them(lines: list[bytes], cuts: list[int]) -> None:
    text = b"\n".join(lines)

    class Pipe:
        """Gives a few bytes at a time."""

        def __init__(self) -> None:
            self.rest, self.cuts = text, itertools.cycle(cuts)

        def read1(self, size: int = -1, /) -> bytes:
            size = next(self.cuts)
            some, self.rest = self.rest[:size], self.rest[size:]
            return some

    whole = list(bounded_lines(io.BytesIO(text), "pipe", Rejects(), line_bytes_max=8))
    assert list(bounded_lines(Pipe(), "pipe", Rejects(), line_bytes_max=8)) == whole
    end = b"\r" if b"\r" in text and b"\n" not in text else b"\n"
    for number, line in whole:
        assert text.split(end)[number - 1].removeprefix(b"\xef\xbb\xbf").strip(b" \t\n\r\x0b\f\x1e") == line


def test_what_became_of_rejects_is_counted_by_kind_and_what_is_not_for_us_apart() -> None:
    rejects = Rejects()
    for outcome in ("rejected", "over_rate", "over_rate", "conflict"):
        rejects.add("why", "x", "s", outcome)
    rejects.count("why", 3, "unauthenticated")
    assert rejects.outcomes == {"rejected": 1, "over_rate": 2, "conflict": 1, "unauthenticated": 3}
    for number in range(REASONS_MAX + 5):
        rejects.pass_over(f"kind {number}")
    assert (rejects.total, rejects.passed_over[OTHER], len(rejects.passed_over)) == (7, 5, REASONS_MAX + 1)
