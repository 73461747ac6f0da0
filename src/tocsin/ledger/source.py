"""Sources: who says something, under which names, of what kind, and whose words it passes on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.ledger.record import Label, Language, Name, Record, Url
from tocsin.ledger.shapes import Kept

SourceKind = Literal[
    "observatory", "official", "agency", "outlet", "organisation", "hospital", "witness", "operator", "dataset",
    "channel", "unknown",
]  # fmt: skip


class SourceName(Kept, frozen=True, kw_only=True):
    """One of a source's names; in which language; whether it is an acronym."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]
    language: Language = ""
    acronym: bool = False


class Source(Record, tag="source", frozen=True, kw_only=True):
    """A source. A later record of the same `source` takes the place of an earlier one.

    source   what chains of claims call it
    names    in every language and script it is known by, the main one first
    site     where it publishes
    echoes   the source whose words it passes on, so that both are one voice; None: it has a voice of its own
    about    what readers should know of it: who runs it, whom it stands near
    """

    source: Name
    names: Annotated[tuple[SourceName, ...], Meta(min_length=1, max_length=100)]
    kind: SourceKind = "unknown"
    site: Url | None = None
    echoes: Name | None = None
    about: Label = ""
