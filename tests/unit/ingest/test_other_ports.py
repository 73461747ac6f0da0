"""A receiver's ports lie a digit apart: what arrives at the wrong one is called by its name, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.ingest.beast import BeastReader
from tocsin.ingest.other_ports import looks_like
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.remote_id_lines import RemoteIdReader
from tocsin.ingest.sbs import SbsReader

LONG = "8D40621D58C382D690C8AC2863A7"
SBS = b"MSG,3,1,1,4CA123,1,2026/01/01,00:00:00.000,2026/01/01,00:00:00.000,,10000,,,50.5,30.25,,,0,0,0,0\r\n"
BEAST = (b"\x1a3" + bytes(6) + b"\x80" + bytes.fromhex(LONG)) * 3
AVR = f"*{LONG};\r\n".encode()
MLAT_AVR = f"@0123456789AB{LONG};\n".encode()
JSON = b'{"now": 1767225600.1, "aircraft": [{"hex": "4ca123"}]}\n'
WEB = b"HTTP/1.1 400 Bad Request\r\nServer: lighttpd\r\n"
Reader = Callable[[Rejects], Callable[[bytes], object]]


def beast(rejects: Rejects) -> Callable[[bytes], object]:
    return lambda octets: BeastReader("sky", rejects).read(octets, 1_767_225_600.0)


def sbs(rejects: Rejects) -> Callable[[bytes], object]:
    reader = SbsReader("sky", rejects)
    return lambda octets: [reader.read(line, 1_767_225_600.0) for line in octets.splitlines(keepends=True)]


def drones(rejects: Rejects) -> Callable[[bytes], object]:
    reader = RemoteIdReader("sky", rejects)
    return lambda octets: [reader.read(line, 1_767_225_600.0) for line in octets.splitlines(keepends=True)]


@pytest.mark.parametrize(
    ("reader", "octets", "what", "reads"),
    [
        (beast, SBS, "SBS lines", 'kind = "sbs"'),
        (beast, AVR, "raw messages as text (AVR)", 'kind = "beast"'),
        (beast, MLAT_AVR, "raw messages as text (AVR)", 'kind = "beast"'),
        (beast, JSON, "JSON", 'kind = "readsb"'),
        (beast, WEB, "an answer of a web server", 'kind = "readsb"'),
        (sbs, BEAST, "Beast frames", 'kind = "beast"'),
        (sbs, AVR, "raw messages as text (AVR)", 'kind = "beast"'),
        (sbs, JSON, "JSON", 'kind = "readsb"'),
        (drones, SBS, "SBS lines", 'kind = "sbs"'),
        (drones, BEAST, "Beast frames", 'kind = "beast"'),
    ],
)
def test_what_belongs_to_another_port_is_named_in_the_account_and_noticed_once(
    reader: Reader, octets: bytes, what: str, reads: str
) -> None:
    rejects = Rejects()
    read = reader(rejects)
    for _ in range(5):
        read(octets)
    (said,) = rejects.noticed
    assert said.startswith(f"source sky brings {what}, and no ") and reads in said
    assert f"{what} where" in rejects.summary()
    assert rejects.account.balanced and rejects.total >= 5


def test_what_is_only_damaged_is_taken_for_nothing_else() -> None:
    for octets in (b"", b"\xff" * 500, BEAST[:20], b"MSG;3;1", b"*12;", b"hello\n", SBS[3:]):
        assert looks_like(octets) is None
    rejects = Rejects()
    beast(rejects)(b"\0" * 40 + BEAST)
    sbs(rejects)(SBS[:40] + b"\n")
    assert rejects.noticed == () and rejects.total == 2
