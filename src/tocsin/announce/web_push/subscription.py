"""What a browser or an app asks for, and what is kept of it.

A subscription is known by its endpoint: whoever can name that can change it or take it back. There is no account, no
name, and of a position only what two decimals say.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from yarl import URL

ZONES_MAX = 50
ENDPOINT_MAX = 1_000
# The push services of the browsers and phones that nearly everybody has.
KNOWN_SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com")


class Keys(msgspec.Struct, frozen=True):
    """Of a subscription, base64url as browsers write them."""

    p256dh: Annotated[str, Meta(max_length=200)]
    auth: Annotated[str, Meta(max_length=100)]


class DevicePosition(msgspec.Struct, frozen=True):
    """Where somebody is, in degrees; two decimals are kept."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser asks for: its `PushSubscription`, and of what it wants to hear.

    zones     ids; position: of the zones there; one of the two
    level     `prepare`: of everything; `take_cover`: of that and its end
    replaces  the endpoint that this one takes the place of
    """

    endpoint: Annotated[str, Meta(max_length=ENDPOINT_MAX)]
    keys: Keys
    zones: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=ZONES_MAX)] = ()
    position: DevicePosition | None = None
    level: Literal["prepare", "take_cover"] = "take_cover"
    language: Annotated[str, Meta(max_length=35)] = "en"
    replaces: Annotated[str, Meta(max_length=ENDPOINT_MAX)] | None = None


class Wish(msgspec.Struct, frozen=True):
    """What is kept of what was asked for."""

    zones: tuple[str, ...]
    position: DevicePosition | None
    level: Literal["prepare", "take_cover"]
    language: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One browser or app; `zones`: ids of all that it is told of now."""

    endpoint: str
    p256dh: bytes
    auth: bytes
    wish: Wish
    zones: tuple[str, ...]

    def asked(self) -> Asked:
        """What one asks for who wants the same."""
        zones = () if self.wish.position is not None else self.wish.zones
        keys = Keys(_base64url(self.p256dh), _base64url(self.auth))
        return Asked(
            endpoint=self.endpoint,
            keys=keys,
            zones=zones,
            position=self.wish.position,
            level=self.wish.level,
            language=self.wish.language,
        )


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@lru_cache(maxsize=1_000)
def _host(origin: str) -> str:
    return URL(origin, encoded=True).host or ""


def at_known_service(address: str) -> bool:
    """Whether an endpoint is one of a push service that nearly everybody has.

    >>> at_known_service("https://fcm.googleapis.com/fcm/send/x"), at_known_service("https://fcm.googleapis.com.x.org/")
    (True, False)
    """
    return service_of(address) > 0


def service_of(address: str) -> int:
    """Which of KNOWN_SERVICES an endpoint is at, from 1; 0: at another."""
    # Up to the path: millions of endpoints are at a few servers.
    host = _host("/".join(address.split("/", 3)[:3]))
    found = (number for number, known in enumerate(KNOWN_SERVICES, 1) if host == known or host.endswith(f".{known}"))
    return next(found, 0)
