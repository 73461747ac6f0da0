"""Officers read the ledger over HTTP: incidents by time and text, who says what, and what may be one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.some import some
from tests.unit.service.ledger.raids import SECRET, raids
from tests.unit.service.test_operators import House, served, settings_in, until
from tocsin.model.errors import BadFile
from tocsin.service.ledger import desk, shelf
from tocsin.service.settings import Settings, ledger_place, load_settings
from tocsin.service.troubles import standing_troubles

pytestmark = pytest.mark.server

BELOW = "/v1/console/ledger"


def told(folder: Path, story: Callable[[House], Awaitable[None]], **ledger: Any) -> None:
    """What happens before a service with that ledger; else with the tutorial's."""

    async def run() -> None:
        table = ledger or {"path": raids(folder)}
        async with served(settings_in(folder, drill=False, **({"ledger": table} if table["path"] else {}))) as house:
            await story(house)

    asyncio.run(run())


async def got(house: House, path: str) -> Any:
    status, found = await house.get(f"{BELOW}/{path}")
    assert status == 200, found
    return found


def test_incidents_are_found_by_time_by_words_in_any_script_and_page_by_page(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        whole = await got(house, "incidents")
        assert [one["incident"] for one in whole["incidents"]] == ["damascus-air-defence", "aleppo-airport"]
        assert (whole["found"], whole["all"], whole["after"]) == (2, 2, None)
        first = await got(house, "incidents?limit=1")
        rest = await got(house, f"incidents?limit=1&after={first['after']}")
        assert first["incidents"] + rest["incidents"] == whole["incidents"]
        assert rest["after"] is None
        for asked, wanted in [
            ("q=ALÉPPO", "aleppo-airport"),
            ("q=damascus%20positions", "damascus-air-defence"),
            ("end=2023-05-20T00:00:00Z", "aleppo-airport"),
            ("begin=2023-05-20T00:00:00Z", "damascus-air-defence"),
        ]:
            found = await got(house, f"incidents?{asked}")
            assert [one["incident"] for one in found["incidents"]] == [wanted], asked
        assert (await got(house, "incidents?q=aleppo%20positions"))["found"] == 0
        assert (await got(house, "incidents?state=released"))["found"] == 0
        assert (await got(house, "incidents?state=withheld"))["found"] == 2

    told(tmp_path, story)


def test_one_incident_shows_every_voice_with_its_claims_and_who_contradicts_whom(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        case = await got(house, "incidents/damascus-air-defence")
        assert case["known"]["place"]["name"] == "near Damascus"
        assert "overnight Sunday to Monday" in case["known"]["window"]
        injured = next(one for one in case["findings"] if one["measure"] == "injured")
        said = {one["called"]: one["figure"] for one in injured["statements"]}
        assert said == {"OSDH": "5", "Syrian Observatory for Human Rights": "5", "Syrian Ministry of Defence": "0"}
        assert injured["span"] == "0 to 5"
        assert injured["agreed"] is None
        assert {one["why"] for one in injured["contradictions"]} == {"0 against 5"}
        ministry = next(one for one in injured["statements"] if one["figure"] == "0")
        assert ministry["claims"][0]["by"] == ["Syrian Ministry of Defence", "Syrian Arab News Agency", "Rudaw"]
        assert (await house.get(f"{BELOW}/incidents/nowhere"))[0] == 404

    told(tmp_path, story)


def test_two_names_of_one_observatory_are_proposed_with_the_reason_and_sources_are_found_by_any_name(
    tmp_path: Path,
) -> None:
    async def story(house: House) -> None:
        (pair,) = (await got(house, "proposals"))["sources"]
        assert {pair["one_called"], pair["other_called"]} == {"OSDH", "Syrian Observatory for Human Rights"}
        assert "initials" in " ".join(pair["reasons"])
        (found,) = (await got(house, "sources?q=sohr"))["sources"]
        assert (found["source"], found["voice"], found["kind"]) == ("sohr", None, "observatory")
        every = await got(house, "sources?limit=3")
        assert (len(every["sources"]), every["after"], every["found"]) == (3, 3, 8)

    told(tmp_path, story)


def test_what_a_witness_said_in_confidence_is_in_no_answer(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        answers = [await got(house, path) for path in ("incidents/damascus-air-defence", "sources", "proposals")]
        for answer in some(answers):
            assert not [one for one in SECRET if one in msgspec.json.encode(answer).decode()]

    told(tmp_path, story)


def test_a_question_that_is_none_is_answered_with_what_to_write(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        for asked in ("begin=yesterday", "end=2023-05-20T00:00:00", "state=secret", "limit=x", "after=-1"):
            status, found = await house.get(f"{BELOW}/incidents?{asked}")
            assert status == 400, asked
            assert asked.partition("=")[0] in found["detail"]

    told(tmp_path, story)


def test_a_ledger_that_cannot_be_used_is_a_trouble_that_passes_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "AGAIN_S", 1)
    broken = tmp_path / "raids.db"
    broken.write_bytes(b"no database at all" * 100)

    async def story(house: House) -> None:
        status, found = await house.get(f"{BELOW}/incidents")
        assert (status, "raids.db" in found["detail"]) == (503, True)
        _, ready = await house.get("/readyz", None)
        assert any("the ledger is not shown" in one for one in standing_troubles(house.runtime, named=False)), ready
        assert (await house.get("/v1/warnings", None))[0] == 200
        broken.unlink()
        raids(tmp_path)

        async def whole() -> bool:
            return house.runtime.ledger.trouble is None

        await until(whole)
        assert (await got(house, "incidents"))["found"] == 2

    told(tmp_path, story, path=broken)


def test_without_a_ledger_there_is_none(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        status, found = await house.get(f"{BELOW}/incidents")
        assert (status, "[ledger]" in found["detail"]) == (404, True)

    told(tmp_path, story, path=None)


def test_more_records_than_fit_are_a_trouble_and_too_many_questions_wait_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "RECORDS_MAX", 1)

    async def story(house: House) -> None:
        assert (await got(house, "incidents"))["all"] == 1
        assert "only the first" in str(house.runtime.ledger.trouble)
        monkeypatch.setattr(desk, "WAITING_MAX", 0)
        with pytest.raises(BadFile, match="ask again"):
            await house.runtime.ledger.ask(len)  # type: ignore[arg-type]

    told(tmp_path, story)


def test_the_ledger_is_the_one_that_is_named_here_else_that_of_the_public_log(tmp_path: Path) -> None:
    text = 'zones = "z"\n[proof]\nkey_file = "k"\nledger = "logged.db"\n'
    (tmp_path / "a.toml").write_text(text)
    assert where(load_settings(tmp_path / "a.toml")) == str(tmp_path / "logged.db")
    (tmp_path / "b.toml").write_text(f'{text}[ledger]\npath = "own.db"\n')
    assert where(load_settings(tmp_path / "b.toml")) == str(tmp_path / "own.db")
    (tmp_path / "c.toml").write_text(f'{text}[ledger]\ndatabase = "postgresql://tocsin@db.example/ledger"\n')
    assert where(load_settings(tmp_path / "c.toml")) == "postgresql://tocsin@db.example/ledger"


def where(settings: Settings) -> str:
    place = ledger_place(settings)
    assert place is not None
    return place()
