"""Zones behind a mountain are blind: a folder of elevation at the start, in the journal what was reckoned from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
from structlog.testing import capture_logs

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.state import first_state
from tocsin.model.event import Configuration
from tocsin.model.sensor import Sensor
from tocsin.model.wire import event_from_json, to_json
from tocsin.model.zone import Zone
from tocsin.plan.terrain import Terrain, read_terrain
from tocsin.plan.zone_sight import over_land
from tocsin.replay.configuration import configuration_of
from tocsin.service.land import known_over
from tocsin.service.outages import outages_of
from tocsin.warn.coverage import TARGET_M, Coverage

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def square(name: str, lat: float, lon: float, side: float = 0.05) -> Zone:
    ring = ((lon, lat), (lon + side, lat), (lon + side, lat + side), (lon, lat + side), (lon, lat))
    return Zone(id=name, name=name, polygons=((ring,),))


# A wall of 2,000 m stands along longitude 1.5; the radar west of it.
ZONES = (square("near", 42.4, 1.3), square("behind", 42.4, 1.55), square("far", 42.4, 2.4))
RADAR = Sensor(id="r", kind="radar", lat=42.5, lon=1.4, altitude_m=30.0, range_m=60_000.0)
ELSEWHERE = Sensor(id="e", kind="radar", lat=10.0, lon=10.0, altitude_m=30.0, range_m=60_000.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    heights = np.zeros((1_201, 1_201), ">i2")
    heights[:, 600:603] = 2_000
    heights.tofile(tmp_path / "N42E001.hgt")
    return tmp_path


def blind(configuration: Configuration) -> set[str]:
    return set(first_state(configuration).coverage.blind([]))


def test_a_zone_behind_a_mountain_is_not_seen_and_one_before_it_is(folder: Path) -> None:
    ear = Sensor(id="m", kind="acoustic", lat=42.42, lon=1.57)
    found, masking, said = over_land(read_terrain([folder]), [RADAR, ELSEWHERE, ear], ZoneIndex(ZONES), TARGET_M)
    # Where no file says anything the Earth is as smooth as ever.
    assert found == {"r": ("near",)}
    assert masking.keys() == {"r"}
    assert any("around r:" in one and "in no file" in one for one in some(said))
    high = msgspec.structs.replace(RADAR, altitude_m=9_000.0)
    assert over_land(read_terrain([folder]), [high], ZoneIndex(ZONES), TARGET_M).sight == {"r": ("near", "behind")}
    assert over_land(Terrain(), [RADAR], ZoneIndex(ZONES), TARGET_M)[:2] == ({}, {})


def test_what_is_reckoned_at_the_start_is_in_the_journal_and_decides_again_without_a_file(folder: Path) -> None:
    known = known_over(folder, [RADAR], ZONES)
    made = configuration_of(ZONES, (RADAR,), {}, drill=True, time=NOW, sight=known.sight, masking=known.masking)
    again = event_from_json(to_json(made))
    assert isinstance(again, Configuration)
    assert again == made
    assert blind(again) == {"behind", "far"}
    smooth = configuration_of(ZONES, (RADAR,), {}, drill=True, time=NOW)
    assert blind(smooth) == {"far"}
    # Journals of before, and of whoever has no elevation, are as they were.
    assert b"sight" not in to_json(smooth)
    assert b"masking" not in to_json(smooth)


def test_land_that_cannot_be_read_is_said_and_costs_no_warning(tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert known_over(tmp_path / "absent.hgt", [RADAR], ZONES) == ({}, {})
        assert known_over(None, [RADAR], ZONES) == ({}, {})
    assert [(one["log_level"], one["event"]) for one in logs] == [("error", "the land is not known")]


def test_the_land_lets_no_radar_see_farther_than_its_zones_are_named() -> None:
    index = ZoneIndex(ZONES)
    for named in ((), ("near",), ("near", "behind", "far", "of another time")):
        dark = set(Coverage(index, [RADAR], sight={"r": named}).blind([]))
        assert dark == {zone.id for zone in ZONES} - set(named)


def test_what_a_radar_does_not_see_over_the_land_does_not_go_blind_with_it(folder: Path) -> None:
    known = known_over(folder, [RADAR], ZONES)
    made = configuration_of(ZONES, (RADAR,), {}, drill=True, time=NOW, sight=known.sight, masking=known.masking)
    lost = [outage.after - outage.before for outage in some(outages_of(made, ZoneIndex(made.zones)))]
    assert set(lost) == {frozenset({"near"})}
