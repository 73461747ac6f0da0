"""Posts of channels, however they come: as JSON lines, as Telegram's own export, as a feed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.cap.xml import BYTES_MAX as FEED_BYTES_MAX
from tocsin.ingest.lines import bounded_lines
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.text.feeds import entries
from tocsin.ingest.text.post import ID_CHARACTERS_MAX, Post
from tocsin.ingest.text.telegram import exported
from tocsin.model.errors import BadFile, BadInput

# A post of 4,096 characters is 16 kB in UTF-8 and six times that in escapes.
LINE_BYTES_MAX = 262_144


class _Line(msgspec.Struct):
    """A line of the contract's `report` kind."""

    channel: str
    text: str
    time: datetime
    id: str | int
    kind: str = "report"
    reply_to: str | int | None = None
    edited: bool = False
    language: str | None = None


def read_posts(path: Path, rejects: Rejects) -> Iterator[Post]:
    """The posts of a file in its order; what is no post is in `rejects`. The kind of file is seen from its beginning.

    Raises BadFile when it cannot be read or is of no kind that is known.
    """
    try:
        with path.open("rb") as file:
            head = file.read(65_536).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give a file of posts") from error
    if head.startswith(b"<"):
        with path.open("rb") as file:
            yield from entries(file.read(FEED_BYTES_MAX + 1), path.name, rejects)
    elif head.startswith(b"{") and (b'"messages"' in head or b'"chats"' in head):
        yield from exported(path, rejects)
    elif head.startswith(b"{") or not head:
        yield from _lines(path, rejects)
    else:
        raise BadFile(f"{path} is neither JSON lines, nor Telegram's result.json, nor a feed in RSS or Atom")


def _lines(path: Path, rejects: Rejects) -> Iterator[Post]:
    decoder = msgspec.json.Decoder(_Line)
    with path.open("rb") as file:
        for number, line in bounded_lines(file, path.name, rejects, LINE_BYTES_MAX):
            rejects.read()
            where = f"{path.name}:{number}"
            try:
                read = decoder.decode(line)
                if read.time.tzinfo is None:
                    raise BadInput("a time without its zone; write it in UTC with Z")
            except (msgspec.DecodeError, BadInput) as error:
                rejects.add(str(error), line, where)
                continue
            if read.kind != "report":
                rejects.pass_over(f"kind {read.kind[:40]!r}")
                continue
            rejects.use()
            reply = None if read.reply_to is None else str(read.reply_to)[:ID_CHARACTERS_MAX]
            yield Post(
                read.channel[:ID_CHARACTERS_MAX], str(read.id)[:ID_CHARACTERS_MAX], read.time.timestamp(), read.text,
                reply, read.edited, read.language,
            )  # fmt: skip
