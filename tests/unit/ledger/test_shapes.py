"""What a record's texts must be like is asked for at birth and when they are read, in Python and in JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.unit.ledger.test_stores import NIGHT, claim, incident
from tocsin.ledger import shapes
from tocsin.ledger.claim import Evidence
from tocsin.ledger.record import Personal, Record, record_json
from tocsin.ledger.source import SourceName
from tocsin.ledger.window import Window
from tocsin.ledger.wire import AnyRecord, record_from_json
from tocsin.model.errors import BadRecord, BadValue

BAD: list[tuple[Record, str, Any]] = [
    (claim("a"), "id", "two words"),
    (claim("a"), "id", "../up"),
    (claim("a"), "by", "desk\n"),
    (claim("a"), "incident", "a\u202eb"),
    (claim("a"), "chain", ("sohr", "a b")),
    (claim("a"), "chain", ()),
    (claim("a"), "url", "javascript:alert(1)"),
    (claim("a"), "url", "https://a.example/\n"),
    (claim("a"), "language", "not a language"),
    (claim("a"), "revises", "/etc"),
    (claim("a"), "sealed", "A" * 64),
    (claim("a"), "words", "\ud800"),
    (incident("a"), "warnings", ("a b",)),
]


@pytest.mark.parametrize(("record", "field", "value"), BAD)
def test_a_text_that_is_not_what_it_must_be_is_refused_at_birth_and_when_it_is_read(
    record: Record, field: str, value: Any
) -> None:
    with pytest.raises(BadValue, match=field):
        msgspec.structs.replace(record, personal=None, **{field: value})
    told = msgspec.json.decode(record_json(record)) | {field: value}
    told.pop("personal", None)
    try:
        line = msgspec.json.encode(told)
    except UnicodeEncodeError:
        return
    with pytest.raises(BadRecord, match=field):
        record_from_json(line)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Evidence(sha256="0" * 63),
        lambda: Evidence(sha256="0" * 63 + "\n"),
        lambda: Personal(salt="0" * 31 + "G"),
        lambda: SourceName(text="a", language="a b"),
        lambda: Window(begin=NIGHT, zone="Asia Damascus"),
    ],
)
def test_what_stands_within_a_record_has_its_shape_too(make: Any) -> None:
    with pytest.raises(BadValue):
        make()


def test_a_flood_of_names_is_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_MAX", 3)
    for number in range(10):
        assert SourceName(text="a", language="en" + "-x" * number).language.startswith("en")
    with pytest.raises(BadValue):
        SourceName(text="a", language="-")


def test_the_schema_says_what_texts_must_be_like() -> None:
    schema = msgspec.json.schema(AnyRecord)["$defs"]["Claim"]["properties"]
    assert schema["id"]["pattern"].startswith("^")
    assert schema["chain"]["items"]["maxLength"] == 140
