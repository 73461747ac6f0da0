"""ADS-B from readsb, dump1090-fa or tar1090: their `aircraft.json`, polled.

Quality: bounded in bytes and aircraft; every field checked against the contracts' bounds, a bad aircraft costs itself
only; a picture whose own clock is off by more than a minute is refused whole, since its ages mean nothing. The time
of a position is the picture's time less the position's age. Lost: positions between two polls, aircraft on the
ground, aircraft without a position or height, addresses that are not ICAO's (marked `~`).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.model.aviation import FOOT_M, KNOT_MPS
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.value import time_of

BODY_BYTES_MAX = 20_000_000
# The whole world had 14,000 aircraft in the air at once.
AIRCRAFT_MAX = 20_000
AGE_S_MAX = 15.0
CLOCK_S_MAX = 60.0
TIMEOUT_S = 5.0
# Ages are rounded to 0.1 s, so that one position seems to move in time by a little from poll to poll.
SAME_S = 0.3


class _Aircraft(msgspec.Struct):
    hex: str
    lat: float | None = None
    lon: float | None = None
    seen_pos: float | None = None
    alt_geom: float | None = None
    alt_baro: float | str | None = None
    gs: float | None = None
    track: float | None = None
    flight: str | None = None


class _Picture(msgspec.Struct):
    now: float
    aircraft: list[msgspec.Raw]


_picture = msgspec.json.Decoder(_Picture)
_aircraft = msgspec.json.Decoder(_Aircraft)


class AircraftReader:
    """Pictures into positions; a position seen in the last picture is not told again."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._last: dict[str, tuple[float, float, float]] = {}

    def read(self, body: bytes, received_s: float) -> list[Observation]:
        """The new positions of a picture. Raises BadRecord where it is no picture or its clock is wrong."""
        try:
            picture = _picture.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRecord(f"{self._name} sent no aircraft.json: {error}") from error
        if not abs(picture.now - received_s) <= CLOCK_S_MAX:
            raise BadRecord(f"{self._name} says it is {picture.now:.0f}, we say {received_s:.0f}: set the clocks")
        if len(picture.aircraft) > AIRCRAFT_MAX:
            self._rejects.count(
                f"{self._name}: more than {AIRCRAFT_MAX} aircraft", len(picture.aircraft) - AIRCRAFT_MAX
            )
        seen: dict[str, tuple[float, float, float]] = {}
        found: list[Observation] = []
        for raw in picture.aircraft[:AIRCRAFT_MAX]:
            try:
                one = _aircraft.decode(raw)
                position = self._position(one, picture.now, received_s, seen)
            except (msgspec.DecodeError, UnicodeDecodeError, BadInput) as error:
                self._rejects.add(f"not an aircraft: {error}", bytes(raw), self._name)
                continue
            if position is not None:
                found.append(position)
        self._last = seen
        return found

    def _position(
        self, one: _Aircraft, now_s: float, received_s: float, seen: dict[str, tuple[float, float, float]]
    ) -> Position | None:
        altitude_ft = one.alt_geom if one.alt_geom is not None else one.alt_baro
        if one.hex.startswith("~") or one.lat is None or one.lon is None or not isinstance(altitude_ft, float):
            return None
        age_s = 0.0 if one.seen_pos is None else one.seen_pos
        if not 0 <= age_s <= AGE_S_MAX or one.alt_baro == "ground":
            return None
        time_s = now_s - age_s
        before = self._last.get(one.hex)
        if before is not None and before[:2] == (one.lat, one.lon) and abs(before[2] - time_s) < SAME_S:
            seen[one.hex] = before
            return None
        seen[one.hex] = (one.lat, one.lon, time_s)
        moving: dict[str, Any] = {}
        if one.gs is not None and one.track is not None:
            moving = {"speed_mps": one.gs * KNOT_MPS, "heading_deg": math.fmod(one.track, 360)}
        icao24 = one.hex.strip().lower()
        if len(icao24) != 6 or any(letter not in "0123456789abcdef" for letter in icao24):
            raise BadRecord(f"hex is {one.hex[:20]!r}; it must be six hexadecimal digits")
        return Position(
            id=f"{self._name}/{icao24}/{round(time_s * 1000)}",
            time=time_of(time_s),
            received=time_of(received_s),
            source=self._name,
            lat=one.lat,
            lon=one.lon,
            altitude_m=altitude_ft * FOOT_M,
            icao24=icao24,
            callsign=(one.flight or "").strip()[:16] or None,
            cooperative=True,
            **moving,
        )


class AircraftJsonSource:
    """Polls an `aircraft.json` every `every_s`; raises when it cannot be had."""

    def __init__(
        self, name: str, url: str, rejects: Rejects, *, every_s: float = 1.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._url = url
        self._every_s = every_s
        self._clock = clock
        self._reader = AircraftReader(name, rejects)

    async def run(self, deliver: Deliver) -> None:
        """Poll until cancelled; raises aiohttp.ClientError, TimeoutError or BadRecord where the receiver fails."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
            while True:
                body = await self._fetch(session)
                if found := self._reader.read(body, self._clock()):
                    await deliver(found)
                await asyncio.sleep(self._every_s)

    async def _fetch(self, session: aiohttp.ClientSession) -> bytes:
        async with session.get(self._url, allow_redirects=False) as response:
            parts: list[bytes] = []
            left = BODY_BYTES_MAX
            async for part in response.content.iter_chunked(1 << 16):
                left -= len(part)
                if left < 0:
                    raise BadRecord(f"{self.name} sent more than {BODY_BYTES_MAX} bytes")
                parts.append(part)
        return b"".join(parts)
