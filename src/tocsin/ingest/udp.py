"""ASTERIX from the network: UDP, unicast and multicast.

Quality: as asterix/reader.py says for every record. Datagrams wait in a bounded queue; when it is full the newest are
dropped and counted, because a tracker that lags behind the radar is worse than one that misses a plot; those that wait
when the source ends are counted, too. Lost: what the network loses, and IPv6.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from tocsin.ingest.asterix.framing import unframed
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.model.errors import BadSettings
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor

# Ten seconds of the busiest feed.
QUEUE_DATAGRAMS_MAX = 10_000
RECEIVE_BUFFER_OCTETS = 4 << 20
BATCH_DATAGRAMS_MAX = 200
# Whose datagrams are read unless the settings name others.
LOOPBACK = ("127.0.0.0/8",)


Networks = tuple[ipaddress.IPv4Network, ...]


class _Receiver(asyncio.DatagramProtocol):
    """Queues what peers send. An address can be forged: UDP from beyond one's own network wants a tunnel besides."""

    def __init__(
        self,
        queue: asyncio.Queue[tuple[bytes, float]],
        clock: Callable[[], float],
        peers: Networks,
        lost: Callable[[str], None],
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._peers = peers
        self._lost = lost

    def datagram_received(self, data: bytes, address: tuple[str | Any, int]) -> None:
        if not data:
            self._lost("a datagram without content")
            return
        sender = ipaddress.IPv4Address(address[0])
        if not any(sender in network for network in self._peers):
            self._lost("a datagram of nobody among its peers")
            return
        try:
            self._queue.put_nowait((data, self._clock()))
        except asyncio.QueueFull:
            self._lost("its queue is full")


def listening_socket(group: ipaddress.IPv4Address, port: int, interface: ipaddress.IPv4Address) -> socket.socket:
    """A socket that receives what is sent to an address or a multicast group. Raises OSError."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_OCTETS)
        one.bind((str(group), port))
        if group.is_multicast:
            one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group.packed + interface.packed)
        one.setblocking(False)
    except OSError:
        one.close()
        raise
    return one


class UdpSource:
    """Listens on host:port; a multicast `host` is joined on `interface` (an address of ours)."""

    def __init__(
        self,
        name: str,
        sensors: Sequence[Sensor],
        rejects: Rejects,
        *,
        host: str = "127.0.0.1",
        port: int,
        interface: str = "0.0.0.0",  # noqa: S104 - the kernel's choice of interface for multicast
        peers: Sequence[str] = LOOPBACK,
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            self._group = ipaddress.IPv4Address(host)
            self._interface = ipaddress.IPv4Address(interface)
            self._peers = tuple(ipaddress.IPv4Network(peer) for peer in peers)
        except ValueError as error:
            raise BadSettings(
                f"source {name} listens on {host} by {interface} to {', '.join(peers)}; write IPv4 addresses and "
                f"networks ({error})"
            ) from error
        self.name = name
        self._port = port
        self._rejects = rejects
        self._clock = clock
        self._reader = AsterixReader(sensors, rejects, live=True)
        self.listening = asyncio.Event()
        self.address: tuple[str, int] | None = None

    def _listening(self) -> socket.socket:
        one = listening_socket(self._group, self._port, self._interface)
        self.address = one.getsockname()
        return one

    async def run(self, deliver: Deliver) -> None:
        """Deliver what arrives until cancelled; raises OSError where the address cannot be listened on."""
        queue: asyncio.Queue[tuple[bytes, float]] = asyncio.Queue(QUEUE_DATAGRAMS_MAX)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Receiver(queue, self._clock, self._peers, self._lost),
            sock=self._listening(),
        )
        self.listening.set()
        try:
            while True:
                batch = self._read(*await queue.get())
                for _ in range(min(queue.qsize(), BATCH_DATAGRAMS_MAX)):
                    batch += self._read(*queue.get_nowait())
                if batch:
                    await deliver(batch)
                else:
                    # A flood of rubbish must not keep the loop from everybody else.
                    await asyncio.sleep(0)
        finally:
            self.listening.clear()
            transport.close()
            if queue.qsize():
                self._lost("it ended before a datagram was read", queue.qsize())

    def _lost(self, why: str, datagrams: int = 1) -> None:
        self._rejects.read(datagrams)
        self._rejects.count(f"{self.name}: {why}", datagrams)

    def _read(self, datagram: bytes, received_s: float) -> list[Observation]:
        found: list[Observation] = []
        for payload in unframed(datagram):
            found += self._reader.read(payload, received_s, self.name)
        return found
