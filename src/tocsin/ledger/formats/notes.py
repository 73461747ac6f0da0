"""Notes that a person takes: sources, incidents and claims as tables of TOML, with times and figures in words.

`recorded`, `by` and `zone` at the top hold for every table that does not say otherwise. A table may give `id`; without
one it is made of what the table says, so that the same file twice changes nothing. `when` is resolved relative to
`published` (`tocsin.ledger.when`), in `language` where that is given; with `lasting = true` it has no end that is
known. Of a claim whose `when` no rule knows the words are kept. `figure` may be in words (`tocsin.ledger.figures`), and
`personal` gets its salt.

Quality: a table that cannot be used costs itself only, and its reason says which it is.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.figures import figure_of
from tocsin.ledger.formats.bounded import whole
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record, salt
from tocsin.ledger.when import Unresolved, resolve
from tocsin.ledger.wire import KINDS
from tocsin.model.errors import BadFile, BadRecord, BadValue
from tocsin.model.utf8 import as_utf8
from tocsin.model.wire import in_words, to_json

# Nobody writes more by hand.
FILE_BYTES_MAX = 10_000_000
_SHARED = ("recorded", "by", "zone")


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """A record for every table of a file of notes. Raises BadFile where it is none."""
    data = whole(path, "notes (TOML); a larger ledger is exported as .jsonl", FILE_BYTES_MAX)
    try:
        notes = tomllib.loads(as_utf8(data).decode())
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is no UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error
    except (BadRecord, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFile(f"{path} cannot be read as notes ({error}); correct it there") from error
    shared = {key: notes.pop(key) for key in _SHARED if key in notes}
    for kind, tables in notes.items():
        if kind not in KINDS or not isinstance(tables, list):
            raise BadFile(f"{path} has {kind!r}; tables of notes are [[{']], [['.join(KINDS)}]]")
        for number, table in enumerate(tables, 1):
            rejects.read()
            where = f"{path}:[[{kind}]] {number}"
            try:
                record = _record(kind, shared, table, rejects)
            except (msgspec.ValidationError, BadValue, TypeError) as error:
                said = str(error) if isinstance(error, BadValue) else in_words(error, KINDS[kind])
                rejects.add(said, table, where)
                continue
            rejects.use()
            yield Row(where, (record,))


def _record(kind: str, shared: dict[str, Any], table: Any, rejects: Rejects) -> Record:
    if not isinstance(table, dict):
        raise BadValue(f"[[{kind}]] is {table!r}; write it as a table")
    told = shared | table
    zone = told.pop("zone", "")
    if (when := told.pop("when", None)) is not None:
        published = told.get("published", told.get("recorded"))
        if not isinstance(published, datetime) or published.tzinfo is None:
            raise BadValue(f"when is {when!r}, and nothing says when that was said; give published, with its zone")
        lasting = told.pop("lasting", False)
        try:
            window = resolve(str(when), published, zone, str(told.get("language", "")))
        except Unresolved as error:
            # A claim says what it says; an incident without a time is none.
            if kind != "claim":
                raise
            told["said_when"] = str(when)
            rejects.notice(f"kept as it was said: {error}")
        else:
            told["window"] = msgspec.structs.replace(window, end=None) if lasting else window
    if kind != "claim":
        # Of an incident they are what `when` is relative to and said in, and no part of it.
        told.pop("published", None)
        told.pop("language", None)
    if (figure := told.get("figure")) is not None and not isinstance(figure, dict):
        told["figure"] = figure_of(str(figure))
    if isinstance(told.get("names"), list):
        told["names"] = [{"text": name} if isinstance(name, str) else name for name in told["names"]]
    if isinstance(told.get("personal"), dict):
        told["personal"] = {"salt": salt()} | told["personal"]
    told.setdefault("id", _id(kind, shared | table))
    return msgspec.convert(told | {"record": kind}, KINDS[kind])


def _id(kind: str, told: dict[str, Any]) -> str:
    """Made of what is said, so that it is the same when it is said again; not of what is personal in it."""
    public = {key: value for key, value in told.items() if key != "personal"}
    return f"{kind}-{hashlib.sha256(to_json(sorted(public.items()))).hexdigest()[:20]}"
