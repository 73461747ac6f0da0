"""What is told of records that could not be used: how many, why, and in what they differ."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tocsin.ingest.files import read_plots
from tocsin.ingest.lines import read_lines
from tocsin.ingest.reasons import DISTINCT_MAX, NAMED_MAX, REASONS_MAX, Reasons
from tocsin.ingest.rejects import Rejects, unused
from tocsin.model.sensor import Sensor

RADAR = Sensor(id="north", kind="radar", lat=50.0, lon=30.0)


def test_the_sources_that_are_not_known_are_named() -> None:
    rejects = Rejects()
    for sic in (7, 7, 8):
        rejects.count(f"ASTERIX source 25/{sic} is not in the sensors file; give asterix: [25, {sic}]")
    ((kind, told),) = rejects.values.items()
    assert rejects.counts == {kind: 3} and "25" not in kind
    assert told["values"] == {"25/7, [25, 7]": 2, "25/8, [25, 8]": 1} and told["distinct"] == 2
    assert "2 different: 25/7, [25, 7] (2), 25/8, [25, 8] (1)" in rejects.summary()


def test_a_reason_whose_records_are_all_alike_is_said_in_full() -> None:
    rejects = Rejects()
    rejects.count("sensor 'east' is not in the sensors file, which has 3", 40)
    assert rejects.summary() == "40 rejected: 40 × sensor 'east' is not in the sensors file, which has 3"


def test_only_what_differs_is_named() -> None:
    rejects = Rejects()
    for azimuth, number in ((400.5, 1), (361, 4)):
        rejects.count(f"azimuth_deg is {azimuth}; it must be below 360", number)
    assert "5 × azimuth_deg is …; it must be below 360 (2 different: 400.5 (1), 361 (4))" in rejects.summary()


def test_times_are_one_kind_of_reason() -> None:
    rejects = Rejects()
    for minute in range(60):
        rejects.count(f"it is of 2026-03-01T12:{minute:02}:00.5Z, which is too late")
        rejects.count(f"it is of 2026-03-01 12:{minute:02}:00+02:00, which is too late")
    assert list(rejects.counts) == ["it is of …, which is too late"]


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=400))
def test_counts_hold_and_distinct_values_are_counted_up_to_their_bound(values: list[int]) -> None:
    reasons = Reasons()
    for value in values:
        reasons.count(f"a range of {value} m")
    ((_, told),) = reasons.values.items()
    assert reasons.total == len(values) and told["distinct"] == min(len(set(values)), DISTINCT_MAX)
    named = told["values"] or {told["says"].removeprefix("a range of ").removesuffix(" m"): len(values)}
    first = list(dict.fromkeys(map(str, values)))[:NAMED_MAX]
    assert named == {one: values.count(int(one)) for one in first}


@given(st.lists(st.text(max_size=400), min_size=1))
def test_reasons_of_any_text_are_counted_and_told(texts: list[str]) -> None:
    rejects = Rejects()
    for text in texts:
        rejects.count(text)
    assert rejects.total == sum(rejects.counts.values()) == len(texts)
    assert rejects.summary().startswith(f"{len(texts)} rejected: ")


def test_a_million_made_up_values_take_little_memory() -> None:
    reasons = Reasons()
    for kind in range(3 * REASONS_MAX):
        for value in range(2 * DISTINCT_MAX if kind < 2 else 30):
            reasons.count(f"{chr(0x4E00 + kind)} {'9' * 250}{value}")
    assert len(reasons.counts) == REASONS_MAX + 1
    told = reasons.values
    assert all(some(len(value) <= 100 for one in told.values() for value in one["values"]))
    assert max(one["distinct"] for one in told.values()) == DISTINCT_MAX
    assert sys.getsizeof(str(told)) < 1_000_000


def test_figures_for_machines_say_what_the_terminal_says() -> None:
    rejects = Rejects()
    rejects.count("a height of 90000 m", 2)
    rejects.leave_out("a height of 90000 m")
    rejects.pass_over("a block of ASTERIX category 240")
    assert unused(rejects.figures()) == rejects.summary()
    assert all(some(part in rejects.summary() for part in ("2 rejected", "1 values left out", "category 240")))


def test_where_the_first_of_a_kind_stood_is_said_where_no_file_keeps_them(tmp_path: Path) -> None:
    for path, said in (
        (None, "2 × a range of … m (2 different: 5 (1), 7 (1)) (first: plots.csv:3)"),
        (tmp_path / "r", "r):"),
    ):
        with Rejects(path) as rejects:
            rejects.add("a range of 5 m", "5", "plots.csv:3")
            rejects.add("a range of 7 m", "7", "plots.csv:9")
            assert said in rejects.summary()
            assert ("plots.csv:3" in rejects.summary()) == (path is None)
        assert rejects.figures()["rejected_first"] == {"a range of … m": "plots.csv:3"}


def test_every_line_is_used_rejected_or_passed_over() -> None:
    rejects = Rejects()
    good = b'{"kind":"status","id":"1","time":"2026-01-01T00:00:00Z","sensor":"a","state":"up","colour":1}'
    found = list(read_lines(BytesIO(b"\n".join((good, b"{", good, b"x" * 5_000_000, b""))), "test", rejects))
    assert (len(found), rejects.account) == (2, (4, 2, 2, 0)) and rejects.account.balanced
    # What is not read of a line that is used is said, and is no line of its own.
    assert sum(rejects.remarks.values()) == 2


def test_every_row_of_a_table_is_used_or_rejected(tmp_path: Path) -> None:
    path = tmp_path / "plots.csv"
    rows = ["1,north,1000,5", "2,south,1000,5", "3,south,1000,5", "4,north,-1,5", "x,north,1,5", "6,north,1000,6"]
    path.write_text("t_s,sensor,range_m,azimuth_deg\n" + "\n".join(rows) + "\n")
    rejects = Rejects()
    assert len(read_plots(path, [RADAR], rejects)) == 2
    assert rejects.account == (6, 2, 4, 0)
    assert "2 × its sensor 'south' is not in the sensors file" in rejects.summary()


def test_a_plot_that_its_reader_took_and_the_tracker_cannot_use_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "plots.jsonl"
    plot = '{"kind":"plot","id":"%d","time":"2026-01-01T00:00:00Z","sensor":"%s","range_m":1000,"azimuth_deg":5}'
    path.write_text("\n".join(plot % one for one in enumerate(("north", "south", "west"))))
    rejects = Rejects()
    assert len(read_plots(path, [RADAR], rejects)) == 1
    assert rejects.account == (3, 1, 2, 0) and "'south' (1), 'west' (1)" in rejects.summary()


def test_a_height_that_is_none_costs_a_row_its_height_only(tmp_path: Path) -> None:
    path = tmp_path / "plots.csv"
    rows = [
        "1,north,1000,5,high,",
        "2,north,1000,5,1e9,",
        "3,north,1000,5,300,1e9",
        "4,north,1000,5,300,30",
        "x,north,1,5,no,",
    ]
    path.write_text("t_s,sensor,range_m,azimuth_deg,altitude_m,doppler_mps\n" + "\n".join(rows) + "\n")
    rejects = Rejects()
    plots = read_plots(path, [RADAR], rejects)
    assert [one if one == one else None for one in plots.altitude_m.tolist()] == [None, None, 300, 300]
    assert [one if one == one else None for one in plots.doppler_mps.tolist()] == [None, None, None, 30]
    assert rejects.account == (5, 4, 1, 0) and sum(rejects.left_out.values()) == 3


def test_an_address_or_code_that_is_none_costs_a_row_that_only(tmp_path: Path) -> None:
    path = tmp_path / "plots.csv"
    rows = ["1,north,1000,5,~4ca123,7700", "2,north,1000,5,4ca123,8888", "3,north,1000,5,4919297,-1"]
    path.write_text("t_s,sensor,range_m,azimuth_deg,icao24,mode3a\n" + "\n".join(rows) + "\n")
    rejects = Rejects()
    plots = read_plots(path, [RADAR], rejects)
    assert plots.icao24.tolist() == [0, 0x4CA123, 0]
    assert plots.mode3a.tolist() == [0o7700, -1, -1]
    assert rejects.account == (3, 3, 0, 0) and sum(rejects.left_out.values()) == 4
