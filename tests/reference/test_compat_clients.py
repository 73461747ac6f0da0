"""Clients that other people wrote, unchanged but for the host, read a raid from its start to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.tokens import digest
from tests.tokens import token as secret
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import make_settings

alerts_in_ua = pytest.importorskip("alerts_in_ua.client")
uasiren = pytest.importorskip("uasiren.client")
oref = pytest.importorskip("oref")
pytestmark = [pytest.mark.reference, pytest.mark.server]


def zone(name: str, south: float, ukrainian: str, hebrew: str) -> Zone:
    ring = ((30.0, south), (30.1, south), (30.1, south + 0.1), (30.0, south + 0.1), (30.0, south))
    names = {"en": name.title(), "uk": ukrainian, "he": hebrew}
    return Zone(id=name, name=names, parent="UA.12", population=9_000, polygons=((ring,),))


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, Callable[[str, str], Awaitable[None]]]]:
    """The service's address, and a duty officer's hand: (action, zone)."""
    zones = [
        zone("left-bank", 50.0, "Лівий берег", "הגדה השמאלית"),
        zone("right-bank", 51.0, "Правий берег", "הגדה הימנית"),
    ]
    (folder / "zones.geojson").write_bytes(zones_to_geojson(zones))
    settings = make_settings(
        zones=folder / "zones.geojson",
        public_degraded=False,
        http={"port": 0},
        journal={"path": folder / "journal.db"},
        operator=[{"id": "duty", "token_sha256": digest("duty-token")}],
    )
    listener = listening(settings)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(settings, configured(settings), Clock()) as runtime:
        server = Server(runtime)
        serving = asyncio.create_task(server.serve([listener]))
        async with aiohttp.ClientSession(address) as session:

            async def act(action: str, where: str) -> None:
                body = {"id": f"{action}-{where}", "action": action, "zones": [where], "reason": "seen from the tower"}
                body |= {"level": "take_cover"} if action == "raise" else {}
                headers = {"authorization": f"Bearer {secret('duty-token')}"}
                async with session.post("/v1/acts", json=body, headers=headers) as answered:
                    assert answered.status == 200, await answered.text()

            yield address, act
        server.should_exit = True
        await serving


async def until(look: Callable[[], Any], wanted: Any) -> None:
    """Look until what is seen is what is wanted, for ten seconds at most."""
    seen = None
    for _ in range(50):
        seen = await asyncio.to_thread(look)
        if seen == wanted:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{seen!r}, not {wanted!r}")


def test_unmodified_clients_follow_a_raid_from_start_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def raid() -> None:
        async with served(tmp_path) as (address, act), aiohttp.ClientSession() as session:
            monkeypatch.setattr(alerts_in_ua.Client, "API_BASE_URL", f"{address}/compat/alerts-in-ua")
            monkeypatch.setattr(uasiren.Client, "BASE_PATH", f"{address}/compat/siren/api/v3")
            home = f"{address}/compat/home-front"
            monkeypatch.setattr("oref.alerts.ALERTS_URL", f"{home}/warningMessages/alert/Alerts.json")
            monkeypatch.setattr("oref.loader.LOCATIONS_URL", f"{home}/Shared/Ajax/GetDistricts.aspx?lang=")
            instructions = f"{home}/Shared/Ajax/GetAlarmInstructions.aspx?lang=##&from=1&cityid="
            monkeypatch.setattr("oref.loader.GUIDELINES_URL", instructions)
            monkeypatch.setattr("oref.loader.ALERT_TRANSLATIONS_URL", f"{home}/alerts/alertsTranslation.json")

            kyiv = alerts_in_ua.Client("any")
            town = uasiren.Client(session)
            await asyncio.to_thread(oref.init, ["he"])

            def status() -> str | None:
                try:
                    return str(kyiv.get_air_raid_alert_status(31).status)
                except alerts_in_ua.ApiError:
                    # Before the first picture nobody knows.
                    return None

            def news() -> Any:
                alert = oref.check_alert()
                return alert and (alert.category, [one.name.en for one in alert.unfiltered_locations])

            await until(status, "no_alert")
            assert await asyncio.to_thread(news) is False
            before = await town.get_last_alert_index()

            await act("raise", "left-bank")
            await until(status, "partly")
            await until(news, ("1", ["Left-Bank"]))
            assert (await town.get_alerts("31"))[0]["activeAlerts"][0]["type"] == "AIR"
            assert (await town.get_last_alert_index())["lastActionIndex"] > before["lastActionIndex"]
            active = await asyncio.to_thread(kyiv.get_active_alerts)
            assert [(one.location_title, one.is_finished()) for one in active] == [("Лівий берег", False)]

            await act("raise", "right-bank")
            await until(status, "active")
            assert len(await town.get_alerts()) == 2

            await act("cancel", "left-bank")
            await act("cancel", "right-bank")
            await until(status, "no_alert")
            await until(lambda: (alert := oref.check_alert()) and oref.translate(alert, "en")[0], "The event is over")
            assert (await town.get_alerts("31"))[0]["activeAlerts"] == []
            past = await asyncio.to_thread(kyiv.get_alerts_history, 31)
            assert [one.is_finished() for one in past] == [True, True]

    asyncio.run(raid())
