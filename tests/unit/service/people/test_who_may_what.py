"""Every route of the application × everybody who may ask: a new route is in this table, or this fails."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from tests.signed_in import ask, headers, put
from tests.some import some
from tests.tokens import digest, token
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.http.app import make_app, routes
from tocsin.service.people.roles import MAY, ROLES
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured, running
from tocsin.service.settings import make_settings
from tocsin.simulate.places import invented_zones

pytestmark = pytest.mark.server

# Who may: a permission (or several, of which one is enough); "everybody"; "signed in": any person, no token; "source":
# a source's token; "spotter's device": a token of none of those here.
ROUTES: dict[str, str] = {
    "GET /": "everybody",
    "GET /operator": "everybody",
    "GET /spotter": "everybody",
    "GET /verify": "everybody",
    "GET /plain": "everybody",
    "GET /incidents": "everybody",
    "GET /v1/incidents": "everybody",
    "GET /v1/pages": "everybody",
    "GET /v1/proof/key.pem": "everybody",
    "GET /v1/proof/head.json": "everybody",
    "GET /v1/proof/heads/{page}.jsonl": "everybody",
    "GET /v1/proof/entries/{page}.jsonl": "everybody",
    "GET /v1/proof/inclusion": "everybody",
    "GET /v1/proof/consistency": "everybody",
    "GET /assets/{name:path}": "everybody",
    "GET /{name}": "everybody",
    "GET /v1/openapi.json": "everybody",
    "GET /openapi.json": "everybody",
    "GET /healthz": "everybody",
    "GET /readyz": "everybody",
    "GET /v1/zones": "everybody",
    "GET /v1/zones/at": "everybody",
    "GET /v1/outlines": "everybody",
    "GET /v1/warnings": "everybody",
    "GET /v1/warned.geojson": "everybody",
    "GET /feed.atom": "everybody",
    "GET /feed.rss": "everybody",
    "GET /feed/{name}.atom": "everybody",
    "GET /cap/{name:path}.xml": "everybody",
    "GET /v1/push": "everybody",
    "POST /v1/push/test": "everybody",
    "GET /v1/history": "everybody",
    "GET /v1/shelters": "everybody",
    "POST /v1/push/subscriptions": "everybody",
    "DELETE /v1/push/subscriptions": "everybody",
    # Whoever has not the senders' own key is told that there is no such page.
    "POST /v1/push/handed": "everybody",
    "GET /v1/warned/{z:int}/{x:int}/{y:int}.mvt": "everybody",
    "GET /metrics": "everybody",
    "POST /v1/observations": "source",
    "POST /v1/acts": "act approve",
    "POST /v1/retractions": "act",
    "GET /v1/acts": "picture",
    "GET /v1/proposals": "picture",
    "GET /v1/conflicts": "picture",
    "GET /v1/prepared": "picture",
    "GET /v1/delivery": "watch",
    "POST /v1/session": "everybody",
    "POST /v1/session/invitation": "everybody",
    "GET /v1/session/ways": "everybody",
    "GET /v1/session": "signed in",
    "DELETE /v1/session": "signed in",
    "POST /v1/session/password": "signed in",
    "POST /v1/session/code": "signed in",
    "POST /v1/session/proof": "signed in",
    "POST /v1/session/proof/passkey/begin": "signed in",
    "POST /v1/session/proof/passkey/finish": "signed in",
    "POST /v1/session/totp/begin": "signed in",
    "POST /v1/session/totp/finish": "signed in",
    "POST /v1/session/passkey/begin": "everybody",
    "POST /v1/session/passkey/finish": "everybody",
    "GET /v1/session/openid/{id}": "everybody",
    "GET /v1/session/openid/{id}/back": "everybody",
    "GET /v1/session/openid/{id}/out": "everybody",
    "POST /v1/passkeys/begin": "signed in",
    "POST /v1/passkeys/finish": "signed in",
    "GET /v1/passkeys": "signed in",
    "DELETE /v1/passkeys/{id}": "signed in",
    "GET /v1/sessions": "signed in",
    "DELETE /v1/sessions": "signed in",
    "DELETE /v1/sessions/{id}": "signed in",
    "GET /v1/people": "people",
    "POST /v1/people": "people",
    "PATCH /v1/people/{id}": "people",
    "DELETE /v1/people/{id}": "people",
    "POST /v1/people/{id}/invitation": "people",
    "GET /v1/audit": "audit",
    "GET /v1/console/picture": "picture",
    "GET /v1/console/events": "picture",
    "GET /v1/console/decisions": "picture",
    "GET /v1/console/minutes": "plan",
    "GET /v1/console/zones/{zone:path}/evidence": "picture",
    "GET /v1/console/log": "picture",
    "GET /v1/console/notes": "picture",
    "POST /v1/console/notes": "note",
    "GET /v1/console/past": "picture",
    "POST /v1/console/area": "picture",
    "GET /v1/console/settings": "picture sources",
    "GET /v1/console/sites": "picture",
    "GET /v1/console/ledger/incidents": "picture",
    "POST /v1/console/ledger/incidents": "ledger",
    "GET /v1/console/ledger/reporters": "spotters",
    "GET /v1/console/ledger/incidents/{incident:path}": "picture",
    "GET /v1/console/ledger/sources": "picture",
    "GET /v1/console/ledger/proposals": "picture",
    "POST /v1/console/ledger/decisions": "ledger",
    "GET /site/{id}": "everybody",
    "GET /v1/sites": "everybody",
    "GET /v1/sites/{id}": "everybody",
    "PUT /v1/sites/{id}/status": "act",
    "GET /v1/spotter/state": "spotter's device",
    "POST /v1/spotter/enrol": "everybody",
    "POST /v1/spotter/reports": "spotter's device",
    "GET /v1/spotter/receipts": "spotter's device",
    "DELETE /v1/spotter/device": "everybody",
    "GET /v1/spotters": "spotters",
    "POST /v1/spotters": "spotters",
    "DELETE /v1/spotters/{post}": "spotters",
}
TOKENS = {"desk": ("operator", "approver"), "caller": ("operator",), "eye": ("watcher",)}


def expected(route: str, who: str) -> set[int] | None:
    """The refusals one of which it must be; None: none of them."""
    needs = ROUTES[route]
    if route == "GET /metrics" and who == "token hill":
        return {401}
    if needs == "everybody" or (needs == "source" and who == "token hill"):
        return None
    kind, _, name = who.partition(" ")
    if needs == "spotter's device":
        return {401, 404}
    if needs == "source" or who in ("nobody", "token hill"):
        return {401}
    if needs == "signed in":
        return {401} if kind == "token" else None
    roles: Any = TOKENS[name] if kind == "token" else (name,)
    may = set().union(*(MAY[role] for role in roles)) if kind != "password" or name == "spotter" else set()
    return None if may & set(needs.split()) else {403}


ASKERS = [f"{kind} {role}" for kind in ("role", "password") for role in ROLES]
ASKERS += [*(f"token {name}" for name in (*TOKENS, "hill")), "nobody"]


def known_by(runtime: Runtime, who: str) -> dict[str, str]:
    """What somebody sends to be known; a session is new each time, for some routes end them."""
    kind, _, name = who.partition(" ")
    if kind in ("role", "password"):
        return headers(runtime.people, name, strong=kind == "role")
    return {"authorization": f"Bearer {token(name)}"} if name else {}


def test_every_route_lets_in_whom_it_is_for_and_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(3)))
    settings = make_settings(
        zones=tmp_path / "zones.geojson",
        drill=True,
        journal={"path": tmp_path / "journal.db"},
        operator=[
            {"id": "desk", "token_sha256": digest("desk")},
            {"id": "caller", "token_sha256": digest("caller"), "actions": ["raise"]},
        ],
        watcher=[{"id": "eye", "token_sha256": digest("eye")}],
        source=[{"kind": "http", "id": "hill", "token_sha256": digest("hill")}],
    )

    async def story() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            app = make_app(runtime)
            for role in ROLES:
                await put(runtime.people, role, role)
            served = [
                (method, route.path)
                for route in some([one for one in routes(runtime) if isinstance(one, Route)])
                for method in (route.methods or set()) - {"HEAD"}
            ]
            assert {f"{method} {path}" for method, path in served} == set(ROUTES)
            for method, path in served:
                asked = re.sub(r"\{[^}]*\}", "x", path)
                for who in ASKERS:
                    found = (await ask(app, method, asked, b"{}", known_by(runtime, who))).status
                    wanted = expected(f"{method} {path}", who)
                    assert found not in (401, 403) if wanted is None else found in wanted, (method, path, who, found)
                    assert found in (*range(200, 500), 503), (method, path, who, found)

    asyncio.run(story())
