"""One act takes back what was raised, on every channel, within seconds."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.some import some
from tests.tokens import token
from tests.unit.service.test_delivery_evidence import Receiver, hook
from tests.unit.service.test_operators import House, officer, served, settings_in, until
from tocsin.model.errors import BadSettings
from tocsin.service.settings import make_settings

pytestmark = pytest.mark.server

TEXT = "This was a false alarm. There is no danger."
PREPARED = [{"id": "false-alarm", "text": TEXT}]
OFFICERS = [
    officer("desk"),
    officer("chief"),
    officer("valley-desk", zones=["valley"]),
    officer("raiser", actions=["raise"]),
    officer("live-desk", worlds="live"),
    officer("drill-desk", worlds="drills"),
]


async def retract(house: House, who: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {token(who)}"}
    async with house.session.post("/v1/retractions", json=fields, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def raised(house: House, who: str, name: str, *zones: str) -> None:
    assert (await house.act(who, id=name, action="raise", level="take_cover", zones=list(zones)))[0] == 200
    for zone in zones:
        await until(lambda zone=zone: house.stands(zone, "take_cover"))  # type: ignore[misc]


def test_one_act_sends_the_all_clear_and_the_text_everywhere(tmp_path: Path) -> None:
    async def story() -> None:
        receiver = Receiver()
        async with receiver.answering() as url:
            settings = settings_in(
                tmp_path, operator=OFFICERS, prepared=PREPARED, channel=[hook(tmp_path, "ward", url)]
            )
            async with served(settings) as house, house.session.get("/v1/events") as events:
                await raised(house, "desk", "1", "home", "away")
                begun_s = time.monotonic()
                status, said = await retract(house, "chief", id="2", prepared="false-alarm", reason="a test tone")
                assert (status, sorted(said["zones"]), said["waits"]) == (200, ["away", "home"], None)

                async def everywhere() -> bool:
                    feed = await house.text("/feed.atom")
                    webhook = [one for told in receiver.told for one in told.data.warnings if one.level == "all_clear"]
                    return len(webhook) == 2 and "all_clear" in feed

                await until(everywhere)
                async with asyncio.timeout(60):
                    while b'"level":"all_clear"' not in (line := await events.content.readline()):
                        pass
                assert time.monotonic() - begun_s < 60, "ten seconds, on a machine with nothing else to do"
                assert TEXT.encode() in line
                ends = [one for told in receiver.told for one in told.data.warnings if one.level == "all_clear"]
                assert all(one.public_reason == TEXT and one.replaces is not None for one in some(ends))
                assert all(one.drill for one in some(ends))
                cap = await house.text(f"/cap/{ends[0].id}.xml")
                assert TEXT in cap and "<references>" in cap and "AllClear" in cap
                status, said = await retract(house, "chief", id="3", prepared="false-alarm")
                assert status == 409 and "nothing stands there" in said["detail"]

    asyncio.run(story())


def test_who_may_take_back_what(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path, operator=OFFICERS, prepared=PREPARED)) as house:
            await raised(house, "desk", "1", "home")
            await raised(house, "valley-desk", "1", "home")
            await raised(house, "chief", "1", "away")
            text = {"prepared": "false-alarm"}
            assert (await retract(house, "nobody", id="2", **text))[0] == 401
            status, said = await retract(house, "raiser", id="2", **text)
            assert status == 403 and "may not cancel" in said["detail"]
            status, said = await retract(house, "live-desk", id="2", **text)
            assert status == 403 and "for live only, and this is a drill" in said["detail"]
            assert (await house.act("live-desk", id="2", action="raise", level="prepare", zones=["home"]))[0] == 403
            assert (await retract(house, "desk", id="2"))[0] == 400
            assert (await retract(house, "desk", id="2", prepared="joke"))[0] == 400
            assert (await retract(house, "desk", id="2", text="x"))[0] == 400
            # Nobody raised there but the chief.
            assert (await retract(house, "desk", id="2", area=["away"], whose="mine", **text))[0] == 409
            # Everywhere is, to who may act in the valley only, the valley.
            status, said = await retract(house, "valley-desk", id="2", **text)
            assert (status, said["zones"]) == (200, ["home"])
            status, said = await retract(house, "drill-desk", id="2", area=["away"], whose="officers", **text)
            assert (status, said["zones"]) == (200, ["away"])
            status, texts = await house.get("/v1/prepared")
            assert texts == {"texts": {"false-alarm": TEXT}}
            assert (await house.get("/v1/prepared", None))[0] == 401

    asyncio.run(story())


def test_a_prepared_text_that_no_officer_could_write_is_refused() -> None:
    with pytest.raises(BadSettings, match="prepared"):
        make_settings(zones="z", prepared=[{"id": "x", "text": "all \u202eclear"}])
