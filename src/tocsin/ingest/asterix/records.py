"""One data block into its records, each a dict from item name to the item's octets."""

from __future__ import annotations

from tocsin.ingest.asterix.layouts import (
    CAT_001_PLOT,
    CAT_001_TRACK,
    COMPOUND,
    EXPLICIT,
    EXTENDED,
    FIXED,
    PROFILES,
    REPEATED,
    Item,
)
from tocsin.model.errors import BadRecord

# Item name -> its octets; a subitem of a compound is named item/subitem.
Record = dict[str, bytes]
# Two octets of field specification hold 14 items; no category uses more than seven.
FSPEC_OCTETS_MAX = 8


def _present(data: bytes, at: int, end: int) -> tuple[list[int], int]:
    """Positions (from 0) of the bits set in a field specification, and where it ends."""
    positions: list[int] = []
    for octet in range(FSPEC_OCTETS_MAX):
        if at >= end:
            raise BadRecord("a record ends within its field specification")
        bits = data[at]
        at += 1
        positions += _BITS[bits >> 1] if octet == 0 else [7 * octet + bit for bit in _BITS[bits >> 1]]
        if not bits & 1:
            return positions, at
    raise BadRecord(f"a field specification of more than {FSPEC_OCTETS_MAX} octets")


_BITS = [[bit for bit in range(7) if bits >> (6 - bit) & 1] for bits in range(128)]


def _item_end(item: Item, data: bytes, at: int, end: int, record: Record, prefix: str) -> int:
    """Where an item of no fixed length that begins at `at` ends; the subitems of a compound go into `record`."""
    if item.form == COMPOUND:
        return _items(item.parts, data, at, end, record, f"{prefix}{item.name}/")
    if at >= end:
        raise BadRecord(f"item {prefix}{item.name} begins after the end of its block")
    if item.form == REPEATED:
        return at + 1 + data[at] * item.size
    if item.form == EXPLICIT:
        if data[at] == 0:
            raise BadRecord(f"item {prefix}{item.name} has length 0")
        return at + data[at]
    assert item.form == EXTENDED
    at += item.size
    while at <= end and data[at - 1] & 1:
        at += item.size
    return at


# (profile, field specification) -> its items. A radar sends a handful of different ones, thousands of times a second.
_plans: dict[tuple[int, bytes], tuple[Item, ...]] = {}
PLANS_MAX = 10_000


def _plan(parts: tuple[Item | None, ...], data: bytes, at: int, end: int, prefix: str) -> tuple[tuple[Item, ...], int]:
    """The items that the field specification at `at` announces, and where it ends."""
    stop = at + 1
    while stop <= end and data[stop - 1] & 1 and stop - at <= FSPEC_OCTETS_MAX:
        stop += 1
    specification = data[at : min(stop, end)]
    known = _plans.get((id(parts), specification))
    if known is not None and stop <= end:
        return known, stop
    positions, stop = _present(data, at, end)
    items = []
    for position in positions:
        item = parts[position] if position < len(parts) else None
        if item is None:
            raise BadRecord(f"bit {position + 1} of the field specification {prefix or ''}stands for no item")
        items.append(item)
    if len(_plans) >= PLANS_MAX:
        _plans.clear()
    return _plans.setdefault((id(parts), specification), tuple(items)), stop


def _items(parts: tuple[Item | None, ...], data: bytes, at: int, end: int, record: Record, prefix: str) -> int:
    items, at = _plan(parts, data, at, end, prefix)
    for item in items:
        stop = at + item.size if item.form == FIXED else _item_end(item, data, at, end, record, prefix)
        if stop > end:
            raise BadRecord(f"item {prefix}{item.name} reaches beyond the end of its block")
        record[prefix + item.name] = data[at:stop]
        at = stop
    return at


def records_of(category: int, data: bytes, start: int, end: int) -> tuple[list[tuple[Record, bytes]], str | None]:
    """The (record, its octets) pairs of a block's body data[start:end], and what ended them early, if anything."""
    profile = PROFILES[category]
    found: list[tuple[Record, bytes]] = []
    at = start
    while at < end:
        record: Record = {}
        try:
            if category == 1:
                profile = _profile_001(data, at, end)
            stop = _items(profile, data, at, end, record, "")
            # Without this, rubbish is a record too easily. Only 001 and 002 may leave out a source named before.
            if "010" not in record and (category not in (1, 2) or not (record and found)):
                raise BadRecord("a record that does not name its source (item 010)")
        except BadRecord as error:
            return found, str(error)
        found.append((record, data[at:stop]))
        at = stop
    return found, None


def _profile_001(data: bytes, at: int, end: int) -> tuple[Item | None, ...]:
    """Category 001 has two profiles; bit 8 of item 020 says which (0 plot, 1 track)."""
    positions, body = _present(data, at, end)
    if 1 not in positions:
        raise BadRecord("a record of category 001 without item 020 is neither plot nor track")
    body += 2 if 0 in positions else 0
    if body >= end:
        raise BadRecord("item 020 begins after the end of its block")
    return CAT_001_TRACK if data[body] & 0x80 else CAT_001_PLOT
