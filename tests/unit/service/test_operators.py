"""Duty officers over HTTP: who may do what and where, what stands, and what waits for a second person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.signed_in import headers as session_of
from tests.signed_in import put
from tests.tokens import digest, token
from tocsin.model.event import Configuration
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Impact
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings

pytestmark = pytest.mark.server


def zone(name: str, south: float, parent: str | None = None) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name=name.title(), population=9_000, parent=parent, polygons=((ring,),))


ZONES = [zone("home", 46.0, "valley"), zone("away", 46.5)]


def officer(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "token_sha256": digest(name)} | more


def settings_in(folder: Path, **more: Any) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(ZONES))
    table = {
        "zones": folder / "zones.geojson",
        "drill": True,
        "http": {"port": 0},
        "journal": {"path": folder / "journal.db"},
        "operator": [officer("desk"), officer("chief"), officer("valley-desk", zones=["valley"], actions=["raise"])],
        "source": [{"kind": "http", "id": "hill", "token_sha256": digest("hill")}],
    }
    return make_settings(**table | more)


class House:
    """A session that talks to the service as one officer or another."""

    def __init__(self, session: aiohttp.ClientSession, runtime: Runtime) -> None:
        self.session, self.runtime = session, runtime

    async def act(self, who: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        people = self.runtime.people
        signed_in = people.person(who) is not None
        headers = session_of(people, who) if signed_in else {"authorization": f"Bearer {token(who)}"}
        async with self.session.post("/v1/acts", json=fields, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def get(self, path: str, who: str | None = "desk") -> tuple[int, Any]:
        headers = {} if who is None else {"authorization": f"Bearer {token(who)}"}
        async with self.session.get(path, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def text(self, path: str) -> str:
        async with self.session.get(path) as response:
            return await response.text()

    async def stands(self, name: str, level: str) -> bool:
        _, found = await self.get("/v1/warnings", None)
        return any((one["zone"], one["level"]) == (name, level) for one in found["warnings"])


@asynccontextmanager
async def served(settings: Settings, configuration: Configuration | None = None) -> AsyncIterator[House]:
    listener = listening(settings)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(settings, configuration or configured(settings), Clock()) as runtime:
        server = Server(runtime)
        serving = asyncio.create_task(server.serve([listener]))
        async with aiohttp.ClientSession(address) as session:
            yield House(session, runtime)
        server.should_exit = True
        await serving


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await done():
            await asyncio.sleep(0.02)


def test_what_operators_ordered_is_shown_to_them_and_to_nobody_else(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            status, said = await house.act(
                "desk", id="1", action="raise", level="take_cover", zones=["home"], reason="seen by us", lasts_s=3_600
            )
            assert (status, said["waits"], said["duplicate"]) == (200, None, False)
            await until(lambda: house.stands("home", "take_cover"))
            _, found = await house.get("/v1/acts")
            (order,) = found["standing"]
            assert (order["zone"], order["operator"], order["reason"]) == ("home", "desk", "seen by us")
            assert order["ends"] is not None
            await house.act("chief", id="1", action="cancel", zones=["home"], reason="cranes")
            await until(lambda: house.stands("home", "all_clear"))
            _, found = await house.get("/v1/acts")
            (order,) = found["standing"]
            assert (order["action"], order["operator"], order["reason"]) == ("cancel", "chief", "cranes")
            assert order["ends"] > datetime.now(UTC).isoformat()
            for path in ("/v1/acts", "/v1/proposals", "/v1/conflicts"):
                assert (await house.get(path, None))[0] == 401
                assert (await house.get(path, "hill"))[0] == 401
                assert (await house.get(path))[0] == 200

    asyncio.run(story())


def test_an_officer_acts_where_and_as_the_settings_let_him(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            assert (await house.act("valley-desk", id="1", action="raise", level="take_cover", zones=["home"]))[
                0
            ] == 200
            status, said = await house.act(
                "valley-desk", id="2", action="raise", level="take_cover", zones=["home", "away"]
            )
            assert status == 403
            assert "away" in said["detail"]
            status, said = await house.act("valley-desk", id="3", action="cancel", zones=["home"])
            assert status == 403
            assert "may not cancel" in said["detail"]

    asyncio.run(story())


def test_a_raise_that_does_not_say_to_what_is_refused_and_takes_nobody_to_cover(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            status, said = await house.act("desk", id="1", action="raise", zones=["home"])
            assert (status, "level is missing" in said["detail"]) == (400, True)
            assert (await house.get("/v1/acts"))[1]["standing"] == []
            # Other acts have none to say.
            assert (await house.act("desk", id="2", action="cancel", zones=["home"]))[0] == 200

    asyncio.run(story())


def test_an_act_that_is_none_is_answered_in_plain_words(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:

            async def why(**fields: Any) -> str:
                status, said = await house.act("desk", **fields)
                assert status == 400
                return str(said["detail"]).removeprefix("not an act: ")

            act = {"id": "1", "action": "raise", "level": "prepare"}
            assert await why(zone=["home"], **act) == "the key 'zone' is not read; is zones meant?"
            assert await why(zones="home", **act) == "zones must be a list, and is text"
            assert await why(**act | {"action": "rise"}) == (
                "action is 'rise'; it may be 'raise', 'confirm', 'cancel', 'release' or 'approve'"
            )
            assert "marks that change the direction" in await why(
                zones=["home"], public_reason="all \u202eclear", **act
            )
            assert "act is missing: the id of the act to approve" in await why(id="2", action="approve")

    asyncio.run(story())


def test_confirming_nothing_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            status, said = await house.act("desk", id="1", action="confirm", zones=["home"])
            assert (status, said["detail"]) == (409, "nothing waits for confirmation in home")
            assert (await house.act("desk", id="2", action="raise", level="prepare"))[0] == 400
            assert (await house.act("desk", id="3", action="approve", act="none"))[0] == 409

    asyncio.run(story())


def test_an_act_of_the_same_id_is_a_conflict_only_with_the_officers_own(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            assert (await house.act("desk", id="1", action="raise", level="take_cover", zones=["home"]))[0] == 200
            assert (await house.act("desk", id="1", action="raise", level="take_cover", zones=["home"]))[1]["duplicate"]
            assert (await house.act("chief", id="1", action="raise", level="take_cover", zones=["away"]))[0] == 200
            status, said = await house.act("desk", id="1", action="raise", level="take_cover", zones=["away"])
            assert status == 409
            assert "id of its own" in said["detail"]
            _, found = await house.get("/v1/conflicts")
            assert (found["total"], found["newest"][0]["source"]) == (1, "desk")

    asyncio.run(story())


def test_a_second_person_approves_and_not_the_first(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path, acts={"second_person": ["wide"], "wide_zones": 1})) as house:
            status, said = await house.act("desk", id="1", action="raise", level="take_cover", zones=["home", "away"])
            assert status == 200
            assert "second person" in said["waits"]
            assert (await house.act("desk", id="2", action="approve", act="1"))[0] == 409
            assert (await house.act("valley-desk", id="2", action="approve", act="1"))[0] == 403
            people = house.runtime.people
            await put(people, "officer-1", "operator", "approver", also=("desk",))
            await put(people, "officer-2", "approver", zones=("away",))
            await put(people, "officer-3", "operator", worlds="live")
            status, said = await house.act("officer-1", id="2", action="approve", act="1")
            assert status == 409 and "officer-1 cannot approve an act of desk" in said["detail"]
            for who in ("officer-2", "officer-3"):
                assert (await house.act(who, id="2", action="approve", act="1"))[0] == 403
            raised = {"action": "raise", "zones": ["home"], "level": "take_cover"}
            for who in ("officer-2", "officer-3"):
                assert (await house.act(who, id="4", **raised))[0] == 403
            assert (await house.act("officer-1", id="4", action="release", zones=["home"]))[0] == 200
            entries = (await people.audit.page(None, 100)).entries
            acts = [(one.who, one.what, one.about, one.by) for one in reversed(entries) if one.what.startswith("act.")]
            assert acts == [("desk", "act.raise", "1", "token"), ("officer-1", "act.release", "4", "session")]
            assert not await house.stands("home", "take_cover")
            _, found = await house.get("/v1/acts")
            assert [one["act"] for one in found["waiting"]] == ["1"]
        async with served(settings_in(tmp_path, acts={"second_person": ["wide"], "wide_zones": 1})) as house:
            assert (await house.act("chief", id="3", action="approve", act="1"))[0] == 200
            await until(lambda: house.stands("away", "take_cover"))
            _, found = await house.get("/v1/acts")
            assert {(one["operator"], one["approved_by"]) for one in found["standing"]} == {("desk", "chief")}

    asyncio.run(story())


def test_a_public_reason_reaches_the_map_the_list_and_cap_and_the_other_reason_does_not(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            fields = {"reason": "told by 77", "public_reason": "Gas: shut <all> windows."}
            assert (await house.act("desk", id="1", action="raise", level="take_cover", zones=["home"], **fields))[
                0
            ] == 200
            await until(lambda: house.stands("home", "take_cover"))
            _, warnings = await house.get("/v1/warnings", None)
            (warning,) = warnings["warnings"]
            assert warning["public_reason"] == "Gas: shut <all> windows."
            cap = await house.text(f"/cap/{warning['id']}.xml")
            assert "Gas: shut &lt;all&gt; windows.</description>" in cap
            zones = json.dumps((await house.get("/v1/zones", None))[1])
            assert "Gas: shut" in zones
            for told in (cap, zones, json.dumps(warnings), await house.text("/feed.atom")):
                assert "told by 77" not in told

    asyncio.run(story())


def fell(name: str) -> Impact:
    return Impact(id=name, time=datetime.now(UTC), source="hill", lat=46.55, lon=8.05, sigma_m=50)


@pytest.mark.parametrize("change", ["live", "leaves"])
def test_a_restart_with_other_settings_ends_what_stands_by_a_message_first(tmp_path: Path, change: str) -> None:
    async def story() -> None:
        settings = settings_in(tmp_path)
        async with served(settings) as house:
            await house.act("desk", id="1", action="raise", level="take_cover", zones=["home"])
            await until(lambda: house.stands("home", "take_cover"))
            _, before = await house.get("/v1/warnings", None)
        if change == "live":
            other = settings.model_copy(update={"drill": False})
        else:
            other = settings
            (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(ZONES[1:]))
        async with served(other) as house:

            async def ended() -> bool:
                return not (await house.get("/v1/warnings", None))[1]["warnings"]

            await until(ended)
            atom = await house.text("/feed.atom")
            raised = before["warnings"][0]["id"]
            assert raised == "home/1/1/take_cover"
            cancel = await house.text("/cap/home/1/2/all_clear.xml")
            for told in ("<msgType>Cancel</msgType>", "<status>Exercise</status>", "AllClear"):
                assert told in cancel
            assert atom.count("<entry>") >= 1
            _, zones = await house.get("/v1/zones", None)
            assert [one["zone"] for one in zones["zones"]] == (["home", "away"] if change == "live" else ["away"])
            if change == "live":
                await house.runtime.submit([fell("i")])

                async def raised() -> bool:
                    return bool((await house.get("/v1/warnings", None))[1]["warnings"])

                await until(raised)
                _, found = await house.get("/v1/warnings", None)
                assert [(one["zone"], one["drill"]) for one in found["warnings"]] == [("away", False)]

    asyncio.run(story())


def test_a_start_that_switches_to_live_is_still_a_drill_everywhere_until_a_second_person_approves(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        officers = [officer("chief"), officer("valley-chief", zones=["valley"])]
        rules = {"acts": {"second_person": ["drill"]}, "operator": officers}
        async with served(settings_in(tmp_path, **rules)) as house:
            await until(lambda: said_everywhere(house, True))
        async with served(settings_in(tmp_path, drill=False, **rules)) as house:
            await until(lambda: said_everywhere(house, True))
            # That everything is about to be live is nobody else's matter.
            assert (await house.get("/readyz", None))[1] == {"ready": True, "troubles": []}
            troubles = (await house.get("/readyz", "chief"))[1]["troubles"]
            assert any("the settings say live, and everything is still drill" in one for one in troubles)
            (waiting,) = (await house.get("/v1/acts", "chief"))[1]["waiting"]
            assert (waiting["action"], waiting["operator"]) == ("switch", "settings")
            approval = {"id": "9", "action": "approve", "act": waiting["act"]}
            # Who may act in one valley alone does not speak for the whole country.
            assert (await house.act("valley-chief", **approval))[0] == 403
            async with house.session.get("/v1/events") as events:
                assert (await house.act("chief", **approval))[0] == 200
                await until(lambda: said_everywhere(house, False))
                async with asyncio.timeout(30):
                    # A page that is open is told so as a whole: it believes "drill" until then.
                    while b'"drill":false,"seq"' not in await events.content.readline():
                        pass
            assert "still drill" not in " ".join((await house.get("/readyz", "chief"))[1]["troubles"])

    asyncio.run(story())


async def said_everywhere(house: House, drill: bool) -> bool:
    """Whether the zones, the list of warnings and the feed all say that it is a drill, or none of them does."""
    _, zones = await house.get("/v1/zones", None)
    _, warnings = await house.get("/v1/warnings", None)
    title = (await house.text("/feed.atom")).split("<title>")[1]
    said = [zones["drill"], warnings["drill"], title.startswith("DRILL"), *(one["drill"] for one in zones["zones"])]
    assert len(zones["zones"]) == 2
    return said == [drill] * 5
