"""Signing in with a password: whoever is refused learns nothing but that he is, and takes as long as who is let in."""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from tocsin.model.errors import BadValue, NotDurable
from tocsin.service.people.bans import Bans
from tocsin.service.people.passwords import Passwords, TooBusy, why_refused
from tocsin.service.people.person import Credentials, Person
from tocsin.service.people.second_factor import digest, step_of, without
from tocsin.service.people.sessions import How, Where
from tocsin.service.people.store import People

_WRONG = "name, password or code is wrong"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who showed that he is it, and how. `strong`: with more than a password."""

    person: Person
    by: How
    strong: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, with HTTP's word for it."""

    status: Literal[400, 401, 429, 503]
    why: str
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class From:
    """Where somebody comes from. `address`: under what it is counted; kept nowhere."""

    address: str
    where: Where = "elsewhere"


class Door:
    """Lets people in.

    place   what this service is called: it is no good in a password
    """

    def __init__(self, people: People, passwords: Passwords, bans: Bans, place: str) -> None:
        self._people = people
        self._passwords = passwords
        self._bans = bans
        self._place = place

    async def admit(self, name: str, password: str, code: str, at: From) -> Admitted | Refused:
        """Who that is, by his password and the code that his telephone, or a list of recovery codes, gives."""
        person = await self.known(name, password, at)
        if isinstance(person, Refused):
            return person
        found = self._by_code(person, code)
        if found is None:
            return self._wrong(name, at)
        self.let_in(person, found.by, at)
        return found

    async def known(self, name: str, password: str, at: From) -> Person | Refused:
        """Whose name and password these are; what more he must show is for the caller to ask."""
        if (waiting := self._waits(name, at)) is not None:
            return waiting
        person = self._people.person(name)
        kept = None if person is None else self._people.credentials(person).password
        try:
            fits = await self._passwords.fits(kept, password, known=self._bans.is_known(name, at.address))
        except TooBusy:
            return _BUSY
        # What he signs in with may have changed while we looked.
        if not fits or person is None or self._people.credentials(person).password != kept:
            return self._wrong(name, at)
        return person

    def _by_code(self, person: Person, code: str) -> Admitted | None:
        """How he is known, the password being right; a code that was taken is taken no second time."""
        credentials = self._people.credentials(person)
        if credentials.totp is None:
            return Admitted(person, "password", strong=False)
        if (used := self._used(credentials, code)) is not None:
            self._people.note_credentials(person, used)
            return Admitted(person, "code", strong=True)
        if code and (left := without(credentials, code)) is not None:
            self._people.note_credentials(person, left)
            return Admitted(person, "recovery", strong=True)
        return None

    def _used(self, credentials: Credentials, code: str) -> Credentials | None:
        assert credentials.totp is not None
        step = step_of(credentials.totp, code, self._people.now_s(), credentials.totp_steps)
        return None if step is None else credentials.with_used(step)

    async def confirm(self, person: Person, password: str, at: From) -> Refused | None:
        """That he who is signed in knows his password; why not."""
        if (waiting := self._waits(person.id, at)) is not None:
            return waiting
        try:
            fits = await self._passwords.fits(self._people.credentials(person).password, password)
        except TooBusy:
            return _BUSY
        return None if fits else self._wrong(person.id, at, "the password is wrong")

    def step_up(self, person: Person, code: str, at: From) -> Admitted | Refused:
        """That he who is signed in has his telephone, or a recovery code, at hand."""
        if (waiting := self._waits(person.id, at)) is not None:
            return waiting
        found = self._by_code(person, code)
        if found is None or not found.strong:
            return self._wrong(person.id, at, "the code is wrong")
        self.let_in(person, found.by, at)
        return found

    async def take_up(self, name: str, code: str, password: str, at: From) -> Admitted | Refused:
        """Make oneself a password with an invitation, which is used up by that."""
        if (waiting := self._waits(name, at)) is not None:
            return waiting
        person = self._people.person(name)
        if person is None or not self._invites(self._people.credentials(person), code):
            return self._wrong(name, at, "name or code is wrong, or the invitation has ended: ask for another")
        refused = await self.set_password(person, password, at)
        if refused is not None:
            return refused
        self.let_in(person, "invitation", at)
        return Admitted(person, "invitation", strong=False)

    def _invites(self, credentials: Credentials, code: str) -> bool:
        kept = credentials.invitation
        return (
            kept is not None
            and hmac.compare_digest(kept, digest(code))
            and (self._people.now_s() <= credentials.invited_until)
        )

    async def set_password(self, person: Person, password: str, at: From | None = None) -> Refused | None:
        """Give somebody a password, and sign him out everywhere; why not."""
        why = why_refused(password, (person.id, person.name, self._place))
        if why is not None:
            return Refused(400, f"that password cannot be taken: {why}")
        before = self._people.credentials(person)
        try:
            hashed = await self._passwords.hashed(password)
            made = replace(before, password=hashed, invitation=None, invited_until=0.0)
            await self._people.put_credentials(person.id, made, instead_of=before)
        except TooBusy:
            return _BUSY
        except BadValue as error:
            return Refused(503, str(error), 1)
        except NotDurable as error:
            return Refused(503, str(error), 5)
        self._people.sessions.end_all(person.id)
        self._people.audit.note(person.id, "password.change", where="" if at is None else at.where)
        return None

    def close(self) -> None:
        """Let its threads end."""
        self._passwords.close()

    def _waits(self, name: str, at: From) -> Refused | None:
        left_s = self._bans.left_s(name.casefold(), at.address)
        if left_s <= 0:
            return None
        return Refused(429, "too many wrong tries; wait, then try again", math.ceil(left_s))

    def let_in(self, person: Person, by: How, at: From) -> None:
        """Write down that somebody signs in, and forget his mistakes there."""
        self._bans.succeeded(person.id.casefold(), at.address)
        self._people.audit.note(person.id, "session.start", where=at.where, by=by)

    def _wrong(self, name: str, at: From, why: str = _WRONG) -> Refused:
        person = self._people.person(name)
        # What nobody is called may be a password in the wrong field.
        who = "" if person is None else person.id
        self._people.audit.refused(who, "session.refuse", where=at.where)
        for what, ban_s in self._bans.failed(name.casefold(), at.address, somebodys=person is not None):
            self._people.audit.refused(who, "ban.start", what, where=at.where, detail=f"{ban_s:.0f} s")
        return Refused(401, why)


_BUSY = Refused(503, "many sign in just now; try again in a moment", 2)
