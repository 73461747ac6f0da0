"""Records of the public log, flipped, dropped, swapped or forked: are all found and named, by both verifiers?"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.bench.verify_page import PageFinding, verified_by_the_page
from tocsin.ledger.merkle import HASH_BYTES, MerkleTree
from tocsin.ledger.proof_check import verify
from tocsin.ledger.proof_entries import ProofEntry, entry_json
from tocsin.ledger.proof_heads import HeadSigner, head_json, key_fingerprint
from tocsin.model.value import time_text

RECORDS = 10_000
# Entries of each log, under a head for every fifty; of these so many are tampered with in one export.
ENTRIES, HEADED, TAMPERED = 500, 50, 100
KINDS = ("flip", "drop", "swap", "fork")
REACH = {f"{who}_missed": 0 for who in ("tampered_server", "tampered_page")} | {
    f"{who}_wrongly": 0 for who in ("named_server", "named_page")
}
_NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
_CHANCE_SEED = 21


class Tampered(NamedTuple):
    """An export that somebody changed, the heads that a reader holds, and which entries were touched, by how."""

    entries: list[bytes]
    heads: list[bytes]
    touched: dict[int, str]


def figures() -> dict[str, Any]:
    """How many of the records were found and named, by whom, and how many others were named beside them."""
    chance = random.Random(_CHANCE_SEED)  # noqa: S311 - what a liar does, no secrets
    key = ec.generate_private_key(ec.SECP256R1())
    signer = HeadSigner(key)
    trust = {key_fingerprint(key.public_key()): key.public_key()}
    logs = [tampered(chance, signer, KINDS[number % len(KINDS)]) for number in range(RECORDS // TAMPERED)]
    begun_s = time.process_time()
    server = [[PageFinding(*one[:3]) for one in verify(one.entries, one.heads, trust).findings] for one in logs]
    server_s = time.process_time() - begun_s
    with tempfile.TemporaryDirectory() as folder:
        begun_s = time.perf_counter()
        page = verified_by_the_page(Path(folder), [(one.entries, one.heads) for one in logs], signer.public_pem)
        page_s = time.perf_counter() - begun_s
    found: dict[str, Any] = {"tampered": sum(len(one.touched) for one in logs)}
    found |= {f"tampered_{kind}": sum(how == kind for one in logs for how in one.touched.values()) for kind in KINDS}
    for who, findings in (("server", server), ("page", page)):
        missed, wrongly = _counted(logs, findings)
        found |= {f"tampered_{who}_missed": missed, f"named_{who}_wrongly": wrongly}
    found["verifiers_agree"] = [sorted(one, key=str) for one in server] == [sorted(one, key=str) for one in page]
    return found | {"server_cpu_s": round(server_s, 2), "page_s": round(page_s, 2)}


def _counted(logs: Sequence[Tampered], findings: Sequence[Sequence[PageFinding]]) -> tuple[int, int]:
    """How many touched records are not named as what was done to them, and how many others are named."""
    missed = wrongly = 0
    for log, found in zip(logs, findings, strict=True):
        named = {
            at: one.what
            for one in found
            if one.first is not None and one.last is not None
            for at in range(one.first, one.last + 1)
        }
        missed += sum(_CALLED[how] != named.get(at) for at, how in log.touched.items())
        wrongly += len(named.keys() - log.touched.keys())
    return missed, wrongly


_CALLED = {"flip": "altered", "drop": "dropped", "swap": "moved", "fork": "forked"}


def tampered(chance: random.Random, signer: HeadSigner, kind: str) -> Tampered:
    """One log with TAMPERED of its records changed in one way; every head that a reader holds is rightly signed.

    flip   one bit of the line, wherever        drop   gone, and half of the time the rest is numbered anew
    swap   in pairs, numbered as they stand     fork   a second history under the log's own key, the worst there is
    """
    entries = [_entry(chance, at) for at in range(ENTRIES)]
    heads = _heads(signer, entries, 0, [], 0)
    lines = [entry_json(entry) for entry in entries]
    if kind == "fork":
        first = ENTRIES - TAMPERED
        other = [*entries[:first], *(_entry(chance, at) for at in range(first, ENTRIES))]
        leaves = [entry.leaf for entry in entries[:first]]
        heads += _heads(signer, other[first:], first, leaves, 3_600)
        shown = chance.choice([entries, other])
        return Tampered([entry_json(entry) for entry in shown], heads, dict.fromkeys(range(first, ENTRIES), kind))
    # Apart from each other: of neighbours that change places only one has moved.
    places = sorted(chance.sample(range(0, ENTRIES, 4), TAMPERED))
    match kind:
        case "flip":
            lines = [_flipped(chance, line) if at in places else line for at, line in enumerate(lines)]
        case "drop":
            lines = [line for at, line in enumerate(lines) if at not in places]
            if chance.random() < 0.5:
                lines = [_numbered(line, at) for at, line in enumerate(lines)]
        case "swap":
            for one, two in zip(places[::2], places[1::2], strict=True):
                lines[one], lines[two] = _numbered(lines[two], one), _numbered(lines[one], two)
    return Tampered(lines, heads, dict.fromkeys(places, kind))


def _entry(chance: random.Random, at: int) -> ProofEntry:
    """A warning, or a claim of which only the hash is public."""
    if chance.random() < 0.3:
        return ProofEntry(index=at, public=False, commitment=chance.randbytes(HASH_BYTES).hex())
    zone = f"z{chance.randrange(1_000)}"
    content = msgspec.json.encode({"zone": zone, "level": "take_cover", "time": time_text(_NOW), "drill": True})
    salt = chance.randbytes(16).hex()
    return ProofEntry(
        index=at, public=True, salt=salt, kind="warning", id=f"{zone}/{at}/1/take_cover", content=content.decode()
    )


def _heads(
    signer: HeadSigner, entries: Sequence[ProofEntry], first: int, leaves: list[bytes], late_s: int
) -> list[bytes]:
    """Heads over entries from `first` on, after these leaves, signed so much later."""
    tree = MerkleTree()
    tree.extend(leaves)
    found = []
    for start in range(0, len(entries), HEADED):
        new = b"".join(entry.leaf for entry in entries[start : start + HEADED])
        tree.extend((new,))
        at = time_text(_NOW + timedelta(seconds=late_s + first + start))
        found.append(head_json(signer.sign("5" * 32, tree.root(), at, first + start, new)))
    return found


def _flipped(chance: random.Random, line: bytes) -> bytes:
    """A line of which one bit is another, wherever; it stays one line."""
    while True:
        flipped = bytearray(line)
        flipped[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
        if b"\n" not in flipped:
            return bytes(flipped)


def _numbered(line: bytes, at: int) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(line) | {"index": at})
