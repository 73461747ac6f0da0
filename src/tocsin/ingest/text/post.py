"""A post of a channel: what a reader of files or feeds hands on."""

from __future__ import annotations

import msgspec

ID_CHARACTERS_MAX = 200


class Post(msgspec.Struct, frozen=True):
    """One post. `time_s`: POSIX seconds; `edited`: it replaces the post of the same id; `reply_to`: another's id."""

    channel: str
    id: str
    time_s: float
    text: str
    reply_to: str | None = None
    edited: bool = False
    language: str | None = None
