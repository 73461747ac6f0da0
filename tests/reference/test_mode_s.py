"""Raw messages that receivers recorded of real aircraft: they fly where they say, as fast as they say."""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path

import pytest

from tests.some import some
from tocsin.earth.physics import DEGREE_M
from tocsin.ingest.beast import BeastReader
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Position

pytestmark = pytest.mark.reference


def positions(frames: list[tuple[float, bytes]]) -> tuple[list[Position], Rejects]:
    rejects = Rejects()
    reader = BeastReader("sky", rejects)
    found = [one for at_s, octets in frames for one in reader.read(octets, at_s)]
    assert rejects.account.balanced
    return [one for one in found if isinstance(one, Position)], rejects


def test_a_real_airliner_flies_as_fast_as_it_says(data_dir: Path) -> None:
    with (data_dir / "tracks/adsb/pymodes/sample_data_adsb.csv").open() as file:
        rows = list(csv.reader(file))
    frames = [
        (float(stamp), b"\x1a3" + (bytes(7) + bytes.fromhex(text)).replace(b"\x1a", b"\x1a\x1a"))
        for stamp, text, _, _ in rows
    ]
    found, rejects = positions(frames)
    assert (len(found), rejects.total) == (927, 0)
    assert {one.icao24 for one in found} == {rows[0][2].lower()}
    minutes = found[::60]
    for one, other in some(pairwise(minutes)):
        seconds = (other.time - one.time).total_seconds()
        north = (other.lat - one.lat) * DEGREE_M
        east = (other.lon - one.lon) * DEGREE_M * math.cos(math.radians(one.lat))
        # The recording's stamps are whole seconds.
        assert one.speed_mps is not None
        assert math.hypot(north, east) == pytest.approx(one.speed_mps * seconds, abs=600, rel=0.05)


def test_a_recording_in_beast_frames_is_read_whole(data_dir: Path) -> None:
    octets = (data_dir / "tracks/adsb/traffic/dump1090/sample_dump1090.bin").read_bytes()
    found, rejects = positions([(1e9, octets)])
    assert rejects.account[:3] == (239, 3, 0)
    assert all((round(one.lat), round(one.lon)) == (44, 1) for one in some(found))
