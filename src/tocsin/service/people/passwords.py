"""Passwords: which may be taken, and Argon2id over them, in threads of their own and a bounded number at once."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from tocsin.service.give_way import give_way
from tocsin.service.tokens import GUESSABLE, bits_of

T = TypeVar("T")

CHARACTERS_MIN, CHARACTERS_MAX = 12, 128
# Guesses are few a minute by the bans, and dear for who has stolen the file: 2^30 of them are centuries of one core.
BITS_MIN = 30.0
# 64 MiB each, and a core for a tenth of a second: the picture must go on beside them.
AT_ONCE, WAITING_MAX = 2, 8
# What people choose first when twelve characters are asked for, beside the words that tokens are refused for.
_FAVOURITES = re.compile(
    "qwertyuiop|qwertz|azerty|asdfgh|zxcvbn|1q2w3e4r|1qaz2wsx|passw[o0]rd|iloveyou|sunshine|princess|football|"
    "baseball|dragon|monkey|january|february|march|april|june|july|august|september|october|november|december|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter|"
    "correct.?horse.?battery.?staple",
    re.I,
)


class TooBusy(Exception):
    """As many passwords are being looked at as may be: try again in a moment."""


def why_refused(password: str, about: Iterable[str] = ()) -> str | None:
    """Why nobody may have this password, as the end of a sentence; None: he may.

    about   what everybody knows of him and of this place: it counts for nothing in a password

    >>> why_refused("officer-1", []), why_refused("Officer-1-Brim-2026", ["officer-1", "brim"])
    ('it has 9 characters, and at least 12 are needed', 'it is made of words, runs or few different characters')
    >>> why_refused("seven grey herons wade")
    """
    text = plain(password)
    if len(text) < CHARACTERS_MIN:
        return f"it has {len(text)} characters, and at least {CHARACTERS_MIN} are needed"
    if len(text) > CHARACTERS_MAX:
        return f"it has {len(text)} characters, and at most {CHARACTERS_MAX} are read"
    rest = _FAVOURITES.sub("", text)
    for known in about:
        if len(known) > 2:
            rest = re.sub(re.escape(plain(known)), "", rest, flags=re.I)
    return None if bits_of(rest) >= BITS_MIN else GUESSABLE


def plain(password: str) -> str:
    """The same characters whichever keyboard wrote them (NFKC, as NIST SP 800-63B asks)."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


# RFC 9106's second choice of memory and passes. One lane: the other cores are the tracker's.
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)


class Passwords:
    """Hashes passwords and compares with hashes; used from the event loop."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        # What nobody has the password of: to find that out takes as long as with anybody's.
        salt, made = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        self._nobodys = f"$argon2id$v=19${costs}${salt}${made}"
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords", initializer=give_way)
        # Whoever signs in where he has before does not wait in line with those who guess.
        self._for_known = ThreadPoolExecutor(1, "passwords of the known", initializer=give_way)
        self._asked = self._known_asked = 0

    async def hashed(self, password: str) -> str:
        """Its Argon2id hash, with what it was made with. Raises TooBusy."""
        return await self._in_turn(lambda: self._hasher.hash(plain(password)))

    async def fits(self, kept: str | None, password: str, *, known: bool = False) -> bool:
        """Whether that is the hash of this password. None: nobody's, which takes as long. Raises TooBusy.

        known   of who has signed in there before: he has a line of his own
        """

        def look() -> bool:
            return self._fits(kept or self._nobodys, password) and kept is not None

        return await (self._of_known(look) if known else self._in_turn(look))

    def _fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, plain(password))
        except (Argon2Error, InvalidHashError):
            return False

    async def _in_turn(self, call: Callable[[], T]) -> T:
        if self._asked >= AT_ONCE + WAITING_MAX:
            raise TooBusy
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        finally:
            self._asked -= 1

    async def _of_known(self, call: Callable[[], T]) -> T:
        if self._known_asked >= WAITING_MAX:
            raise TooBusy
        self._known_asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._for_known, call)
        finally:
            self._known_asked -= 1

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown()
        self._for_known.shutdown()
