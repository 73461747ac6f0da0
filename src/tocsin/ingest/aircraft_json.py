"""ADS-B from readsb, dump1090, tar1090 and the servers around them: their `aircraft.json`, polled, in any dialect.

Quality: bounded in bytes and aircraft; every field checked, a bad aircraft costs itself only and a bad height, speed
or callsign that alone; a picture whose own clock is off by more than a minute is refused whole, since its ages mean
nothing. The time of a position is the picture's time less the position's age. Lost, and counted: positions between two
polls, aircraft on the ground, aircraft without a position, addresses that are not ICAO's (marked `~`), and places that
a ground station tells (TIS-B, radar): an aircraft that does not speak for itself identifies nothing. Places that
receivers computed from times of arrival (MLAT) are taken: the aircraft did answer, under its own address.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp

from tocsin.ingest import aircraft_fields
from tocsin.ingest.aircraft_dialects import Picture, Said, passed_over, picture_of, seconds
from tocsin.ingest.aircraft_fields import shown
from tocsin.ingest.loose_json import loose_json
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.slices import Steps, at_once, in_slices
from tocsin.ingest.source import Deliver
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import time_of

BODY_BYTES_MAX = 10_000_000
# What 2,000 aircraft take; hostile text of this length takes a second of ours at most.
MENDED_BYTES_MAX = 1_200_000
# The whole world had 14,000 aircraft in the air at once.
AIRCRAFT_MAX = 20_000
AGE_S_MAX = 15.0
CLOCK_S_MAX = 60.0
TIMEOUT_S = 5.0
# Ages are rounded to 0.1 s, so that one position seems to move in time by a little from poll to poll.
SAME_S = 0.3


class AircraftReader:
    """Pictures into positions; a position seen in the last picture is not told again."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._last: dict[str, tuple[float, float, float]] = {}
        # The first values, mostly addresses, of what was rejected in the last picture, and is kept already.
        self._kept: set[str] = set()
        # A picture that does not say when it is of: of when it first came.
        self._body_crc, self._body_s = 0, 0.0

    def read(self, body: bytes, received_s: float) -> list[Observation]:
        """The new positions of a picture. Raises BadRecord where it is no picture or its clock is wrong."""
        return at_once(self.steps(self.picture(body), body, received_s))

    def picture(self, body: bytes) -> Picture:
        """What a body holds. One that must be mended may take a second. Raises BadRecord where it is no picture."""
        try:
            return picture_of(loose_json(as_utf8(body), mended_bytes_max=MENDED_BYTES_MAX))
        except BadRecord as error:
            raise BadRecord(f"{self._name} sent no aircraft.json: {error}") from error

    def steps(self, picture: Picture, body: bytes, received_s: float) -> Steps[list[Observation]]:
        """The new positions of a body's picture, yielding after every aircraft: the whole world's take long.

        Raises BadRecord where its clock is wrong.
        """
        now_s = self._first_s(body, received_s) if picture.now_s is None else picture.now_s
        if not abs(now_s - received_s) <= CLOCK_S_MAX and picture.now_s is not None:
            raise BadRecord(f"{self._name} says it is {now_s:.0f}, we say {received_s:.0f}: set the clocks")
        self._rejects.read(len(picture.aircraft))
        if len(picture.aircraft) > AIRCRAFT_MAX:
            self._rejects.count(
                f"{self._name}: more than {AIRCRAFT_MAX} aircraft", len(picture.aircraft) - AIRCRAFT_MAX
            )
        seen: dict[str, tuple[float, float, float]] = {}
        kept: set[str] = set()
        found: list[Observation] = []
        for entry in picture.aircraft[:AIRCRAFT_MAX]:
            try:
                position = self._position(picture.said_of(entry), now_s, received_s, seen)
            except BadInput as error:
                self._reject(f"not an aircraft: {error}", entry, kept)
                position = None
            if position is None:
                pass
            elif isinstance(position, str):
                self._rejects.pass_over(position)
            else:
                self._rejects.use()
                found.append(position)
            yield
        self._last, self._kept = seen, kept
        return found

    def _first_s(self, body: bytes, received_s: float) -> float:
        """When these same octets first came: a server whose receiver is dead goes on serving its last picture."""
        crc = zlib.crc32(body)
        if crc != self._body_crc:
            self._body_crc, self._body_s = crc, received_s
        return self._body_s

    def _reject(self, reason: str, entry: Any, kept: set[str]) -> None:
        """Count an aircraft; what is wrong with it stays so from picture to picture, and is kept once."""
        name = shown(next(iter(entry.values()), None) if isinstance(entry, dict) else entry)
        kept.add(name)
        if name in self._kept:
            self._rejects.count(reason)
        else:
            self._rejects.add(reason, entry, self._name)

    def _position(
        self, said: Said, now_s: float, received_s: float, seen: dict[str, tuple[float, float, float]]
    ) -> Position | str:
        """The position of an aircraft, or why a sound one gives none. Raises BadInput."""
        if (why_not := passed_over(said)) is not None:
            return why_not
        icao24 = aircraft_fields.icao24(said.address)
        place = aircraft_fields.place(said.lat, said.lon)
        assert place is not None, "an aircraft without a place was passed over"
        time_s = _time_s(said, now_s)
        if now_s - time_s > AGE_S_MAX:
            return f"a position older than {AGE_S_MAX:.0f} s"
        before = self._last.get(icao24)
        if before is not None and before[:2] == place and abs(before[2] - time_s) < SAME_S:
            seen[icao24] = before
            return "a position told before"
        seen[icao24] = (*place, time_s)
        return Position(
            id=f"{self._name}/{icao24}/{round(time_s * 1000)}",
            time=time_of(time_s),
            received=time_of(received_s),
            source=self._name,
            lat=place[0],
            lon=place[1],
            altitude_m=self._altitude_m(said),
            icao24=icao24,
            cooperative=True,
            **self._beside(said),
        )

    def _altitude_m(self, said: Said) -> float | None:
        """The best height that is one; a worse one stands in for it. Those before it are left out, and counted."""
        for altitude in said.altitudes:
            try:
                found = aircraft_fields.altitude_m("altitude", altitude, said.altitude_unit_m)
            except BadRecord as error:
                self._rejects.leave_out(str(error))
                continue
            if found is not None:
                return found
        return None

    def _beside(self, said: Said) -> dict[str, Any]:
        """What an aircraft says beside its place; a value that is none is left out, and counted."""
        fields: dict[str, Any] = {}
        try:
            fields["callsign"] = aircraft_fields.callsign(said.callsign)
        except BadRecord as error:
            self._rejects.leave_out(str(error))
        try:
            fields |= aircraft_fields.motion(said.speed, said.course, said.speed_unit_mps)
        except BadRecord as error:
            self._rejects.leave_out(str(error))
        return fields


