"""Text as it comes from other programs, as UTF-8: a byte-order mark in front is no part of it, whoever wrote it.

Windows writes one before UTF-8; programs of its kind save "Unicode text" as UTF-16, which always begins with one.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Protocol

from tocsin.model.errors import BadRecord

UTF8_MARK = codecs.BOM_UTF8
_UTF16_MARK_BYTES = 2
_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF16_FIRST = (b"\xff", b"\xfe")
# Lines of UTF-16 hold a space, a digit or a bracket among so many octets; other octets may begin like its mark.
_HEAD_BYTES = 66


def as_utf8(data: bytes) -> bytes:
    r"""The octets of a text without its byte-order mark, as UTF-8. Raises BadRecord for UTF-16 that is damaged.

    >>> as_utf8(b"\xef\xbb\xbf{}"), as_utf8(b"\xff\xfe{\x00}\x00"), as_utf8(b"\xff")
    (b'{}', b'{}', b'\xff')
    """
    encoding = _utf16_of(data)
    if encoding is None:
        return data.removeprefix(UTF8_MARK)
    try:
        return data[_UTF16_MARK_BYTES:].decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise BadRecord(f"it begins as UTF-16 text and is none: {error.reason}; save it as UTF-8") from error


def is_utf16(head: bytes) -> bool:
    r"""Whether the first octets of a text say that it is UTF-16.

    >>> is_utf16(b"\xff\xfet\x00"), is_utf16(b"\xef\xbb\xbftime")
    (True, False)
    """
    return _utf16_of(head) is not None


def _utf16_of(data: bytes) -> str | None:
    """The kind of UTF-16 that begins here: its mark, and a character of ASCII soon behind it."""
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            head = data[_UTF16_MARK_BYTES:_HEAD_BYTES].decode(encoding, errors="replace")
            return encoding if any(" " <= one <= "~" for one in head) else None
    return None


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
        # Whoever waits for a line's answer is not kept waiting for the next line.
        while len(head) < (_HEAD_BYTES if head[:1] in _UTF16_FIRST else len(UTF8_MARK)):
            if not (chunk := self._stream.read1(size)):
                break
            head += chunk
        encoding = _utf16_of(head)
        if encoding is not None:
            self._turned = _turning(encoding)
            return self._turned(head[_UTF16_MARK_BYTES:], False) or self.read1(size)
        self._turned = lambda chunk, final: chunk
        return head.removeprefix(UTF8_MARK) or self.read1(size)
