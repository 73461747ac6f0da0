"""What a split brings about: claims stand at another incident, a new one where there is none of that name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tocsin.ledger.check import unknown_in
from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Split
from tocsin.ledger.incidents import standing_incident
from tocsin.ledger.record import Record
from tocsin.ledger.standing import standing_of
from tocsin.ledger.store import Store
from tocsin.model.errors import BadFile


def split_records(
    store: Store, into: str, claims: Sequence[str], now: datetime, *, by: str, reason: str
) -> tuple[Record, ...]:
    """What to append so that claims stand at `into`: the split, and before it the incident, where it is new.

    A new incident begins as what is known of the one that the claims stood at: its place, its window, what was struck;
    a later record of it says better. Nobody has released it. Raises BadFile: no such claim; claims of several
    incidents, or of none, for a new one.
    """
    stamp = f"{now:%Y%m%dT%H%M%S.%fZ}"
    split = Split(id=f"split-{stamp}", recorded=now, by=by, reason=reason, into=into, claims=tuple(claims))
    standing = standing_of(store)
    opened: tuple[Record, ...] = ()
    if standing_incident(store, standing, into) is None:
        found = [one for one in map(store.get, claims) if isinstance(one, Claim)]
        before = {standing.root("incident", standing.moved.get(one.id, one.incident)) for one in found}
        if len(before) != 1:
            raise BadFile(
                f"there is no incident {into}, and the claims stand at {len(before)} others: a new one begins as what "
                "is known of one; import it first, or move the claims of one incident at a time"
            )
        known = standing_incident(store, standing, before.pop())
        if known is None:
            raise BadFile(f"there is no incident {into}, and none at which the claims stand; import it first")
        new = msgspec.structs.replace(
            known,
            id=f"incident-{stamp}",
            recorded=now,
            by=by,
            incident=into,
            origin="operator",
            impact=None,
            warnings=(),
            tracks=(),
            released=False,
            personal=None,
        )
        opened = (new,)
    problems = [one for one in unknown_in(store, split) if not (opened and f"incident {into}," in one)]
    if problems:
        raise BadFile(f"{problems[0]}; `tocsin ledger show` lists what there is")
    return (*opened, split)
