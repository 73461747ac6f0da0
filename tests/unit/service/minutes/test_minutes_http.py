"""A radar lost while the service runs: what officers are told of it, and what nobody else is."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.signed_in import headers, put
from tests.some import some
from tests.tokens import digest, token
from tests.unit.service.test_operators import House, served, settings_in, until
from tocsin.service.settings import Settings, load_settings
from tocsin.service.troubles import standing_troubles

pytestmark = pytest.mark.server

# The radar stands over the town; nothing else watches.
RADAR = {"id": "hill-radar", "kind": "radar", "lat": 46.05, "lon": 8.05, "altitude_m": 100, "range_m": 80_000}
PUBLIC: tuple[str, ...] = ("/v1/zones", "/v1/zones/at?lat=46.05&lon=8.05", "/v1/warnings", "/v1/outlines")
PUBLIC += ("/plain?zone=home", "/feed.atom", "/v1/warned.geojson", "/readyz", "/v1/history")


def settings(folder: Path, **more: Any) -> Settings:
    (folder / "sensors.json").write_text(json.dumps([RADAR]))
    source = {"kind": "http", "id": "hill", "token_sha256": digest("hill"), "sensors": ["*"], "kinds": ["status"]}
    return settings_in(folder, sensors=folder / "sensors.json", source=[source], **more)


async def says(house: House, state: str) -> None:
    now = datetime.now(UTC).isoformat()
    body = {"kind": "status", "id": f"{state}{now}", "time": now, "sensor": RADAR["id"], "state": state}
    headers = {"authorization": f"Bearer {token('hill')}"}
    async with house.session.post("/v1/observations", json=body, headers=headers) as response:
        assert response.status == 200, await response.text()


async def planned(house: House, known: str = "") -> tuple[int, Any, str]:
    """(status, the minutes as a planner reads them, their tag); `known`: the tag of what he has."""
    people = house.runtime.people
    if people.person("planner") is None:
        await put(people, "planner", "planner")
    sent = headers(people, "planner") | ({"if-none-match": known} if known else {})
    async with house.session.get("/v1/console/minutes", headers=sent) as response:
        found = None if response.status == 304 else await response.json(content_type=None)
        return response.status, found, response.headers.get("etag", "")


async def matters(house: House) -> list[dict[str, Any]]:
    _, found = await house.get("/v1/console/decisions")
    return [one for one in found.get("decisions", ()) if one["kind"] == "minutes"]


def test_a_lost_radar_is_said_to_officers_with_the_towns_it_costs_minutes_and_to_nobody_else(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings(tmp_path, minutes={"classes": "jet"})) as house:
            live = house.runtime.minutes
            assert live is not None

            async def follows(*lost: str) -> bool:
                return live.left is not None and live.left.lost == lost

            await says(house, "up")
            async with asyncio.timeout(60):
                while (await planned(house))[0] == 503:
                    await asyncio.sleep(0.05)
            await until(lambda: follows())
            await says(house, "down")
            begun_s = time.monotonic()
            await until(lambda: follows("hill-radar"))
            assert time.monotonic() - begun_s < 60, "a second, on a machine with nothing else to do"

            async def told() -> bool:
                return bool(await matters(house))

            await until(told)
            (one,) = await matters(house)
            assert "home" in one["zones"] and one["people"] > 0 and "hill-radar" not in one["why"]
            status, found, tag = await planned(house)
            (jets,) = found["classes"]
            home = next(zone for zone in jets["zones"] if zone["zone"] == "home")
            assert status == 200 and found["lost"] == ["hill-radar"]
            assert home["now"]["could"] < home["usual"]["could"] and jets["enough_now"] < jets["enough_usual"]
            assert (await planned(house, tag))[0] == 304, "what has not changed is not sent again"
            assert (await house.get("/v1/console/minutes"))[0] == 403, "an officer is told where, not how many minutes"
            assert (await house.get("/v1/console/minutes", None))[0] == 401
            assert (await house.get("/v1/console/minutes", "hill"))[0] == 401
            for path in some(PUBLIC):
                text = await house.text(path)
                assert "hill-radar" not in text and "less_time" not in text and "less warning" not in text, path
            await says(house, "up")
            await until(lambda: follows())

    asyncio.run(story())


def test_where_nobody_asked_for_minutes_there_are_none(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings(tmp_path)) as house:
            status, said, _ = await planned(house)
            assert status == 404 and "[minutes]" in said["detail"] and house.runtime.minutes is None

    asyncio.run(story())


def test_against_whom_nobody_knows_is_a_trouble_and_the_service_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings(tmp_path, minutes={"threats": "no-such-raid"})) as house:

            async def troubled() -> bool:
                return any("no-such-raid" in one for one in standing_troubles(house.runtime, named=True))

            await until(troubled)
            status, said, _ = await planned(house)
            assert status == 503 and "no-such-raid" in said["detail"]

            async def pictured() -> bool:
                return (await house.get("/v1/console/picture"))[0] == 200

            await until(pictured)

    asyncio.run(story())


def test_the_public_is_told_by_the_state_only_where_the_settings_say_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings(tmp_path, minutes={"classes": "jet", "public": True})) as house:
            coarse = house.runtime.coarse
            assert coarse is not None
            coarse.told = lambda left, now: frozenset({"home"})  # type: ignore[method-assign]

            async def told() -> bool:
                return "less_time" in await house.text("/v1/zones")

            await until(told)
            said = {one["zone"]: one.get("less_time") for one in (await house.get("/v1/zones", None))[1]["zones"]}
            assert said == {"home": True, "away": None}

    asyncio.run(story())


def test_a_file_of_threats_is_found_beside_the_settings_and_a_shipped_scenario_by_its_name(tmp_path: Path) -> None:
    for threats, found in (("raid.toml", str(tmp_path / "raid.toml")), ("night-of-drones", "night-of-drones")):
        path = tmp_path / "tocsin.toml"
        path.write_text(f'zones = "zones.geojson"\n[minutes]\nthreats = "{threats}"\n')
        told = load_settings(path).minutes
        assert told is not None and told.threats == found and told.fall_share == 0.05 and not told.public
