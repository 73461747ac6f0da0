"""What everybody may know of a way in beside a password: whom it lets in, where it can be, and how it refuses.

The libraries that check a passkey or a provider's word are loaded only where the settings open such a way: two hundred
modules, a tenth of a second of every start.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tocsin.service.people.keys import KEY_TEXT_MAX
from tocsin.service.people.roles import Role


class NotProven(Exception):
    """What a browser sent proves nothing; it says why, for the log."""


class NotBelieved(Exception):
    """Who came back proves nothing.

    why      for the log
    denied   the provider, or the person there, said no
    """

    def __init__(self, why: str, *, denied: bool = False) -> None:
        super().__init__(why)
        self.denied = denied


class ProviderFails(Exception):
    """The provider cannot be reached, or says what makes no sense; why, for the log."""


class Believed(msgspec.Struct, frozen=True):
    """Whom a provider vouches for.

    subject   who that is to the provider, for ever; a name may be somebody else's tomorrow
    roles     what the settings give for its claims; None: those that the person has here
    strong    more was shown there than a password
    called    what he is called there; empty: it does not say
    """

    person: str
    subject: str
    roles: tuple[Role, ...] | None
    strong: bool
    called: str = ""


class Site(msgspec.Struct, frozen=True):
    """Where the service is for browsers: the name that passkeys are bound to, and the one origin that may use them."""

    rp_id: str
    origin: str


def site_of(base_url: str | None) -> Site | None:
    """The site of a public address; None where there can be no passkeys: they need https (or localhost) and a name.

    >>> site_of("https://warn.example/tocsin/"), site_of("http://warn.example"), site_of("https://192.0.2.1")
    (Site(rp_id='warn.example', origin='https://warn.example'), None, None)
    """
    parts = urlsplit(base_url or "")
    host = parts.hostname
    if not host or parts.scheme not in ("http", "https") or (parts.scheme == "http" and host != "localhost"):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        port = f":{parts.port}" if parts.port not in (None, 443 if parts.scheme == "https" else 80) else ""
        return Site(host, f"{parts.scheme}://{host}{port}")
    return None


def key_of(credential: dict[str, Any]) -> str | None:
    """Which key a credential is of, as Passkey.key has it; None where it names none."""
    found = credential.get("id")
    return found if isinstance(found, str) and 0 < len(found) <= KEY_TEXT_MAX else None
