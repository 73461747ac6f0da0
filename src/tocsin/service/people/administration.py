"""Who invites, changes and removes people; over HTTP and from the command line alike, and always on record."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from tocsin.model.errors import BadValue
from tocsin.service.people.person import Credentials, Person
from tocsin.service.people.second_factor import digest, new_invitation
from tocsin.service.people.store import People

# Of a long list of zones the record holds the beginning, and how many there are.
_TOLD_CHARS = 300


class Invited(NamedTuple):
    """Who was invited, and the code that he alone should have, until then (POSIX seconds)."""

    person: Person
    code: str
    until_s: float


class Administration:
    """The acts of administrators. `by`: whose id; `where`: from what kind of address."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def invite(self, person: Person, *, by: str, where: str) -> Invited:
        """Let somebody, new or known, make himself a password; whatever he signed in with before is forgotten.

        No administrator ever knows a password. Raises BadValue where he cannot be, and NotDurable.
        """
        code = new_invitation()
        until_s = self._people.now_s() + self._people.asked.invitation_s
        async with self._people.changing:
            known = any(one.id.casefold() == person.id.casefold() for one in self._people.everybody())
            if known:
                self._unchanged(person)
            await self._people.put(person, Credentials(invitation=digest(code), invited_until=until_s))
            self._forget(person.id)
        told = "" if known else _told(person)
        self._people.audit.note(by, "people.reset" if known else "people.add", person.id, where=where, detail=told)
        return Invited(person, code, until_s)

    async def change(self, before: Person, after: Person, *, by: str, where: str) -> None:
        """Change what somebody may do. Raises BadValue and NotDurable."""
        async with self._people.changing:
            self._unchanged(before)
            if "admin" not in after.roles:
                self._not_the_last(before)
            await self._people.put(after)
        changes = [
            f"{name}: {_short(old)} -> {_short(new)}"
            for name, new in msgspec.structs.asdict(after).items()
            if (old := getattr(before, name)) != new
        ]
        self._people.audit.note(by, "people.change", after.id, where=where, detail="; ".join(changes))

    async def remove(self, person: Person, *, by: str, where: str) -> None:
        """Make somebody nobody: his sessions end, and nobody else gets his id. Raises BadValue and NotDurable."""
        async with self._people.changing:
            self._unchanged(person)
            self._not_the_last(person)
            await self._people.put(msgspec.structs.replace(person, gone_at=self._people.now()), Credentials())
            self._forget(person.id)
        self._people.audit.note(by, "people.remove", person.id, where=where)

    def _unchanged(self, person: Person) -> None:
        """Raises BadValue where somebody is not what he was when he was looked at."""
        if self._people.person(person.id) != person:
            raise BadValue(f"{person.id} was changed meanwhile; look again")

    def _forget(self, name: str) -> None:
        self._people.sessions.end_all(name)
        for forget in self._people.on_reset:
            forget(name)

    def _not_the_last(self, person: Person) -> None:
        """Raises BadValue where nobody could invite anybody after that."""
        others = [one for one in self._people.everybody() if one.gone_at is None and one.id != person.id]
        if "admin" in person.roles and not any("admin" in one.roles for one in others):
            raise BadValue(f"{person.id} is the last administrator; make another one first")


def _told(person: Person) -> str:
    said = msgspec.structs.asdict(person)
    return "; ".join(f"{name}: {_short(said[name])}" for name in ("roles", "actions", "zones", "worlds", "also"))


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    if len(text) <= _TOLD_CHARS:
        return text
    return f"{text[:_TOLD_CHARS]}… ({len(value)} in all)" if isinstance(value, tuple) else f"{text[:_TOLD_CHARS]}…"
