"""The service as a stranger meets it: over HTTP, on a real socket."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import math
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.some import some
from tests.tokens import digest
from tests.tokens import token as secret
from tocsin.ingest.batch import BATCH_BYTES_MAX
from tocsin.ingest.source import SourceHealth
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.people_settings import Watcher
from tocsin.service.sensor_metrics import GAUGES, sensors_text
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.source_settings import TokenSource

pytestmark = pytest.mark.server


def zone(name: str, south: float) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name={"en": name.title(), "ar": "بيت"}, population=9_000, polygons=((ring,),))


# An observatory whose word on what fell is a sensor's.
HILL = {"kinds": ["impact", "alert"], "measures": ["impact"]}
RELAY = {"kinds": ["impact", "alert", "plot", "status"], "measures": ["impact"], "sensors": ["*"]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson([zone("home", 46.0), zone("away", 46.5)]))
    return make_settings(
        zones=tmp_path / "zones.geojson",
        drill=True,
        http={"port": 0},
        journal={"path": tmp_path / "journal.db"},
        operator=[{"id": "duty", "token_sha256": digest("duty-token")}],
        source=[
            {"kind": "http", "id": "hill", "token_sha256": digest("hill-token"), "per_second_max": 10} | HILL,
            {"kind": "http", "id": "relay", "token_sha256": digest("relay-token"), "relays": True} | RELAY,
            {"kind": "http", "id": "walker", "token_sha256": digest("walker-token")},
            {"kind": "http", "id": "crowd", "token_sha256": digest("crowd-token"), "kinds": ["impact", "position"]}
            | {"per_second_max": 30},
            {
                "kind": "http",
                "id": "near",
                "token_sha256": digest("near-token"),
                "kinds": ["alert"],
                "alerts": "prepare",
            },
        ],
    )


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    """The real service on a free port, and a session that talks to it."""
    listener = listening(settings)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(settings, configured(settings), Clock()) as runtime:
        server = Server(runtime)
        serving = asyncio.create_task(server.serve([listener]))
        async with aiohttp.ClientSession(address) as session:
            yield session
        server.should_exit = True
        await serving


def impact(name: str, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return {"kind": "impact", "id": name, "time": now, "lat": 46.05, "lon": 8.05, "sigma_m": 50} | more


async def post(session: aiohttp.ClientSession, body: bytes, token: str = "hill-token") -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {secret(token)}"}
    async with session.post("/v1/observations", data=io.BytesIO(body), headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def get(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path) as response:
        return response.status, await response.text()


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that must come about; pytest's own limit ends a wait in vain."""
    async with asyncio.timeout(60):
        while not await done():
            await asyncio.sleep(0.02)


async def warned(session: aiohttp.ClientSession, name: str, level: str) -> bool:
    _, text = await get(session, "/v1/warnings")
    return any(w["zone"] == name and w["level"] == level for w in json.loads(text)["warnings"])


