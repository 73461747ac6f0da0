"""Whatever is sent to the HTTP interface, it answers as its description says, and never with 500."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from tests.signed_in import cheap_door, put
from tests.signed_in import headers as session_of
from tests.tokens import digest, token
from tests.tried import tried
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.wire import to_json
from tocsin.service.clock import Clock
from tocsin.service.http.openapi import description
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import make_settings
from tocsin.simulate.places import invented_zones

pytestmark = pytest.mark.server

SCHEMA = schemathesis.openapi.from_dict(schemathesis.core.deserialization.deserialize_yaml(description().decode()))
OPERATIONS = {one.ok().label: one.ok() for one in SCHEMA.get_all_operations()}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAMS = {"GET /v1/events", "GET /v1/console/events"}
# Without a database and with the same seed: seconds in all, the same on every machine.
BOUNDED = tried(
    10,
    nightly=200,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
HEADERS: tuple[str, ...] = ("accept", "accept-encoding", "authorization", "if-none-match", "range", "content-type")
HEADERS += ("host", "cookie", "x-forwarded-for", "x-forwarded-proto", "upgrade", "origin")
WHO = st.sampled_from([None, "duty", "hill", "chief"])


class Served(threading.Thread):
    """The service in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        (folder / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(5)))
        self._settings = make_settings(
            zones=folder / "zones.geojson",
            drill=True,
            http={"port": 0},
            journal={"path": folder / "journal.db"},
            operator=[{"id": "desk", "token_sha256": digest("duty")}],
            spotters={},
            source=[
                {"kind": "http", "id": "hill", "token_sha256": digest("hill"), "per_second_max": 100_000}
                | {"relays": True, "sensors": ["*"], "kinds": ["sighting", "impact", "alert", "plot", "status"]}
            ],
        )
        self._up = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        listener = listening(self._settings)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with running(self._settings, configured(self._settings), Clock()) as runtime:
            await runtime.ticker.tick()
            runtime.door = cheap_door(runtime.people)
            await put(runtime.people, "chief", "operator", "approver", "admin", "auditor", "integrator", "planner")
            self.runtime, self.server = runtime, Server(runtime)
            self._up.set()
            await self.server.serve([listener])

    def wait(self) -> None:
        assert self._up.wait(60)

    def headers_of(self, who: str | None) -> dict[str, str]:
        """What they send to be known: a token, or, of whom may do everything, a session that has just begun."""
        if who == "chief":
            return session_of(self.runtime.people, "chief")
        return {} if who is None else {"Authorization": f"Bearer {token(who)}"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("api"))
    served.start()
    served.wait()
    yield served
    served.server.should_exit = True
    served.join(30)


def test_every_route_is_described_and_nothing_else_is(house: Served) -> None:
    """But the page, which is for people, and the other name of the description itself."""
    assert isinstance(house.runtime, Runtime)
    described = {
        (method.upper(), path)
        for path, operations in SCHEMA.raw_schema["paths"].items()
        for method in operations
        if method != "parameters"
    }
    served = {
        (method, re.sub(":(path|int)", "", route.path))
        for route in routes_of(house.runtime)
        for method in (route.methods or set()) - {"HEAD"}
    }
    named = ("/", "/operator", "/spotter", "/verify", "/assets/{name}", "/{name}", "/v1/openapi.json")
    pages = {("GET", path) for path in named}
    assert served - pages == described - {("GET", "/v1/events")}


def routes_of(runtime: Runtime) -> list[Route]:
    from tocsin.service.http.app import routes

    return [route for route in routes(runtime) if isinstance(route, Route)]


@pytest.mark.parametrize("label", sorted(set(OPERATIONS) - STREAMS))
def test_every_operation_answers_as_described(house: Served, label: str) -> None:
    session = requests.Session()

    @BOUNDED
    @given(case=OPERATIONS[label].as_strategy(), who=WHO)
    def asked(case: Any, who: str | None) -> None:
        # Made up, they are wrong, and whoever sends wrong tokens is answered once a second.
        case.headers.pop("Authorization", None)
        case.cookies.clear()
        answer = case.call(base_url=house.url, session=session, headers=house.headers_of(who), timeout=20)
        case.validate_response(answer, checks=CHECKS)

    asked()


@BOUNDED
@given(
    path=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60),
    query=st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters="#"), max_size=40),
    header=st.sampled_from(HEADERS),
    value=st.text(st.characters(codec="latin-1", min_codepoint=33, exclude_categories=["Cc"]), max_size=60),
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "DELETE", "PATCH", "BREW"]),
)
def test_no_path_query_method_or_header_is_answered_500(
    house: Served, path: str, query: str, header: str, value: str, method: str
) -> None:
    encoded = requests.utils.quote(path)
    headers = {header: value.encode("latin-1")}
    with requests.request(method, f"{house.url}/{encoded}?{query}", headers=headers, timeout=20, stream=True) as answer:
        assert answer.status_code < 500


OFFSETS = ["Z", "+00:00", "+23:59", "-23:59", "+14:00", "-12:00", "+24:00", ""]
MOMENTS = ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "0000-01-01T00:00:00", "10000-01-01T00:00:00"]
MOMENTS += ["1970-01-01T00:00:00", "2026-02-30T00:00:00", "2026-06-30T23:59:60", "now"]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_no_date_is_answered_500(house: Served, moment: str, offset: str) -> None:
    time = (datetime.now(UTC).isoformat()[:19] if moment == "now" else moment) + offset
    place = {"lat": 46.0, "lon": 8.0}
    alert = {"kind": "alert", "sender": "a", "identifier": "i", "sent": time, "status": "Actual", "expires": time}
    bodies = [
        {"kind": "sighting", "id": f"s{time}", "time": time, "threat": "drone"} | place,
        {"kind": "impact", "id": f"i{time}", "time": time, "sigma_m": 50} | place,
        {"kind": "status", "id": f"u{time}", "time": time, "sensor": "x", "state": "up"},
        {"kind": "plot", "id": f"p{time}", "time": time, "sensor": "x", "range_m": 9, "azimuth_deg": 1},
        alert | {"id": f"a{time}", "time": time, "onset": time, "effective": time, "level": "prepare", "zones": ["z"]},
    ]
    for body in bodies:
        headers = {"Authorization": f"Bearer {token('hill')}"}
        answer = requests.post(f"{house.url}/v1/observations", data=to_json(body), headers=headers, timeout=20)
        assert answer.status_code < 500, (body, answer.text)
    assert requests.get(f"{house.url}/readyz", timeout=20).status_code == 200
