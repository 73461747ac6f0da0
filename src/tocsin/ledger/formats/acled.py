"""`acled`: events of the Armed Conflict Location & Event Data project, as its CSV export has them.

Only what falls from the air concerns us: `Air/drone strike` and `Shelling/artillery/missile attack`; other kinds are
passed over and counted. Where one source is named it is the origin of the figure and ACLED its publisher; where several
are, ACLED chose among them, and the figure is ACLED's own. A 0 is written also where nobody reported deaths: no claim.
Columns by the codebook of 2024. ACLED's terms do not allow its data to be passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.formats.cells import day_span, place_of, whole
from tocsin.ledger.formats.csv_records import read_csv
from tocsin.ledger.formats.ids import imported_id, source_name
from tocsin.ledger.importing import Row
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.window import Window
from tocsin.model.errors import BadInput
from tocsin.model.value import TEXT_CHARS_MAX, time_of

BY = "import/acled"
SOURCE = "acled"
KINDS = ("Air/drone strike", "Shelling/artillery/missile attack")
_NEEDED = (
    "event_id_cnty", "event_date", "sub_event_type", "latitude", "longitude", "geo_precision", "source", "fatalities"
)  # fmt: skip
# geo_precision -> one standard deviation: the town; part of a region, near the town named; the region's largest town.
SIGMA_M = {"1": 3_000.0, "2": 20_000.0, "3": 60_000.0}
_PRECISION = {"1": "the day", "2": "the week", "3": "the month"}
_LABEL_CHARS = 300


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The incident and the claim of every event from the air; rows that are none go to `rejects`. Raises BadFile."""
    told: set[str] = set()
    for one in read_csv(path, _NEEDED, rejects):
        if one.fields["sub_event_type"] not in KINDS:
            rejects.pass_over(one.fields["sub_event_type"][:80] or "no kind of event")
            continue
        where = f"{path}:{one.line}"
        try:
            records = _records(one.fields, rejects)
        except BadInput as error:
            rejects.add(str(error), one.text, where)
            continue
        rejects.use()
        named = {_chain(one.fields)[0], SOURCE} - told
        told |= named
        yield Row(where, (*(_source(name, one.fields["source"]) for name in sorted(named)), *records))


def _records(fields: Mapping[str, str], rejects: Rejects) -> list[Record]:
    begin, end = day_span(fields, "event_date", "event_date")
    name = imported_id(SOURCE, fields["event_id_cnty"])
    known = _PRECISION.get(fields.get("time_precision", ""), "no stated precision")
    incident = Incident(
        id=name, recorded=end, by=BY, incident=name, origin="import", weapon=fields["sub_event_type"],
        window=Window(
            begin=begin, end=end, said=fields["event_date"],
            rule=f"a whole day, taken as UTC; ACLED knows it to {known}",
        ),
        place=place_of(fields, SIGMA_M, "geo_precision", fields.get("location", "")),
    )  # fmt: skip
    killed = whole(fields, "fatalities")
    if not killed:
        rejects.leave_out("fatalities 0, which is written also where nobody reported any")
        return [incident]
    claim = Claim(
        id=f"{name}/killed", recorded=end, by=BY, incident=name, measure="killed", chain=_chain(fields), published=end,
        figure=Figure(low=killed, high=killed), window=incident.window,
        where=f"from {fields['source']}"[:_LABEL_CHARS], words=fields.get("notes", "")[:TEXT_CHARS_MAX],
    )  # fmt: skip
    return [incident, claim]


def _chain(fields: Mapping[str, str]) -> tuple[str, ...]:
    sources = [one.strip() for one in fields["source"].split(";") if one.strip()]
    return (source_name(sources[0]), SOURCE) if len(sources) == 1 else (SOURCE,)


def _source(name: str, said: str) -> Source:
    names = (SourceName(text="Armed Conflict Location & Event Data"), SourceName(text="ACLED", acronym=True))
    return Source(
        id=f"{SOURCE}/source/{name}", recorded=time_of(0), by=BY, source=name,
        kind="dataset" if name == SOURCE else "unknown",
        names=names if name == SOURCE else (SourceName(text=said.strip()[:_LABEL_CHARS] or name),),
    )  # fmt: skip
