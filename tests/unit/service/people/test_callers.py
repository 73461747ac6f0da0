"""Who calls: a token or a session, what it lets one do, and which request is not its owner's doing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.some import some
from tests.tokens import digest, token
from tocsin.service.http.callers import Caller, Callers
from tocsin.service.http.cookies import CSRF_HEADER, csrf_of
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.opening import people_of
from tocsin.service.people.person import Person
from tocsin.service.people.roles import MAY, ROLES
from tocsin.service.settings import make_settings

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


class Door:
    """Callers over people in memory; `ask` sends a request to them."""

    def __init__(self, **more: Any) -> None:
        settings = make_settings(
            zones="zones.geojson",
            operator=[
                {"id": "desk", "token_sha256": digest("desk")},
                {"id": "caller", "token_sha256": digest("caller"), "actions": ["raise"], "zones": ["valley"]},
            ],
            watcher=[{"id": "eye", "token_sha256": digest("eye")}],
            **more,
        )
        self.file = PeopleFile(None)
        self.people = people_of(settings, self.file, lambda: NOW)
        self.callers = Callers(settings, self.people)

    def put(self, *roles: str, name: str = "officer-1", **more: Any) -> None:
        asyncio.run(self.people.put(Person(id=name, roles=roles, made_at=NOW, **more)))  # type: ignore[arg-type]

    def sign_in(self, name: str = "officer-1", *, strong: bool = True) -> str:
        return self.people.sessions.start(name, by="code" if strong else "password", strong=strong).token

    def request(self, method: str = "GET", *, scheme: str = "http", cookie: str = "", **headers: str) -> Request:
        sent = {name.replace("_", "-").lower(): value for name, value in headers.items()} | {"host": "warn.example"}
        if cookie:
            sent["cookie"] = f"{'__Host-tocsin' if scheme == 'https' else 'tocsin'}={cookie}"
        return Request(
            {
                "type": "http", "method": method, "scheme": scheme, "path": "/v1/acts", "query_string": b"",
                "server": ("127.0.0.1", 8080), "client": ("198.51.100.7", 4000),
                "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            }
        )  # fmt: skip

    def status(self, permission: Any, *arguments: Any, **named: Any) -> int:
        found = self.callers.needed(self.request(*arguments, **named), permission)
        return found.status_code if isinstance(found, Response) else 200


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.people.close()


def test_a_token_and_a_person_with_the_same_role_look_the_same(door: Door) -> None:
    door.put("operator", "approver", zones=("valley",))
    person = door.callers.of(door.request(cookie=door.sign_in()))
    holder = door.callers.of(door.request(authorization=f"Bearer {token('desk')}"))
    assert isinstance(person, Caller) and isinstance(holder, Caller)
    assert person.may == holder.may and person.roles == holder.roles
    assert person.operator is not None and person.operator.zones == ("valley",)
    assert (person.id, person.by, holder.id, holder.by) == ("officer-1", "session", "desk", "token")
    assert door.callers.of(door.request()) is None


def test_who_may_not_approve_by_his_actions_may_not_by_his_role(door: Door) -> None:
    caller = door.callers.of(door.request(authorization=f"Bearer {token('caller')}"))
    assert caller is not None and "act" in caller.may and "approve" not in caller.may
    door.put("operator", "approver", actions=("approve",))
    person = door.callers.of(door.request(cookie=door.sign_in()))
    assert person is not None and "approve" in person.may and "act" not in person.may
    eye = door.callers.of(door.request(authorization=f"Bearer {token('eye')}"))
    assert eye is not None and eye.may == {"watch"} and eye.operator is None


@pytest.mark.parametrize("role", ROLES)
def test_a_password_alone_lets_nobody_do_what_is_done_to_others(door: Door, role: Any) -> None:
    door.put(role)
    weak = door.callers.of(door.request(cookie=door.sign_in(strong=False)))
    strong = door.callers.of(door.request(cookie=door.sign_in()))
    assert weak is not None and strong is not None and strong.may == MAY[role]
    assert weak.may == (MAY[role] if role == "spotter" else frozenset())
    assert weak.operator is None


def test_a_request_that_changes_something_shows_that_it_comes_from_our_page(door: Door) -> None:
    door.put("operator")
    cookie = door.sign_in()
    ours = {CSRF_HEADER.replace("-", "_"): csrf_of(cookie)}
    assert door.status("act", "POST", cookie=cookie, **ours) == 200
    assert door.status("act", "POST", cookie=cookie, origin="http://warn.example", **ours) == 200
    assert door.status("picture", "GET", cookie=cookie) == 200
    others = csrf_of(door.sign_in())
    wrong: list[dict[str, str]] = [
        {},
        {"X_Tocsin_CSRF": others},
        {"X_Tocsin_CSRF": "é"},
        ours | {"origin": "http://evil.example"},
        ours | {"origin": "null"},
        ours | {"origin": "http://warn.example.evil.example"},
        ours | {"sec_fetch_site": "cross-site"},
        ours | {"sec_fetch_site": "same-site"},
    ]
    assert all(door.status("act", "POST", cookie=cookie, **headers) == 403 for headers in some(wrong))


def test_a_wrong_token_is_not_made_good_by_a_cookie_and_no_cookie_goes_for_another(door: Door) -> None:
    door.put("operator")
    cookie = door.sign_in()
    assert door.status("picture", cookie=cookie, authorization="Bearer nobody") == 401
    assert door.status("picture", scheme="https", cookie=cookie) == 200
    plain = door.request(scheme="https")
    plain.scope["headers"].append((b"cookie", f"tocsin={cookie}".encode()))
    assert door.callers.of(plain) is None, "over TLS only the cookie that no other host can set"


def test_whoever_is_gone_or_has_a_tokens_name_is_nobody(door: Door) -> None:
    door.put("operator")
    cookie = door.sign_in()
    caller = door.callers.of(door.request(cookie=cookie))
    assert caller is not None and door.callers.stands(caller)
    asyncio.run(door.people.put(Person(id="officer-1", roles=("operator",), made_at=NOW, gone_at=NOW)))
    assert door.callers.of(door.request(cookie=cookie)) is None and not door.callers.stands(caller)


def test_a_second_factor_may_be_left_out_only_where_nobody_else_listens() -> None:
    door = Door(people={"second_factor": "offered"})
    door.put("operator")
    assert door.status("picture", cookie=door.sign_in(strong=False)) == 200
    door.people.close()
    with pytest.raises(Exception, match="second_factor"):
        Door(people={"second_factor": "offered"}, http={"host": "0.0.0.0"})
    Door(people={"second_factor": "offered"}, http={"host": "0.0.0.0"}, drill=True).people.close()


def test_the_guard_looks_at_a_session_without_marking_it_used() -> None:
    door = Door()
    door.put("operator")
    cookie = door.sign_in()
    before = door.people.sessions.of("officer-1")
    door.people.now = lambda: NOW + timedelta(seconds=600)
    assert door.callers.signed_in(door.request(cookie=cookie))
    assert door.people.sessions.of("officer-1") == before
    assert door.callers.of(door.request(cookie=cookie)) is not None
    assert door.people.sessions.of("officer-1") != before
