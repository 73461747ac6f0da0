"""The table that the reference page shows, as somebody keeps it by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.formats import csv_table, geojson, parquet
from tocsin.ledger.importing import import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.source import Source
from tocsin.ledger.sqlite import SqliteStore
from tocsin.model.value import time_text

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "ledger-formats.md"


def test_the_table_of_the_page_is_read_as_it_stands_there(tmp_path: Path) -> None:
    (table,) = re.findall(r"```text\n(incident,begin.*?)```", PAGE.read_text(), re.DOTALL)
    path = tmp_path / "kept.csv"
    path.write_text(table)
    with SqliteStore(None) as store:
        assert import_file(store, path, "csv", Rejects())["records"] == {"new": 3, "known": 0}
        assert import_file(store, path, "csv", Rejects())["records"] == {"new": 0, "known": 3}
        first, second, claim = store.read()
    assert isinstance(first, Incident) and isinstance(second, Incident) and isinstance(claim, Claim)
    assert (first.incident, time_text(first.window.begin), first.window.rule) == ("raid-1", "2026-05-03T21:40:00Z", "")
    assert second.window.end is not None and second.place is not None
    assert (time_text(second.window.end), second.place.sigma_m) == ("2026-05-05T00:00:00Z", 20_000)
    assert (second.window.said, second.window.rule) == ("2026-05-04", "a whole day, taken as UTC")
    assert (claim.chain, claim.figure, time_text(claim.published)) == (
        ("sohr",), Figure(low=9), "2026-05-05T00:00:00Z",
    )  # fmt: skip


def test_a_source_is_described_in_a_row_by_a_day_and_its_names(tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    names = '"{""names"": [{""text"": ""The Observatory""}]}"'
    path.write_text(f"record,source,recorded,more\nsource,sohr,2026-05-04,{names}\n")
    (row,) = csv_table.read(path, Rejects())
    (record,) = row.records
    assert isinstance(record, Source)
    assert (record.names[0].text, time_text(record.recorded)) == ("The Observatory", "2026-05-04T00:00:00Z")


@pytest.mark.parametrize(
    ("begin", "said"),
    [("2026-05-03 21:40", "without its offset from UTC"), ("2026-02-31", "write it as"), ("May", "write it as")],
)
def test_a_time_that_could_be_any_costs_its_row_and_says_how_it_is_written(
    tmp_path: Path, begin: str, said: str
) -> None:
    path, rejects = tmp_path / "kept.csv", Rejects()
    path.write_text(f"incident,begin\nraid,{begin}\n")
    assert list(csv_table.read(path, rejects)) == []
    assert said in next(iter(rejects.counts))


def test_a_column_of_days_is_read_from_parquet_too(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "kept.parquet"
    duckdb.sql(f"COPY (SELECT 'raid' AS incident, DATE '2026-05-03' AS begin) TO '{path}' (FORMAT parquet)")
    (row,) = parquet.read(path, Rejects())
    (record,) = row.records
    assert isinstance(record, Incident)
    assert record.window.said == "2026-05-03"


@pytest.mark.parametrize("form", ["parquet", "geojson"])
def test_a_count_written_as_a_fraction_and_a_name_that_is_a_number_are_what_a_table_of_texts_has(
    tmp_path: Path, form: str
) -> None:
    import duckdb

    path, table = tmp_path / f"kept.{form}", tmp_path / "kept.csv"
    cells = {"incident": 17, "measure": "killed", "source": 5, "published": "2026-05-04", "low": 9.0}
    if form == "parquet":
        columns = ", ".join(f"{value!r}{'::DOUBLE' * (name == 'low')} AS {name}" for name, value in cells.items())
        duckdb.sql(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")
    else:
        path.write_text(json.dumps({"features": [{"type": "Feature", "geometry": None, "properties": cells}]}))
    table.write_text("incident,measure,source,published,low\n17,killed,5,2026-05-04,9\n")
    (row,), (same,) = (
        (parquet if form == "parquet" else geojson).read(path, Rejects()),
        csv_table.read(table, Rejects()),
    )
    assert row.records == same.records
    half = cells | {"low": 9.5}
    path.write_text(json.dumps({"features": [{"type": "Feature", "properties": half}]}))
    assert list(geojson.read(path, rejects := Rejects())) == []
    assert "must be a whole number" in next(iter(rejects.counts))
