"""Who asked for pushes, and of which zones. In memory for speed, and in a SQLite file of their own.

A subscription is known by its endpoint: whoever can name that can change it or take it back. There is no account, no
name, and of a position only what two decimals say.
"""

from __future__ import annotations

import asyncio
import os
from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

import apsw
import msgspec
import numpy as np
from msgspec import Meta
from yarl import URL

from tocsin.announce.outward import endpoint
from tocsin.announce.web_push.encryption import AUTH_BYTES, PUBLIC_KEY_BYTES, public_key
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings, BadValue
from tocsin.words.catalogue import languages

ZONES_MAX = 50
# The push services of the browsers and phones that nearly everybody has.
KNOWN_SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com")
# Of all that there may be, so many may be at servers that anybody can set up: they fill the store for nobody else.
OTHERS_SHARE = 0.5
ENDPOINT_MAX = 1_000
# A hundredth of a degree is a kilometre: whoever is somewhere within is told of every zone that reaches into it.
ROUNDED = 2
_HALF = 0.005
_LAYOUT = """
    CREATE TABLE IF NOT EXISTS subscription (
        endpoint TEXT PRIMARY KEY, p256dh BLOB NOT NULL, auth BLOB NOT NULL, wish TEXT NOT NULL
    ) WITHOUT ROWID
"""


class Keys(msgspec.Struct, frozen=True):
    """Of a subscription, base64url as browsers write them."""

    p256dh: Annotated[str, Meta(max_length=200)]
    auth: Annotated[str, Meta(max_length=100)]


class Position(msgspec.Struct, frozen=True):
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
    position: Position | None = None
    level: Literal["prepare", "take_cover"] = "take_cover"
    language: Annotated[str, Meta(max_length=35)] = "en"
    replaces: Annotated[str, Meta(max_length=ENDPOINT_MAX)] | None = None


class Wish(msgspec.Struct, frozen=True):
    """What is kept of what was asked for."""

    zones: tuple[str, ...]
    position: Position | None
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


class Subscriptions:
    """The subscriptions of one service, used from the event loop only.

    most   how many there may be
    """

    def __init__(self, file: Path, index: ZoneIndex, *, most: int, private: bool = False) -> None:
        self.most = most
        self._index = index
        self._private = private
        self._all: dict[str, Subscription] = {}
        self._by_zone: dict[str, set[str]] = defaultdict(set)
        self._others = 0
        # A push service at home is the operator's own.
        self._others_max = most if private else most * OTHERS_SHARE
        self._writing = asyncio.Lock()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._database = apsw.Connection(str(file))
        self._database.pragma("journal_mode", "wal")
        self._database.pragma("synchronous", "full")
        self._database.execute(_LAYOUT)
        for address, p256dh, auth, wish in self._database.execute("SELECT * FROM subscription"):
            self._hold(self._of(address, p256dh, auth, msgspec.json.decode(wish, type=Wish)))

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, address: str) -> Subscription:
        return self._all[address]

    def __contains__(self, address: object) -> bool:
        return address in self._all

    def made(self, asked: Asked) -> Subscription:
        """The subscription that is asked for. Raises BadValue saying what is wrong with it."""
        try:
            endpoint(asked.endpoint, private=self._private)
        except BadSettings as error:
            # What it says of settings is not for whoever subscribes.
            raise BadValue("endpoint is none that can be called: it must be https, at a public host") from error
        p256dh, auth = (_octets(name, getattr(asked.keys, name)) for name in ("p256dh", "auth"))
        if len(p256dh) != PUBLIC_KEY_BYTES or len(auth) != AUTH_BYTES:
            raise BadValue(f"keys.p256dh has {PUBLIC_KEY_BYTES} octets and keys.auth {AUTH_BYTES}")
        try:
            public_key(p256dh)
        except ValueError as error:
            raise BadValue("keys.p256dh is no point of the curve P-256") from error
        strange = [zone for zone in asked.zones if zone not in self._index.number]
        if strange:
            raise BadValue(f"there is no zone {strange[0]!r}; /v1/outlines lists them")
        if bool(asked.zones) == (asked.position is not None):
            raise BadValue("name zones, or a position: one of the two")
        at = asked.position
        rounded = None if at is None else Position(round(at.lat, ROUNDED), round(at.lon, ROUNDED))
        made = self._of(
            asked.endpoint, p256dh, auth, Wish(asked.zones, rounded, asked.level, _language(asked.language))
        )
        if not made.zones:
            raise BadValue("that position lies in none of our zones")
        return made

    async def put(self, subscription: Subscription) -> None:
        """Keep it, in the place of one with the same endpoint. Raises BadValue where there are too many."""
        if subscription.endpoint not in self._all:
            known = at_known_service(subscription.endpoint)
            if len(self._all) >= self.most or (not known and self._others >= self._others_max):
                raise BadValue(f"{len(self._all)} have subscribed here, and no more can at this push service")
        wish = msgspec.json.encode(subscription.wish).decode()
        row = (subscription.endpoint, subscription.p256dh, subscription.auth, wish)
        async with self._writing:
            insert = "INSERT OR REPLACE INTO subscription VALUES (?, ?, ?, ?)"
            await asyncio.to_thread(self._database.execute, insert, row)
        self._forget(subscription.endpoint)
        self._hold(subscription)

    async def drop(self, address: str) -> bool:
        """Forget one; whether it was there."""
        if address not in self._all:
            return False
        self._forget(address)
        async with self._writing:
            delete = "DELETE FROM subscription WHERE endpoint = ?"
            await asyncio.to_thread(self._database.execute, delete, (address,))
        return True

    def of_zone(self, zone: str) -> Iterator[Subscription]:
        """Who is told of a zone."""
        return (self._all[address] for address in self._by_zone.get(zone, ()))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _of(self, address: str, p256dh: bytes, auth: bytes, wish: Wish) -> Subscription:
        zones = wish.zones if wish.position is None else self._around(wish.position)
        return Subscription(address, p256dh, auth, wish, zones)

    def _around(self, position: Position) -> tuple[str, ...]:
        """The zones that reach to a corner, a side or the middle of what two decimals leave open."""
        steps = np.array(list(product((-_HALF, 0.0, _HALF), repeat=2)))
        _, numbers = self._index.at(position.lat + steps[:, 0], position.lon + steps[:, 1])
        return tuple(self._index.zones[number].id for number in sorted(set(numbers.tolist())))

    def _hold(self, subscription: Subscription) -> None:
        self._all[subscription.endpoint] = subscription
        self._others += not at_known_service(subscription.endpoint)
        for zone in subscription.zones:
            self._by_zone[zone].add(subscription.endpoint)

    def _forget(self, address: str) -> None:
        known = self._all.pop(address, None)
        self._others -= known is not None and not at_known_service(address)
        for zone in known.zones if known is not None else ():
            self._by_zone[zone].discard(address)


def _language(asked: str) -> str:
    """A language that there are words in: that one, its first part, else English."""
    return next((one for one in (asked, asked.partition("-")[0]) if one in languages()), "en")


def _octets(name: str, text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadValue(f"keys.{name} is not base64url") from error


def at_known_service(address: str) -> bool:
    """Whether an endpoint is one of a push service that nearly everybody has.

    >>> at_known_service("https://fcm.googleapis.com/fcm/send/x"), at_known_service("https://fcm.googleapis.com.x.org/")
    (True, False)
    """
    host = URL(address, encoded=True).host or ""
    return any(host == known or host.endswith(f".{known}") for known in KNOWN_SERVICES)
