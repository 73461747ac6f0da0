"""Ticks in an agreed log: every twin sends them, one per slot of time enters, and none runs ahead of the brokers.

A tick far in the future would end every warning at once. So its time is held to the broker's, which every reader finds
with the message and holds it to alike. (Dropping it would not do: its slot would be taken when that time has come.)
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from tocsin.journal.jetstream.stream import Place
from tocsin.model.event import Tick
from tocsin.model.value import EPOCH

# Clocks that are kept by NTP differ by milliseconds; a message waits for seconds while a leader is elected, which only
# makes a tick late.
AHEAD_MAX = timedelta(seconds=2)
_MICROSECOND = timedelta(microseconds=1)


def slot_of(tick: Tick, place: Place) -> str:
    """What a tick is called: the same for all twins' ticks of one slot."""
    return f"tick/{place.sector}/{microseconds(tick.time) // round(place.slot_s * 1e6)}"


def microseconds(time: datetime) -> int:
    """Since 1970, UTC."""
    return (time - EPOCH) // _MICROSECOND


def held_back(tick: Tick, stored: datetime) -> Tick:
    """A tick no more than a little ahead of the time at which a broker stored it."""
    return tick if tick.time <= stored + AHEAD_MAX else msgspec.structs.replace(tick, time=stored + AHEAD_MAX)
