"""Whose keys are kept, and who somebody is here for whom a provider vouches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tocsin.model.errors import BadValue
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.keys import KEYS_PER_PERSON_MAX, Passkey
from tocsin.service.people.person import Person
from tocsin.service.people.roles import Role
from tocsin.service.people.store import People
from tocsin.service.people.vouched import vouched
from tocsin.service.people.way_in import Believed, NotBelieved
from tocsin.service.people_settings import People as Asked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOWN = OpenId(id="town", name="Town hall", issuer="https://login.example", client_id="tocsin")
GROUPS = OpenId(
    id="town",
    name="Town hall",
    issuer="https://login.example",
    client_id="tocsin",
    roles_from="groups",
    roles={"air-watch": ("operator",)},
)


class World:
    """People in memory: officer-1 is an operator, officer-2 an approver."""

    def __init__(self) -> None:
        self.people = People(PeopleFile(None), Asked(), lambda: NOW)
        self.keys = self.people.keys

    async def begin(self) -> None:
        made: tuple[tuple[str, Role], ...] = (("officer-1", "operator"), ("officer-2", "approver"))
        for name, role in made:
            await self.people.put(Person(id=name, roles=(role,), made_at=NOW))

    async def comes(
        self, person: str, subject: str, roles: tuple[Role, ...] | None = None, openid: OpenId | None = None
    ) -> Person:
        table = openid or (TOWN if roles is None else GROUPS)
        return await vouched(self.people, table, Believed(person, subject, roles, False))

    def reset(self, person: str) -> None:
        for told in self.people.on_reset:
            told(person)


def play(story: Callable[[World], Any]) -> Any:
    async def whole() -> Any:
        world = World()
        try:
            await world.begin()
            return await story(world)
        finally:
            world.people.close()

    return asyncio.run(whole())


def key(name: str, person: str = "officer-1", signs: int = 0) -> Passkey:
    return Passkey(key=name, person=person, name="desk", public_key="x", signs=signs, synced=False, made_at=NOW)


def test_keys_are_kept_by_their_owner_until_he_removes_them() -> None:
    async def story(world: World) -> None:
        await world.keys.add(key("a"))
        await world.keys.add(key("b"))
        await world.keys.add(key("c", "officer-2"))
        assert [one.key for one in await world.keys.of("officer-1")] == ["a", "b"]
        world.keys.note(key("a", signs=7))
        assert await world.keys.by_key("a") == key("a", signs=7)
        assert await world.keys.by_key("nobody's") is None
        assert not await world.keys.remove("officer-2", "a"), "it is another's"
        assert await world.keys.remove("officer-1", "a")
        # Used while it was removed: it does not come back.
        world.keys.note(key("a", signs=8))
        assert await world.keys.by_key("a") is None
        world.reset("officer-1")
        assert await world.keys.of("officer-1") == []
        assert [one.key for one in await world.keys.of("officer-2")] == ["c"]

    play(story)


def test_a_key_is_one_persons_and_nobody_has_too_many() -> None:
    async def story(world: World) -> None:
        for number in range(KEYS_PER_PERSON_MAX):
            await world.keys.add(key(f"k{number}"))
        with pytest.raises(BadValue, match="no more"):
            await world.keys.add(key("one more"))
        with pytest.raises(BadValue, match="somebody's"):
            await world.keys.add(key("k0", "officer-2"))

    play(story)


def test_a_person_who_is_here_comes_in_with_his_own_roles_and_nobody_else_does() -> None:
    async def story(world: World) -> None:
        assert (await world.comes("officer-1", "s-1")).roles == ("operator",)
        assert (await world.comes("OFFICER-1", "s-1")).id == "officer-1"
        for nobody in ("officer-3", "officer-1@town"):
            with pytest.raises(NotBelieved, match="nobody here"):
                await world.comes(nobody, "s-9")

    play(story)


def test_who_came_first_under_a_name_keeps_it_until_he_is_reset() -> None:
    async def story(world: World) -> None:
        await world.comes("officer-1", "s-1")
        with pytest.raises(NotBelieved, match="somebody else"):
            await world.comes("officer-1", "s-2")
        # Who could call himself as he likes would be officer-2 tomorrow.
        with pytest.raises(NotBelieved, match="somebody else"):
            await world.comes("officer-2", "s-1")
        world.reset("officer-1")
        await world.comes("officer-1", "s-2")
        with pytest.raises(NotBelieved, match="somebody else"):
            await world.comes("officer-1", "s-1")

    play(story)


def test_where_claims_give_roles_a_person_is_made_under_the_providers_name_and_changes_with_them() -> None:
    async def story(world: World) -> None:
        made = await world.comes("officer-1", "s-1", ("operator",))
        assert (made.id, made.roles) == ("officer-1@town", ("operator",))
        assert world.people.person("officer-1@town") == made
        session = world.people.sessions.start(made.id, by="openid", strong=True)
        assert (await world.comes("officer-1", "s-1", ("operator",))) == made
        assert world.people.sessions.by_token(session.token) is not None
        # He was moved: what he had open ends.
        assert (await world.comes("officer-1", "s-1", ("auditor",))).roles == ("auditor",)
        assert world.people.sessions.by_token(session.token) is None
        named = Believed("officer-1", "s-1", ("auditor",), False, "First Officer")
        assert (await vouched(world.people, GROUPS, named)).name == "First Officer"
        assert world.people.person("officer-1") == Person(id="officer-1", roles=("operator",), made_at=NOW)

    play(story)


def test_a_provider_takes_over_nobody_whom_an_administrator_made_or_removed() -> None:
    async def story(world: World) -> None:
        await world.people.put(Person(id="chief@town", roles=("admin",), made_at=NOW))
        with pytest.raises(NotBelieved, match="somebody else"):
            await world.comes("chief", "s-1", ("operator",))
        made = await world.comes("ada", "s-2", ("operator",))
        await world.people.put(msgspec.structs.replace(made, gone_at=NOW))
        with pytest.raises(NotBelieved, match="no more"):
            await world.comes("ada", "s-2", ("operator",))

    play(story)


def test_two_providers_may_call_different_people_the_same() -> None:
    other = GROUPS.model_copy(update={"id": "county", "issuer": "https://county.example"})

    async def story(world: World) -> None:
        first = await world.comes("ada", "s-1", ("operator",))
        second = await world.comes("ada", "s-1", ("operator",), other)
        assert (first.id, second.id) == ("ada@town", "ada@county")

    play(story)
