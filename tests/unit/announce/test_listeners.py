"""Bounds of the event stream, listener by listener, without a server: how many, how far behind, how fresh."""

from __future__ import annotations

import asyncio
import math
import re
import zlib
from collections.abc import MutableMapping
from typing import Any

import pytest

from tocsin.announce.broadcast import (
    FIRST_KEPT_S,
    FRAMES_MAX,
    LISTENERS_MAX,
    WAITING_BYTES_MAX,
    Broadcast,
    event_bytes,
)
from tocsin.announce.shared_gzip import GZIP_HEAD, piece, wants_gzip
from tocsin.bench.virtual_time import played

DATA = b'{"a":"' + b"x" * 100 + b'"}'
SIZE = len(event_bytes("zones", DATA, 1))


class Listener:
    """One connection as a server would hand it over; its socket takes what it is told to."""

    def __init__(self, broadcast: Broadcast, address: str = "192.0.2.1") -> None:
        self.got: list[MutableMapping[str, Any]] = []
        self._takes = math.inf
        self._gone = asyncio.Event()
        scope = {"type": "http", "client": (address, 1), "headers": []}
        self.task = asyncio.ensure_future(broadcast(scope, self._receive, self._send))

    def takes(self, messages: float) -> None:
        """Let its socket take so many more."""
        self._takes = messages

    async def leave(self) -> None:
        self._gone.set()
        await self.task

    async def _receive(self) -> MutableMapping[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        while not self._takes:
            await asyncio.sleep(0)
        self._takes -= 1
        self.got.append(message)

    @property
    def status(self) -> int:
        return int(self.got[0]["status"])

    @property
    def ids(self) -> list[int]:
        text = b"".join(message.get("body", b"") for message in self.got)
        return [int(number) for number in re.findall(rb"^id: (\d+)$", text, re.MULTILINE)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_so_many_listen_and_no_more_and_whoever_leaves_makes_room() -> None:
    async def story() -> None:
        broadcast = Broadcast(lambda: (1, DATA), listeners_max=3, listeners_per_address_max=2)
        first = [Listener(broadcast) for _ in range(3)]
        await settled()
        assert [one.status for one in first] == [200, 200, 503]
        other, late = Listener(broadcast, "192.0.2.2"), Listener(broadcast, "192.0.2.3")
        await settled()
        assert [one.status for one in (other, late)] == [200, 503]
        assert (broadcast.listeners, broadcast.refused) == (3, 2)
        await first[0].leave()
        again = Listener(broadcast)
        await settled()
        assert (again.status, broadcast.listeners) == (200, 3)
        for one in (first[1], other, again):
            await one.leave()
        assert broadcast.listeners == 0
        assert (LISTENERS_MAX, WAITING_BYTES_MAX, FRAMES_MAX) == (19_000, 1_000_000, 64)

    played(story())


@pytest.mark.parametrize(("behind", "dropped"), [(3, 0), (4, 1)])
def test_a_listener_may_be_so_many_bytes_behind_and_what_it_caught_up_counts_no_more(behind: int, dropped: int) -> None:
    async def story() -> None:
        broadcast = Broadcast(lambda: (0, DATA), waiting_bytes_max=3 * SIZE)
        slow, quick = Listener(broadcast), Listener(broadcast)
        await settled()
        seq = 0
        for wave in (3, behind):
            slow.takes(0)
            for _ in range(wave):
                seq += 1
                broadcast.publish("zones", DATA, seq)
                await settled()
            slow.takes(math.inf)
            await settled()
        assert broadcast.dropped == dropped
        assert quick.ids == list(range(seq + 1))
        if not dropped:
            assert slow.ids == quick.ids
        assert broadcast.listeners == 2 - dropped

    played(story())


def test_who_catches_up_bit_by_bit_is_kept_as_long_as_he_keeps_up() -> None:
    async def story() -> None:
        broadcast = Broadcast(lambda: (0, DATA), waiting_bytes_max=3 * SIZE)
        slow = Listener(broadcast)
        await settled()
        slow.takes(0)
        for seq in range(1, 10):
            broadcast.publish("zones", DATA, seq)
            await settled()
            if seq >= 3:
                slow.takes(1)
                await settled()
        assert (broadcast.dropped, slow.ids) == (0, list(range(8)))

    played(story())


def test_a_crowd_shares_one_state_that_is_half_a_second_old_at_most_and_never_older_than_a_change() -> None:
    async def story() -> None:
        made: list[float] = []

        def state() -> tuple[int, bytes]:
            made.append(asyncio.get_running_loop().time())
            return len(made), DATA

        broadcast = Broadcast(state)
        first = [Listener(broadcast) for _ in range(5)]
        await settled()
        assert len(made) == 1
        assert [one.ids for one in first] == [[1]] * 5
        await asyncio.sleep(FIRST_KEPT_S)
        Listener(broadcast)
        await settled()
        assert len(made) == 1
        await asyncio.sleep(0.001)
        Listener(broadcast)
        await settled()
        assert len(made) == 2
        broadcast.publish("zones", DATA, 9)
        late = Listener(broadcast)
        await settled()
        assert (len(made), late.ids) == (3, [3])
        broadcast.close()
        await settled()

    played(story())
    assert FIRST_KEPT_S == 0.5


def test_those_who_come_back_are_told_to_come_at_different_moments() -> None:
    async def story() -> list[int]:
        broadcast = Broadcast(lambda: (1, DATA))
        crowd = [Listener(broadcast) for _ in range(50)]
        await settled()
        broadcast.close()
        await settled()
        texts = [b"".join(message.get("body", b"") for message in one.got) for one in crowd]
        return [int(found[1]) for text in texts if (found := re.search(rb"^retry: (\d+)$", text, re.MULTILINE))]

    waits_ms = played(story())
    assert len(set(waits_ms)) == 50
    assert 1_000 <= min(waits_ms) < 2_000
    assert 4_000 < max(waits_ms) < 5_000


def test_the_first_number_is_told_too_and_a_pulse_has_none() -> None:
    assert event_bytes("state", b"{}", 0) == b"event: state\nid: 0\ndata: {}\n\n"
    with pytest.raises(AssertionError):
        event_bytes("state", b"{}\n{}", 0)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (b"gzip", True), (b"GZIP", True), (b"br, gzip", True), (b"deflate,gzip;q=1.0", True), (b"gzip; q=0.001", True),
        (b"gzip;q=0.000", False), (b"gzip;q=0", False), (b"gzip; q=0.0", False), (b"gzip;q=0.10", True),
        (b"x-gzip", False), (b"identity", False),
    ],
)  # fmt: skip
def test_only_who_takes_gzip_is_sent_it(header: bytes, wanted: bool) -> None:
    assert wants_gzip(header) == wanted


def test_pieces_that_others_share_are_right_in_the_middle_of_any_stream() -> None:
    one, other = piece(DATA), piece(b"abc" * 1_000)
    for parts, text in (((one, other, one), DATA + b"abc" * 1_000 + DATA), ((other, one), b"abc" * 1_000 + DATA)):
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
        assert unpack.decompress(GZIP_HEAD) == b""
        assert b"".join(unpack.decompress(part) for part in parts) == text
