"""Who is signed in. In memory for speed, on the disk for the next start; there only as hashes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import apsw
import msgspec

from tocsin.service.people.file import PeopleFile

# How somebody showed who he is.
How = Literal["password", "code", "recovery", "invitation", "passkey", "openid"]
Where = Literal["this machine", "a private network", "elsewhere"]

TOKEN_BYTES = 32
# Of one person: desks, telephones, and what he forgot to sign out of. The oldest ends, of those first that showed a
# password only.
OF_ONE_MAX = 20
AGENT_CHARS_MAX = 120
# An administrator's act is his own doing where he showed who he is so long ago at most, and not in a clock's future.
PROOF_S, PROOF_AHEAD_S = 600.0, 60.0
# How old `seen_at` on the disk may be.
SEEN_S = 60.0


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in. Times are POSIX seconds.

    id         for lists; it opens nothing
    strong     more was shown than a password
    proved_at  when its owner showed last that it is he
    agent      what the browser says it is
    """

    id: str
    person: str
    by: How
    strong: bool
    made_at: float
    seen_at: float
    proved_at: float = 0.0
    agent: str = ""
    where: Where = "elsewhere"


class Started(NamedTuple):
    """A new session, and the secret that opens it, which is kept nowhere."""

    token: str
    session: Session


class Sessions:
    """The sessions of one service, used from the event loop only.

    now         POSIX seconds
    idle_s, lifetime_s   after which one ends that is not used, and any
    """

    def __init__(self, file: PeopleFile, now: Callable[[], float], *, idle_s: float, lifetime_s: float) -> None:
        self._file = file
        self._now = now
        self._idle_s, self._lifetime_s = idle_s, lifetime_s
        self._all: dict[str, Session] = {}
        self._kept_at: dict[str, float] = {}

    def start(self, person: str, *, by: How, strong: bool, agent: str = "", where: Where = "elsewhere") -> Started:
        """Begin one for a person, by a way that showed who he is; never with a token that anybody knew before."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._now()
        made = Session(
            id=secrets.token_hex(8),
            person=person,
            by=by,
            strong=strong,
            made_at=now,
            seen_at=now,
            proved_at=now,
            agent=agent[:AGENT_CHARS_MAX].encode(errors="replace").decode(),
            where=where,
        )
        # Who knows a password only puts out nobody who showed more.
        own = sorted(self.of(person), key=lambda one: one.strong)
        for old in own[: max(0, len(own) - OF_ONE_MAX + 1)]:
            self.end(old.id)
        self._hold(_digest(token), made)
        return Started(token, made)

    def by_token(self, token: str) -> Session | None:
        """The session that a token opens, and which is now in use; None: none, or it has ended."""
        digest = _digest(token)
        found = self._all.get(digest)
        if found is None:
            return None
        now = self._now()
        if not self._lasts(found, now):
            self._drop(digest)
            return None
        return self._use(digest)

    def opens(self, token: str) -> bool:
        """Whether a token opens a session; looked at only."""
        found = self._all.get(_digest(token))
        return found is not None and self._lasts(found, self._now())

    def _use(self, digest: str) -> Session:
        found, now = self._all[digest], self._now()
        # A clock that was set back makes no session older than it is.
        used = msgspec.structs.replace(found, seen_at=max(found.seen_at, now))
        self._all[digest] = used
        if now - self._kept_at.get(digest, 0.0) >= SEEN_S:
            self._hold(digest, used)
        return used

    def stands(self, session: Session) -> bool:
        """Whether it has not ended since, for streams that stay open; and they keep it in use."""
        digest = next((digest for digest, one in self._all.items() if one.id == session.id), None)
        if digest is None or not self._lasts(self._all[digest], self._now()):
            return False
        self._use(digest)
        return True

    def proven(self, session: Session) -> bool:
        """Whether its owner has just shown that it is he."""
        return -PROOF_AHEAD_S <= self._now() - session.proved_at <= PROOF_S

    def prove(self, name: str) -> None:
        """Its owner, by its id, has shown that it is he."""
        for digest in [digest for digest, one in self._all.items() if one.id == name]:
            self._hold(digest, msgspec.structs.replace(self._all[digest], proved_at=self._now()))

    def of(self, person: str) -> list[Session]:
        """A person's sessions, the one that began first in front."""
        now = self._now()
        own = (one for one in self._all.values() if one.person == person and self._lasts(one, now))
        return sorted(own, key=lambda one: one.made_at)

    def ids(self) -> set[str]:
        """The ids of all that there are."""
        return {one.id for one in self._all.values()}

    def ends_at(self, session: Session) -> float:
        """When it ends whatever happens, POSIX seconds."""
        return session.made_at + self._lifetime_s

    def end(self, name: str) -> bool:
        """End one by its id; whether there was one."""
        digest = next((digest for digest, one in self._all.items() if one.id == name), None)
        if digest is None:
            return False
        self._drop(digest)
        return True

    def end_all(self, person: str, *, but: str | None = None) -> int:
        """End all of a person's, but one by its id; how many."""
        ended = [digest for digest, one in self._all.items() if one.person == person and one.id != but]
        for digest in ended:
            self._drop(digest)
        return len(ended)

    def sweep(self) -> None:
        """Forget those that have ended by themselves."""
        now = self._now()
        for digest in [digest for digest, one in self._all.items() if not self._lasts(one, now)]:
            self._drop(digest)

    def take(self, rows: Iterable[tuple[str, str]]) -> None:
        """Take over what the file holds; what is in use in memory was in use later."""
        kept: dict[str, Session] = {}
        for digest, body in rows:
            kept[digest] = self._all.get(digest) or msgspec.json.decode(body, type=Session)
        self._all = kept

    def _lasts(self, session: Session, now: float) -> bool:
        return now - session.seen_at <= self._idle_s and now - session.made_at <= self._lifetime_s

    def _hold(self, digest: str, session: Session) -> None:
        self._all[digest], self._kept_at[digest] = session, session.seen_at
        body = msgspec.json.encode(session).decode()

        def keep(db: apsw.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (digest, body))

        self._file.behind(keep)

    def _drop(self, digest: str) -> None:
        self._all.pop(digest, None)
        self._kept_at.pop(digest, None)

        def forget(db: apsw.Connection) -> None:
            db.execute("DELETE FROM session WHERE sha256 = ?", (digest,))

        self._file.behind(forget)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