def test_an_impact_report_reaches_the_feed_the_map_and_a_listener(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session, session.get("/v1/events") as events:
            assert b"retry" in await events.content.readline()
            status, said = await post(session, to_json(impact("i1")))
            assert (status, said["accepted"], said["duplicates"]) == (200, 1, 0)
            async with asyncio.timeout(30):
                while b'"level":"take_cover"' not in await events.content.readline():
                    pass
            _, text = await get(session, "/v1/zones/at?lat=46.05&lon=8.05")
            (here,) = json.loads(text)["zones"]
            assert (here["zone"], here["level"], here["drill"]) == ("home", "take_cover", True)
            _, atom = await get(session, "/feed.atom")
            assert "Home" in atom
            warning = here["warning"]
            status, cap = await get(session, f"/cap/{warning}.xml")
            assert status == 200
            assert "<status>Exercise</status>" in cap

    asyncio.run(story())


def test_whoever_has_the_feed_or_a_message_is_told_so_until_there_is_something_new(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            paths = ["/feed.atom", "/v1/outlines"]
            tags = {}
            for path in paths:
                async with session.get(path) as response:
                    tags[path] = response.headers["etag"]
                    # What changes twice within a second would look the same.
                    assert "last-modified" not in response.headers
            for path in paths:
                for known in (tags[path], tags[path].removeprefix("W/"), f'"other", {tags[path]}', "*"):
                    async with session.get(path, headers={"if-none-match": known}) as response:
                        assert (response.status, await response.read()) == (304, b"")
                        assert response.headers["etag"] == tags[path]
            await post(session, to_json(impact("i1")))
            await until(lambda: warned(session, "home", "take_cover"))
            async with session.get("/feed.atom", headers={"if-none-match": tags["/feed.atom"]}) as response:
                assert response.status == 200
                # Twice: readers look for a link with a type, or for one without.
                (address,) = set(re.findall(r'href="([^"]*/cap/[^"]*)"', await response.text()))
            async with session.get(address) as response:
                known = response.headers["etag"]
            async with session.get(address, headers={"if-none-match": known}) as response:
                assert response.status == 304
            assert (await get(session, "/feed/none.atom"))[0] == 404

    asyncio.run(story())


def test_nothing_public_names_a_source_a_reason_or_a_track(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            await post(session, to_json(impact("secret-id-77")))
            await until(lambda: warned(session, "home", "take_cover"))
            for path in ("/v1/zones", "/v1/warnings", "/v1/outlines", "/feed.atom", "/metrics", "/readyz"):
                _, text = await get(session, path)
                for word in ("hill", "secret-id-77", "fell", '"tracks"', '"reason"'):
                    assert word not in text, f"{path} says {word}"

    asyncio.run(story())


def test_sending_twice_changes_nothing(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            body = to_json(impact("once"))
            _, first = await post(session, body)
            _, again = await post(session, body)
            assert (again["accepted"], again["duplicates"], again["seq"]) == (0, 1, first["seq"])

    asyncio.run(story())


def test_a_strangers_id_never_swallows_an_honest_report_and_a_contradiction_is_said_kept_and_counted(
    settings: Settings, tmp_path: Path
) -> None:
    async def story() -> None:
        async with served(settings) as session:
            squatted = impact("radar-7/1", source="somebody", lat=10.0)
            assert (await post(session, to_json(squatted), token="relay-token"))[0] == 200
            honest = impact("radar-7/1")
            status, said = await post(session, to_json(honest))
            assert (status, said["accepted"]) == (200, 1)
            await until(lambda: warned(session, "home", "take_cover"))
            status, said = await post(session, to_json(honest | {"lat": 46.01}))
            assert (status, said["conflicts"], said["rejected"][0]["outcome"]) == (409, 1, "conflict")
            batch = b"\n".join(to_json(one) for one in (honest, impact("other"), honest | {"lat": 46.02}))
            status, said = await post(session, batch)
            assert (status, said["accepted"], said["duplicates"], said["conflicts"]) == (200, 1, 1, 1)
            assert [(one["line"], one["outcome"]) for one in said["rejected"]] == [(3, "conflict")]
            metrics = (await get(session, "/metrics"))[1]
            assert 'tocsin_observations_total{outcome="conflict"} 2.0' in metrics
        kept = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
        assert [(one["where"], "46.0" in one["record"]) for one in kept] == [("hill", True)] * 2

    asyncio.run(story())


def test_what_cannot_be_taken_is_refused_with_its_line_and_reason(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            lines = [to_json(impact("a")), b"not json", to_json(impact("b", lat=99)), to_json(impact("c", source="x"))]
            status, said = await post(session, b"\n".join(lines))
            assert (status, said["accepted"], said["rejected_count"]) == (200, 1, 3)
            assert [one["line"] for one in said["rejected"]] == [2, 3, 4]
            assert "may not speak for x" in said["rejected"][2]["reason"]
            assert (await post(session, b"{}"))[0] == 400
            assert (await post(session, b""))[0] == 400
            assert (await post(session, b"x", token="wrong"))[0] == 401
            alert = {"kind": "alert", "id": "z", "time": "2026-01-01T00:00:00Z", "cap": "<!DOCTYPE a><a/>"}
            assert (await post(session, to_json(alert)))[0] == 400

    asyncio.run(story())


@pytest.mark.parametrize(
    ("coding", "code"), [("gzip", 415), ("identity, br", 415), ("x" * 900, 415), ("Identity", 200), ("", 200)]
)
def test_a_body_in_a_packed_form_is_refused_in_a_sentence(settings: Settings, coding: str, code: int) -> None:
    async def story() -> None:
        async with served(settings) as session:
            raised = {"id": "1", "action": "raise", "level": "prepare", "zones": ["away"]}
            for path, token, body in (("observations", "hill", impact("a")), ("acts", "duty", raised)):
                headers = {"authorization": f"Bearer {secret(f'{token}-token')}", "content-encoding": coding}
                sent = io.BytesIO(to_json(body))
                async with session.post(f"/v1/{path}", data=sent, headers=headers) as response:
                    assert response.status == code, path
                    if code == 415:
                        assert response.headers["accept-encoding"] == "identity"
                        detail = (await response.json(content_type=None))["detail"]
                        assert "send it unpacked" in detail and len(detail) < 300
            described = json.loads((await get(session, "/v1/openapi.json"))[1])["paths"]
            for path in ("/v1/observations", "/v1/acts"):
                assert "Content-Encoding" in described[path]["post"]["responses"]["415"]["description"]

    asyncio.run(story())


def test_a_relay_may_speak_for_others_and_nobody_may_flood(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            status, _ = await post(session, to_json(impact("r", source="somebody")), token="relay-token")
            assert status == 200
            flood = b"\n".join(to_json(impact(f"f{n}")) for n in range(101))
            status, said = await post(session, flood)
            assert (status, said["accepted"], said["rejected_count"]) == (200, 100, 1)
            assert "10 observations a second" in said["rejected"][0]["reason"]
            status, said = await post(session, flood)
            assert status == 429 or said["rejected_count"] > 50

    asyncio.run(story())


def test_a_token_may_say_only_what_its_authority_allows_and_is_told_why_not(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            now = datetime.now(UTC)
            said = [
                ({"kind": "sighting", "lat": 46.05, "lon": 8.05}, 200, ""),
                ({"kind": "impact", "lat": 46.05, "lon": 8.05, "sigma_m": 50}, 400, "may not send an impact"),
                ({"kind": "status", "sensor": "radar", "state": "up"}, 400, "may not send a status"),
                ({"kind": "sighting", "lat": 46.05, "lon": 8.05, "source": "hill"}, 400, "may not speak for hill"),
                ({"kind": "sighting", "lat": 46.05, "lon": 8.05, "time": "2020-01-01T00:00:00Z"}, 400, "too old"),
                ({"kind": "sighting", "lat": 46.05, "lon": 8.05, "time": "2100-01-01T00:00:00Z"}, 400, "in the future"),
            ]
            for number, (fields, wanted, reason) in enumerate(said):
                line = {"id": f"w{number}", "time": now.isoformat()} | fields
                status, answer = await post(session, to_json(line), token="walker-token")
                assert status == wanted, answer
                assert [reason in one["reason"] for one in answer["rejected"]] == [True] * (wanted == 400)
            # One voice, however often: prepare.
            await until(lambda: warned(session, "home", "prepare"))

    asyncio.run(story())


def test_a_duty_officer_raises_and_cancels(settings: Settings) -> None:
    async def act(session: aiohttp.ClientSession, token: str, **fields: Any) -> int:
        headers = {"authorization": f"Bearer {secret(token)}"}
        async with session.post("/v1/acts", json=fields, headers=headers) as response:
            return response.status

    async def story() -> None:
        async with served(settings) as session:
            assert await act(session, "hill-token", id="1", action="raise", level="take_cover", zones=["away"]) == 401
            assert (
                await act(session, "duty-token", id="2", action="raise", level="take_cover", zones=["nowhere"]) == 400
            )
            assert await act(session, "duty-token", id="3", action="raise", level="take_cover", zones=["away"]) == 200
            await until(lambda: warned(session, "away", "take_cover"))
            assert await act(session, "duty-token", id="4", action="cancel", zones=["away"]) == 200
            await until(lambda: warned(session, "away", "all_clear"))

    asyncio.run(story())


def test_a_restart_shows_the_same_warnings_and_messages(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            await post(session, to_json(impact("before")))
            await until(lambda: warned(session, "home", "take_cover"))
            before = await get(session, "/v1/warnings"), await get(session, "/feed.atom")
        async with served(settings) as session:
            after = await get(session, "/v1/warnings"), await get(session, "/feed.atom")
            assert json.loads(after[0][1])["warnings"] == json.loads(before[0][1])["warnings"]
            assert after[1] == before[1]

    asyncio.run(story())


# A stream, and what says nothing to whoever asks for nothing in particular.
UNASKED = ("/v1/events", "/v1/zones/at", "/v1/proof/inclusion", "/v1/proof/consistency")


def test_it_says_that_it_is_ready_and_describes_itself(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:

            async def ready() -> bool:
                return (await get(session, "/readyz"))[0] == 200

            await until(ready)
            assert (await get(session, "/healthz"))[0] == 200
            described = json.loads((await get(session, "/v1/openapi.json"))[1])
            for path, methods in described["paths"].items():
                if "get" in methods and "{" not in path and path not in UNASKED:
                    for_all = methods["get"].get("security", [{}])[0] == {}
                    # Where no spotter reports, no ledger is shown and no public log kept, there is nothing of them.
                    off = path.startswith(("/v1/spotter/", "/v1/proof/")) or path in ("/incidents", "/v1/incidents")
                    assert (await get(session, path))[0] == (404 if off else 200 if for_all else 401), path
            assert (await get(session, "/v1/zones/at?lat=nan&lon=8"))[0] == 400
            assert (await get(session, "/cap/none.xml"))[0] == 404
            assert (await get(session, "/../pyproject.toml"))[0] == 404
            for method, path, code in (
                ("GET", "/v1/nothing", 404),
                ("PUT", "/v1/acts", 405),
                ("POST", "/v1/events", 404),
            ):
                async with session.request(method, path) as response:
                    assert response.content_type == "application/problem+json"
                    assert (response.status, (await response.json(content_type=None))["status"]) == (code, code)
                    assert response.headers.get("allow", "POST") in ("POST", "GET, HEAD, POST")
            assert "tocsin_tick_seconds_count" in (await get(session, "/metrics"))[1]

    asyncio.run(story())


def test_a_file_that_is_not_there_is_404_whatever_its_name_and_where_no_page_is_built(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.service.http.page.STATIC", tmp_path / "nothing")

    async def story() -> None:
        async with served(settings) as session:
            for path in ("/assets/..%2f", "/assets/..%2f..%2fapp.py", "/assets/x.js", "/" + "x" * 300, "/a%00b"):
                async with session.get(URL(path, encoded=True)) as response:
                    assert response.status == 404, path

    asyncio.run(story())


def test_a_file_whose_name_changes_with_what_it_holds_is_asked_for_once_and_every_other_each_time(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.service.http.page.STATIC", tmp_path)
    names = ("index.html", "worker.js", "assets/map-8V7fwpHR.js", "assets/map.js", "assets/land/-100_-10.json")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    async def story() -> None:
        async with served(settings) as session:
            for name in (*names, "assets/gone-8V7fwpHR.js"):
                async with session.get("/" if name == "index.html" else f"/{name}") as response:
                    for_ever = name == "assets/map-8V7fwpHR.js"
                    cached = response.headers.get("cache-control", "")
                    assert ("immutable" in cached) == for_ever, name
                    assert response.status == (404 if "gone" in name else 200)
                    assert for_ever or "max-age" not in cached

    asyncio.run(story())


def lines_of(*observations: dict[str, Any]) -> bytes:
    return b"\n".join(to_json(one) for one in observations)


def sighting(name: str, **more: Any) -> dict[str, Any]:
    fields = impact(name) | {"kind": "sighting", "threat": "drone"}
    del fields["sigma_m"]
    return fields | more


def test_what_the_engine_does_not_count_is_told_in_the_same_answer(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            # A voice counts twenty times in ten minutes; the hill may send as fast as this.
            many = lines_of(*(impact(f"i{n}") for n in range(23)))
            status, said = await post(session, many, token="crowd-token")
            assert (status, said["accepted"], said["not_used"], said["pending"]) == (200, 23, 3, 0)
            assert [(one["line"], one["outcome"]) for one in said["notes"]] == [
                (21, "not_used"), (22, "not_used"), (23, "not_used")
            ]  # fmt: skip
            assert "20 reports of one voice within 10 min" in said["notes"][0]["reasons"][0]
            _, said = await post(session, to_json(sighting("civil", threat="civil")), token="walker-token")
            assert (said["not_used"], "endangers nobody" in said["notes"][0]["reasons"][0]) == (1, True)
            position = impact("p") | {"kind": "position", "altitude_m": 9_000, "cooperative": True, "icao24": "abcdef"}
            _, said = await post(session, to_json(position), token="crowd-token")
            assert "speaks for no aircraft" in said["notes"][0]["reasons"][0]
            _, said = await post(session, to_json(sighting("good")), token="walker-token")
            assert (said["accepted"], said["not_used"], said["notes"]) == (1, 0, [])

    asyncio.run(story())


def test_a_misspelt_key_and_exchanged_numbers_are_asked_about(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            status, said = await post(session, to_json(sighting("a", headng=90)), token="walker-token")
            (note,) = said["notes"]
            assert (status, note["outcome"], said["not_used"]) == (200, "noted", 0)
            assert note["reasons"] == ["the key 'headng' is not read; is heading_deg meant?"]
            missing = sighting("b", lattitude=46.0)
            del missing["lat"]
            status, said = await post(session, to_json(missing), token="walker-token")
            assert (status, "is lat meant?" in said["rejected"][0]["reason"]) == (400, True)
            status, said = await post(session, to_json(sighting("c", lat=8.05, lon=46.05)), token="walker-token")
            assert (status, said["notes"][0]["reasons"]) == (
                200, ["8.0500, 46.0500 is far from every zone; are lat and lon exchanged?"]
            )  # fmt: skip
            _, said = await post(session, to_json(sighting("e", lat=46.0, lon=30.0)), token="walker-token")
            assert "more than 1,000 km from every zone" in said["notes"][0]["reasons"][0]
            twice = to_json(sighting("f", headng=90)).replace(b'"lat":', b'"lat":12.0,"lat":')
            _, said = await post(session, twice, token="walker-token")
            assert said["notes"][0]["reasons"] == [
                "the key 'headng' is not read; is heading_deg meant?", "the key 'lat' stands twice; the last is read"
            ]  # fmt: skip
            # Far away and no mistake: a launch is, often.
            _, said = await post(session, to_json(sighting("d", lat=50.0, lon=12.0)), token="walker-token")
            assert said["notes"] == []

    asyncio.run(story())


ALERT = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{name}</identifier><sender>near</sender>
<sent>{sent}</sent><status>{status}</status><msgType>Alert</msgType><scope>Public</scope><info><category>Security</category>
<event>Air raid</event><urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty>
<area><areaDesc>here</areaDesc><circle>46.05,8.05 5</circle></area>
<area><areaDesc>Nowhere</areaDesc></area></info></alert>"""


CANCEL = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a4</identifier>
<sender>n@example.org</sender><sent>{sent}</sent><status>Actual</status><msgType>Cancel</msgType><scope>Public</scope>
<references>{references}</references></alert>"""
FAR = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a5</identifier><sender>n@example.org</sender>
<sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><category>Safety</category>
<event>Air raid alert</event><responseType>Prepare</responseType><urgency>Expected</urgency><severity>Extreme</severity>
<certainty>Likely</certainty><area><areaDesc>here</areaDesc><circle>46.05,8.05 5</circle></area></info></alert>"""


def test_what_of_an_alert_is_not_acted_on_is_told_to_who_sent_it(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            now = datetime.now(UTC).isoformat(timespec="seconds")

            async def sent(name: str, token: str, status: str = "Actual") -> dict[str, Any]:
                cap = ALERT.format(name=name, sent=now, status=status)
                line = {"kind": "alert", "id": name, "time": now, "cap": cap}
                code, said = await post(session, to_json(line), token=token)
                assert (code, said["accepted"], said["pending"]) == (200, 1, 0)
                (note,) = said["notes"]
                return dict(note)

            note = await sent("a1", "near-token")
            assert (note["outcome"], len(note["reasons"])) == ("in_part", 3)
            assert "this is a drill" in note["reasons"][2]
            assert "near may raise prepare" in note["reasons"][1], "it asked for cover"
            assert "'Nowhere' has neither an outline nor a code" in note["reasons"][0]
            note = await sent("a2", "near-token", status="Test")
            assert (note["outcome"], "status is Test" in note["reasons"][0]) == ("not_used", True)
            note = await sent("a3", "hill-token")
            assert (note["outcome"], "may raise none" in note["reasons"][1]) == ("not_used", True)
            cap = CANCEL.format(sent=now, references=f"n@example.org,a0,{now}")
            line = {"kind": "alert", "id": "a4", "time": now, "cap": cap}
            _, said = await post(session, to_json(line), token="near-token")
            (note,) = said["notes"]
            assert (said["not_used"], note["outcome"]) == (1, "not_used") and "cancels nothing" in note["reasons"][0]
            far = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
            line = {"kind": "alert", "id": "a5", "time": now, "cap": FAR.format(sent=far)}
            _, said = await post(session, to_json(line), token="near-token")
            (note,) = said["notes"]
            assert (said["not_used"], note["outcome"]) == (0, "noted") and "in the future" in note["reasons"][0]

    asyncio.run(story())


def test_what_is_refused_is_kept_with_its_reason_counted_once_and_of_strangers_only_counted(
    settings: Settings, tmp_path: Path
) -> None:
    async def story() -> None:
        async with served(settings) as session:
            await post(session, b"not json", token="walker-token")
            await post(session, b"x" * (BATCH_BYTES_MAX + 1), token="walker-token")
            await post(session, b"\n" * 10_002, token="walker-token")
            await post(session, to_json(sighting("s")), token="nobodys")
            flood = lines_of(*(sighting(f"f{n}") for n in range(12)))
            assert (await post(session, flood, token="walker-token"))[1]["rejected"][0]["outcome"] == "over_rate"
            assert (await post(session, flood, token="walker-token"))[0] == 429
            metrics = (await get(session, "/metrics"))[1]
            for outcome, number in (("rejected", 3), ("over_rate", 14), ("unauthenticated", 1), ("accepted", 10)):
                assert f'tocsin_observations_total{{outcome="{outcome}"}} {number}.0' in metrics, metrics
        kept = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
        assert len(kept) == 17
        assert {one["where"] for one in kept} == {"walker"}
        for reason in (
            "JSON is malformed",
            "a body may have",
            "more than 10000 lines",
            "may send 1 observations a second",
        ):
            assert any(reason in one["reason"] for one in kept), reason

    asyncio.run(story())


def test_outlines_are_sent_once(settings: Settings) -> None:
    async def story() -> None:
        async with served(settings) as session:
            async with session.get("/v1/outlines") as response:
                tag = response.headers["etag"]
                assert len((await response.json(content_type=None))["features"]) == 2
            async with session.get("/v1/outlines", headers={"if-none-match": tag}) as response:
                assert response.status == 304

    asyncio.run(story())


def plot(name: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return {"kind": "plot", "id": name, "time": now, "sensor": "summit", "range_m": 9_000, "azimuth_deg": 10}


def test_how_a_sensor_does_is_told_to_duty_officers_and_watchers_only(settings: Settings, tmp_path: Path) -> None:
    radar = Sensor(id="summit", kind="radar", lat=46.07127, lon=8.01355, altitude_m=1_234, range_m=60_000)
    deaf = Sensor(id="deaf", kind="radar", lat=46.1, lon=8.0, altitude_m=100, range_m=60_000)
    (tmp_path / "sensors.json").write_bytes(to_json([radar, deaf]))
    watcher = make_settings(**settings.model_dump() | {"watcher": [{"id": "w", "token_sha256": digest("w-token")}]})
    equipped = watcher.model_copy(update={"sensors": tmp_path / "sensors.json"})

    async def metrics(session: aiohttp.ClientSession, token: str | None) -> tuple[int, str]:
        headers = {} if token is None else {"authorization": f"Bearer {secret(token)}"}
        async with session.get("/metrics", headers=headers) as response:
            return response.status, await response.text()

    async def story() -> None:
        async with served(equipped) as session:
            down = impact("s") | {"kind": "status", "sensor": "deaf", "state": "down"}
            await post(session, b"\n".join(to_json(one) for one in (plot("a"), plot("b"), down)), token="relay-token")

            async def counted() -> bool:
                return 'tocsin_sensor_reports_total{sensor="summit"} 2.0' in (await metrics(session, "duty-token"))[1]

            await until(counted)
            for token in ("duty-token", "w-token"):
                status, told = await metrics(session, token)
                assert status == 200
                assert 'tocsin_sensor_state{sensor="summit",state="up"} 1.0' in told
                assert 'tocsin_sensor_state{sensor="deaf",state="down"} 1.0' in told
                assert 'tocsin_sensor_delay_seconds{sensor="summit"}' in told
                assert not any(place in told for place in ("46.07127", "8.01355"))
                # As numbers: somewhere in the digits of a time or a delay there may well be 1234.
                lines = [line for line in told.splitlines() if line.startswith("tocsin_sensor")]
                said = [float(line.rsplit(" ", 1)[1]) for line in lines]
                assert len(said) > 5
                for place in (radar.lat, radar.lon, radar.altitude_m):
                    assert not any(math.isclose(value, place, rel_tol=1e-3) for value in some(said))
            assert (await metrics(session, "hill-token"))[0] == 401
            status, told = await metrics(session, None)
            assert status == 200
            assert "summit" not in told
            headers = {"authorization": f"Bearer {secret('w-token')}"}
            async with session.post("/v1/acts", data=b"{}", headers=headers) as response:
                assert response.status == 403

    asyncio.run(story())


def test_a_figure_nobody_measured_is_not_told() -> None:
    text = sensors_text(
        [SensorHealth(sensor="new"), SensorHealth(sensor="old", range_bias_m=40.0, range_bias_sigma_m=5)]
    )
    assert 'tocsin_sensor_range_bias_meters{sensor="old"} 40.0' in text.decode()
    assert 'bias_meters{sensor="new"}' not in text.decode()
    assert "detection_probability{" not in text.decode()
    figures = {name for name in SensorHealth.__struct_fields__ if name not in ("sensor", "state", "reports")}
    assert set(GAUGES) == figures


def test_a_live_source_that_brings_nothing_is_named_to_who_may_watch_and_counted_for_others(settings: Settings) -> None:
    watched = settings.model_copy(update={"watcher": (Watcher(id="w", token_sha256=digest("w-token")),)})

    async def told(session: aiohttp.ClientSession, path: str, token: str | None) -> tuple[int, str]:
        headers = {} if token is None else {"authorization": f"Bearer {secret(token)}"}
        async with session.get(path, headers=headers) as response:
            return response.status, await response.text()

    async def story() -> None:
        listener = listening(watched)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with running(watched, configured(watched), Clock()) as runtime:
            runtime.feeds = lambda: (
                SourceHealth("west-hill", "down", "connection refused"),
                SourceHealth("east-hill", "up", newest_s=time.monotonic()),
                SourceHealth("mast", "up", newest_s=time.monotonic() - 600),
            )
            runtime.metrics.source_up.labels("west-hill").set(0)
            runtime.rejects.notice("sensor far-hill says that it stands elsewhere")
            server = Server(runtime)
            serving = asyncio.create_task(server.serve([listener]))
            async with aiohttp.ClientSession(address) as session:
                await until(lambda: _is_ready(session))
                _, named = await told(session, "/readyz", "w-token")
                assert "west-hill is down: connection refused" in named
                assert "mast has delivered nothing for 600 s" in named
                assert "east-hill" not in named and "far-hill says that it stands elsewhere" in named
                for token in (None, "hill-token"):
                    _, unnamed = await told(session, "/readyz", token)
                    assert "2 of 3 live sources" in unnamed
                    assert not any(name in unnamed for name in ("west-hill", "mast", "far-hill"))
                assert "west-hill" not in (await told(session, "/metrics", None))[1]
                assert 'tocsin_source_up{source="west-hill"} 0.0' in (await told(session, "/metrics", "w-token"))[1]
            server.should_exit = True
            await serving

    asyncio.run(story())


async def _is_ready(session: aiohttp.ClientSession) -> bool:
    async with session.get("/readyz") as response:
        return response.status == 200


def test_who_sent_too_much_is_told_when_one_more_may_pass(settings: Settings) -> None:
    async def story() -> None:
        slow = {"kind": "http", "id": "slow", "token_sha256": digest("slow-token"), "per_second_max": 0.05}
        table = settings.model_dump()["source"]
        async with served(settings.model_copy(update={"source": make_settings(
            zones=settings.zones, source=[*table[:1], slow]).source})) as session:  # fmt: skip
            assert (await post(session, to_json(sighting("a")), token="slow-token"))[0] == 200
            headers = {"authorization": f"Bearer {secret('slow-token')}"}
            async with session.post("/v1/observations", data=to_json(sighting("b")), headers=headers) as response:
                assert response.status == 429 and 18 <= int(response.headers["retry-after"]) <= 20

    asyncio.run(story())


def test_a_token_that_can_be_guessed_is_nobodys_and_told_how_to_make_one(settings: Settings) -> None:
    # Weak, and in no list of words: only who sees the token itself can tell.
    word = "mywordmyword"
    weak = TokenSource(kind="http", id="weak", token_sha256=hashlib.sha256(word.encode()).hexdigest())
    lenient = settings.model_copy(update={"source": (*settings.source, weak)})

    async def story() -> None:
        async with served(lenient) as session:
            headers = {"authorization": f"Bearer {word}"}
            async with session.post("/v1/observations", data=to_json(impact("i")), headers=headers) as response:
                said = await response.json(content_type=None)
            assert response.status == 401
            assert "it has 12 characters, and at least 20 are needed; make one with" in said["detail"]

    asyncio.run(story())
