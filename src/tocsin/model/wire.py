"""Values as JSON (the contracts' form) and as compact binary (snapshots)."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import numpy as np

from tocsin.model.birth import ID_PATTERN, PUBLIC_PATTERN
from tocsin.model.effect import Effect
from tocsin.model.errors import BadRecord
from tocsin.model.event import Event
from tocsin.model.observation import Icao24, Mode3A, Observation
from tocsin.model.sensor import Sensor
from tocsin.model.value import ID_SAID, PUBLIC_SAID, UNREADABLE
from tocsin.model.words import plain

_encoder = msgspec.json.Encoder(order="deterministic")
_observations: msgspec.json.Decoder[Observation] = msgspec.json.Decoder(Observation)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_effects: msgspec.json.Decoder[Effect] = msgspec.json.Decoder(Effect)
_sensors = msgspec.json.Decoder(list[Sensor])

# The patterns that a sender can miss, in words. How long a text may be is told apart.
_PATTERNS_SAID: dict[str, str] = {ID_PATTERN: ID_SAID, PUBLIC_PATTERN: PUBLIC_SAID} | {
    meta.pattern: meta.description or ""
    for hint in (Icao24, Mode3A)
    for meta in get_args(hint)[1:]
    if meta.pattern is not None
}

# Of a file with many faults of one kind, so many are named.
NAMED_MAX = 5
# One observation; only an upstream CAP message comes near it.
OBSERVATION_BYTES_MAX = 6_000_000


def to_json(value: Any) -> bytes:
    """Any value as one line of JSON; the same value gives the same bytes."""
    return _encoder.encode(value)


def in_words(error: Exception, *kinds: type) -> str:
    """What a decoder says is wrong with what should have been one of these kinds, in plain words."""
    return plain(error, _PATTERNS_SAID, *kinds)


def observation_from_json(line: bytes | str) -> Observation:
    """One observation from its JSON. Raises BadRecord saying which field is wrong."""
    if len(line) > OBSERVATION_BYTES_MAX:
        raise BadRecord(f"an observation of {len(line)} bytes; at most {OBSERVATION_BYTES_MAX} are read")
    try:
        return _observations.decode(line)
    except UNREADABLE as error:
        raise BadRecord(f"not an observation: {in_words(error, *get_args(Observation))}") from error


def event_from_json(line: bytes) -> Event:
    """One event from its JSON. Raises BadRecord."""
    try:
        return _events.decode(line)
    except UNREADABLE as error:
        raise BadRecord(f"not an event: {in_words(error)}") from error


def effect_from_json(line: bytes) -> Effect:
    """One effect from its JSON. Raises BadRecord."""
    try:
        return _effects.decode(line)
    except UNREADABLE as error:
        raise BadRecord(f"not an effect: {in_words(error)}") from error


def sensors_from_json(text: bytes) -> tuple[Sensor, ...]:
    """A sensors file (a JSON list). Raises BadRecord, also when two sensors share an id."""
    try:
        sensors = tuple(_sensors.decode(text))
    except UNREADABLE as error:
        raise BadRecord(_unplaced(text) or f"not a list of sensors: {in_words(error, Sensor)}") from error
    seen: set[str] = set()
    for sensor in sensors:
        if sensor.id in seen:
            raise BadRecord(f"two sensors are called {sensor.id}; ids must be unique")
        seen.add(sensor.id)
    return sensors


def has_no_place(entry: Any) -> bool:
    """Whether an entry of a sensors file, as JSON has it, says nothing of where its sensor stands."""
    return isinstance(entry, dict) and entry.get("lat") is None and entry.get("lon") is None


def _unplaced(text: bytes) -> str | None:
    """What to do about sensors whose place is yet to be written; None: that is not what is wrong."""
    try:
        entries = msgspec.json.decode(text)
    except UNREADABLE:
        return None
    names = [repr(one.get("id")) for one in entries if has_no_place(one)] if isinstance(entries, list) else []
    if not names:
        return None
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return (
        f"nobody says where {', '.join(names[:NAMED_MAX])}{more} stand: complete lat and lon (degrees, WGS 84) and "
        "altitude_m (of the antenna, above the sea)"
    )


_ARRAY = 1


def _pack_hook(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        assert not value.dtype.hasobject, "the octets of an array of objects are addresses"
        head = msgspec.msgpack.encode((value.dtype.str, value.shape))
        return msgspec.msgpack.Ext(_ARRAY, len(head).to_bytes(2, "big") + head + value.tobytes())
    raise NotImplementedError(f"a snapshot cannot hold a {type(value).__name__}")


def _unpack_hook(code: int, data: memoryview) -> Any:
    if code != _ARRAY:
        raise BadRecord(f"a snapshot holds an unknown extension {code}; rebuild it from the journal")
    head_end = 2 + int.from_bytes(data[:2], "big")
    dtype, shape = msgspec.msgpack.decode(data[2:head_end])
    return np.frombuffer(data[head_end:], dtype=np.dtype(dtype)).reshape(shape).copy()


def pack(state: Any) -> bytes:
    """Plain containers, numbers, strings, bytes and NumPy arrays as bytes, for snapshots; never pickle."""
    return msgspec.msgpack.encode(state, enc_hook=_pack_hook)


def unpack(data: bytes) -> Any:
    """What `pack` packed; tuples come back as lists. Raises BadRecord."""
    try:
        return msgspec.msgpack.decode(data, ext_hook=_unpack_hook)
    except (*UNREADABLE, ValueError, TypeError) as error:
        raise BadRecord(f"not a snapshot: {error}") from error
