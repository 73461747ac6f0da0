"""Text as it comes from other programs, as UTF-8: a byte-order mark in front is no part of it, whoever wrote it.

Windows writes one before UTF-8; programs of its kind save "Unicode text" as UTF-16, which always begins with one.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Protocol

from tocsin.model.errors import BadRecord

UTF8_MARK = codecs.BOM_UTF8
_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARK_BYTES_MAX = 3


def as_utf8(data: bytes) -> bytes:
    r"""The octets of a text without its byte-order mark, as UTF-8. Raises BadRecord where the mark promises too much.

    >>> as_utf8(b"\xef\xbb\xbf{}"), as_utf8(b"\xff\xfe{\x00}\x00"), as_utf8(b"\xff")
    (b'{}', b'{}', b'\xff')
    """
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding).encode()
            except UnicodeDecodeError as error:
                raise BadRecord(f"it begins as UTF-16 text and is none: {error.reason}; save it as UTF-8") from error
    return data.removeprefix(UTF8_MARK)


def is_utf16(head: bytes) -> bool:
    r"""Whether the first octets of a text say that it is UTF-16.

    >>> is_utf16(b"\xff\xfet\x00"), is_utf16(b"\xef\xbb\xbftime")
    (True, False)
    """
    return any(head.startswith(mark) for mark, _ in _UTF16)


def _turning(encoding: str) -> Callable[[bytes, bool], bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return lambda chunk, final: decoder.decode(chunk, final).encode(errors="replace")


class Readable(Protocol):
    """A binary stream whose `read1` returns what is there without waiting for a full buffer."""

    def read1(self, size: int = ..., /) -> bytes:
        """At most `size` bytes, empty at the end."""


class Utf8Stream:
    """A stream of text as UTF-8, without its byte-order mark; of UTF-16 what is no character becomes U+FFFD."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._turned: Callable[[bytes, bool], bytes] | None = None

    def read1(self, size: int, /) -> bytes:
        """Some of it, empty at the end; of UTF-16 up to half as much again as `size`."""
        if self._turned is None:
            return self._first(size)
        while chunk := self._stream.read1(size):
            # Half a character gives nothing yet.
            if turned := self._turned(chunk, False):
                return turned
        return self._turned(b"", True)

    def _first(self, size: int) -> bytes:
        head = b""
        while len(head) < _MARK_BYTES_MAX and (chunk := self._stream.read1(size)):
            head += chunk
        for mark, encoding in _UTF16:
            if head.startswith(mark):
                self._turned = _turning(encoding)
                return self._turned(head[len(mark) :], False) or self.read1(size)
        self._turned = lambda chunk, final: chunk
        return head.removeprefix(UTF8_MARK) or self.read1(size)
