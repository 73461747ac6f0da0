"""Logs with their heads, for tests: made in a moment, and tampered with at will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tocsin.ledger.proof_check import Verdict, verify
from tocsin.ledger.proof_entries import Item
from tocsin.ledger.proof_heads import HeadSigner, key_fingerprint
from tocsin.ledger.proof_log import ProofLog

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
KEY = ec.derive_private_key(7, ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
TRUST: Mapping[str, object] = {key_fingerprint(KEY.public_key()): KEY.public_key()}


class Published(NamedTuple):
    """What readers have: the entries and the heads, as lines."""

    entries: list[bytes]
    heads: list[bytes]


def items(count: int, start: int = 0) -> list[Item]:
    """Warnings, every fifth a record that is not public."""
    return [
        Item("claim" if at % 5 == 4 else "warning", f"z{at}/1", f'{{"zone":"z{at}"}}', public=at % 5 != 4)
        for at in range(start, start + count)
    ]


def log_of(folder: Path, batches: Sequence[int], key: object = KEY) -> ProofLog:
    """A log that grew by so many entries, with a head after each batch."""
    log, signer = ProofLog(folder / "proof.db", make=True), HeadSigner(key)
    for number, count in enumerate(batches):
        log.append(items(count, len(log)))
        log.sign(signer, NOW + timedelta(seconds=number))
    return log


def published(log: ProofLog) -> Published:
    """All of it."""
    return Published(log.entry_lines(0, 1_000_000), log.head_lines(0, 1_000_000))


def checked(entries: list[bytes], heads: list[bytes]) -> Verdict:
    """By the key of these tests."""
    return verify(entries, heads, TRUST)


def named(verdict: Verdict) -> list[tuple[str, int | None, int | None]]:
    """What is wrong, without the sentences."""
    return [(one.what, one.first, one.last) for one in verdict.findings]


def changed(line: bytes, **fields: object) -> bytes:
    """A line of JSON with other fields; None takes one out."""
    found = msgspec.json.decode(line) | fields
    return msgspec.json.encode({name: value for name, value in found.items() if value is not None})
