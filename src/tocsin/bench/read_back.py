"""Warnings read back out of every form, by readers that share nothing with the writers.

The sound of SAME is heard bit by bit; CAMF is decoded by `azarashi`; CAP by our reader of other people's messages;
texts by what they must begin with. What a form cannot say (SAME has one code for all drills, a short text no expiry) is
not asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.forms import camf, same
from tocsin.announce.words import Form, say
from tocsin.cap.read import read_cap
from tocsin.cap.write import Author, Issuer, Message
from tocsin.earth.frames import LocalFrame
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.words import gsm7
from tocsin.words.catalogue import catalogue_in
from tocsin.words.english import DRILL, SAID
from tocsin.words.notice import SOON, sense_of

PROVIDER = camf.Provider(country=231, authority=1)
_LEVELS = {"CDW": "take_cover", "CEM": "prepare", "ADR": "all_clear"}
_SEVERITIES = {3: "take_cover", 2: "prepare", 0: "all_clear"}
_HOURS = {1: (0, 6), 2: (6, 12), 3: (12, 24), 0: (24, 10_000)}
_ISOLATES = {0x2068: None, 0x2069: None}


def _one_message(text: str) -> bool:
    """Whether a text fits into the 140 octets of one text message."""
    codes = gsm7.septets(text)
    return len(text.encode("utf-16-be")) <= 140 if codes is None else len(gsm7.packed(codes)) <= 140


_ROOM: dict[Form, Callable[[str], bool]] = {
    "sms": _one_message,
    "mesh": lambda text: len(text.encode()) <= 200,
    "cell": lambda text: len(text) <= 360,
}


def differences(warning: PublicWarning, zone: Zone, language: str) -> list[str]:
    """What any form says otherwise than the warning does; one sentence each."""
    found = []
    for form, said, meant in _readings(warning, zone, language):
        found += [
            f"{form} says {key} {said[key]!r}, meant is {meant[key]!r}" for key in meant if said[key] != meant[key]
        ]
    return found


def _readings(
    warning: PublicWarning, zone: Zone, language: str
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    meant: dict[str, Any] = {"drill": warning.drill, "level": warning.level, "zone": zone.id}
    minute = warning.time.replace(second=0, microsecond=0)
    real = meant if not warning.drill else {"drill": True, "zone": zone.id}
    yield "same", read_same(warning, zone), real | {"sent": minute, "holds": True}
    yield "camf", read_camf(warning, zone), meant | {"onset": _onset(warning), "lasts": True}
    second = warning.time.replace(microsecond=0)
    yield "cap", read_cap_of(warning, zone, language), meant | {"sent": second, "holds": True}
    for form in _ROOM:
        text = say(warning, {zone.id: zone}, language, form)
        said = read_text(text, warning, zone, language) | {"fits": _ROOM[form](text)}
        yield form, said, meant | {"fits": True, "from": True}


def read_same(warning: PublicWarning, zone: Zone) -> dict[str, Any]:
    """What the sound of a header says."""
    places, _ = same.places_of([warning], {zone.id: zone})
    (header,) = same.headers([warning], places, "BENCH")
    (heard,) = heard_in(same.burst(header.encode()))
    _, origin, event, rest = heard.decode("ascii").split("-", 3)
    where, _, times = rest.partition("+")
    valid, sent, station, _ = times.split("-")
    at = datetime.strptime(f"{warning.time.year}{sent}", "%Y%j%H%M").replace(tzinfo=UTC)
    until = at + timedelta(hours=int(valid[:2]), minutes=int(valid[2:]))
    assert (origin, station) == ("CIV", "BENCH   "), heard
    return {
        "drill": event == "DMO",
        "level": _LEVELS.get(event),
        "zone": zone.id if tuple(where.split("-")) == zone.codes["SAME"] else where,
        "sent": at,
        # It holds to the end, and not an hour longer.
        "holds": warning.expires - timedelta(minutes=1) <= until <= warning.expires + timedelta(hours=1),
    }


def read_camf(warning: PublicWarning, zone: Zone) -> dict[str, Any]:
    """What `azarashi` reads in the bits, inside a frame of the satellites that it knows."""
    import azarashi

    report: Any = azarashi.decode(framed(camf.message(warning, zone, PROVIDER)), "hex", timestamp=warning.time)
    fields = report.camf
    low, high = _HOURS[fields.a8]
    onset = report.a6a7_hazard_onset_datetime
    left = warning.expires - max(warning.time, warning.eta_earliest or warning.time)
    return {
        "drill": report.a1_message_type == "Test" and report.a4_hazard_type == "Siren test",
        "level": _SEVERITIES[fields.a5],
        "zone": zone.id if _holds(report, zone) else "another place",
        "onset": onset,
        "lasts": timedelta(hours=low) <= max(left, timedelta(0)) < timedelta(hours=high),
    }


def read_cap_of(warning: PublicWarning, zone: Zone, language: str) -> dict[str, Any]:
    """What a reader of CAP makes of the message."""
    fields = {name: getattr(warning, name) for name in PublicWarning.__struct_fields__}
    author = Author(Issuer(sender="bench.example", languages=(language,)), (zone,))
    message = Message(identifier="m", sent=warning.time, kind="Alert", warnings=(Warning(**fields),))
    alert = read_cap(author.xml(message))
    (info,) = alert.infos
    (area,) = info.areas
    return {
        "drill": alert.status == "Exercise",
        "level": dict(info.parameters)["tocsin-level"],
        "zone": dict(area.geocodes)["tocsin-zone"],
        "sent": alert.sent,
        "holds": timedelta(0) <= (info.expires or alert.sent) - warning.expires < timedelta(minutes=1),
    }


def read_text(text: str, warning: PublicWarning, zone: Zone, language: str) -> dict[str, Any]:
    """What a text says by its first words, its place and its time; whether it fits is asked of its bytes."""
    words = catalogue_in(language)
    plain = text.translate(_ISOLATES)
    fold = gsm7.folded if gsm7.septets(plain) is not None else str
    mark = fold(f"{words.say(DRILL)} – ")
    drill = plain.startswith(mark)
    rest = plain.removeprefix(mark)
    senses = [sense for sense, said in SAID.items() if rest.startswith(fold(words.say(said.headline)))]
    meant = sense_of(warning.level, lapses=warning.lapses is True)
    name = fold(zone.name_in(language))
    cut = re.search(r": (.+?)(…|\.\.\.)", rest)
    there = name in rest or (cut is not None and name.startswith(cut[1]))
    eta, likely = warning.eta_earliest or warning.time, warning.eta_likely or warning.time
    known = {words.clock(time)[:5] for time in (warning.time, warning.expires, eta, likely)}
    times = re.findall(r"\d\d:\d\d", rest)
    # Short names leave room for a time, and of what may come soon none is told.
    due = eta > warning.time + SOON and meant in ("take_cover", "prepare") and len(name) < 12
    return {
        "drill": drill,
        "level": warning.level if senses == [meant] else senses,
        "zone": zone.id if there else rest,
        "from": set(times) <= known and (not due or words.clock(eta)[:5] in times),
    }


def heard_in(sound: NDArray[np.int16]) -> list[bytes]:
    """Every burst in a sound: its bytes after the preamble, up to silence.

    The two tones are compared over the length of a bit; of all beginnings within a bit the one that hears the clearest
    is taken.
    """
    found = []
    loud = np.flatnonzero(sound)
    for part in np.split(loud, np.flatnonzero(np.diff(loud) > same.RATE_HZ // 4) + 1):
        burst = sound[part[0] : part[-1] + 1].astype(float)
        data = _bytes_in(burst)
        preamble = data.find(b"\xab" * 8)
        if preamble >= 0:
            found.append(data[preamble:].lstrip(b"\xab").rstrip(b"\x00"))
    return found


@cache
def _waves(hz: float) -> NDArray[np.complex128]:
    """A tone, longer than a header of 31 places and than the attention signal."""
    return np.asarray(np.exp(-2j * np.pi * hz * np.arange(10 * same.RATE_HZ) / same.RATE_HZ))


def _bytes_in(burst: NDArray[np.float64]) -> bytes:
    per_bit = same.RATE_HZ / (3125 / 6)
    tones = [_waves(hz)[: len(burst)] for hz in (3125 * 4 / 6, 3125 * 3 / 6)]
    sums = [np.concatenate([[0.0], np.cumsum(burst * tone)]) for tone in tones]

    def margins(offset: float) -> NDArray[np.float64]:
        starts = np.arange(offset, len(burst) - per_bit + 1.5, per_bit)
        low, high = np.rint(starts).astype(int), np.minimum(np.rint(starts + per_bit).astype(int), len(burst))
        mark, space = (np.abs(one[high] - one[low]) for one in sums)
        return np.asarray(mark - space)

    best = max(np.arange(0.0, per_bit, per_bit / 8), key=lambda offset: float(np.abs(margins(offset)[:128]).sum()))
    return np.packbits(margins(best) > 0, bitorder="little").tobytes()


def framed(message: bytes) -> str:
    """CAMF in a message of type 44 of QZSS' L1S signal, as hexadecimal (IS-QZSS-DCX): what carries it on air."""
    bits = (0x53 << 6 | 44) << 10
    bits = bits << camf.BITS | int.from_bytes(message, "big") >> 6
    bits = (bits << 68 << 6 | 1) << 6
    crc = 0
    for place in range(225, -1, -1):
        crc = crc << 1 ^ (bits >> place & 1) << 24
        if crc & 0x1000000:
            crc ^= 0x1864CFB
    return f"{(bits << 24 | crc & 0xFFFFFF) << 2:063x}"


def _holds(report: Any, zone: Zone) -> bool:
    """Whether every corner of a zone lies in the ellipse that was read."""
    corners = np.array([point for polygon in zone.polygons for point in polygon[0]])
    frame = LocalFrame(report.a12_ellipse_centre_latitude, report.a13_ellipse_centre_longitude)
    east, north = frame.to_local(corners[:, 1], corners[:, 0])
    turn = np.radians(report.a16_ellipse_azimuth)
    along, across = east * np.sin(turn) + north * np.cos(turn), east * np.cos(turn) - north * np.sin(turn)
    major_m, minor_m = 1e3 * report.a14_ellipse_semi_major_axis, 1e3 * report.a15_ellipse_semi_minor_axis
    # Readers show metres; the corners may lie on the line.
    return bool(np.all((along / (major_m + 1.0)) ** 2 + (across / (minor_m + 1.0)) ** 2 <= 1.0 + 1e-6))


def _onset(warning: PublicWarning) -> datetime:
    onset = max(warning.time, warning.eta_earliest or warning.time)
    return onset.astimezone(UTC).replace(second=0, microsecond=0)
