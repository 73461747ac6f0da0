"""Posts of channels, however they come: as JSON lines, as Telegram's own export, as a feed."""

from __future__ import annotations

import hashlib
import re
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
from tocsin.model.observation import ChannelReport
from tocsin.model.value import NAME_CHARS_MAX, UNREADABLE, time_of

UNNAMED = "unnamed"

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


def reports(path: Path, rejects: Rejects) -> list[ChannelReport]:
    """The posts of a file as observations, in order of time; a channel's name without blanks is their source.

    Raises BadFile as `read_posts` does.
    """
    found = []
    for post in read_posts(path, rejects):
        digest = hashlib.blake2b(post.id.encode(errors="surrogatepass"), digest_size=12).hexdigest()
        try:
            found.append(
                ChannelReport(
                    id=post.id if re.fullmatch(r"[\w.-]+", post.id, re.ASCII) else digest,
                    time=time_of(post.time_s),
                    source="-".join(post.channel.split())[:NAME_CHARS_MAX] or UNNAMED,
                    channel=post.channel or UNNAMED,
                    text=post.text,
                    language=post.language,
                    reply_to=post.reply_to,
                    edited=post.edited,
                )
            )
        except (BadInput, ValueError, OverflowError) as error:
            rejects.turn_away(str(error), post.text, path.name)
    return sorted(found, key=lambda one: one.time)


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
            except (*UNREADABLE, BadInput) as error:
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