def _time_s(said: Said, now_s: float) -> float:
    """When a position was true, in POSIX seconds. Raises BadRecord where that is to come."""
    time_s = seconds("its time", said.time_s)
    age_s = aircraft_fields.number("its age", said.age_s) or 0.0 if time_s is None else now_s - time_s
    # Whoever gives the time itself may have given it after the picture's.
    if age_s < (0 if time_s is None else -CLOCK_S_MAX):
        raise BadRecord(f"its position is {age_s:g} s old, which is of the future")
    return now_s - age_s


class AircraftJsonSource:
    """Polls an `aircraft.json` every `every_s`; raises when it cannot be had."""

    def __init__(
        self, name: str, url: str, rejects: Rejects, *, every_s: float = 1.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._url = url
        self._every_s = every_s
        self._clock = clock
        self._rejects = rejects
        self._reader = AircraftReader(name, rejects)

    async def run(self, deliver: Deliver) -> None:
        """Poll until cancelled; raises aiohttp.ClientError, TimeoutError or BadRecord where the receiver fails."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
            while True:
                picture, found = await self._read(await self._fetch(session))
                # A picture that says when it is of shows that its receiver lives, whatever flies.
                if found or picture.now_s is not None:
                    await deliver(found)
                await asyncio.sleep(self._every_s)

    async def _read(self, body: bytes) -> tuple[Picture, list[Observation]]:
        try:
            # Elsewhere: a picture that some sender spoils on purpose may hold up nothing else.
            picture = await asyncio.to_thread(self._reader.picture, body)
            return picture, await in_slices(self._reader.steps(picture, body, self._clock()))
        except BadRecord as error:
            self._rejects.read()
            self._rejects.add(str(error), body, self.name)
            raise

    async def _fetch(self, session: aiohttp.ClientSession) -> bytes:
        async with session.get(self._url, allow_redirects=False) as response:
            if (elsewhere := response.headers.get("Location")) is not None and 300 <= response.status < 400:
                raise BadRecord(f"{self.name} is at {elsewhere[:200]!r} now; set that as its url")
            parts: list[bytes] = []
            left = BODY_BYTES_MAX
            async for part in response.content.iter_chunked(1 << 16):
                left -= len(part)
                if left < 0:
                    raise BadRecord(f"{self.name} sent more than {BODY_BYTES_MAX} bytes")
                parts.append(part)
        return b"".join(parts)
