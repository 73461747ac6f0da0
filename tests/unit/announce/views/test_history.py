"""Times under cover, as the database finds them among the warnings, are those that somebody who listened would name."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from tests.decided import NOW, word
from tests.postgres import Server
from tests.some import some
from tocsin.announce.told.teller import told_warning
from tocsin.announce.told.wire import Told
from tocsin.announce.views import rows
from tocsin.announce.views.connection import connected
from tocsin.announce.views.reading import covers
from tocsin.announce.views.schema import upgraded
from tocsin.model.warning import Level, Warning

pytestmark = pytest.mark.server
END = NOW + timedelta(hours=3)
Span = tuple[str, datetime, datetime | None]


def night(chance: random.Random, zone: str) -> list[Warning]:
    """What a zone is told: levels that rise, are renewed, are lowered, or lapse unrenewed."""
    at, told = NOW + timedelta(seconds=chance.uniform(0, 600)), []
    for revision in range(chance.randrange(1, 25)):
        level: Level = chance.choice(("prepare", "take_cover", "take_cover", "all_clear"))
        lasts_s = chance.choice((60.0, 300.0))
        told.append(word(zone, level, at, revision=revision, lasts_s=lasts_s))
        at += timedelta(seconds=chance.uniform(1, 400))
    return told


def listened(warnings: list[Warning]) -> list[Span]:
    """What somebody names who hears a zone's warnings one after another, until END."""
    spans: list[Span] = []
    began: datetime | None = None
    expires = NOW
    for one in [*warnings, None]:
        at = END if one is None else one.time
        if began is not None and expires < at:
            spans.append((warnings[0].zone, began, expires))
            began = None
        if one is None:
            continue
        if one.level != "take_cover" and began is not None:
            spans.append((one.zone, began, one.time))
            began = None
        elif one.level == "take_cover":
            began, expires = began or one.time, one.expires
    return spans if began is None else [*spans, (warnings[0].zone, began, None)]


def test_times_under_cover_are_those_of_somebody_who_listened(server: Server, empty: Server) -> None:
    async def story() -> None:
        db = await connected(lambda: empty.address)
        await upgraded(db)
        chance = random.Random(54)
        nights = [night(chance, f"zone-{n}") for n in range(150)]
        told = Told(
            sector="north", node="a", number=1, now=END, picture_at=END, drill=False, doubtful=False, whole=True
        )
        await db.execute(rows.SECTOR.replace("RETURNING true", ""), *rows.sector_row(told))
        warnings = [told_warning(one) for zone in nights for one in zone]
        chance.shuffle(warnings)
        await db.execute(rows.WARNINGS, "north", rows.warnings_json(warnings))
        found = await covers(db, END, 10_000)
        wanted = [span for one in nights for span in listened(one)]
        assert {(one.zone, one.began, one.ended) for one in some(found.covers)} == set(wanted)
        assert (found.picture_at, found.since) == (END, END - timedelta(days=7))
        began = [one.began for one in found.covers]
        assert began == sorted(began, reverse=True)
        first = await covers(db, END, 10)
        assert (first.covers, first.since) == (found.covers[:10], found.covers[9].began)
        assert (await covers(db, NOW, 10)).covers == ()
        await db.close()

    asyncio.run(story())
