"""What posts are called and how one is joined: pseudonyms, one-time codes, devices' secrets, codes as pictures."""

from __future__ import annotations

import hashlib
import io
import re
import secrets

import segno

# Crockford's: nobody reads I for 1 or O for 0 over a bad radio.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAME_CHARS = 4
# Twenty bytes, 160 bits: nobody guesses one in the day for which it lives.
CODE_BYTES = 20
CODE_CHARS_MAX = 64
# What a device makes for itself: 32 bytes as base64url.
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# Where a page is told its code: behind the #, so that it is in no request and no log on the way.
PATH = "/spotter#"


def name_of(kind: str) -> str:
    """A new pseudonym, such as `post-7F3K`: chance, so that it says neither who nor when nor where."""
    return f"{kind}-{''.join(secrets.choice(_LETTERS) for _ in range(_NAME_CHARS))}"


def new_code() -> str:
    """A code that joins one device, once."""
    return secrets.token_urlsafe(CODE_BYTES)


def digest(secret: str) -> bytes:
    """What is kept of a code or a secret. Both are chance of 160 bits or more: there is nothing to try."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def report_id(post: str, client: str) -> str:
    """An observation's id, from the post's name and the id that its device gave the report."""
    return f"{post}.{hashlib.sha256(f'{post} {client}'.encode()).hexdigest()[:20]}"


def link_of(base_url: str, code: str) -> str:
    """The address that joins a device.

    >>> link_of("https://alarm.example/", "abc")
    'https://alarm.example/spotter#abc'
    """
    return f"{base_url.rstrip('/')}{PATH}{code}"


def picture_of(link: str) -> str:
    """The address as a QR code: SVG without a prologue."""
    out = io.BytesIO()
    segno.make(link, error="m").save(out, kind="svg", xmldecl=False, omitsize=True, border=4, dark="#000", light="#fff")
    return out.getvalue().decode()


def drawn(link: str) -> str:
    """The same for a terminal."""
    out = io.StringIO()
    segno.make(link, error="m").terminal(out, compact=True)
    return out.getvalue()
