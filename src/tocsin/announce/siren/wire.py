"""What goes between a service and a siren: signed commands one way, signed reports the other.

Each message is JSON: the signed bytes, whose key signed them, and an Ed25519 signature over a word that says what they
are and those bytes, so that no report is ever taken for a command.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from tocsin.announce.keys import fingerprint
from tocsin.announce.mqtt_broker import word
from tocsin.model.value import UNREADABLE

# A command names at most ZONES_MAX zones and their episodes, which makes some 25 kB.
MESSAGE_BYTES_MAX = 40_000
ZONES_MAX = 50
Word = Annotated[str, Meta(max_length=200)]
Nonce = Annotated[str, Meta(min_length=16, max_length=64)]
Time = Annotated[datetime, Meta(tz=True)]
# What a siren shows; it sounds at `take_cover` and at the `all_clear` after one.
Pattern = Literal["none", "prepare", "take_cover", "all_clear"]


class Refused(ValueError):
    """What a siren or a service was sent and does not believe; the text says why."""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it stands where one siren is heard; the siren stops by itself at `expires`.

    episodes   at take cover those that stand: a siren that has sounded for one goes on, and does not begin anew; else
               those that ended in the last hours: a siren that has not sounded for one of them missed it
    nonce      never used twice; the siren's report names it
    echo       the siren's own challenge, by which it knows that this was written after it; None: none is known
    blind      we may be blind there: nothing here is an all clear
    """

    siren: Word
    sector: Word
    zones: Annotated[tuple[Word, ...], Meta(max_length=ZONES_MAX)]
    pattern: Pattern
    episodes: Annotated[tuple[Word, ...], Meta(max_length=ZONES_MAX)] = ()
    nonce: Nonce
    issued: Time
    expires: Time
    echo: Nonce | None = None
    drill: bool
    blind: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a siren fares: its heartbeat, and its answer to a command.

    challenge   to be echoed in what it is told next
    answers     nonce of the command that this answers; None: a heartbeat
    heard       nonce of the last command of ours that reached it: the proof that this was written after that
    refused     why the command answered was refused; None: it was obeyed
    battery_percent   None: it cannot tell
    clock_off_s       its clock less ours, where that is known to be wrong
    troubles          what its self-test found
    """

    siren: Word
    sector: Word
    at: Time
    challenge: Nonce
    answers: Nonce | None = None
    heard: Nonce | None = None
    refused: Word | None = None
    pattern: Pattern = "none"
    sounding: bool = False
    drill: bool = False
    battery_percent: Annotated[float, Meta(ge=0, le=100)] | None = None
    clock_off_s: float | None = None
    troubles: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message as it goes over the wire; what is signed and the signature are base64."""

    signed: str
    by: Annotated[str, Meta(max_length=64)]
    signature: Annotated[str, Meta(max_length=100)]


Keys = Mapping[str, Ed25519PublicKey]
_CONTEXTS: dict[type, bytes] = {Command: b"tocsin siren command\n", Report: b"tocsin siren report\n"}


def pinned(*keys: Ed25519PublicKey) -> dict[str, Ed25519PublicKey]:
    """Keys by their fingerprints."""
    return {fingerprint(key): key for key in keys}


def seal(message: Command | Report, key: Ed25519PrivateKey) -> bytes:
    """A message as it goes over the wire."""
    body = msgspec.json.encode(message)
    signature = key.sign(_CONTEXTS[type(message)] + body)
    sealed = _Sealed(
        base64.b64encode(body).decode(), fingerprint(key.public_key()), base64.b64encode(signature).decode()
    )
    return msgspec.json.encode(sealed)


def opened_command(data: bytes, keys: Keys) -> tuple[str, Command]:
    """Whose key signed a command (its fingerprint), and the command. Raises Refused."""
    by, body = _verified(data, keys, Command)
    try:
        return by, msgspec.json.decode(body, type=Command)
    except UNREADABLE as error:
        raise Refused(f"it is signed and no command that is known here: {error}") from error


def opened_report(data: bytes, keys: Keys) -> Report:
    """A report that one of these keys signed. Raises Refused."""
    _, body = _verified(data, keys, Report)
    try:
        return msgspec.json.decode(body, type=Report)
    except UNREADABLE as error:
        raise Refused(f"it is signed and no report that is known here: {error}") from error


def _verified(data: bytes, keys: Keys, kind: type[Command] | type[Report]) -> tuple[str, bytes]:
    if len(data) > MESSAGE_BYTES_MAX:
        raise Refused(f"it has {len(data)} bytes; no message has more than {MESSAGE_BYTES_MAX}")
    try:
        sealed = msgspec.json.decode(data, type=_Sealed)
        body, signature = (base64.b64decode(part, validate=True) for part in (sealed.signed, sealed.signature))
    except (*UNREADABLE, ValueError) as error:
        raise Refused(f"it is no signed message: {error}") from error
    key = keys.get(sealed.by)
    if key is None:
        raise Refused(f"the key {sealed.by[:16]} is not one of those pinned")
    try:
        key.verify(signature, _CONTEXTS[kind] + body)
    except InvalidSignature:
        raise Refused(f"the signature is not that of the key {sealed.by[:16]}") from None
    return sealed.by, body


def command_topic(root: str, siren: str) -> str:
    """Where a siren is told; `root` is `prefix/sector`."""
    return f"{root}/sirens/{word(siren)}/command"


def report_topic(root: str, siren: str) -> str:
    """Where a siren tells of itself."""
    return f"{root}/sirens/{word(siren)}/report"
