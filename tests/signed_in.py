"""People of the tests who sign in: passwords that cost nothing, and sessions without a page."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any, NamedTuple

from argon2 import PasswordHasher

from tocsin.service.http.cookies import CSRF_HEADER, csrf_of
from tocsin.service.people.bans import Bans
from tocsin.service.people.door import Door
from tocsin.service.people.passwords import Passwords
from tocsin.service.people.person import Person
from tocsin.service.people.store import People

# The least that Argon2 takes; the real one takes 64 MiB and a tenth of a second.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "seven grey herons wade"


def cheap_door(people: People) -> Door:
    """A door whose passwords cost nothing."""
    return Door(people, Passwords(CHEAP), Bans(time.monotonic), "sector")


async def put(people: People, name: str, *roles: str, **more: Any) -> None:
    """Make somebody."""
    await people.put(Person(id=name, roles=roles, made_at=people.now(), **more))  # type: ignore[arg-type]


def headers(people: People, name: str, *, strong: bool = True) -> dict[str, str]:
    """What a page of his, over plain HTTP, sends when he has just signed in."""
    token = people.sessions.start(name, by="code" if strong else "password", strong=strong).token
    return {"cookie": f"tocsin={token}", CSRF_HEADER.lower(): csrf_of(token)}


class Told(NamedTuple):
    """What an application answered."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: tuple[str, ...] = ()

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.text)


async def ask(app: Any, method: str, path: str, body: bytes = b"", sent: dict[str, str] | None = None) -> Told:
    """Ask an application without a server, from this machine by plain HTTP."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": False},
        {"type": "http.disconnect"},
    ]
    given = {"host": "127.0.0.1", "content-type": "application/json"} | (sent or {})
    client = given.pop("client", "127.0.0.1")
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": given.pop("scheme", "http"), "path": path,
        "root_path": "", "raw_path": path.encode(), "query_string": query.encode(), "server": ("127.0.0.1", 80),
        "client": (client, 4000), "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    # A stream goes on; its first word is enough.
    with suppress(TimeoutError):
        async with asyncio.timeout(0.3 if path.endswith("/events") else 20):
            await app(scope, receive, send)
    head = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    cookies = tuple(value.decode() for name, value in told[0]["headers"] if name == b"set-cookie")
    return Told(told[0]["status"], head, b"".join(one.get("body", b"") for one in told[1:]).decode(), cookies)
