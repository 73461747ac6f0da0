"""The page without JavaScript, as any browser gets it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.finding import Finder, folded
from tocsin.model.effect import Picture
from tocsin.model.warning import ZoneState
from tocsin.model.zone import Zone
from tocsin.service.http.plain import LISTED_MAX, ZONES_MAX, Plain
from tocsin.service.runtime import Runtime
from tocsin.service.settings import make_settings
from tocsin.service.sites.sites import Sites
from tocsin.words.catalogue import language_wanted, languages

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
SQUARE = (((36.0, 34.0), (36.2, 34.0), (36.2, 34.2), (36.0, 34.2), (36.0, 34.0)),)


def zone(zone_id: str, **more: Any) -> Zone:
    told: dict[str, Any] = {"name": {"en": zone_id.title()}, "population": 9_000, "polygons": (SQUARE,)}
    return Zone(id=zone_id, **(told | more))


ZONES = (
    zone("brim", name={"en": "Brim", "ar": "بريم"}, spellings=("Breem",), parent="shire"),
    zone("shire"),
    zone("mill", parent="cole", parent_name={"en": "Cole"}, parent_spellings=("Kol",)),
    zone("quay", parent="cole", parent_name={"en": "Cole"}, parent_spellings=("Kol",)),
)


def board(*states: ZoneState, at: datetime = NOW, drill: bool = False) -> Board:
    made = Board(ZONES, drill=drill)
    made.apply(1, (Picture(time=at, zones=states),))
    return made


def page(of: Board, accept: str = "", sites: Sites | None = None, **asked: Any) -> str:
    clock = SimpleNamespace(now=lambda: NOW)
    sites = sites or Sites(make_settings(zones="z"), of)
    settings = SimpleNamespace(ledger=None)
    proving = SimpleNamespace(on=False)
    runtime = SimpleNamespace(
        channels=SimpleNamespace(board=of), clock=clock, sites=sites, settings=settings, proving=proving
    )
    query = urlencode(asked, doseq=True).encode()
    headers = [(b"accept-language", accept.encode("latin-1"))]
    request = Request({"type": "http", "method": "GET", "path": "/plain", "query_string": query, "headers": headers})
    return bytes(asyncio.run(Plain(cast("Runtime", runtime)).page(request)).body).decode()


def cover(name: str, level: Any = "take_cover", **more: Any) -> ZoneState:
    return ZoneState(zone=name, level=level, since=NOW, expires=NOW + timedelta(minutes=10), **more)


def test_a_warning_for_a_region_is_told_to_who_asks_for_its_town() -> None:
    shown = page(board(cover("shire", eta_earliest=NOW + timedelta(minutes=5), threat="drone")), zone="brim")
    assert re.search(r'<section class="take_cover">.*Take cover now.*03:09 UTC', shown)
    assert "drone" in shown and "If there is no shelter" in shown


def test_a_city_is_as_grave_as_its_gravest_district_and_calm_only_where_all_are() -> None:
    assert 'class="take_cover"' in page(board(cover("mill", "all_clear"), cover("quay")), zone="cole")
    half_blind = board(cover("mill", "all_clear"), ZoneState(zone="quay", degraded=True))
    assert 'class="unknown"' in page(half_blind, zone="cole")
    assert 'class="none"' in page(board(), zone="cole")


def test_an_old_picture_and_a_blind_zone_are_never_calm() -> None:
    old = page(board(cover("brim", "all_clear"), at=NOW - timedelta(seconds=16)), zone=["brim", "mill"])
    assert old.count('class="unknown"') == 3
    assert "no fresh picture" in old and 'class="all_clear"' not in old and 'class="none"' not in old
    assert 'class="unknown"' in page(board(ZoneState(zone="mill", degraded=True)), zone="mill")


def test_that_we_may_be_blind_somewhere_is_said_beside_what_is_warned() -> None:
    blind = ZoneState(zone="mill", degraded=True)
    for shown in (page(board(blind)), page(board(blind, cover("brim")))):
        assert "We may be blind, this is not an all clear." in shown and "No zone is under warning" not in shown
    assert "We may be blind" not in page(board(cover("brim")))
    assert "No zone is under warning" in page(board())


@pytest.mark.parametrize("language", languages())
def test_it_speaks_every_language_and_says_the_time_of_its_picture(language: str) -> None:
    shown = page(board(), accept=f"xx, {language}-XX;q=0.7, en;q=0.1", q="nowhere")
    assert f'<html lang="{language}"' in shown and 'role="alert"' in shown
    assert ("no place of that name" in shown) == (language == "en")
    assert 'dir="rtl"' in shown[:60] or language not in ("ar", "fa", "he")


def test_a_place_is_found_by_other_spellings_and_in_other_scripts() -> None:
    finder = Finder(ZONES)
    for typed, found in (("breem", "brim"), ("بريم", "brim"), ("KOL", "cole"), ("qua", "quay"), ("rim", "brim")):
        assert finder.find(typed, 5)[0].id == found
    assert finder.find("", 5) == [] and finder.find("no such town", 5) == []
    assert folded("Qal'at al-Ḥiṣn") == folded("qalat hisn")


def test_what_is_typed_is_shown_and_never_run_and_is_bounded() -> None:
    shown = page(board(), q='"><script>alert(1)</script>', zone=["<b>", *map(str, range(500))])
    assert "<script>" not in shown and "<b>" not in shown
    assert shown.count('name="zone"') <= ZONES_MAX
    assert len(shown) < 20_000


def test_a_drill_is_marked_and_a_countrys_barrage_is_a_list_of_bounded_length() -> None:
    many = [zone(f"z{number}") for number in range(LISTED_MAX + 20)]
    barrage = Board(many, drill=True)
    barrage.apply(1, (Picture(time=NOW, zones=tuple(cover(one.id, drill=True) for one in many)),))
    shown = page(barrage)
    assert 'class="drill"' in shown and "20 more places" in shown
    assert len(some(re.findall("<li>", shown))) == LISTED_MAX + 1


def test_the_language_is_the_one_liked_best_of_those_there_are() -> None:
    wanted = {"": "en", "xx": "en", "uk-UA,en;q=0.5": "uk", "en;q=0.2, de;q=0.9": "de", "iw": "he", "de;q=0, fr": "fr"}
    assert {header: language_wanted(header) for header in wanted} == wanted
    assert language_wanted("," * 100_000) == "en"


def test_less_warning_time_is_said_beside_a_place_in_the_readers_language_and_beside_no_other() -> None:
    of = board(cover("quay"))
    of.say_less_time(frozenset({"quay"}))
    assert "There is less warning time than usual here." in page(of, zone="cole"), "a city's district"
    assert "Vorwarnzeit" in page(of, zone="quay", lang="de")
    assert "less warning time" not in page(of, zone="brim")
