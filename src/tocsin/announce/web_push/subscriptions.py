"""Who asked for pushes, and of which zones. In memory for speed, and in a SQLite file of their own."""

from __future__ import annotations

import asyncio
import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import product
from pathlib import Path

import apsw
import msgspec
import numpy as np
import structlog

from tocsin.announce.outward import endpoint
from tocsin.announce.web_push.crowd import Crowd
from tocsin.announce.web_push.encryption import AUTH_BYTES, PUBLIC_KEY_BYTES, public_key
from tocsin.announce.web_push.recut import LAYOUT, heirs_between, heirs_in_time, lay_of, read, write
from tocsin.announce.web_push.subscription import Asked, DevicePosition, Subscription, Wish, at_known_service
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings, BadValue
from tocsin.words.catalogue import languages

log = structlog.get_logger(__name__)

# Of all that there may be, so many may be at servers that anybody can set up: they fill the store for nobody else.
OTHERS_SHARE = 0.5
# A hundredth of a degree is a kilometre: whoever is somewhere within is told of every zone that reaches into it.
ROUNDED = 2
_HALF = 0.005
_LAYOUT = """
    CREATE TABLE IF NOT EXISTS subscription (
        endpoint TEXT PRIMARY KEY, p256dh BLOB NOT NULL, auth BLOB NOT NULL, wish TEXT NOT NULL
    ) WITHOUT ROWID
"""


class Subscriptions:
    """The subscriptions of one service, used from the event loop only.

    most    how many there may be
    crowd   those who subscribed, and who of them waits for a word
    """

    def __init__(self, file: Path, index: ZoneIndex, *, most: int, private: bool = False) -> None:
        self.most = most
        self._index = index
        self._private = private
        self.crowd = Crowd()
        self._others = 0
        # A push service at home is the operator's own.
        self._others_max = most if private else most * OTHERS_SHARE
        # One thread, so that writes keep their order.
        self._writer = ThreadPoolExecutor(1, "subscriptions")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._database = apsw.Connection(str(file))
        self._database.pragma("journal_mode", "wal")
        self._database.pragma("synchronous", "full")
        self._database.execute(_LAYOUT)
        self._database.execute(LAYOUT)
        self._heirs = heirs_in_time(index.zones)
        self._follow()
        # Neighbours ask for the same: what that is is worked out and kept once.
        wishes: dict[str, tuple[Wish, tuple[str, ...]]] = {}
        for address, p256dh, auth, asked in self._database.execute("SELECT * FROM subscription"):
            if asked not in wishes:
                wish = msgspec.json.decode(asked, type=Wish)
                wishes[asked] = wish, self._zones_of(wish)
            self._hold(Subscription(address, p256dh, auth, *wishes[asked]))

    def __len__(self) -> int:
        return len(self.crowd)

    def __contains__(self, address: str) -> bool:
        return self.crowd.find(address) is not None

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
        rounded = None if at is None else DevicePosition(round(at.lat, ROUNDED), round(at.lon, ROUNDED))
        wish = Wish(asked.zones, rounded, asked.level, _language(asked.language))
        zones = self._zones_of(wish)
        if not zones:
            raise BadValue("that position lies in none of our zones")
        return Subscription(asked.endpoint, p256dh, auth, wish, zones)

    async def put(self, subscription: Subscription) -> None:
        """Keep it, in the place of one with the same endpoint. Raises BadValue where there are too many."""
        if subscription.endpoint not in self:
            known = at_known_service(subscription.endpoint)
            if len(self) >= self.most or (not known and self._others >= self._others_max):
                raise BadValue(f"{len(self)} have subscribed here, and no more can at this push service")
        wish = msgspec.json.encode(subscription.wish).decode()
        row = (subscription.endpoint, subscription.p256dh, subscription.auth, wish)
        insert = "INSERT OR REPLACE INTO subscription VALUES (?, ?, ?, ?)"
        await self._write(insert, row)
        self._hold(subscription)

    async def drop(self, address: str) -> bool:
        """Forget one; whether it was there."""
        if not self.crowd.leave(address):
            return False
        self._others -= not at_known_service(address)
        delete = "DELETE FROM subscription WHERE endpoint = ?"
        await self._write(delete, (address,))
        return True

    def close(self) -> None:
        """Finish what is being written, and close the file."""
        self._writer.shutdown()
        self._database.close()

    async def _write(self, sql: str, row: tuple[str | bytes, ...]) -> None:
        # Whoever stops waiting does not take it back.
        await asyncio.shield(asyncio.wrap_future(self._writer.submit(self._database.execute, sql, row)))

    def _follow(self) -> None:
        """Let wishes follow the zones that were re-cut since the last start: all of them, or none."""
        after = lay_of(self._index)
        with self._database:
            before = read(self._database)
            heirs = heirs_between(before, after)
            if heirs:
                # One pass over all who subscribed; what neighbours ask for alike is worked out once.
                self._database.create_scalar_function("followed", lru_cache(100_000)(partial(_followed, heirs)), 1)
                self._database.execute("UPDATE subscription SET wish = followed(wish) WHERE followed(wish) <> wish")
            if heirs or before.keys() != after.keys():
                write(self._database, after)
        if heirs:
            log.info("zones were re-cut; who asked for them follows", zones=len(heirs), without_heirs=_gone(heirs))

    def _zones_of(self, wish: Wish) -> tuple[str, ...]:
        if wish.position is not None:
            return self._around(wish.position)
        # One who asked twice for a zone is told of it once.
        return tuple(dict.fromkeys(one for zone in wish.zones for one in self._heirs.get(zone, (zone,))))

    def _around(self, position: DevicePosition) -> tuple[str, ...]:
        """The zones that reach to a corner, a side or the middle of what two decimals leave open."""
        steps = np.array(list(product((-_HALF, 0.0, _HALF), repeat=2)))
        _, numbers = self._index.at(position.lat + steps[:, 0], position.lon + steps[:, 1])
        return tuple(self._index.zones[number].id for number in sorted(set(numbers.tolist())))

    def _hold(self, subscription: Subscription) -> None:
        new = subscription.endpoint not in self
        self._others += new and not at_known_service(subscription.endpoint)
        self.crowd.join(subscription)


def _followed(heirs: Mapping[str, tuple[str, ...]], text: str) -> str:
    """A wish, as it is kept, after zones were re-cut."""
    # A zone that lies nowhere now is asked for still: it may come back.
    wish = msgspec.json.decode(text, type=Wish)
    zones = dict.fromkeys(one for zone in wish.zones for one in heirs.get(zone) or (zone,))
    return msgspec.json.encode(msgspec.structs.replace(wish, zones=tuple(zones))).decode()


def _gone(heirs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Zones that are gone and have no heirs: whoever asked for them is told of nothing any more."""
    return [zone for zone, others in heirs.items() if not others]


def _language(asked: str) -> str:
    """A language that there are words in: that one, its first part, else English."""
    return next((one for one in (asked, asked.partition("-")[0]) if one in languages()), "en")


def _octets(name: str, text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadValue(f"keys.{name} is not base64url") from error
