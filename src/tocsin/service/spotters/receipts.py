"""What devices send and are answered."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tocsin.model.value import Time
from tocsin.service.spotters.names import CODE_CHARS_MAX
from tocsin.service.spotters.reports import SpotterReport

REPORTS_MAX = 50

Why = Literal["old", "ahead", "often", "conflict", "unused", "malformed", "refused"]


class Joining(msgspec.Struct, frozen=True):
    """POST /v1/spotter/enrol: the code of an invitation, and what the device made for itself: 32 bytes, base64url."""

    code: Annotated[str, Meta(max_length=CODE_CHARS_MAX)]
    secret: Annotated[str, Meta(max_length=43)]


class Now(msgspec.Struct, frozen=True):
    """What the service's clock says; a device tells the time of its reports by it."""

    now: Time
    drill: bool


class Batch(msgspec.Struct, frozen=True):
    """POST /v1/spotter/reports: at most 50.

    sent   what the device took the service's clock to say when it sent them
    """

    sent: Time
    reports: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=REPORTS_MAX)]


class Reports(msgspec.Struct, frozen=True):
    """The same, as it is described."""

    sent: Time
    reports: Annotated[tuple[SpotterReport, ...], Meta(max_length=REPORTS_MAX)]


class Receipt(msgspec.Struct, frozen=True):
    """What became of one report. Nothing of it says more than what everybody can see on the public page.

    state    kept: it is durable, and used; unused: durable, and it changes no warning; watched: people near it are
             told to be ready; cover: to take cover; quiet: ten minutes later nobody was told to; refused: not taken,
             and need not be sent again; later: not taken now, send it again after `wait_s`; unknown: nothing is known
             of it (any more)
    why      in a word, and `detail` in a sentence
    """

    id: str | None
    state: Literal["kept", "unused", "watched", "cover", "quiet", "refused", "later", "unknown"]
    why: Why | None = None
    detail: str | None = None
    wait_s: float | None = None


class Receipts(msgspec.Struct, frozen=True):
    """Receipts in the order of what was asked or sent, and the service's time."""

    now: Time
    receipts: tuple[Receipt, ...]


class ClockOff(msgspec.Struct, frozen=True):
    """409: nothing was taken, because the device is wrong about the time; `now` is what it is."""

    status: int
    detail: str
    now: Time
