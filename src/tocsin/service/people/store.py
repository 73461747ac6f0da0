"""Who there is. In memory for speed; in a file of their own, which `tocsin people` changes as well.

For other ways to sign in: `people.person(id)` finds who may sign in at all, `people.sessions.start(person.id, by=…,
strong=…)` signs him in once he has shown who he is (`http/session.signed_in` makes the answer and its cookie), and
`people.audit.note(…)` writes it down. A table of your own lives in the same file: make it with `people.file.submit`,
write it with `await people.file.write(call)`; `people.on_reset` is called with the id of whoever must sign in anew by
nothing that he had before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime

import apsw
import msgspec

from tocsin.model.errors import BadValue
from tocsin.service.people.audit import Audit
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.keys import Keys, Subjects
from tocsin.service.people.person import Credentials, Person
from tocsin.service.people.sessions import Sessions
from tocsin.service.people_settings import Officer
from tocsin.service.people_settings import People as Asked

PEOPLE_MAX = 2_000


class People:
    """Everybody who signs in, used from the event loop only.

    now     the time, aware UTC
    tokens  ids of who holds tokens by the settings: nobody else may have one of them
    """

    def __init__(
        self, file: PeopleFile, asked: Asked, now: Callable[[], datetime], tokens: Collection[str] = ()
    ) -> None:
        self.file = file
        self.now = now
        self.asked = asked
        self.sessions = Sessions(file, self.now_s, idle_s=asked.idle_s, lifetime_s=asked.lifetime_s)
        self.audit = Audit(file, now)
        # Why there is nobody, where the file cannot be used.
        self.unusable: str | None = None
        self.keys = Keys(file)
        self.subjects = Subjects(file)
        self.on_reset: list[Callable[[str], None]] = [self.keys.forget, self.subjects.forget]
        # Called once a second, and at the end: of what is kept behind.
        self.on_tend: list[Callable[[], None]] = []
        # One change at a time: what is written was weighed against what is there.
        self._writing = asyncio.Lock()
        # Held by whoever changes somebody by what he read of him before.
        self.changing = asyncio.Lock()
        self._tokens = {name.casefold() for name in tokens}
        self._all: dict[str, Person] = {}
        self._credentials: dict[str, Credentials] = {}
        self._officers: dict[str, Officer | None] = {}
        self._owners: dict[str, str] = {}
        self._version = file.submit(_version).result()
        self._take(*file.submit(_read).result())

    def now_s(self) -> float:
        """The time, POSIX seconds."""
        return self.now().timestamp()

    def person(self, name: str) -> Person | None:
        """Who has that id, however its letters are cased; None: nobody, or nobody any more."""
        found = self._all.get(name.casefold())
        # A token that got his name since: two would act under it.
        return None if found is None or found.gone_at is not None or self.clashes(found.id) else found

    def everybody(self) -> list[Person]:
        """Everybody, those who are gone as well, by their ids."""
        return sorted(self._all.values(), key=lambda one: one.id)

    def credentials(self, person: Person) -> Credentials:
        """What he signs in with."""
        return self._credentials[person.id.casefold()]

    def officer(self, person: Person) -> Officer | None:
        """What he may do as a duty officer; None: he is none."""
        return self._officers[person.id.casefold()]

    def clashes(self, name: str) -> bool:
        """Whether a token of the settings has that id."""
        return name.casefold() in self._tokens

    def same(self, one: str, other: str) -> bool:
        """Whether two ids, of people or of tokens, are one person's as far as anybody has told us."""
        return self._owner(one) == self._owner(other)

    def _owner(self, name: str) -> str:
        seen = [name.casefold()]
        while (owner := self._owners.get(seen[-1])) is not None:
            if owner in seen:
                # Two ids that name each other are of one person, as well.
                return min(seen[seen.index(owner) :])
            seen.append(owner)
        return seen[-1]

    async def put(self, person: Person, credentials: Credentials | None = None) -> None:
        """Keep somebody, new or changed; whoever may do less, or other things, than before is signed out.

        Raises BadValue where he cannot be, and NotDurable.
        """
        key = person.id.casefold()
        async with self._writing:
            self._weigh(person)
            before = self._all.get(key)
            await self._keep(person, credentials or self._credentials.get(key) or Credentials())
        if before is not None and (before.roles, before.gone_at) != (person.roles, person.gone_at):
            self.sessions.end_all(person.id)

    async def put_credentials(self, name: str, credentials: Credentials, *, instead_of: Credentials) -> None:
        """Keep what somebody signs in with from now on.

        Raises BadValue where that is not what he signed in with until now, or he is gone, and NotDurable.
        """
        async with self._writing:
            person = self.person(name)
            if person is None or self.credentials(person) != instead_of:
                raise BadValue("something changed meanwhile; try again")
            await self._keep(person, credentials)

    def note_credentials(self, person: Person, credentials: Credentials) -> None:
        """The same at once, and on the disk as soon as it takes it: of a code that was used."""
        self._hold(person, credentials)
        self.file.behind(_kept(person, credentials))

    async def _keep(self, person: Person, credentials: Credentials) -> None:
        key = person.id.casefold()
        before = self._credentials.get(key)
        await self.file.write(_kept(person, credentials))
        since = self._credentials.get(key)
        if since is not None and since is not before:
            # A code was used meanwhile, and must stay used.
            credentials = credentials.less_used(since)
            self.file.behind(_kept(person, credentials))
        self._hold(person, credentials)

    def _weigh(self, person: Person) -> None:
        """Raises BadValue where somebody cannot be as told."""
        key = person.id.casefold()
        if self.clashes(person.id):
            raise BadValue(f"id {person.id} is a token's in the settings; take another")
        if key not in self._all and len(self._all) >= PEOPLE_MAX:
            raise BadValue(f"there are {len(self._all)} people, and no more can be")
        if key in self._all and self._all[key].id != person.id:
            raise BadValue(f"id {person.id} is too much like {self._all[key].id}; take another")
        for name in person.also:
            if self._owners.get(name.casefold(), key) != key:
                raise BadValue(f"also: the token {name} is {self._owners[name.casefold()]}'s already")

    def _hold(self, person: Person, credentials: Credentials) -> None:
        key = person.id.casefold()
        self._all[key], self._credentials[key] = person, credentials
        self._officers[key] = person.officer
        self._owners = {name: owner for name, owner in self._owners.items() if owner != key}
        self._owners.update({name.casefold(): key for name in person.also})

    def _take(self, people: list[tuple[str, str]], sessions: list[tuple[str, str]]) -> None:
        before = self._credentials
        self._all, self._credentials, self._officers, self._owners = {}, {}, {}, {}
        for body, secret in people:
            self._hold(msgspec.json.decode(body, type=Person), msgspec.json.decode(secret, type=Credentials))
        self.sessions.take(sessions)
        for key, kept in self._credentials.items():
            # Another process has reset him: what this one remembers of him goes as well.
            if kept.invitation is not None and kept.invitation != before.get(key, kept).invitation:
                for forget in self.on_reset:
                    forget(self._all[key].id)

    async def tend(self) -> None:
        """Once a second: try again what the disk did not take, and see what `tocsin people` has changed."""
        self.file.tend()
        for keep in self.on_tend:
            keep()
        self.sessions.sweep()
        asked = self.file.asked
        version = await self.file.read(_version)
        if version == self._version:
            return
        rows = await self.file.read(_read)
        # What we wrote ourselves since may be missing in them; the next look has it.
        if asked == self.file.asked and not self.file.waiting:
            self._version = version
            self._take(*rows)

    @property
    def trouble(self) -> str | None:
        """What an administrator must see to; None: nothing."""
        if self.unusable is not None:
            return self.unusable
        clash = next((one.id for one in self._all.values() if one.gone_at is None and self.clashes(one.id)), None)
        if clash is not None:
            return (
                f"{clash} is a person and a token in the settings; he cannot sign in until one of them has another id"
            )
        if self.file.lost:
            return f"{self.file.lost} entries of what people did are lost: the disk did not take them"
        return self.file.trouble

    def close(self) -> None:
        """Write what waits, and close."""
        for keep in self.on_tend:
            keep()
        self.file.close()


def utc_now() -> datetime:
    """What the machine's clock says."""
    return datetime.now(UTC)


def _kept(person: Person, credentials: Credentials) -> Callable[[apsw.Connection], None]:
    row = (person.id, msgspec.json.encode(person).decode(), msgspec.json.encode(credentials).decode())

    def keep(db: apsw.Connection) -> None:
        db.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?)", row)

    return keep


_Rows = tuple[list[tuple[str, str]], list[tuple[str, str]]]


def _read(db: apsw.Connection) -> _Rows:
    people = list(db.execute("SELECT body, credentials FROM person"))
    sessions = list(db.execute("SELECT sha256, body FROM session"))
    return people, sessions


def _version(db: apsw.Connection) -> int:
    """Another number whenever another process has changed the file."""
    return int(db.pragma("data_version"))
