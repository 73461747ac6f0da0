"""ASTERIX as libasterix reads it, and records made at random for it to read."""

from __future__ import annotations

import random
from typing import Any

from tocsin.ingest.asterix.layouts import COMPOUND, EXPLICIT, EXTENDED, FIXED, Item

EDITIONS = {
    1: "Cat_001_1_4",
    2: "Cat_002_1_2",
    15: "Cat_015_1_2",
    16: "Cat_016_1_0",
    21: "Cat_021_2_6",
    34: "Cat_034_1_29",
    48: "Cat_048_1_32",
    62: "Cat_062_1_20",
}
# Items of at least two octets in every category that has them; of some others the editions hold no second one.
TWICE = frozenset({"020", "040", "080", "090", "170", "060"})


def theirs(category: int, octets: bytes) -> Any:
    """The record libasterix reads at the beginning of `octets`, and what is left."""
    import asterix.base as base
    import asterix.generated as generated

    uap = getattr(generated, EDITIONS[category]).cv_uap
    if category == 1:
        (uap_name,) = {"track" if octets_are_track(octets) else "plot"}
        record = uap.cv_uaps[uap_name]
    else:
        record = uap.cv_record
    result = record._parse(base.ParsingMode.StrictParsing, base.Bits.from_bytes(octets))
    assert not isinstance(result, ValueError), f"libasterix refuses {octets.hex()}: {result}"
    return result


def octets_are_track(octets: bytes) -> bool:
    at = 0
    while octets[at] & 1:
        at += 1
    return bool(octets[at + 1 + (2 if octets[0] & 0x80 else 0)] & 0x80)


def part_of(record: Any, item: str, *path: str) -> Any:
    """An item or a part of one; None where the record does not hold it."""
    found = record.get_item(item)
    for name in path:
        found = None if found is None else found.variation.get_item(name)
    return None if found is None else found.variation


def quantity(record: Any, item: str, path: str | None, unit: str) -> float:
    """The number in an item, or in a part of it (`CAL/CAL`: a part of a part)."""
    return float(part_of(record, item, *(path or "").split("/" if path else None)).content.as_quantity(unit))


def flag(record: Any, item: str, *path: str) -> bool:
    """Whether a bit is there and set."""
    found = part_of(record, item, *path)
    return found is not None and found.as_uint() != 0


def random_octets(size: int, chance: random.Random) -> bytes:
    """Anything at all, and as often a number at one of its ends."""
    ends = (b"\0" * size, b"\xff" * size, b"\x80" + b"\0" * (size - 1), b"\x7f" + b"\xff" * (size - 1))
    return chance.choice(ends) if chance.random() < 0.5 else chance.randbytes(size)


def random_item(item: Item, chance: random.Random, twice: frozenset[str] = TWICE) -> bytes:
    if item.form == FIXED:
        return random_octets(item.size, chance)
    if item.form == EXTENDED:
        octets = bytearray(chance.randbytes(item.size * chance.choice((1, 1, 2) if item.name in twice else (1,))))
        for last in range(item.size - 1, len(octets), item.size):
            octets[last] |= 1
        octets[-1] &= 0xFE
        return bytes(octets)
    if item.form == EXPLICIT:
        length = chance.randint(0, 6)
        return bytes([length + 1]) + chance.randbytes(length)
    if item.form == COMPOUND:
        return random_items(item.parts, chance, twice=twice)
    times = chance.randint(1, 3)
    return bytes([times]) + chance.randbytes(times * item.size)


def random_items(
    parts: tuple[Item | None, ...],
    chance: random.Random,
    always: tuple[int, ...] = (),
    twice: frozenset[str] = TWICE,
) -> bytes:
    places = [n for n, item in enumerate(parts) if item is not None and (n in always or chance.random() < 0.3)]
    if not places:
        places = [next(n for n, item in enumerate(parts) if item is not None)]
    octets = bytearray(places[-1] // 7 + 1)
    for place in places:
        octets[place // 7] |= 0x80 >> place % 7
    for number in range(len(octets) - 1):
        octets[number] |= 1
    body = b"".join(random_item(item, chance, twice) for place in places if (item := parts[place]) is not None)
    return bytes(octets) + body
