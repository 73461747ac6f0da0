"""Telegram's own export of a chat (`result.json`): its posts, as far as they are text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.text.post import ID_CHARACTERS_MAX, Post
from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE

# A year of a busy channel is 50 MB; the file is read whole.
BYTES_MAX = 512_000_000


class _Message(msgspec.Struct):
    id: int
    type: str = "message"
    date: str | None = None
    date_unixtime: str | int | None = None
    edited_unixtime: str | int | None = None
    reply_to_message_id: int | None = None
    text: Any = ""


class _Chat(msgspec.Struct):
    name: str | None = None
    id: int | None = None
    messages: list[msgspec.Raw] = []


class _Chats(msgspec.Struct):
    listed: list[_Chat] = msgspec.field(name="list", default_factory=list)


class _Export(msgspec.Struct):
    name: str | None = None
    id: int | None = None
    messages: list[msgspec.Raw] = []
    chats: _Chats | None = None


def exported(path: Path, rejects: Rejects) -> Iterator[Post]:
    """The posts of an export in its order. An edited post has the text it was edited to, and its first time.

    Raises BadFile when the file as a whole cannot be read; a message that is damaged goes to `rejects`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
        if len(data) > BYTES_MAX:
            raise BadFile(f"{path} is larger than {BYTES_MAX} bytes; export fewer months at once")
        export = msgspec.json.decode(data, type=_Export)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}") from error
    except UNREADABLE as error:
        raise BadFile(f"{path} is no export of Telegram: {error}; export the chat again, as JSON") from error
    chats = export.chats.listed if export.chats is not None else [_Chat(export.name, export.id, export.messages)]
    for chat in chats:
        channel = (chat.name or str(chat.id or path.stem))[:ID_CHARACTERS_MAX]
        for at, raw in enumerate(chat.messages):
            rejects.read()
            post = _post(channel, raw, f"{path.name}: message {at + 1}", rejects)
            if post is not None:
                rejects.use()
                yield post


def _post(channel: str, raw: msgspec.Raw, where: str, rejects: Rejects) -> Post | None:
    try:
        message = msgspec.json.decode(raw, type=_Message)
    except UNREADABLE as error:
        rejects.add(str(error), bytes(raw), where)
        return None
    if message.type != "message":
        rejects.pass_over(f"a {message.type[:40]} message")
        return None
    text = _text(message.text)
    if not text.strip():
        rejects.pass_over("a message without text")
        return None
    time_s = _time_s(message)
    if time_s is None:
        rejects.add("a message without a time", bytes(raw), where)
        return None
    reply = None if message.reply_to_message_id is None else str(message.reply_to_message_id)
    return Post(channel, str(message.id), time_s, text, reply, message.edited_unixtime is not None)


def _text(given: Any) -> str:
    """The text of a message: a string, or a list of strings and of objects that hold one (links, bold)."""
    if isinstance(given, str):
        return given
    if not isinstance(given, list):
        return ""
    parts = [part if isinstance(part, str) else part.get("text") for part in given if isinstance(part, str | dict)]
    return "".join(part for part in parts if isinstance(part, str))


def _time_s(message: _Message) -> float | None:
    """POSIX seconds. Without `date_unixtime` (exports before 2021) the date is local to whoever exported: as UTC."""
    if message.date_unixtime is not None:
        try:
            seconds = float(message.date_unixtime)
        except (ValueError, OverflowError):
            return None
        return seconds if 0 <= seconds < 1e11 else None
    try:
        return datetime.fromisoformat(message.date or "").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
