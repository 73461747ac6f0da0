"""Packets that came in pieces: fragments of IP, and segments of TCP. Bounded, whatever is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from tocsin.ingest.asterix.blocks import blocks_end
from tocsin.ingest.asterix.internet import Fragment, Segment
from tocsin.ingest.asterix.packets import PassedOver
from tocsin.model.errors import BadRecord

# More are only under way at once where somebody sends them to fill memory.
PACKETS_MAX = 64
PIECES_MAX = 1_024
PACKET_OCTETS_MAX = 65_535
STREAMS_MAX = 1_000
STREAM_OCTETS_MAX = 65_535
_PLACES = 1 << 32


@dataclass(slots=True)
class _Pieces:
    """The pieces of one packet by place, and how long it is once the last one is known."""

    parts: dict[int, bytes] = field(default_factory=dict)
    length: int | None = None


class Fragments:
    """Pieces of IP packets until they are whole. The oldest are given up where too many are waiting.

    given_up   how many pieces were
    """

    def __init__(self) -> None:
        self._waiting: dict[bytes, _Pieces] = {}
        self.given_up = 0

    def add(self, one: Fragment) -> bytes | None:
        """The whole packet where this piece completes it, else None. Raises PassedOver, BadRecord."""
        if one.offset + len(one.body) > PACKET_OCTETS_MAX or (one.more and len(one.body) % 8) or not one.body:
            raise BadRecord("a fragment of a wrong length")
        pieces = self._waiting.get(one.key)
        if pieces is not None and one.offset in pieces.parts:
            if pieces.parts[one.offset] == one.body:
                raise PassedOver("a fragment that came before")
            # The same number again for another packet.
            self._give_up(one.key)
            pieces = None
        if pieces is None:
            if len(self._waiting) >= PACKETS_MAX:
                self._give_up(next(iter(self._waiting)))
            pieces = self._waiting[one.key] = _Pieces()
        pieces.parts[one.offset] = one.body
        if not one.more:
            pieces.length = one.offset + len(one.body)
        if len(pieces.parts) > PIECES_MAX:
            self._give_up(one.key)
            return None
        octets = sum(map(len, pieces.parts.values()))
        # More than any packet holds overlap, whatever is still to come.
        if octets <= PACKET_OCTETS_MAX and (pieces.length is None or octets < pieces.length):
            return None
        del self._waiting[one.key]
        try:
            return _whole(pieces)
        except BadRecord:
            # This one says so; the others are counted.
            self.given_up += len(pieces.parts) - 1
            raise

    def end(self) -> int:
        """How many pieces never became a whole packet."""
        for key in list(self._waiting):
            self._give_up(key)
        return self.given_up

    def _give_up(self, key: bytes) -> None:
        self.given_up += len(self._waiting.pop(key).parts)


def _whole(pieces: _Pieces) -> bytes:
    """The pieces in order of place. Raises BadRecord where they overlap, as only damage or malice makes them."""
    whole = bytearray()
    for offset in sorted(pieces.parts):
        if offset != len(whole):
            raise BadRecord("fragments that overlap")
        whole += pieces.parts[offset]
    return bytes(whole)


@dataclass(slots=True)
class _Stream:
    """One direction of a connection: the place of its next octet, and what has come of a block that is not whole."""

    place: int
    begun: bytes = b""


class Streams:
    """Blocks of ASTERIX from segments of TCP.

    What comes twice is taken once; after a gap, a segment that begins a block is where reading goes on.

    given_up   octets of blocks whose rest never came
    """

    def __init__(self) -> None:
        self._streams: dict[bytes, _Stream] = {}
        self.given_up = 0

    def add(self, one: Segment, addresses: bytes) -> bytes | None:
        """The blocks that this segment completes, None where they are still incomplete. Raises PassedOver."""
        stream = self._streams.pop(addresses + one.ports, None)
        place, body = one.place % _PLACES, one.body
        if stream is not None:
            came_before = (stream.place - place) % _PLACES
            if came_before < _PLACES // 2:
                body = body[came_before:]
                if not body:
                    self._keep(addresses + one.ports, stream)
                    raise PassedOver("a TCP segment that came before")
            else:
                self.given_up += len(stream.begun)
                stream = None
        begun = (b"" if stream is None else stream.begun) + body
        end = blocks_end(begun)
        if end is None or len(begun) - end > STREAM_OCTETS_MAX:
            self.given_up += len(begun) - len(body)
            raise PassedOver("a TCP segment without ASTERIX")
        self._keep(addresses + one.ports, _Stream((place + len(one.body)) % _PLACES, begun[end:]))
        return begun[:end] or None

    def end(self) -> int:
        """How many octets of blocks were begun and not ended."""
        return self.given_up + sum(len(stream.begun) for stream in self._streams.values())

    def _keep(self, key: bytes, stream: _Stream) -> None:
        """Keep a stream; the one that was silent longest makes place."""
        if len(self._streams) >= STREAMS_MAX:
            oldest = next(iter(self._streams))
            self.given_up += len(self._streams.pop(oldest).begun)
        self._streams[key] = stream
