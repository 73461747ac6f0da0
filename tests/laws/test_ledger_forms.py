"""What the ledger writes in any of its own forms comes back as it was, and does no harm where it is opened."""

from __future__ import annotations

import csv
import io
from importlib import import_module

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tests.unit.ledger.made_records import claims, records, texts
from tocsin.ingest.rejects import Rejects
from tocsin.ledger.claim import Claim
from tocsin.ledger.exporting import WRITTEN
from tocsin.ledger.formats.csv_table import plain, write, written
from tocsin.ledger.formats.flat import COLUMNS, FLAGS, FLOATS, WHOLES, flat, record_of
from tocsin.ledger.importing import FORMATS
from tocsin.ledger.record import Record, record_json
from tocsin.model.errors import BadInput


@pytest.mark.parametrize("form", WRITTEN)
@given(kept=st.lists(records, max_size=6))
@tried(12, 1_000)
def test_import_after_export_is_the_identity(
    form: str, kept: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> None:
    module = import_module(FORMATS[form])
    path = tmp_path_factory.mktemp(form) / f"ledger.{form}"
    with path.open("wb") as file:
        assert module.write(kept, file) == len(kept)
    rejects = Rejects()
    back = [record for row in module.read(path, rejects) for record in row.records]
    assert [record_json(one) for one in back] == [record_json(one) for one in kept]
    assert rejects.account.balanced
    assert rejects.total == 0


@given(record=records)
@tried(60, 5_000)
def test_a_record_is_its_flat_row(record: Record) -> None:
    row = flat(record)
    assert set(row) <= set(COLUMNS)
    assert record_json(record_of(row)) == record_json(record)


@given(text=texts)
def test_no_text_in_a_table_begins_a_formula_and_each_comes_back(text: str) -> None:
    cell = written("words", text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert plain(cell) == text


@given(claim=claims)
@tried(60, 1_000)
def test_pythons_own_reader_finds_the_columns_and_no_formula_but_in_numbers(claim: Claim) -> None:
    file = io.BytesIO()
    write([claim], file, tags=True)
    names, tags, cells = csv.reader(io.StringIO(file.getvalue().decode(), newline=""))
    assert tuple(names) == COLUMNS
    assert [tag[:1] for tag in tags] == ["#"] * len(COLUMNS)
    assert cells[names.index("measure")] == claim.measure
    texts_only = [cell for name, cell in zip(names, cells, strict=True) if name not in FLOATS | WHOLES | FLAGS]
    assert not [cell for cell in texts_only if cell.startswith(("=", "+", "-", "@"))]


@given(claim=claims, junk=st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=5), max_size=3))
@tried(60, 2_000)
def test_a_row_with_anything_in_any_cell_is_a_record_or_a_reason(claim: Claim, junk: dict[str, str]) -> None:

    try:
        found = record_of({**flat(claim), **junk})
    except BadInput as error:
        assert str(error)
    else:
        assert msgspec.json.decode(record_json(found))["record"]
