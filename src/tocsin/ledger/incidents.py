"""The incidents of a ledger as they stand, one for each that people take for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tocsin.ledger.incident import Incident
from tocsin.ledger.standing import Standing, counting, standing_of
from tocsin.ledger.store import Store


def standing_incidents(store: Store) -> list[Incident]:
    """The last record of every incident, merged ones as one, in order of name."""
    standing = standing_of(store)
    found: dict[str, list[Incident]] = defaultdict(list)
    for one in counting(store.read(("incident",)), standing):
        assert isinstance(one, Incident), "no other kind was asked for"
        found[standing.root("incident", one.incident)].append(one)
    return [newest for root, history in sorted(found.items()) if (newest := newest_of(root, history)) is not None]


def standing_incident(store: Store, standing: Standing, name: str) -> Incident | None:
    """The last record of the incident that goes by a name, or went by it; None: there is none that counts."""
    found = store.about(("incident",), standing.members("incident", name))
    return newest_of(
        standing.root("incident", name), [one for one in counting(found, standing) if isinstance(one, Incident)]
    )


def newest_of(root: str, history: Sequence[Incident]) -> Incident | None:
    """The last record of an incident itself, among those that count; where there is none, of any of its members."""
    own = [one for one in history if one.incident == root]
    return next(iter((own or history)[::-1]), None)
