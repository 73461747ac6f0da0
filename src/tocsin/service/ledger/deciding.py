"""What an officer decides about the ledger, as the record that says so. Nothing that was recorded is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.ledger.decision import Apart, Merge, Thing, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record, salt
from tocsin.ledger.standing import DECISIONS
from tocsin.ledger.window import Place
from tocsin.ledger.wire import kind_of
from tocsin.model.errors import BadFile, BadValue
from tocsin.model.value import Id, Text
from tocsin.service.ledger.shelf import Shelf

BY = "desk"

Deed = Literal["release", "withdraw", "merge", "apart", "undo"]


class Decide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /v1/console/ledger/decisions.

    do      release: let everybody see an incident; withdraw: no more; merge: `other` is `one`; apart: they are two;
            undo: the decision with the id `one` counts no more
    what    of merge and apart: incidents, or sources
    other   of merge and apart: the second of the two
    reason  for officers, and on record
    """

    do: Deed
    one: Id
    other: Id | None = None
    what: Thing = "incident"
    reason: Text = ""


class Decided(msgspec.Struct, frozen=True):
    """The id of the record that says so."""

    record: str


def decide(shelf: Shelf, asked: Decide, who: str, now: datetime, within: Callable[[Place | None], bool]) -> Decided:
    """Keep a decision.

    who      the officer; only the personal parts of the record name him
    within   whether he may decide about a place; None: about what lies everywhere, or nobody knows where

    Raises BadValue where there is nothing to decide, or not by him.
    """
    shelf.read_on()
    records = _records(shelf, asked, now, within)
    assert records, "nothing would say what was decided"
    kept = shelf.store.append(
        msgspec.structs.replace(one, personal=Personal(salt=salt(), recorder=who)) for one in records
    )
    if kept.conflicts:
        raise BadFile(kept.conflicts[0].reason)
    return Decided(records[0].id)


def _records(shelf: Shelf, asked: Decide, now: datetime, within: Callable[[Place | None], bool]) -> tuple[Record, ...]:
    name = f"{asked.do}-{now:%Y%m%dT%H%M%S.%fZ}"
    match asked.do:
        case "release" | "withdraw":
            return _shown(shelf, asked, name, now, within)
        case "undo":
            return (_undone(shelf, asked, name, now, within),)
    one, other = _two(shelf, asked, within)
    if asked.do == "merge":
        if asked.what == "incident" and shelf.standing[one].released != shelf.standing[other].released:
            raise BadValue("everybody sees one of the two and not the other; show both, or neither, and merge then")
        return (Merge(id=name, recorded=now, by=BY, what=asked.what, into=one, of=(other,), reason=asked.reason),)
    return (Apart(id=name, recorded=now, by=BY, what=asked.what, one=one, other=other, reason=asked.reason),)


def _shown(
    shelf: Shelf, asked: Decide, name: str, now: datetime, within: Callable[[Place | None], bool]
) -> tuple[Incident, ...]:
    """The incident as it is known, recorded anew: everybody may see it, or no more.

    What was merged into it is withdrawn under its own names, too: else it would come back if it were split again.
    """
    case = shelf.book.case(asked.one)
    if case is None or case.incident is None:
        raise BadValue(f"there is no record of the incident {asked.one}; add one to the ledger first")
    known, released = case.incident, asked.do == "release"
    allow(within, known.place)
    if known.drill and released:
        raise BadValue(f"{case.name} is part of a drill; nothing of a drill is shown as what fell")
    if known.released == released:
        raise BadValue(f"{case.name} is {'shown to everybody' if released else 'for officers only'} already")
    # Of two records the later one counts, and an imported one may tell of an hour that our clock has not reached.
    later = max(now, case.history[-1].recorded + timedelta(microseconds=1))
    newest = {one.incident: one for one in case.history if one.id not in shelf.book.standing.undone}
    parts = [one for of, one in newest.items() if of != case.name and one.released and not released]
    return tuple(
        msgspec.structs.replace(
            one,
            id=f"{name}{f'-{number}' if number else ''}",
            recorded=later,
            by=BY,
            incident=one.incident if number else case.name,
            released=released,
            # What is released is published whole, and tracks are for operators; the record before names them.
            tracks=() if released else one.tracks,
            personal=None,
            sealed=None,
        )
        for number, one in enumerate((known, *parts))
    )


def _two(shelf: Shelf, asked: Decide, within: Callable[[Place | None], bool]) -> tuple[str, str]:
    """The names under which the two stand."""
    if asked.other is None:
        raise BadValue(f"other is missing; {asked.do} is about two")
    standing = shelf.book.standing
    for name in (asked.one, asked.other):
        if asked.what == "incident":
            known = shelf.standing.get(standing.root("incident", name))
            if known is None:
                raise BadValue(f"there is no record of the incident {name}")
            allow(within, known.place)
        elif name not in shelf.book.voices.sources:
            raise BadValue(f"there is no record of the source {name}")
        else:
            allow(within, None)
    one, other = (standing.root(asked.what, name) for name in (asked.one, asked.other))
    if one == other:
        raise BadValue(f"{asked.one} and {asked.other} are one already; undo what says so first")
    if asked.do == "apart" and standing.is_apart(asked.what, one, other):
        raise BadValue(f"that {one} and {other} are two is on record already")
    return one, other


def _undone(shelf: Shelf, asked: Decide, name: str, now: datetime, within: Callable[[Place | None], bool]) -> Undo:
    found = shelf.store.get(asked.one)
    if found is None or kind_of(found) not in DECISIONS or kind_of(found) == "redaction":
        raise BadValue(f"{asked.one} is no decision that could be undone")
    if found.id in shelf.book.standing.undone:
        raise BadValue(f"{asked.one} counts no more already")
    # What it was about may lie anywhere.
    allow(within, None)
    return Undo(
        id=name, recorded=max(now, found.recorded + timedelta(microseconds=1)), by=BY, of=asked.one, reason=asked.reason
    )


def allow(within: Callable[[Place | None], bool], place: Place | None) -> None:
    """Raises BadValue where an officer may not decide about a place."""
    if not within(place):
        raise BadValue("this lies outside the zones in which you may act, or everywhere; ask an officer of all zones")
