"""Sessions: one opens with its secret alone, and ends by itself, by its owner, or with what it was given for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.some import some
from tocsin.model.errors import BadValue
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.person import Person
from tocsin.service.people.sessions import OF_ONE_MAX
from tocsin.service.people.store import People
from tocsin.service.people_settings import People as Asked

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


class House:
    """People in a file, and a clock."""

    def __init__(self, path: Path) -> None:
        self.path, self.at = path, NOW
        self.people = self.again()

    def again(self) -> People:
        """The same file, as another process or the next start has it."""
        return People(PeopleFile(self.path), Asked(), lambda: self.at, tokens=["desk"])

    def put(self, name: str = "officer-1", **more: object) -> Person:
        made = Person(**({"id": name, "roles": ("operator",), "made_at": NOW} | more))  # type: ignore[arg-type]
        asyncio.run(self.people.put(made))
        return made


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "people.db")
    yield made
    made.people.close()


def test_a_session_opens_with_its_secret_and_nothing_else(house: House) -> None:
    house.put()
    token, session = house.people.sessions.start("officer-1", by="code", strong=True)
    found = house.people.sessions.by_token(token)
    assert found is not None and found.id == session.id
    wrong = [session.id, token[:-1], token + "A", token.swapcase(), "", "\ud800"]
    assert all(house.people.sessions.by_token(one) is None for one in some(wrong))


def test_who_only_looks_whether_a_session_stands_does_not_prolong_it(house: House) -> None:
    house.put()
    token, _ = house.people.sessions.start("officer-1", by="code", strong=True)
    for _ in range(3):
        assert house.people.sessions.opens(token)
        house.at += timedelta(seconds=1_300)
    assert not house.people.sessions.opens(token) and house.people.sessions.by_token(token) is None
    assert not house.people.sessions.opens("another")


def test_no_secret_of_a_session_lies_on_the_disk(house: House) -> None:
    token, _ = house.people.sessions.start("officer-1", by="code", strong=True)
    house.people.close()
    held = b"".join(path.read_bytes() for path in some(list(house.path.parent.iterdir())))
    house.people = house.again()
    assert b"officer-1" in held and token.encode() not in held
    assert house.path.stat().st_mode & 0o777 == 0o600


def test_one_that_is_not_used_ends_and_one_that_is_used_ends_at_its_time(house: House) -> None:
    sessions = house.people.sessions
    (unused, _), (used, _) = (sessions.start("officer-1", by="code", strong=True) for _ in "ab")
    ended = 0
    while sessions.by_token(used) is not None:
        house.at += timedelta(minutes=50)
        ended += 1
    assert 13 * 60 / 50 < ended <= 13 * 60 / 50 + 1
    assert sessions.by_token(unused) is None and sessions.of("officer-1") == []


def test_a_restart_signs_nobody_out_and_nobody_in(house: House) -> None:
    kept, gone = (house.people.sessions.start("officer-1", by="code", strong=True) for _ in "ab")
    house.people.sessions.end(gone.session.id)
    house.people.close()
    house.people = house.again()
    assert house.people.sessions.by_token(kept.token) is not None
    assert house.people.sessions.by_token(gone.token) is None


def test_of_too_many_sessions_of_one_person_the_oldest_end(house: House) -> None:
    started = []
    for _ in range(OF_ONE_MAX + 3):
        started.append(house.people.sessions.start("officer-1", by="code", strong=True))
        house.at += timedelta(seconds=1)
    other = house.people.sessions.start("officer-2", by="code", strong=True)
    open_ones = [one for one in started if house.people.sessions.by_token(one.token) is not None]
    assert open_ones == started[3:] and house.people.sessions.by_token(other.token) is not None


@pytest.mark.parametrize("change", [{"roles": ("auditor",)}, {"gone_at": NOW}])
def test_who_may_do_other_things_than_before_signs_in_anew(house: House, change: dict[str, object]) -> None:
    house.put()
    token, _ = house.people.sessions.start("officer-1", by="code", strong=True)
    house.put(name="officer-1", **change)
    assert house.people.sessions.by_token(token) is None


def test_what_the_command_line_changes_is_seen_by_the_service(house: House) -> None:
    other = house.again()
    made = Person(id="officer-2", roles=("auditor",), made_at=NOW)
    asyncio.run(other.put(made))
    assert house.people.person("officer-2") is None
    asyncio.run(house.people.tend())
    assert house.people.person("OFFICER-2") == made
    token, _ = house.people.sessions.start("officer-2", by="code", strong=True)
    asyncio.run(other.put(Person(id="officer-2", roles=("auditor",), made_at=NOW, gone_at=NOW)))
    other.close()
    asyncio.run(house.people.tend())
    assert house.people.person("officer-2") is None
    assert house.people.sessions.by_token(token) is not None, "the caller looks whether the person is there"


@pytest.mark.parametrize("name", ["desk", "DESK", "Officer-1"])
def test_an_id_that_is_anothers_is_refused(house: House, name: str) -> None:
    house.put()
    with pytest.raises(BadValue, match=name):
        house.put(name)


def test_a_person_and_his_tokens_are_one(house: House) -> None:
    house.put(also=("desk", "night-desk"))
    house.put("officer-2")
    same = house.people.same
    assert same("officer-1", "desk") and same("night-desk", "desk") and not same("officer-2", "desk")
    assert same("chief", "chief") and not same("chief", "officer-1")
    with pytest.raises(BadValue, match=r"officer-1's already"):
        house.put("officer-2", also=("desk",))


def test_a_session_that_a_stream_alone_keeps_in_use_outlives_a_restart(house: House) -> None:
    house.put()
    token, session = house.people.sessions.start("officer-1", by="code", strong=True)
    for _ in range(100):
        house.at += timedelta(seconds=60)
        assert house.people.sessions.stands(session)
    house.people.close()
    house.people = house.again()
    assert house.people.sessions.by_token(token) is not None


@pytest.mark.parametrize(
    "also",
    [
        {"officer-1": ("officer-1@town",), "officer-1@town": ("officer-1",)},
        {"officer-1": ("officer-1@town",), "officer-1@town": ("tablet",)},
        {"officer-1": ("tablet",), "officer-1@town": ("officer-1",)},
    ],
)
def test_one_person_by_two_names_is_one_whichever_of_them_names_the_other(
    house: House, also: dict[str, tuple[str, ...]]
) -> None:
    for name, others in also.items():
        house.put(name, also=others)
    names = sorted({"officer-1", "officer-1@town", *(one for others in also.values() for one in others)})
    pairs = [(one, other) for one in names for other in names]
    assert all(house.people.same(one, other) for one, other in some(pairs))
    assert not house.people.same("officer-1", "desk") and not house.people.same("officer-1@town", "officer-2")


def test_refusals_that_were_too_many_are_counted_at_whom_they_were_of(house: House) -> None:
    audit = house.people.audit
    for _ in range(1_000):
        audit.refused("", "session.refuse", where="elsewhere")
    audit.refused("officer-1", "refused", "/v1/people")
    house.at += timedelta(seconds=10)
    audit.refused("officer-1", "session.refuse")
    audit.refused("", "session.refuse")
    entries = asyncio.run(audit.page(None, 500)).entries
    assert [(one.who, one.what, one.times) for one in entries[:3]] == [
        ("", "session.refuse", 901), ("officer-1", "session.refuse", 1), ("officer-1", "refused", 1),
    ]  # fmt: skip
