"""Tables of CSV: what is written is read, and what is broken costs itself alone."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.ingest.rejects import Rejects
from tocsin.ledger.formats.csv_records import RECORD_CHARS_MAX, RECORD_LINES_MAX, read_csv
from tocsin.model.errors import BadFile

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
rows_of_two = st.lists(st.tuples(texts, texts), max_size=8)


def _read(path: Path, content: bytes) -> tuple[list[tuple[int, dict[str, str]]], Rejects]:
    path.write_bytes(content)
    found = []
    with Rejects(path.with_suffix(".rejects")) as rejects:
        for one in read_csv(path, ("a", "b"), rejects):
            rejects.use()
            found.append((one.line, one.fields))
    assert rejects.account.balanced
    return found, rejects


@given(rows=rows_of_two)
@tried(60, 2_000)
def test_what_pythons_own_writer_writes_is_read_as_it_was(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(("a", "b"))
        writer.writerows(rows)
    found, rejects = _read(path, path.read_bytes())
    assert [tuple(fields.values()) for _, fields in found] == rows
    assert not rejects.total


def test_a_quote_that_is_not_closed_costs_its_own_line(tmp_path: Path) -> None:
    many = "".join(f"{k},{k}\n" for k in range(RECORD_LINES_MAX + 5))
    found, rejects = _read(tmp_path / "t.csv", f'a,b\n1,"open\n{many}'.encode())
    assert len(found) == RECORD_LINES_MAX + 5
    assert found[0] == (3, {"a": "0", "b": "0"})
    assert rejects.counts == {"a quote that is not closed": 1}


def test_a_quote_that_is_open_at_the_end_costs_no_line_before_it(tmp_path: Path) -> None:
    found, rejects = _read(tmp_path / "t.csv", b'a,b\n1,2\n3,"4\n5,6')
    assert [line for line, _ in found] == [2, 4]
    assert rejects.total == 1


def test_inches_in_a_text_open_nothing(tmp_path: Path) -> None:
    found, _ = _read(tmp_path / "t.csv", b'a,b\na 5" gun,x\n1,2\n')
    assert [fields["a"] for _, fields in found] == ['a 5" gun', "1"]


def test_too_many_fields_too_long_a_line_and_no_text_are_rejected_each_with_its_line(tmp_path: Path) -> None:
    long = b"x" * (RECORD_CHARS_MAX + 10)
    found, rejects = _read(tmp_path / "t.csv", b"\xef\xbb\xbfa,b\r\n1,2,3\r\n" + long + b",2\r\n\xff,2\r\n\r\n7,8\r\n")
    assert found == [(6, {"a": "7", "b": "8"})]
    assert rejects.account.rejected == 3
    kept = (tmp_path / "t.rejects").read_text().splitlines()
    assert [f"t.csv:{line}" in kept[k] for k, line in enumerate((2, 3, 4))] == [True] * 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,c\n", "no column b"),
        (b"a,b,b\n", "same name"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"a;b\n1;2\n", "has semicolons between its columns; save it with commas"),
        (b"a\tb\n", "has tabs"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "is compressed"),
        (b"PK\x03\x04 and on", "a spreadsheet's own file"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        _read(tmp_path / "t.csv", content)
    with pytest.raises(BadFile, match="cannot be read"):
        list(read_csv(tmp_path / "none.csv", ("a",), Rejects()))
