"""Whose passkeys there are, and which provider's which person is: tables of their own in the people's file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import apsw
import msgspec
from msgspec import Meta

from tocsin.model.errors import BadValue
from tocsin.model.value import Time, Value
from tocsin.service.people.file import PeopleFile

KEYS_PER_PERSON_MAX = 10
# WebAuthn allows 1,023 bytes.
KEY_TEXT_MAX = 1_400

_KEYS = "CREATE TABLE IF NOT EXISTS passkey (key TEXT PRIMARY KEY, person TEXT NOT NULL, body TEXT NOT NULL) STRICT"
# A provider's name for somebody holds for ever: one for each person, and one person for each. NULL: to be seen anew.
_SUBJECTS = (
    "CREATE TABLE IF NOT EXISTS openid (person TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT,"
    " PRIMARY KEY (person, issuer), UNIQUE (issuer, subject)) STRICT"
)


class Passkey(Value, frozen=True, kw_only=True):
    """One key of a person's.

    key          its id, base64url
    public_key   COSE, base64url
    signs        how often its device says that it signed; 0: it does not count
    synced       whether its maker keeps copies on the person's other devices
    """

    key: Annotated[str, Meta(min_length=1, max_length=KEY_TEXT_MAX)]
    person: str
    name: Annotated[str, Meta(max_length=60)]
    public_key: str
    signs: int
    synced: bool
    made_at: Time
    used_at: Time | None = None


class Keys:
    """Passkeys on the disk."""

    def __init__(self, file: PeopleFile) -> None:
        self._file = file
        self._file.submit(_doing(_KEYS)).result()

    async def of(self, person: str) -> list[Passkey]:
        """A person's, the oldest first. Raises NotDurable."""
        rows = await self._file.read(
            lambda db: list(db.execute("SELECT body FROM passkey WHERE person = ? ORDER BY rowid", (person,)))
        )
        return [_read(body) for (body,) in rows]

    async def by_key(self, key: str) -> Passkey | None:
        """One by its id. Raises NotDurable."""
        rows = await self._file.read(lambda db: list(db.execute("SELECT body FROM passkey WHERE key = ?", (key,))))
        return _read(rows[0][0]) if rows else None

    async def add(self, passkey: Passkey) -> None:
        """Keep a new one. Raises BadValue where there are too many, or it is there already, and NotDurable."""
        row = (passkey.key, passkey.person, _written(passkey))

        def add(db: apsw.Connection) -> str | None:
            count = len(list(db.execute("SELECT key FROM passkey WHERE person = ?", (passkey.person,))))
            if count >= KEYS_PER_PERSON_MAX:
                return f"{passkey.person} has {count} passkeys, and no more can be; remove one"
            db.execute("INSERT OR IGNORE INTO passkey VALUES (?, ?, ?)", row)
            return None if db.changes() else "this passkey is somebody's already"

        refusal = await self._file.write(add)
        if refusal is not None:
            raise BadValue(refusal)

    def note(self, passkey: Passkey) -> None:
        """Keep that one was used; it may have been removed meanwhile, and then stays so."""
        row = (_written(passkey), passkey.key)
        self._file.behind(_doing("UPDATE passkey SET body = ? WHERE key = ?", row))

    async def remove(self, person: str, key: str) -> bool:
        """Forget one of a person's; whether there was one. Raises NotDurable."""

        def remove(db: apsw.Connection) -> bool:
            db.execute("DELETE FROM passkey WHERE person = ? AND key = ?", (person, key))
            return db.changes() > 0

        return await self._file.write(remove)

    def forget(self, person: str) -> None:
        """Forget all of a person's."""
        self._file.behind(_doing("DELETE FROM passkey WHERE person = ?", (person,)))


class Subjects:
    """Whom a provider means by its names for people: who came first under an id here keeps it."""

    def __init__(self, file: PeopleFile) -> None:
        self._file = file
        self._file.submit(_doing(_SUBJECTS)).result()

    async def is_same(self, person: str, issuer: str, subject: str, *, known: bool) -> bool:
        """Whether that subject of an issuer is the one who came first as this person; known: he must have come before.

        Raises NotDurable.
        """

        def look(db: apsw.Connection) -> bool:
            found = db.execute(
                "SELECT subject FROM openid WHERE person = ? AND issuer = ?", (person, issuer)
            ).fetchone()
            if found is not None and found[0] is not None:
                return bool(found[0] == subject)
            if found is None and known:
                return False
            db.execute("INSERT INTO openid VALUES (?, ?, NULL) ON CONFLICT DO NOTHING", (person, issuer))
            db.execute(
                "UPDATE OR IGNORE openid SET subject = ? WHERE person = ? AND issuer = ?", (subject, person, issuer)
            )
            return db.changes() > 0

        return await self._file.write(look)

    def forget(self, person: str) -> None:
        """Whoever comes next as this person is the one."""
        self._file.behind(_doing("UPDATE openid SET subject = NULL WHERE person = ?", (person,)))


def _doing(sql: str, row: tuple[str, ...] = ()) -> Callable[[apsw.Connection], None]:
    def do(db: apsw.Connection) -> None:
        db.execute(sql, row)

    return do


def _written(passkey: Passkey) -> str:
    return msgspec.json.encode(passkey).decode()


def _read(body: str) -> Passkey:
    return msgspec.json.decode(body, type=Passkey)
