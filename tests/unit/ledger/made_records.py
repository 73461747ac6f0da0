"""Any record of the ledger, for laws."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from tocsin.ledger.alert import Alert
from tocsin.ledger.claim import Claim, Evidence, Figure
from tocsin.ledger.decision import Merge, Redaction
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.window import Place, Window
from tocsin.model.threat import THREAT_CLASSES

# What spreadsheets run, what parts fields and records, what turns writing round.
HARD = [
    "=1+1",
    "+1",
    "-2",
    "@x",
    "\t=x",
    "'=x",
    "''",
    "'Ayn",
    'a "b" c',
    "a,b",
    "a\nb",
    "\r",
    "\u202e",
    " ",
    " a ",
    "1",
    "true",
]
texts = st.one_of(st.sampled_from(HARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
names = st.text("abcdeжع0123456789._-", min_size=1, max_size=10).filter(lambda one: one.strip(".") != "")
hexes = st.text("0123456789abcdef", min_size=64, max_size=64)
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
counts = st.none() | st.integers(0, 1_000)


def figures() -> st.SearchStrategy[Figure]:
    return st.tuples(counts, counts, st.booleans()).map(
        lambda one: Figure(
            low=one[0],
            high=None if one[1] is None else one[1] + (one[0] or 0),
            about=one[2] and one[:2] != (None, None),
        )
    )


def windows() -> st.SearchStrategy[Window]:
    return st.tuples(times, st.none() | times, texts, texts).map(
        lambda one: Window(
            begin=min(one[0], one[1] or one[0]), end=None if one[1] is None else max(one[0], one[1]), said=one[2],
            zone="Europe/Kyiv" if one[3] else "", rule=one[3],
        )
    )  # fmt: skip


places = st.builds(
    Place, lat=st.floats(-90, 90), lon=st.floats(-180, 180), sigma_m=st.floats(0.001, 1e6), name=texts,
    zone=st.none() | names,
)  # fmt: skip
personal = st.none() | st.builds(
    Personal, salt=st.text("0123456789abcdef", min_size=32, max_size=32), witness=texts, words=texts, recorder=texts
)
evidence = st.builds(Evidence, sha256=hexes, url=st.none() | st.just("https://example.org/a?b=1"), archived=texts)
shared = {"id": names, "recorded": times, "by": names, "personal": personal}
claims = st.builds(
    Claim, **shared, incident=names, measure=st.sampled_from(["killed", "injured", "outage", "interception"]),
    chain=st.lists(names, min_size=1, max_size=4).map(tuple), published=times, subject=texts,
    figure=st.none() | figures(), where=texts, words=texts, window=st.none() | windows(), denied=st.booleans(),
    url=st.none() | st.just("https://example.org/=1"), language=st.sampled_from(["", "ar", "uk"]),
    evidence=st.lists(evidence, max_size=2).map(tuple),
)  # fmt: skip
incidents = st.builds(
    Incident, **shared, incident=names, place=st.none() | places, window=windows(), struck=texts, weapon=texts,
    threat=st.sampled_from(THREAT_CLASSES), released=st.booleans(), drill=st.booleans(),
    origin=st.sampled_from(["operator", "import", "impact"]), warnings=st.lists(names, max_size=2).map(tuple),
)  # fmt: skip
sources = st.builds(
    Source, **shared, source=names, about=texts,
    names=st.lists(st.builds(SourceName, text=texts.filter(bool)), min_size=1, max_size=2).map(tuple),
)  # fmt: skip
alerts = st.builds(
    Alert, **shared, source=names, region=texts, window=windows(), places=st.lists(texts, max_size=2).map(tuple)
)
decisions = st.builds(Merge, **shared, into=names, of=st.lists(names, min_size=1, max_size=2).map(tuple), reason=texts)
redactions = st.builds(Redaction, **shared, of=names, reason=texts)
records: st.SearchStrategy[Record] = st.one_of(claims, incidents, sources, alerts, decisions, redactions)
