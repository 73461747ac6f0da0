"""What came of the impacts that each source reported: how far it can be relied on, for officers to weigh.

Nothing decides by it. Whoever could teach it could lower warnings (decision 29): it is shown, with what an officer may
think of, and what a source may say stands in the settings alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from tocsin.ledger.claim import Claim
from tocsin.ledger.incident import Incident
from tocsin.ledger.standing import Standing
from tocsin.ledger.store import Store

# By then whoever else knows of it has said so.
OVER = timedelta(days=7)
# Fewer say more about luck than about a source.
ADVISED_MIN = 10
# Choices, not measured: of ten reports nine hold, or not even three.
RELY_SHARE, DOUBT_SHARE = 0.9, 0.3

# Of so many incidents claims are asked for at once.
CLAIMS_ABOUT = 1_000

Advice = Literal["rely", "doubt"]


class Earned(NamedTuple):
    """How one source has done.

    source      as it reports; of a spotter his pseudonym
    borne_out   its impacts that another one reported, too, of which somebody else says something, or that an officer
                released
    alone       those of which nobody else says anything, a week later
    not_so      those that were recorded wrongly, or that all who speak of them deny
    """

    source: str
    borne_out: int
    alone: int
    not_so: int

    @property
    def over(self) -> int:
        """How many are over."""
        return self.borne_out + self.alone + self.not_so

    @property
    def share(self) -> float | None:
        """The share of those borne out; None: too few are over to say."""
        return round(self.borne_out / self.over, 2) if self.over >= ADVISED_MIN else None

    @property
    def advice(self) -> Advice | None:
        """What an officer may think of: to let it raise alone, or to hear it with care."""
        if self.share is None or DOUBT_SHARE < self.share < RELY_SHARE:
            return None
        return "rely" if self.share >= RELY_SHARE else "doubt"


def earned_in(store: Store, records: Collection[Incident], standing: Standing, now: datetime) -> tuple[Earned, ...]:
    """The same of a ledger whose incidents are at hand."""
    names = sorted({
        member for one in reported(records) for member in standing.members("incident", one.incident)
    })  # fmt: skip
    parts = [names[first : first + CLAIMS_ABOUT] for first in range(0, len(names), CLAIMS_ABOUT)]
    claims = [one for part in parts for one in store.about(("claim",), part) if isinstance(one, Claim)]
    claims += [one for one in map(store.get, standing.moved_into(names)) if isinstance(one, Claim)]
    return earned_of(records, {one.id: one for one in claims}.values(), standing, now)


def reported(records: Iterable[Incident]) -> list[Incident]:
    """The records that an impact report opened, and that still say who reported it."""
    return [one for one in records if _reporter(one) is not None]


def earned_of(
    records: Collection[Incident], claims: Iterable[Claim], standing: Standing, now: datetime
) -> tuple[Earned, ...]:
    """Every source that reported an impact, in order of name; drills count for nobody.

    records   of all incidents; claims: of all about those that somebody reported
    """
    reporters: dict[str, set[str]] = defaultdict(set)
    vouched: set[str] = set()
    for one in records:
        root = standing.root("incident", one.incident)
        if one.id in standing.undone:
            continue
        if (who := _reporter(one)) is not None:
            reporters[root].add(who)
        if one.released or one.origin == "operator":
            vouched.add(root)
    said = _said(claims, standing)
    # Of each how many were borne out, are alone, and were not so; of what is not over yet none.
    worth: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in reported(records):
        who = _reporter(one)
        assert who is not None, "nobody reported it"
        root = standing.root("incident", one.incident)
        denied, counts = said.get(root), worth[who]
        if one.id in standing.undone or denied is True:
            counts[2] += 1
        elif denied is False or root in vouched or len(reporters[root]) > 1:
            counts[0] += 1
        elif now - one.recorded > OVER:
            counts[1] += 1
    return tuple(Earned(who, *counts) for who, counts in sorted(worth.items()))


def _reporter(one: Incident) -> str | None:
    if one.origin != "impact" or one.drill or one.personal is None:
        return None
    return one.personal.witness or None


def _said(claims: Iterable[Claim], standing: Standing) -> dict[str, bool]:
    """Incident -> whether all who speak of it deny it."""
    found: dict[str, bool] = {}
    for claim in claims:
        if claim.id in standing.undone:
            continue
        root = standing.root("incident", standing.moved.get(claim.id, claim.incident))
        found[root] = found.get(root, True) and claim.denied
    return found
