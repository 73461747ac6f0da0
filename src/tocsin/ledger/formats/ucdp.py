"""`ucdp`: the Georeferenced Event Dataset of the Uppsala Conflict Data Program (CC BY 4.0), as CSV.

A row is an event with deaths: `best`, `low` and `high` estimates of all, and civilians apart. It becomes an incident
and claims of UCDP's own: it weighed what others reported, so none of them is named as their origin. Columns by the
codebook of version 24.1 (Högbladh, 2024); `where_prec` says how well the place is known, `date_prec` the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.formats.cells import day_span, place_of, whole
from tocsin.ledger.formats.csv_records import read_csv
from tocsin.ledger.formats.ids import imported_id
from tocsin.ledger.importing import Row
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.window import Window
from tocsin.model.errors import BadInput
from tocsin.model.value import time_of

BY = "import/ucdp"
SOURCE = "ucdp-ged"
_NEEDED = ("id", "latitude", "longitude", "where_prec", "date_start", "date_end", "best", "low", "high")
# where_prec -> one standard deviation. 1: the place itself; 2: within 25 km of it; 3 to 6: a second-level unit, a
# first-level unit, a line or an area, a country; 7: at sea or in the air. The codebook gives words; the sizes are ours.
SIGMA_M = {"1": 2_000.0, "2": 12_500.0, "3": 25_000.0, "4": 60_000.0, "5": 60_000.0, "6": 300_000.0, "7": 100_000.0}
_PRECISION = {"1": "the day", "2": "2 to 6 days", "3": "a week", "4": "8 to 30 days", "5": "more than a month"}
_HEADLINE_CHARS = 300


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The incident and the claims of every event; rows that are none go to `rejects`. Raises BadFile."""
    told = False
    for one in read_csv(path, _NEEDED, rejects):
        where = f"{path}:{one.line}"
        try:
            records = _records(one.fields)
        except BadInput as error:
            rejects.add(str(error), one.text, where)
            continue
        rejects.use()
        yield Row(where, tuple(records) if told else (_source(), *records))
        told = True


def _records(fields: Mapping[str, str]) -> list[Record]:
    begin, end = day_span(fields, "date_start", "date_end")
    name = imported_id(SOURCE, fields["id"])
    known = _PRECISION.get(fields.get("date_prec", ""), "no stated precision")
    window = Window(
        begin=begin, end=end, said=f"{fields['date_start'][:10]} to {fields['date_end'][:10]}",
        rule=f"whole days, taken as UTC; UCDP knows it to {known}",
    )  # fmt: skip
    incident = Incident(
        id=name, recorded=end, by=BY, incident=name, window=window, origin="import",
        place=place_of(fields, SIGMA_M, "where_prec", fields.get("where_coordinates", "")),
        struck=fields.get("dyad_name", "")[:_HEADLINE_CHARS],
    )  # fmt: skip
    low, best, high = (whole(fields, column) for column in ("low", "best", "high"))
    claims = [_claim(incident, "", Figure(low=low, high=high), f"best estimate {best}", fields)]
    civilians = whole(fields, "deaths_civilians") if fields.get("deaths_civilians") else 0
    if civilians:
        claims.append(_claim(incident, "civilians", Figure(low=civilians, high=civilians), "", fields))
    return [incident, *claims]


def _claim(incident: Incident, subject: str, figure: Figure, words: str, fields: Mapping[str, str]) -> Claim:
    return Claim(
        id=f"{incident.id}/killed{'-' if subject else ''}{subject}", recorded=incident.recorded, by=BY,
        incident=incident.incident, measure="killed", subject=subject, figure=figure, chain=(SOURCE,),
        published=incident.recorded, words=words, window=incident.window,
        where=(fields.get("source_office") or fields.get("source_article") or "")[:_HEADLINE_CHARS],
    )  # fmt: skip


def _source() -> Source:
    return Source(
        id=f"{SOURCE}/source", recorded=time_of(0), by=BY, source=SOURCE, kind="dataset",
        names=(SourceName(text="UCDP Georeferenced Event Dataset"), SourceName(text="UCDP GED", acronym=True)),
    )  # fmt: skip
