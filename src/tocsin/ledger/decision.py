"""What people decided about records: these are one, those are two, that was wrong, this must not be read any more."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.ledger.record import Id, Record
from tocsin.model.value import Text

Thing = Literal["incident", "source"]
MANY_MAX = 10_000


class Merge(Record, tag="merge", frozen=True, kw_only=True):
    """Several incidents are one, or several sources are: from here on `of` are read as parts, or names, of `into`."""

    what: Thing = "incident"
    into: Id
    of: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MANY_MAX)]
    reason: Text = ""


class Apart(Record, tag="apart", frozen=True, kw_only=True):
    """Two incidents, or two sources, are not one: it is proposed no more."""

    what: Thing = "incident"
    one: Id
    other: Id
    reason: Text = ""


class Split(Record, tag="split", frozen=True, kw_only=True):
    """Claims belong to another incident than their records say."""

    into: Id
    claims: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MANY_MAX)]
    reason: Text = ""


class Undo(Record, tag="undo", frozen=True, kw_only=True):
    """Another record counts no more: a merge, a split, an undoing, or a claim that was recorded wrongly."""

    of: Id
    reason: Text = ""


class Redaction(Record, tag="redaction", frozen=True, kw_only=True):
    """The personal parts of another record are gone. What is left of it, and its hash, are as they were.

    words   what everybody might read of it, too: a record without words stands in its place (`wordless`)
    """

    of: Id
    reason: Text = ""
    words: bool = False


Decision = Merge | Apart | Split | Undo | Redaction
