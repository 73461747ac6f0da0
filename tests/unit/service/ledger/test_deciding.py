"""Officers decide about the ledger: each decision is a record, holds for all that follows, and can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.signed_in import headers, put
from tests.some import some
from tests.unit.service.ledger.raids import raids
from tests.unit.service.ledger.test_ledger_routes import BELOW, got, told
from tests.unit.service.test_operators import House
from tocsin.ledger.incident import Incident
from tocsin.ledger.sqlite import SqliteStore
from tocsin.model.errors import BadValue
from tocsin.service.ledger.deciding import Decide, decide
from tocsin.service.ledger.shelf import Shelf, Wanted
from tocsin.service.ledger.shown import FindingShown

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
DAMASCUS, ALEPPO = "damascus-air-defence", "aleppo-airport"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(SqliteStore(raids(tmp_path)))


class Officer:
    """Decides one thing after another, a second apart."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.now = shelf, NOW

    def __call__(self, do: Any, one: str, other: str | None = None, what: Any = "incident") -> str:
        self.now += timedelta(seconds=1)
        asked = Decide(do=do, one=one, other=other, what=what, reason="as agreed")
        return decide(self.shelf, asked, "officer-7", self.now, lambda place: True).record


def released(shelf: Shelf) -> list[str]:
    return [one.incident for one in shelf.incidents(Wanted(state="released")).incidents]


def test_an_incident_is_shown_and_withdrawn_and_both_stay_on_record_without_a_name(shelf: Shelf) -> None:
    officer = Officer(shelf)
    first = officer("release", DAMASCUS)
    assert released(shelf) == [DAMASCUS]
    second = officer("withdraw", DAMASCUS)
    assert released(shelf) == []
    for name in (first, second):
        kept = shelf.store.get(name)
        assert isinstance(kept, Incident)
        assert kept.personal is not None
        assert (kept.by, kept.personal.recorder) == ("desk", "officer-7")
        assert "officer-7" not in next(one.body for one in shelf.store.stored() if one.id == name).decode()


def test_a_withdrawal_holds_also_where_the_ledger_tells_of_a_later_hour(shelf: Shelf) -> None:
    officer = Officer(shelf)
    known = shelf.standing[DAMASCUS]
    late = NOW + timedelta(days=400)
    shelf.store.append([msgspec.structs.replace(known, id="imported", recorded=late, released=True)])
    assert released(shelf) == [DAMASCUS]
    officer("withdraw", DAMASCUS)
    assert released(shelf) == []


def test_what_was_merged_is_withdrawn_for_good_also_when_it_is_taken_apart_again(shelf: Shelf) -> None:
    officer = Officer(shelf)
    for name in (DAMASCUS, ALEPPO):
        officer("release", name)
    merged = officer("merge", DAMASCUS, ALEPPO)
    assert released(shelf) == [DAMASCUS]
    officer("withdraw", ALEPPO)
    officer("undo", merged)
    assert released(shelf) == []
    assert shelf.incidents(Wanted()).found == 2


def findings(shelf: Shelf) -> tuple[FindingShown, ...]:
    case = shelf.case(DAMASCUS)
    assert case is not None
    return case.findings


def test_an_alias_that_is_accepted_makes_two_names_one_voice_and_undoing_it_restores_all(shelf: Shelf) -> None:
    officer = Officer(shelf)
    before = findings(shelf)
    (pair,) = shelf.proposals().sources
    record = officer("merge", "sohr", "osdh", "source")
    assert shelf.proposals().sources == ()
    injured = next(one for one in findings(shelf) if one.measure == "injured")
    assert [one.voice for one in injured.statements] == ["defence-ministry", "sohr"]
    (source,) = shelf.sources("osdh", 0, 10).sources
    assert source.members == ("osdh", "sohr")
    officer("undo", record)
    assert findings(shelf) == before
    assert shelf.proposals().sources == (pair,)


def test_an_alias_that_is_refused_is_proposed_no_more(shelf: Shelf) -> None:
    officer = Officer(shelf)
    officer("apart", "sohr", "osdh", "source")
    assert shelf.proposals().sources == ()


def test_what_makes_no_sense_is_refused_and_leaves_nothing(shelf: Shelf) -> None:
    officer = Officer(shelf)
    drilled = msgspec.structs.replace(shelf.standing[ALEPPO], id="drill", incident="drill", drill=True)
    shelf.store.append([drilled])
    officer("release", DAMASCUS)
    merged = officer("merge", "sohr", "osdh", "source")
    before = shelf.store.last_seq
    refused: list[tuple[Any, ...]] = [
        ("release", DAMASCUS),
        ("withdraw", ALEPPO),
        ("release", "nowhere"),
        ("release", "drill"),
        ("merge", DAMASCUS),
        ("merge", DAMASCUS, DAMASCUS),
        ("merge", DAMASCUS, "nowhere"),
        # Everybody would read what was said of the one that nobody released.
        ("merge", DAMASCUS, ALEPPO),
        ("merge", "osdh", "sohr", "source"),
        ("apart", "osdh", "sohr", "source"),
        ("apart", "osdh", "nobody", "source"),
        ("undo", "nothing"),
        ("undo", shelf.standing[ALEPPO].id),
    ]
    for asked in some(refused):
        with pytest.raises(BadValue):
            officer(*asked)
    assert shelf.store.last_seq == before
    officer("undo", merged)
    with pytest.raises(BadValue, match="no more already"):
        officer("undo", merged)


