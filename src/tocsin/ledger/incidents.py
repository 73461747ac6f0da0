"""The incidents of a ledger as they stand, one for each that people take for one."""

from __future__ import annotations

from collections import defaultdict

from tocsin.ledger.incident import Incident
from tocsin.ledger.standing import counting, standing_of
from tocsin.ledger.store import Store


def standing_incidents(store: Store) -> list[Incident]:
    """The last record of every incident, merged ones as one, in order of name."""
    standing = standing_of(store)
    found: dict[str, list[Incident]] = defaultdict(list)
    for one in counting(store.read(("incident",)), standing):
        assert isinstance(one, Incident), "no other kind was asked for"
        found[standing.root("incident", one.incident)].append(one)
    newest = []
    for root, history in sorted(found.items()):
        own = [one for one in history if one.incident == root]
        newest.append((own or history)[-1])
    return newest
