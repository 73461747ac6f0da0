"""Spotters over HTTP: joined once, heard once, revoked at once; and nothing tells who or where they are."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.some import some
from tests.tokens import digest, token
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings

pytestmark = pytest.mark.server

OFFICER = {"authorization": f"Bearer {token('duty')}"}
# As fine as a telephone tells it: nothing may hold more than three decimals of it.
LAT, LON = 46.0512345, 8.0498765


def zone(name: str, south: float) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name=name.title(), population=9_000, polygons=((ring,),))


def settings_in(folder: Path, **spotters: Any) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson([zone("home", 46.0), zone("away", 46.5)]))
    return make_settings(
        zones=folder / "zones.geojson",
        drill=True,
        http={"port": 0},
        journal={"path": folder / "journal.db"},
        operator=[{"id": "duty", "token_sha256": digest("duty")}],
        source=[{"kind": "http", "id": "hill", "token_sha256": digest("hill")}],
        spotters=spotters,
    )


def report(name: str = "first-one", ago_s: float = 0.0, **more: Any) -> dict[str, Any]:
    time = (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    post = {"lat": LAT, "lon": LON, "accuracy_m": 20.0}
    return {"id": name, "time": time, "what": "drone", "post": post, "bearing_deg": 40.0, "sense": "heard"} | more


class House:
    """A service, and what everybody was answered."""

    def __init__(self, session: aiohttp.ClientSession, runtime: Runtime) -> None:
        self.session, self.runtime = session, runtime
        self.told: list[str] = []

    async def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        async with self.session.request(method, path, headers=headers, data=data) as response:
            text = await response.text()
            self.told.append(text + str(response.headers))
            return response.status, json.loads(text) if text.startswith("{") else text

    async def invite(self, **asked: Any) -> list[dict[str, Any]]:
        status, found = await self.ask("POST", "/v1/spotters", OFFICER, asked)
        assert status == 201
        invitations: list[dict[str, Any]] = found["invitations"]
        return invitations

    async def posts(self) -> dict[str, Any]:
        _, found = await self.ask("GET", "/v1/spotters", OFFICER)
        return {one["post"]: one for one in found["posts"]}


class Device:
    """A telephone."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.secret = secrets.token_urlsafe(32)
        self.headers = {"authorization": f"Bearer {self.secret}", "user-agent": "telephone-of-mine/7"}

    async def join(self, code: str) -> int:
        body = {"code": code, "secret": self.secret}
        return (await self._house.ask("POST", "/v1/spotter/enrol", {}, body))[0]

    async def send(self, *reports: dict[str, Any], off_s: float = 0.0) -> tuple[int, Any]:
        sent = (datetime.now(UTC) + timedelta(seconds=off_s)).isoformat()
        return await self._house.ask("POST", "/v1/spotter/reports", self.headers, {"sent": sent, "reports": reports})

    async def states(self, *reports: dict[str, Any]) -> list[tuple[str, str | None]]:
        status, found = await self.send(*reports)
        assert status == 200, found
        return [(one["state"], one["why"]) for one in found["receipts"]]

    async def receipt(self, name: str) -> str:
        _, found = await self._house.ask("GET", f"/v1/spotter/receipts?ids={name}", self.headers)
        return str(found["receipts"][0]["state"])


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[House]:
    listener = listening(settings)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(settings, configured(settings), Clock()) as runtime:
        server = Server(runtime)
        serving = asyncio.create_task(server.serve([listener]))
        async with aiohttp.ClientSession(address) as session:
            yield House(session, runtime)
        server.should_exit = True
        await serving


async def joined(house: House, **asked: Any) -> list[tuple[str, Device]]:
    found = []
    for one in some(await house.invite(**asked)):
        device = Device(house)
        assert await device.join(one["code"]) == 201
        found.append((one["post"], device))
    return found


def test_a_device_joins_once_and_each_report_is_taken_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            (invited,) = await house.invite(hours=2)
            assert invited["link"].endswith(f"/spotter#{invited['code']}")
            assert len(invited["code"]) >= 27  # 160 bits
            assert invited["svg"].startswith("<svg")
            mine, others = Device(house), Device(house)
            assert (await mine.send(report()))[0] == 401
            assert [await one.join(invited["code"]) for one in (mine, others, mine)] == [201, 403, 201]
            assert (await others.send(report()))[0] == 401
            one = report()
            assert await mine.states(one, one) == [("kept", None), ("kept", None)]
            async with asyncio.timeout(60):
                while await mine.receipt("first-one") != "watched":
                    await house.runtime.ticker.tick()
            assert await mine.states(one, report("first-one", what="jet"), report("second-one", 60)) == [
                ("watched", None), ("refused", "conflict"), ("kept", None),
            ]  # fmt: skip
            assert house.runtime.metrics.observations.labels("accepted")._value.get() == 2
            post = (await house.posts())[invited["post"]]
            assert (post["kept"], post["refused"], post["last_heard"], post["reliability"]) == (2, 1, "hour", None)
            assert await mine.receipt("no-such-one") == "unknown"

    asyncio.run(story())


