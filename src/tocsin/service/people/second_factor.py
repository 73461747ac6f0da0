"""Codes of a telephone (TOTP, RFC 6238), and recovery codes for who has lost it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection

import msgspec
import pyotp
import segno

from tocsin.service.people.person import Credentials

STEP_S = 30
# Telephones' clocks are a few seconds off, and people type slowly: one step earlier or later.
STEPS_OFF = 1
CODES, CODE_CHARS = 10, 16
# Without letters that are read as others.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A new secret for a telephone: 160 bits, base32."""
    return pyotp.random_base32()


def enrolment(secret: str, person: str, place: str) -> tuple[str, tuple[str, ...]]:
    """What a telephone reads: the `otpauth:` address, and its QR code as rows of 0 and 1."""
    address = pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=f"Tocsin {place}")
    rows = segno.make(address, error="m").matrix_iter(border=2)
    return address, tuple("".join(map(str, row)) for row in rows)


def step_of(secret: str, code: str, now_s: float, used: Collection[int] = ()) -> int | None:
    """The step whose code this is, later than those of which codes were taken; None: it is none, or was used.

    A used step that cannot have been yet was noted by a clock that ran ahead: it is not taken again when its time
    comes, and keeps nobody out until then.
    """
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        return None
    now = int(now_s // STEP_S)
    totp = pyotp.TOTP(secret)
    after = max((step for step in used if step <= now + STEPS_OFF), default=0)
    found = None
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        if hmac.compare_digest(totp.at(step * STEP_S), digits) and step > after:
            found = step
    return found


def new_recovery() -> tuple[str, ...]:
    """New recovery codes, 79 bits each, as they are written down."""
    made = ("".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARS)) for _ in range(CODES))
    return tuple("-".join(code[at : at + 4] for at in range(0, CODE_CHARS, 4)) for code in made)


def digest(code: str) -> str:
    """Under what a recovery code or an invitation is kept, however it was typed."""
    return hashlib.sha256("".join(code.split()).replace("-", "").lower().encode(errors="replace")).hexdigest()


def without(credentials: Credentials, code: str) -> Credentials | None:
    """What is left when a recovery code is used; None: it is none of them."""
    used = digest(code)
    left = tuple(one for one in credentials.recovery if not hmac.compare_digest(one, used))
    return None if len(left) == len(credentials.recovery) else msgspec.structs.replace(credentials, recovery=left)


def new_invitation() -> str:
    """A one-time code, as long as two recovery codes' halves: typed from a letter, or followed as a link."""
    return new_recovery()[0]
