"""What a person should know who says that two are one, or that they are two, as things stand."""

from __future__ import annotations

from tocsin.ledger.decision import Apart, Merge
from tocsin.ledger.record import Record
from tocsin.ledger.standing import Standing
from tocsin.model.errors import BadFile


def said_of(decision: Record, standing: Standing) -> str:
    """What a person should know who merges, or says that two are two; empty: it does what it says.

    Raises BadFile where it would change nothing, or speak against a merge that stands.
    """
    match decision:
        case Merge(what=what, into=into, of=of):
            roots = {name: standing.root(what, name) for name in (into, *of)}
            if len(set(roots.values())) == 1:
                raise BadFile(
                    f"{' and '.join(roots)} are one {what} already, under {roots[into]}; nothing is changed: "
                    "`tocsin ledger undo` and the merge's id take that back, and then merge them as you like"
                )
            if roots[into] != into:
                return f"{into} is part of {roots[into]} already: they all stand under {roots[into]} now"
        case Apart(what=what, one=one, other=other):
            if standing.root(what, one) == standing.root(what, other):
                raise BadFile(f"{one} and {other} are one {what} by a merge; `tocsin ledger undo` and its id first")
    return ""
