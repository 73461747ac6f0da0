"""How good a bearer token is: what can be said of the token itself, and which hashes are of words that people guess.

The settings hold hashes only. A hash tells nothing of a token's length, so a token is weighed when it is sent, and one
that is too weak is nobody's, whatever its hash; the settings refuse the hashes of all that is tried first.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterable, Iterator

HOW_TO_MAKE = (
    "make one with `python -c 'import hashlib, secrets; t = secrets.token_urlsafe(32); "
    "print(t, hashlib.sha256(t.encode()).hexdigest())'`, which prints the token and its hash"
)

GUESSABLE = "it is made of words, runs or few different characters"
CHARACTERS_MIN = 20
# Guessed a thousand times a second, 48 bits last 9,000 years. By this count 128 bits of `secrets` have some 80, and the
# poorest of 60,000 draws 52.
BITS_MIN = 48.0

WORDS = (
    "abc", "admin", "alarm", "alert", "api", "bearer", "bench", "bot", "change", "changeme", "civil", "dale",
    "default", "defence", "demo", "drill", "duty", "example", "feed", "foobar", "guest", "hello", "hill", "hilltop",
    "key", "letmein", "login", "master", "me", "monitor", "my", "none", "null", "officer", "operator", "pass",
    "password", "people", "please", "private", "prometheus", "public", "qwerty", "radar", "raid", "root", "sample",
    "secret", "sensor", "service", "siren", "source", "spotter", "super", "system", "test", "testing", "the",
    "this", "tocsin", "todo", "token", "user", "warning", "watcher", "welcome", "xxx", "your",
)  # fmt: skip
_LONG_WORDS = re.compile("|".join(sorted((word for word in WORDS if len(word) > 3), key=len, reverse=True)), re.I)
_ENDS = ("", "!", "12", "123", "1234", "12345", "123456", *map(str, (*range(10), *range(2020, 2031))))
_BETWEEN = ("", "-", "_", " ", ".")
_DIGITS_MAX = 4


def weakness(token: str) -> str | None:
    """Why a token can be guessed, as the end of a sentence; None: it cannot.

    Counted is what is left without known words, repeated characters and runs such as 123: each as one of as many as
    there are different ones, which is a generous guess at its entropy.

    >>> weakness("change-me"), weakness("password-password-password")
    ('it has 9 characters, and at least 20 are needed', 'it is made of words, runs or few different characters')
    >>> weakness("pX2rGm0eT9wUqK4vYb7sNd")
    """
    if len(token) < CHARACTERS_MIN:
        return f"it has {len(token)} characters, and at least {CHARACTERS_MIN} are needed"
    return None if bits_of(token) >= BITS_MIN else GUESSABLE


def bits_of(secret: str) -> float:
    """A generous guess at the entropy of what is left of it without known words, repeated characters and runs.

    >>> bits_of("password-1234"), round(bits_of("pX2rGm0eT9wUqK4vYb7sNd"))
    (2.0, 98)
    """
    rest = _LONG_WORDS.sub("", secret)
    counted = [one for before, one in zip("\0" + rest, rest, strict=False) if abs(ord(one) - ord(before)) > 1]
    return len(counted) * math.log2(len(set(counted))) if counted else 0.0


def guessed(digests: Collection[str], names: Iterable[str]) -> str | None:
    """Which of these SHA-256, in hexadecimal, is of nothing, of a short number or of words that people try with.

    names   of whose tokens they are: `hilltop` is tried first where a source is called that
    """
    if not digests:
        return None
    return next((digest for word in _tried(names) if (digest := _digest(word)) in digests), None)


def _tried(names: Iterable[str]) -> Iterator[str]:
    # A variable that was not set gives nothing, or, by `echo`, a line's end.
    yield from ("", "\n")
    for digits in range(1, _DIGITS_MAX + 1):
        yield from (f"{number:0{digits}}" for number in range(10**digits))
    words = dict.fromkeys((*WORDS, *names))
    for word in words:
        yield from (f"{form}{end}" for form in {word, word.capitalize(), word.title(), word.upper()} for end in _ENDS)
    yield from (f"{first}{between}{last}" for first in words for between in _BETWEEN for last in WORDS)


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