def test_what_is_no_report_costs_itself_only_and_what_is_no_batch_all(tmp_path: Path) -> None:
    async def story() -> None:
        area = [{"lat": 46.05, "lon": 8.05, "radius_m": 20_000}]
        async with served(settings_in(tmp_path, area=area, per_minute_max=10)) as house:
            ((name, mine),) = await joined(house)
            assert await mine.states(
                report("good-good"),
                report("old-old-old", 1_000),
                report("tomorrow", -120),
                report("far-far-far", post={"lat": 50.0, "lon": 8.0}),
                report("nowhere-at-all", post=None),
                report("wrongwrong", what="ufo"),
                report("more-than-we-know") | {"name": "Somebody"},
                report("short"[:3]),
            ) == [
                ("kept", None), ("refused", "old"), ("refused", "ahead"), ("refused", "refused"),
                ("refused", "refused"), ("refused", "malformed"), ("refused", "malformed"), ("refused", "malformed"),
            ]  # fmt: skip
            for body, status in ((b"{", 400), (b"x" * 70_000, 413), (b'{"reports": []}', 400), (b"\xff", 400)):
                assert (await house.ask("POST", "/v1/spotter/reports", mine.headers, body))[0] == status
            assert (await mine.send(*[report(f"number-{i}") for i in range(51)]))[0] == 400
            zipped = mine.headers | {"content-encoding": "gzip"}
            assert (await house.ask("POST", "/v1/spotter/reports", zipped, b"{}"))[0] == 415
            # A clock that is wrong is told what time it is, and nothing is taken.
            for off_s, word in ((-90.0, "earlier"), (90.0, "later")):
                status, told = await mine.send(report("off-off-off"), off_s=off_s)
                assert (status, word in told["detail"]) == (409, True)
                assert abs((datetime.fromisoformat(told["now"]) - datetime.now(UTC)).total_seconds()) < 10
            assert await mine.receipt("off-off-off") == "unknown"
            # Sixty may be saved up; then one waits for its turn, and says how long.
            states = await mine.states(*[report(f"many-{i:04}", i) for i in range(50)])
            assert states.count(("kept", None)) > 10
            status, told = await mine.send(*[report(f"more-{i:04}", i) for i in range(20)])
            later = [one for one in told.get("receipts", []) if one["state"] == "later"]
            assert status == 429 or some(later)[0]["wait_s"] > 0
            assert (await house.posts())[name]["refused"] == 7

    asyncio.run(story())


def test_a_revoked_device_is_heard_no_more_and_one_that_is_wiped_is_forgotten(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path)) as house:
            (name, mine), (other, others) = await joined(house, count=2)
            assert (await house.ask("DELETE", f"/v1/spotters/{name}", OFFICER))[0] == 204
            status, told = await mine.send(report())
            assert (status, "revoked" in told["detail"]) == (403, True)
            assert (await house.ask("GET", "/v1/spotter/state", mine.headers))[0] == 403
            assert await others.states(report()) == [("kept", None)]
            assert (await house.ask("DELETE", "/v1/spotter/device", others.headers))[0] == 204
            assert (await others.send(report()))[0] == 401
            # Again, or by nobody: the answer is the same.
            assert (await house.ask("DELETE", "/v1/spotter/device", others.headers))[0] == 204
            posts = await house.posts()
            assert (posts[name]["state"], other in posts) == ("revoked", False)
            assert (await house.ask("DELETE", f"/v1/spotters/{other}", OFFICER))[0] == 404
            for headers in ({}, mine.headers, {"authorization": f"Bearer {token('hill')}"}):
                assert (await house.ask("GET", "/v1/spotters", headers))[0] == 401
                assert (await house.ask("POST", "/v1/spotters", headers, {}))[0] == 401
                assert (await house.ask("DELETE", f"/v1/spotters/{name}", headers))[0] == 401

    asyncio.run(story())


@pytest.mark.parametrize(("vouches", "level"), [(False, "prepare"), (True, "take_cover")])
def test_posts_invited_together_are_one_voice_unless_they_are_vouched_for(
    tmp_path: Path, vouches: bool, level: str
) -> None:
    async def story() -> None:
        async with served(settings_in(tmp_path, vouches=vouches)) as house:
            (_, one), (_, other) = await joined(house, count=2)
            assert await one.states(report("one-one-one", sense="seen")) == [("kept", None)]
            beside = {"lat": LAT + 0.02, "lon": LON, "accuracy_m": 20.0}
            assert await other.states(report("other-other", sense="seen", post=beside)) == [("kept", None)]
            await house.runtime.ticker.tick()
            await house.runtime.ticker.tick()
            _, found = await house.ask("GET", "/v1/zones", {})
            (home,) = (one for one in found["zones"] if one["zone"] == "home")
            assert home["level"] == level
            async with asyncio.timeout(60):
                while await one.receipt("one-one-one") != {"prepare": "watched", "take_cover": "cover"}[level]:
                    await house.runtime.ticker.tick()
            third = report("third-third", sense="seen")
            if vouches:
                ((_, third_device),) = await joined(house)
                assert await third_device.states(third) == [("kept", None)]

    asyncio.run(story())


