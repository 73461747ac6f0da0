"""SAME: the header that opens an alert on American and Canadian radio, and its sound (47 CFR 11.31).

A header says who, what, where, until when and when: `ZCZC-CIV-CDW-012345-054321+0030-3321430-TOCSIN  -`. It has no
words. Where is a code of six digits a place (PSSCCC), which the zones bear as `codes` of the scheme SAME.

The event codes are those of 47 CFR 11.31(e) as NWS Instruction 10-518 explains them: a Civil Danger Warning names a
specific hazard and what to do, "imminent or in-progress military or terrorist attack" among its examples; a Civil
Emergency Message is less specific; an Administrative Message tells that an event is over. A Practice/Demo Warning is
none: receivers may not take it for real. No code tells drills of different levels apart.
"""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tocsin.announce.bodies import PublicWarning
from tocsin.cap.claims import CLAIMS, Events
from tocsin.model.errors import BadSettings
from tocsin.model.zone import Zone

SCHEME = "SAME"
ORIGINATOR = "CIV"
# CAP messages for the same network carry the same codes.
_EVENTS = cast(Events, CLAIMS["ipaws"].events)
OVER_EVENT = _EVENTS.of("all_clear", drill=False)
# 11.31(c): a header holds no more.
PLACES_MAX = 31
# What fits into TTTT.
VALID_MAX = timedelta(hours=99, minutes=30)
_PLACE = re.compile(r"[0-9]{6}")
_STATION = re.compile(r"[A-Z0-9/ ]{1,8}")

RATE_HZ = 22_050
# 11.31(a)(1): 520.83 bits a second; a mark is four whole waves (2083.3 Hz), a space three (1562.5 Hz).
BAUD = 3125 / 6
_WAVES = np.array([3.0, 4.0])
_PREAMBLE = b"\xab" * 16
_END = b"NNNN"
# 11.31(a)(2) and (c): both tones at once, for 8 to 25 seconds.
_ATTENTION_HZ, _ATTENTION_S = (853.0, 960.0), 8.0
_LOUD = 0.6 * 32_767
Sound = NDArray[np.int16]


def places_of(warnings: Iterable[PublicWarning], zones: Mapping[str, Zone]) -> tuple[list[str], list[str]]:
    """The places of warnings as codes, each once, and the zones that have none: a header cannot name these.

    A zone with a code that is none has none: half of it warned would be taken for all of it.
    """
    places: dict[str, None] = {}
    nameless = []
    for warning in warnings:
        zone = zones.get(warning.zone)
        codes = zone.codes.get(SCHEME, ()) if zone else ()
        if codes and all(map(_PLACE.fullmatch, codes)):
            places |= dict.fromkeys(codes)
        else:
            nameless.append(warning.zone)
    return list(places), nameless


def station_named(name: str) -> str:
    """The name of a station as it is. Raises BadSettings where a header cannot hold it."""
    if not _STATION.fullmatch(name):
        raise BadSettings(f"the station is {name!r}; it has up to eight capitals, digits and slashes, as WXYZ/FM")
    return name


def headers(warnings: Sequence[PublicWarning], places: Sequence[str], station: str) -> list[str]:
    """The headers that tell of warnings of one level, all drills or none, at these places; one for 31 of them.

    station   as `station_named` has it: who transmits
    """
    first = warnings[0]
    assert len({(one.level, one.drill) for one in warnings}) == 1, "a header says one thing"
    event = _EVENTS.of(first.level, drill=first.drill)
    sent = max(one.time for one in warnings).astimezone(UTC)
    until = valid(max(one.expires for one in warnings) - sent)
    said = []
    for start in range(0, len(places), PLACES_MAX):
        where = "-".join(places[start : start + PLACES_MAX])
        said.append(f"ZCZC-{ORIGINATOR}-{event}-{where}+{until}-{sent:%j%H%M}-{station:<8}-")
    return said


def valid(left: timedelta) -> str:
    """TTTT: hours and minutes, to the next quarter of an hour up to one hour, then to the next half; never too short.

    >>> valid(timedelta(minutes=16)), valid(timedelta(minutes=61)), valid(timedelta(0))
    ('0030', '0130', '0015')
    """
    step = timedelta(minutes=15 if left <= timedelta(hours=1) else 30)
    steps = max(-(-left // step), 1)
    minutes = min(steps * step, VALID_MAX) // timedelta(minutes=1)
    return f"{minutes // 60:02d}{minutes % 60:02d}"


def sound(header: str) -> bytes:
    """A WAV file: the header three times, the attention signal where it warns, and the end of message three times.

    Between the attention signal and the end there is room of a second: whoever transmits lays the spoken text there.
    """
    second = np.zeros(RATE_HZ, np.int16)
    opening, ending = burst(header.encode("ascii")), burst(_END)
    parts = [second, *(opening, second) * 3]
    if f"-{OVER_EVENT}-" not in header:
        parts += [_attention(), second]
    parts += (ending, second) * 3
    return _wav(np.concatenate(parts))


def burst(data: bytes) -> Sound:
    """A preamble and bytes as waves: least significant bit first, each bit whole waves, so that nothing clicks."""
    bits = np.unpackbits(np.frombuffer(_PREAMBLE + data, np.uint8), bitorder="little")
    at = np.arange(int(len(bits) / BAUD * RATE_HZ)) / RATE_HZ * BAUD
    number = at.astype(np.int64)
    return _tone(np.sin(2.0 * np.pi * _WAVES[bits[number]] * (at - number)))


@cache
def _attention() -> Sound:
    at = np.arange(int(_ATTENTION_S * RATE_HZ)) / RATE_HZ
    low, high = (np.sin(2.0 * np.pi * hz * at) for hz in _ATTENTION_HZ)
    return _tone((low + high) / 2.0)


def _tone(wave_: NDArray[np.float64]) -> Sound:
    return np.asarray(np.rint(_LOUD * wave_), np.int16)


def _wav(samples: Sound) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()
