"""Everybody reads what an officer released, and nothing else: no witness, no other incident, no address of a person."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.signed_in import put
from tests.some import some
from tests.unit.service.ledger.raids import WHO_SHE_IS, raids
from tests.unit.service.ledger.test_deciding import ALEPPO, DAMASCUS, sent
from tests.unit.service.ledger.test_ledger_routes import told
from tests.unit.service.test_operators import House
from tocsin.service.ledger import public
from tocsin.service.ledger.public import PublicPages
from tocsin.words import english
from tocsin.words.catalogue import catalogue_in, languages

pytestmark = pytest.mark.server


def shown(folder: Path, story: Callable[[House], Awaitable[None]]) -> None:
    """Before a service that shows everybody what its one officer released: Damascus."""

    async def begun(house: House) -> None:
        await put(house.runtime.people, "wide", "operator")
        assert (await sent(house, "wide", do="release", one=DAMASCUS))[0] == 200
        await story(house)

    told(folder, begun, path=raids(folder), public=True)


async def got(house: House, page: int = 0) -> Any:
    status, found = await house.get(f"/v1/incidents?page={page}", None)
    assert status == 200, found
    return found


def test_what_was_released_is_read_in_ten_languages_and_names_no_witness_and_no_other_incident(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        whole = await house.text("/v1/incidents")
        pages = {one: await house.text(f"/incidents?lang={one}") for one in languages()}
        for text in some([whole, *pages.values()]):
            assert "air-defence positions" in text
            assert not [word for word in (*WHO_SHE_IS, ALEPPO, "Aleppo", "example.org") if word in text]
            assert "<script" not in text
        for language, text in pages.items():
            words = catalogue_in(language)
            assert f'<html lang="{language}" dir="{words.direction}"' in text
            for sentence in (english.FELL, english.INJURED, english.A_WITNESS, english.OUT_OF_SERVICE)[:3]:
                assert words.say(sentence) in text, sentence
        english_page = pages["en"]
        assert "From the least to the most that anybody says: 0 to 5." in english_page
        assert "\u2068Syrian Ministry of Defence\u2069 and \u2068OSDH\u2069 contradict each other." in english_page
        assert "Shown here: 1. For officers only, and counted alone: 1." in english_page
        assert 'href="/verify"' not in english_page

    shown(tmp_path, story)


def test_figures_are_of_what_was_released_and_the_rest_is_counted_alone(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        found = await got(house)
        assert (found["released"], found["withheld"], found["pages"]) == (1, 1, 1)
        assert found["months"] == {"2023-05": 1}
        (one,) = found["incidents"]
        assert one["incident"] == DAMASCUS
        injured = next(each for each in one["findings"] if each["measure"] == "injured")
        assert injured["span_bounds"] == {"low": 0, "high": 5, "about": False}
        damage = next(each for each in one["findings"] if each["measure"] == "damage")
        assert damage["statements"][0]["published"][0]["by"] == ["a witness"]
        assert damage["statements"][0]["published"][0]["url"] is None

    shown(tmp_path, story)


def test_what_is_withdrawn_is_gone_for_whoever_asks_next_and_pages_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "PAGE", 1)
    monkeypatch.setattr(public, "KEPT_S", 3_600.0)

    async def story(house: House) -> None:
        assert (await got(house))["pages"] == 1
        await sent(house, "wide", do="release", one=ALEPPO)
        assert [one["incident"] for one in (await got(house))["incidents"]] == [DAMASCUS]
        assert [one["incident"] for one in (await got(house, 1))["incidents"]] == [ALEPPO]
        assert 'href="?page=1&amp;lang=en"' in await house.text("/incidents?lang=en")
        for beyond in ("2", "x", "-1", "9999999"):
            assert (await house.get(f"/v1/incidents?page={beyond}", None))[0] == 404
        await sent(house, "wide", do="withdraw", one=DAMASCUS)
        found = await got(house)
        assert ([one["incident"] for one in found["incidents"]], found["withheld"]) == ([ALEPPO], 1)

    shown(tmp_path, story)


def test_a_thousand_who_ask_at_once_are_one_question_to_the_ledger() -> None:
    class Desk:
        asked = 0

        async def ask(self, work: object) -> public.PublicIncidents:
            self.asked += 1
            await asyncio.sleep(0)
            return public.PublicIncidents(page=0, pages=1, released=0, withheld=0, months={}, incidents=())

    async def run() -> int:
        desk = Desk()
        pages = PublicPages(desk)  # type: ignore[arg-type]
        await asyncio.gather(*(pages.page(0) for _ in range(1_000)))
        return desk.asked

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize("on", [False, True])
def test_pages_lead_to_each_other_only_where_the_settings_show_them(tmp_path: Path, on: bool) -> None:
    async def story(house: House) -> None:
        plain = await house.text("/plain?lang=en")
        assert ('href="/incidents?lang=en"' in plain) == on
        for path in ("/incidents", "/v1/incidents"):
            async with house.session.get(path) as response:
                assert (response.status == 200) == on
                assert on or "ledger.public" in await response.text()
        assert not re.search('href="/verify"', plain)
        assert await house.get("/v1/pages", None) == (200, {"incidents": on, "verify": False})

    told(tmp_path, story, path=raids(tmp_path), public=on)


def test_a_ledger_that_cannot_be_used_says_so_and_gives_no_reason_to_strangers(tmp_path: Path) -> None:
    broken = tmp_path / "raids.db"
    broken.write_bytes(b"no database at all" * 100)

    async def story(house: House) -> None:
        for path in ("/incidents", "/v1/incidents"):
            async with house.session.get(path) as response:
                text = await response.text()
                assert (response.status, "cannot be read just now" in text) == (503, True)
                assert "raids.db" not in text

    told(tmp_path, story, path=broken, public=True)
