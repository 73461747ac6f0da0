"""Receivers that hear many aircraft: each is told of once a second, and of a quiet one no place is left out."""

from __future__ import annotations

import pytest

from tests.unit.ingest.test_beast import airborne, frame
from tests.unit.ingest.test_sbs import PLACED, line
from tocsin.ingest.authorities import TRANSPONDERS_PER_SECOND
from tocsin.ingest.beast import BeastReader
from tocsin.ingest.joined import BUSY_PER_S, SPARED, Busy
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.sbs import SbsReader

NOW_S = 1_767_225_600.0


@pytest.mark.parametrize("aircraft", [10, 450])
def test_of_hundreds_of_aircraft_each_is_told_of_once_a_second_and_of_few_twice(aircraft: int) -> None:
    busy = Busy()
    told = [0] * aircraft
    for tick in range(20):
        for number in range(aircraft):
            told[number] += not busy.spare(f"{number:06x}", NOW_S + tick / 2 + number / (4 * aircraft))
    assert min(told) >= 9
    assert sum(told) <= TRANSPONDERS_PER_SECOND * 10
    assert sum(told) == 20 * aircraft or aircraft > BUSY_PER_S


def test_raw_messages_of_a_busy_sky_are_told_once_a_second_and_the_rest_counted() -> None:
    for number in (20, 300):
        rejects = Rejects()
        reader = BeastReader("sky", rejects)
        found = 0
        for half in range(8):
            octets = b"".join(
                frame(airborne(50.0 + n / 100, 30.0, odd=bool(half % 2), address=0x400000 + n)) for n in range(number)
            )
            found += len(reader.read(octets, NOW_S + half / 2))
        # The first half of each is none; seven places within 3.5 s.
        assert found == 7 * 20 if number == 20 else 4 * number <= found <= 5 * number
        assert rejects.passed_over.get(SPARED, 0) == 7 * number - found
        assert rejects.account.balanced


def test_lines_of_a_busy_sky_are_told_once_a_second_and_the_rest_counted() -> None:
    rejects = Rejects()
    reader = SbsReader("sky", rejects)
    found = 0
    for half in range(8):
        for number in range(300):
            found += reader.read(line(PLACED, address=f"4{number:05d}"), NOW_S + half / 2) is not None
    assert 4 * 300 <= found <= 5 * 300
    assert rejects.passed_over == {SPARED: 8 * 300 - found}
