"""Which warnings stood where something fell and which tracks were near: told by the service that saw them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.some import some
from tests.unit.ledger.test_nights import INDEX, warning
from tocsin.ledger.case import Book
from tocsin.ledger.opening import opened
from tocsin.ledger.telling import told
from tocsin.ledger.window import Place, Window
from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Tick
from tocsin.model.observation import Impact
from tocsin.model.threat import ThreatClass
from tocsin.model.track import Track
from tocsin.service.incidents import Incidents
from tocsin.service.ledger.related import TRACKS_KEPT_S, Links, Related
from tocsin.service.worker import Decided, Step

AT = datetime(2026, 5, 3, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = Place(lat=0.1, lon=0.1, sigma_m=100)


def track(name: str, lon: float, threat: ThreatClass = "drone") -> Track:
    return Track(
        id=name, time=AT, lat=0.1, lon=lon, altitude_m=500, speed_mps=50, heading_deg=90, sigma_m=100, threat=threat,
        probability=0.9, status="confirmed", sensors=1, updated=AT,
    )  # fmt: skip


def heard(*effects: Effect) -> Decided:
    return Decided((Step(1, Tick(time=AT), effects, 0.0),), ())


def at(moment: datetime) -> Window:
    return Window(begin=moment, end=moment)


def picture(moment: datetime, *tracks: Track) -> Picture:
    return Picture(time=moment, tracks=tracks)


def test_the_warning_that_stood_there_then_is_named_and_no_other() -> None:
    related = Related(INDEX)
    early, cover, elsewhere = warning("a", AT, "prepare"), warning("a", AT + MINUTE), warning("c", AT)
    related.hear(heard(early, cover, elsewhere, warning("a", AT + 10 * MINUTE, "all_clear")))
    assert related.to(HERE, at(AT + MINUTE / 2)).warnings == (early.id,)
    assert related.to(HERE, at(AT + 5 * MINUTE)).warnings == (cover.id,)
    assert related.to(HERE, at(AT + 11 * MINUTE)).warnings == ()
    assert related.to(HERE, Window(begin=AT, end=AT + 5 * MINUTE)).warnings == (early.id, cover.id)
    # On the border it may have been in either zone.
    related.hear(heard(warning("b", AT)))
    assert len(related.to(Place(lat=0.1, lon=0.199, sigma_m=2_000), at(AT + 5 * MINUTE)).warnings) == 2


def test_a_warning_lapses_and_what_is_told_whole_again_is_one() -> None:
    related = Related(INDEX)
    cover = warning("a", AT, minutes=30)
    related.hear(heard(cover))
    related.hear(Decided((), (), (cover,)))
    assert related.to(HERE, at(AT + 29 * MINUTE)).warnings == (cover.id,)
    assert related.to(HERE, at(AT + 31 * MINUTE)).warnings == ()


def test_tracks_that_were_near_are_named_the_nearest_first() -> None:
    related = Related(INDEX)
    seen = [track("near", 0.13), track("nearest", 0.11), track("far", 0.5), track("liner", 0.1, "civil")]
    related.hear(heard(picture(AT, *seen)))
    assert related.to(HERE, at(AT + timedelta(seconds=20))).tracks == ("nearest", "near")
    assert related.to(HERE, at(AT + 2 * MINUTE)).tracks == ()


def test_what_was_long_ago_is_remembered_no_more() -> None:
    related = Related(INDEX)
    related.hear(heard(picture(AT, track("t", 0.1))))
    related.hear(heard(picture(AT + timedelta(seconds=TRACKS_KEPT_S + 10))))
    assert related.to(HERE, at(AT)) == Links((), ())


def test_an_impact_opens_an_incident_with_what_stood_and_flew_there(tmp_path: Path) -> None:
    where = str(tmp_path / "ledger.db")
    incidents = Incidents(partial(str, where), b"journal", drill=False, related=Related(INDEX))
    cover = warning("a", AT - MINUTE)
    fell = Impact(id="1", source="post-7F3K", time=AT, lat=0.1, lon=0.1, sigma_m=100)
    ticked = Step(2, Tick(time=AT), (cover, picture(AT, track("t-1", 0.1))), 0.0)
    incidents.hear(Decided((Step(1, fell, (), 0.0), ticked), ()))
    incidents.close()
    with opened(where) as store:
        book = Book(store)
        first, linked = store.read(("incident",))
        case = book.case(some(store.listed())[0])
        assert case is not None
        lines = list(told(case, book.voices))
    assert (case.warnings, case.tracks) == ((cover.id,), ("t-1",))
    assert f"  warnings {cover.id}" in lines
    assert "  tracks   t-1" in lines
    # Whoever reported it stands in the first record alone.
    assert (first.personal is None, linked.personal is None) == (False, True)
