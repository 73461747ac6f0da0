"""What the console keeps: the log, the notes that one shift leaves the next, and pictures of the last hours."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from tocsin.model.value import Id, Name, Time

NOTE_CHARS_MAX = 4_000
LogKind = Literal["act", "warning", "sensor", "channel", "source", "note", "refused", "service"]
KINDS: tuple[LogKind, ...] = get_args(LogKind)


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log.

    number   grows; no two are the same
    who      who did it, or what it is about: an officer, a sensor, a channel
    state    the level of a warning, the action of an act, the state of a sensor or channel
    zones    the first 100 of `zone_count`
    """

    number: int
    time: Time
    kind: LogKind
    who: str
    state: str
    text: str
    zones: tuple[Name, ...] = ()
    zone_count: int = 0
    act: Id | None = None
    drill: bool = False


class Log(msgspec.Struct, frozen=True):
    """GET /v1/console/log: newest first; `after=N` gives what is older than number N; null: there is nothing older."""

    entries: tuple[LogEntry, ...]
    after: int | None


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/console/notes. The same `id` again adds nothing."""

    id: Id
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_CHARS_MAX)]


class ShiftNote(msgspec.Struct, frozen=True):
    """A note for the next shift: never changed, only added."""

    number: int
    time: Time
    who: Name
    text: str


class Notes(msgspec.Struct, frozen=True):
    """GET /v1/console/notes: newest first; `after` as in the log."""

    notes: tuple[ShiftNote, ...]
    after: int | None


class Past(msgspec.Struct, frozen=True):
    """GET /v1/console/past: which pictures are kept. `?at=TIME` gives the newest of them not after that time.

    first, last   null: none is kept yet
    marks         where something was warned of: times of changes of level, for the slider; the newest 1,000
    """

    first: Time | None
    last: Time | None
    every_s: float
    count: int
    marks: tuple[Time, ...]
