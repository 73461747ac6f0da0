"""The console over HTTP: for whom it is, and a raise from the drawn area to the log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.some import some
from tests.tokens import digest, token
from tests.unit.service.test_operators import House, officer, served, settings_in, until
from tocsin.service.http.console import ConsoleRoutes
from tocsin.service.people.person import Person
from tocsin.service.people.roles import ROLES
from tocsin.service.runtime import Runtime
from tocsin.service.settings import Settings

pytestmark = pytest.mark.server

POSTS: dict[str, Any] = {
    "/v1/console/notes": {"id": "1", "text": "Quiet."},
    "/v1/console/area": {"polygon": [[8.0, 46.0], [8.05, 46.0], [8.05, 46.05]]},
}


def settings(folder: Path) -> Settings:
    secret = {"id": "grafana", "token_sha256": digest("grafana")}
    return settings_in(
        folder,
        operator=[officer("desk"), officer("chief", zones=["valley"])],
        watcher=[secret],
        minutes={"classes": "drone"},
    )


def routes(runtime: Runtime) -> list[tuple[str, str]]:
    """Every route of the console, as it can be asked."""
    return [
        (method, route.path.replace("{zone:path}", "home"))
        for route in ConsoleRoutes(runtime).routes()
        for method in sorted(route.methods or ()) if method != "HEAD"
    ]  # fmt: skip


async def ask(house: House, method: str, path: str, who: str | None, **more: Any) -> tuple[int, Any, Any]:
    headers = {} if who is None else {"authorization": f"Bearer {token(who)}"}
    async with house.session.request(method, path, headers=headers, **more) as response:
        streamed = response.content_type == "text/event-stream"
        body = None if streamed else await response.json(content_type=None)
        return response.status, response.headers, body


async def sessions_are_heeded(house: House) -> None:
    """Each role sees what is for it, and a screen hears nothing more once its session is ended."""
    people, opened = house.runtime.people, {}
    for role in ROLES:
        await people.put(Person(id=f"the-{role}", roles=(role,), made_at=datetime.now(UTC)))
        opened[role] = people.sessions.start(f"the-{role}", by="code", strong=True)
    may = {"operator", "approver", "admin", "auditor", "planner"}
    for role, started in opened.items():
        cookie = {"cookie": f"tocsin={started.token}"}
        for path, allowed in (("picture", may), ("settings", {*may, "integrator"})):
            async with house.session.get(f"/v1/console/{path}", headers=cookie) as response:
                assert response.status == (200 if role in allowed else 403), (role, path)
        # A page of another site could have the browser send this.
        note = POSTS["/v1/console/notes"]
        async with house.session.post("/v1/console/notes", json=note, headers=cookie) as response:
            assert response.status == 403
    started = opened["auditor"]
    cookie = {"cookie": f"tocsin={started.token}"}
    async with house.session.get("/v1/console/events", headers=cookie) as response:
        assert (await response.content.readline()).startswith(b"retry")
        people.sessions.end(started.session.id)
        async with asyncio.timeout(60):
            await response.content.read()
    async with house.session.get("/v1/console/events", headers=cookie) as response:
        assert response.status == 401


def test_nobody_reaches_the_console_who_may_not_see_the_picture_and_nobody_on_the_way_keeps_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings(tmp_path)) as house:
            await until(lambda: ready(house))
            for method, path in some(routes(house.runtime)):
                body = {"json": POSTS.get(path)} if method == "POST" else {}
                mine = 403 if path == "/v1/console/minutes" else 200
                for who, status in ((None, 401), ("hill", 401), ("grafana", 403), ("desk", mine)):
                    found, headers, said = await ask(house, method, path, who, **body)
                    assert found == status, (method, path, who, said)
                    assert headers["cache-control"] == "no-store" and "authorization" in headers["vary"].lower()
                    assert "access-control-allow-origin" not in headers
            assert (await ask(house, "HEAD", "/v1/console/events", "desk"))[0] == 200, "and it ends"
            _, _, found = await ask(house, "GET", "/v1/console/settings", "desk")
            text = str(found)
            secrets = [digest(name) for name in ("desk", "chief", "hill", "grafana")]
            assert all(one not in text for one in some(secrets)) and str(tmp_path) not in text
            assert found["operators"][0]["id"] == "desk" and found["people"] == 18_000
            await sessions_are_heeded(house)

    asyncio.run(story())


async def ready(house: House) -> bool:
    minutes = house.runtime.minutes
    return house.runtime.console.glance is not None and minutes is not None and minutes.body is not None


def test_a_raise_for_a_drawn_area_is_in_the_picture_its_evidence_the_log_and_the_past(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings(tmp_path)) as house:
            await until(lambda: ready(house))
            _, _, area = await ask(house, "POST", "/v1/console/area", "desk", json=POSTS["/v1/console/area"])
            assert [(one["zone"], one["share"], one["may"]) for one in area["zones"]] == [("home", 0.125, True)]
            wide = {"polygon": [[7, 45.9], [9, 45.9], [9, 47], [7, 47]]}
            _, _, area = await ask(house, "POST", "/v1/console/area", "chief", json=wide)
            assert [(one["zone"], one["may"]) for one in area["zones"]] == [("home", True), ("away", False)]
            assert area["people"] == 18_000 and area["waits"] is None
            inside = {"polygon": [[8.04, 46.04], [8.041, 46.04], [8.041, 46.041], [8.04, 46.04]]}
            _, _, area = await ask(house, "POST", "/v1/console/area", "desk", json=inside)
            assert [one["zone"] for one in area["zones"]] == ["home"]
            line = {"polygon": [[8, 46], [8.1, 46], [8.05, 46]]}
            status, _, said = await ask(house, "POST", "/v1/console/area", "desk", json=line)
            assert status == 400 and "no area" in said["detail"]

            await house.act(
                "desk", id="1", action="raise", level="take_cover", zones=["home"], reason="posts", lasts_s=90
            )
            await until(lambda: house.stands("home", "take_cover"))

            async def shown() -> bool:
                _, _, picture = await ask(house, "GET", "/v1/console/picture", "chief")
                return [one["level"] for one in picture["zones"] if one["zone"] == "home"] == ["take_cover"]

            await until(shown)
            _, _, found = await ask(house, "GET", "/v1/console/zones/home/evidence", "chief")
            assert (found["level"], found["sources"], found["holds"][0]["by"]) == ("take_cover", ["desk"], "officer")
            assert (
                found["clearing"]["earliest"] is not None and found["delivered"][0]["warning"] == "home/1/1/take_cover"
            )
            assert (await ask(house, "GET", "/v1/console/zones/nowhere/evidence", "chief"))[0] == 404
            _, _, decisions = await ask(house, "GET", "/v1/console/decisions", "chief")
            assert decisions["decisions"][0]["kind"] == "ends"

            status, _, note = await ask(house, "POST", "/v1/console/notes", "desk", json={"id": "1", "text": "Calm."})
            assert status == 200 and note["who"] == "desk"
            assert (await ask(house, "POST", "/v1/console/notes", "desk", json={"id": "1", "text": "Other."}))[0] == 409
            assert (await ask(house, "POST", "/v1/console/notes", "desk", json={"id": "2", "text": ""}))[0] == 400
            assert (await ask(house, "POST", "/v1/console/notes", "desk", data=b"x" * 60_000))[0] == 415
            huge = {"id": "2", "text": "x" * 60_000}
            assert (await ask(house, "POST", "/v1/console/notes", "desk", json=huge))[0] == 413
            _, _, notes = await ask(house, "GET", "/v1/console/notes", "chief")
            assert [one["text"] for one in notes["notes"]] == ["Calm."]

            async def logged() -> bool:
                _, _, log = await ask(house, "GET", "/v1/console/log?kind=act,warning,note", "chief")
                return [one["kind"] for one in log["entries"]] == ["note", "warning", "act"]

            await until(logged)
            _, _, log = await ask(house, "GET", "/v1/console/log?limit=1", "chief")
            assert log["after"] == log["entries"][0]["number"]
            for wrong in ("after=x", "limit=1.5", "kind=gossip", "after=99999999999999999999"):
                assert (await ask(house, "GET", f"/v1/console/log?{wrong}", "chief"))[0] == 400

            _, _, past = await ask(house, "GET", "/v1/console/past", "chief")
            assert past["count"] >= 1
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            _, _, then = await ask(house, "GET", f"/v1/console/past?at={now}", "chief")
            assert then["drill"] is True
            assert (await ask(house, "GET", "/v1/console/past?at=2020-01-01T00:00:00Z", "chief"))[0] == 404
            assert (await ask(house, "GET", "/v1/console/past?at=2020-01-01T00:00:00", "chief"))[0] == 400

    asyncio.run(story())