def test_what_is_released_is_published_without_its_tracks_and_officers_still_read_them(shelf: Shelf) -> None:
    known = shelf.standing[DAMASCUS]
    late = known.recorded + timedelta(seconds=1)
    linked = msgspec.structs.replace(known, id="then", recorded=late, warnings=("w/1/1/prepare",), tracks=("t-1",))
    shelf.store.append([linked])
    record = Officer(shelf)("release", DAMASCUS)
    kept, case = shelf.store.get(record), shelf.case(DAMASCUS)
    assert isinstance(kept, Incident)
    assert (kept.warnings, kept.tracks) == (("w/1/1/prepare",), ())
    assert case is not None
    assert (case.warnings, case.tracks) == (("w/1/1/prepare",), ("t-1",))


async def sent(house: House, who: str, to: str = "decisions", **fields: Any) -> tuple[int, Any]:
    known = headers(house.runtime.people, who)
    async with house.session.post(f"{BELOW}/{to}", json=fields, headers=known) as response:
        return response.status, await response.json(content_type=None)


def test_who_decides_is_on_the_record_of_what_people_did_and_acts_where_he_may(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        people = house.runtime.people
        await put(people, "wide", "operator")
        await put(people, "narrow", "operator", zones=("valley",))
        await put(people, "driller", "operator", worlds="drills")
        asked = {"do": "release", "one": DAMASCUS, "reason": "agreed with the hospital"}
        assert (await sent(house, "driller", **asked))[0] == 403
        status, refused = await sent(house, "narrow", **asked)
        assert (status, "outside the zones" in refused["detail"]) == (409, True)
        status, refused = await sent(house, "narrow", do="apart", what="source", one="sohr", other="osdh")
        assert status == 409
        assert (await sent(house, "wide", do="burn", one=DAMASCUS))[0] == 400
        status, done = await sent(house, "wide", **asked)
        assert status == 200, done
        case = await got(house, f"incidents/{DAMASCUS}")
        assert case["known"]["released"] is True
        page = await people.audit.page(None, 10)
        (entry,) = (one for one in page.entries if one.what == "ledger.release")
        assert (entry.who, entry.about) == ("wide", f"incident {DAMASCUS}")
        assert entry.detail == "agreed with the hospital"

    told(tmp_path, story)


def test_an_officer_opens_an_incident_where_he_may_and_it_is_for_officers_alone(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        people = house.runtime.people
        await put(people, "wide", "operator")
        await put(people, "narrow", "operator", zones=("valley",))
        await put(people, "reader", "auditor")
        began = people.now() - timedelta(minutes=5)
        fell = {"lat": 33.5, "lon": 36.3, "struck": "a depot", "place": "by the ring road", "begin": began.isoformat()}
        assert (await sent(house, "narrow", "incidents", **fell))[0] == 409
        assert (await sent(house, "reader", "incidents", **fell))[0] == 403
        later = (people.now() + timedelta(hours=1)).isoformat()
        status, refused = await sent(house, "wide", "incidents", **(fell | {"begin": later}))
        assert (status, "still to come" in refused["detail"]) == (409, True)
        assert (await sent(house, "wide", "incidents", **(fell | {"lat": 91})))[0] == 400
        status, done = await sent(house, "wide", "incidents", **fell)
        assert status == 200, done
        case = await got(house, f"incidents/{done['record']}")
        assert (case["known"]["struck"], case["known"]["released"], case["origin"]) == ("a depot", False, "operator")
        page = await people.audit.page(None, 10)
        assert [(one.who, one.about) for one in page.entries if one.what == "ledger.open"] == [("wide", "a depot")]

    told(tmp_path, story)


def test_what_came_of_reports_is_shown_to_who_may_see_how_far_posts_can_be_relied_on(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        people = house.runtime.people
        await put(people, "wide", "operator")
        await put(people, "reader", "auditor")
        for who, expected in (("reader", 403), ("wide", 200)):
            asked = house.session.get(f"{BELOW}/reporters", headers=headers(people, who))
            async with asked as response:
                found = await response.json(content_type=None)
                assert response.status == expected
        assert found == {"reporters": []}

    told(tmp_path, story)
