"""SAME as Debian's multimon-ng hears it."""

from __future__ import annotations

import shutil
from random import Random

import pytest

from tests.conftest import skip
from tocsin.announce.forms import same
from tocsin.bench.forms import multimon, warning_of, zone_of

pytestmark = pytest.mark.reference


@pytest.mark.parametrize("seed", range(4))
def test_multimon_hears_the_header_as_it_was_written_and_its_end_three_times(seed: int) -> None:
    program = shutil.which("multimon-ng")
    if program is None:
        skip("no multimon-ng; on Debian: apt-get install multimon-ng")
    assert program is not None
    chance = Random(seed)
    zones = {zone.id: zone for zone in (zone_of(chance, number) for number in range(1 + 10 * (seed % 2)))}
    warnings = [warning_of(chance, zone) for zone in zones.values()]
    places, _ = same.places_of(warnings, zones)
    (header,) = same.headers(warnings[:1], places, "WXYZ/FM")
    assert multimon(program, same.sound(header)) == [header, "NNNN", "NNNN", "NNNN"]
