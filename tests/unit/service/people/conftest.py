"""A duty room without a server: people, the routes by which they sign in, and a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyotp
import pytest
from starlette.applications import Starlette

from tests.signed_in import CHEAP, PASSWORD, Told, ask
from tests.tokens import digest
from tocsin.service.http.callers import Callers
from tocsin.service.http.openid import OpenIds
from tocsin.service.http.own_secrets import OwnSecrets
from tocsin.service.http.passkeys import Passkeys
from tocsin.service.http.people import PeopleRoutes
from tocsin.service.http.proof import Proofs
from tocsin.service.http.session import Sessions
from tocsin.service.people.administration import Administration
from tocsin.service.people.bans import Bans
from tocsin.service.people.door import Door
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.opening import people_of
from tocsin.service.people.passwords import Passwords
from tocsin.service.people.person import Person
from tocsin.service.people.ways_in import WaysIn
from tocsin.service.runtime import Runtime
from tocsin.service.settings import make_settings


class Browser:
    """Keeps its cookie and the CSRF token that it was told."""

    def __init__(self, room: Room, client: str) -> None:
        self.room, self.client = room, client
        self.cookie: str | None = None
        self.csrf = ""

    def ask(self, method: str, path: str, body: Any = None, **more: str) -> Told:
        sent = {"client": self.client, "x-tocsin-csrf": self.csrf} | more
        if self.cookie:
            sent["cookie"] = self.cookie
        told = self.room.run(ask(self.room.app, method, path, json.dumps(body or {}).encode(), sent))
        if "set-cookie" in told.headers:
            self.cookie = told.headers["set-cookie"].partition(";")[0]
        if told.status == 200 and "csrf" in told.text:
            self.csrf = told.json["csrf"]
        return told

    def sign_in(self, name: str, password: str = PASSWORD, code: str = "", **more: str) -> Told:
        return self.ask("POST", "/v1/session", {"name": name, "password": password, "code": code}, **more)


class Room:
    """The routes over people in a file."""

    def __init__(self, path: Path | None, **more: Any) -> None:
        self.at = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
        self.passed_s = 0.0
        operator = [{"id": "desk", "token_sha256": digest("desk")}]
        self.settings = make_settings(**{"zones": "zones.geojson", "operator": operator} | more)
        self.loop = asyncio.new_event_loop()
        self.people = people_of(self.settings, PeopleFile(path), lambda: self.at)
        self.door = Door(self.people, Passwords(CHEAP), Bans(lambda: self.passed_s), "brim")
        parts = SimpleNamespace(settings=self.settings, people=self.people, door=self.door, drill=self.settings.drill)
        parts.callers = Callers(self.settings, self.people)
        parts.ways_in = self.ways_in = WaysIn(self.settings)
        runtime = cast("Runtime", parts)
        sessions = Sessions(runtime)
        passkeys = Passkeys(runtime, sessions)
        proofs = Proofs(runtime, sessions, passkeys)
        by_session = (OwnSecrets(runtime, sessions), passkeys, proofs, OpenIds(runtime, sessions))
        own = (route for part in by_session for route in part.routes())
        self.app = Starlette(routes=[*sessions.routes(), *own, *PeopleRoutes(runtime).routes()])

    def run(self, call: Any) -> Any:
        return self.loop.run_until_complete(call)

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed_s += seconds

    def browser(self, client: str = "127.0.0.1") -> Browser:
        return Browser(self, client)

    def invite(self, name: str, *roles: str, **more: Any) -> str:
        """The code of an invitation."""
        made = Person(id=name, roles=cast("Any", roles), made_at=self.at, **more)
        invited = self.run(Administration(self.people).invite(made, by="chief", where="this machine"))
        return str(invited.code)

    def member(self, name: str, *roles: str, **more: Any) -> pyotp.TOTP:
        """Somebody with a password and a telephone; 30 s later."""
        browser = self.browser()
        code = self.invite(name, *roles, **more)
        told = browser.ask("POST", "/v1/session/invitation", {"name": name, "code": code, "password": PASSWORD})
        assert told.status == 200, told
        telephone = self.telephone(browser)
        self.later(30)
        return telephone

    def telephone(self, browser: Browser) -> pyotp.TOTP:
        """Add one."""
        begun = browser.ask("POST", "/v1/session/totp/begin", {"password": PASSWORD})
        assert begun.status == 200, begun
        telephone = pyotp.TOTP(begun.json["secret"])
        done = browser.ask("POST", "/v1/session/totp/finish", {"code": telephone.at(self.at)})
        assert done.status == 200, done
        return telephone

    def entries(self) -> list[Any]:
        """What people did, oldest first."""
        return list(reversed(self.run(self.people.audit.page(None, 500)).entries))

    def close(self) -> None:
        self.people.close()
        self.loop.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path / "people.db")
    yield made
    made.close()