def test_nothing_that_is_kept_logged_counted_or_answered_tells_who_or_where_a_spotter_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> list[str]:
        # As a spotter's telephone would come, from an address of its own.
        async with served(settings_in(tmp_path)) as house:
            invited = await house.invite(count=2)
            words = [one["code"] for one in invited]
            house.told.clear()
            for one, address in zip(invited, ("203.0.113.77", "2001:db8:77::5"), strict=True):
                device = Device(house)
                device.headers["x-forwarded-for"] = address
                assert await device.join(one["code"]) == 201
                assert await device.states(report("client-id-1"), report("client-id-2", what="explosion")) == [
                    ("kept", None), ("kept", None),
                ]  # fmt: skip
                await device.send(
                    report("client-id-1", what="jet"), report("client-id-4", 2_000), {"id": "client-id-5"}
                )
                await house.ask("POST", "/v1/spotter/reports", device.headers | {"authorization": "Bearer x"}, {})
                await house.ask("GET", "/v1/spotter/state", device.headers)
                await house.ask("GET", "/v1/spotter/receipts?ids=client-id-1", device.headers)
                await house.ask("POST", "/v1/spotter/enrol", {}, {"code": "wrong", "secret": device.secret})
                words += [device.secret, address, "telephone-of-mine"]
            await house.runtime.ticker.tick()
            for path in ("/metrics", "/v1/conflicts", "/v1/spotters", "/v1/acts", "/readyz"):
                await house.ask("GET", path, OFFICER)
            for path in ("/v1/zones", "/v1/warnings", "/feed.atom", "/metrics", "/v1/events/x", "/openapi.json"):
                await house.ask("GET", path, {})
            answers = "".join(house.told)
            # Of the answers to a device it is told its own ids; of a place nobody is.
            assert "client-id-1" in answers
            assert not [word for word in (*words, "46.051", "8.049") if word in answers]
            posts = [one["post"] for one in invited]
            public = [text for text in house.told if "zone" in text and "reliability" not in text]
            assert not [post for post in posts if post in "".join(some(public))]
        return [*words, "client-id-", "46.0512", "8.0498", "127.0.0.1"]

    with capture_logs() as lines, caplog.at_level("INFO"):
        words = asyncio.run(story())
    logged = json.dumps(lines, default=str) + caplog.text
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    del files["zones.geojson"]
    assert {"journal.db", "spotters.db", "rejects.jsonl"} <= set(files)
    assert b"post-" in files["journal.db"]
    assert "recovered" in logged
    for name, held in (*files.items(), ("the log", logged.encode())):
        assert not [word for word in words if word.encode() in held], name


def test_without_the_section_nobody_reports(tmp_path: Path) -> None:
    async def story() -> None:
        settings = settings_in(tmp_path).model_copy(update={"spotters": None})
        async with served(settings) as house:
            device = Device(house)
            assert await device.join("x" * 27) == 404
            assert (await device.send(report()))[0] == 404
            assert (await house.ask("GET", "/v1/spotters", OFFICER))[0] == 404
            assert not (tmp_path / "spotters.db").exists()

    asyncio.run(story())


def test_what_was_not_over_when_the_service_was_stopped_is_counted_after_the_next_start(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    async def night() -> tuple[dict[str, Any], dict[str, Any]]:
        async with served(settings) as house:
            ((first, one),) = await joined(house)
            ((second, other),) = await joined(house)
            ((third, alone),) = await joined(house)
            for device, lat in ((one, LAT), (other, LAT + 0.01), (alone, LAT + 0.5)):
                sent = report(post={"lat": lat, "lon": LON, "accuracy_m": 20.0})
                assert (await device.states(sent))[0][0] in ("kept", "watched", "cover")
            before = await house.posts()
        later = Clock(datetime.now(UTC) + timedelta(minutes=20))
        async with running(settings, configured(settings), later) as runtime:
            assert runtime.spotters is not None
            posts = runtime.spotters.posts
            async with asyncio.timeout(60):
                while posts.unsettled():
                    await asyncio.sleep(0.02)
            after = {one.name: one for one in posts.every(0.0)}
        return before, {name: after[name] for name in (first, second, third)}

    before, after = asyncio.run(night())
    assert {one["borne_out"] for one in before.values()} == {0}
    assert [(one.kept, one.borne_out, one.unanswered) for one in after.values()] == [(1, 1, 0), (1, 1, 0), (1, 0, 1)]
