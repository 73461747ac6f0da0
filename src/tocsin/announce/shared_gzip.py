"""One compression for many listeners: gzip streams whose pieces are made once and shared.

A piece is a run of whole deflate blocks made by a fresh compressor and ended with a sync flush (RFC 1951, 3.2.4: an
empty stored block brings it to a byte border). It refers to nothing before it, so the same bytes are right in the
middle of any stream, and a stream is GZIP_HEAD and then pieces. Compressing per listener would cost a window of
memory and a compression each.
"""

from __future__ import annotations

import zlib

# RFC 1952, 2.3: magic, deflate, no flags, no time, no extra, unknown system. An endless stream has no trailer.
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# The whole state of 1,449 zones, most of them warned: 377 kB become 29 kB at level 1 and 23 kB at level 6, in about a
# millisecond; a change of one zone takes 16 us.
LEVEL = 1


def piece(data: bytes) -> bytes:
    """The data as a piece of any gzip stream."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)


def wants_gzip(accept_encoding: bytes) -> bool:
    """Whether a client's Accept-Encoding header asks for gzip (RFC 9110, 12.5.3).

    >>> wants_gzip(b"br, gzip;q=0.5"), wants_gzip(b"gzip;q=0"), wants_gzip(b"")
    (True, False, False)
    """
    for coding in accept_encoding.lower().split(b","):
        name, _, weight = coding.partition(b";")
        if name.strip() == b"gzip":
            return weight.strip().partition(b"q=")[2].strip(b"0.") != b"" or b"q=" not in weight
    return False
