"""Zones that services really warn by: alert areas and administrative units as others published them."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.zone_checks import check_zones
from tocsin.ingest.zone_files import import_zones

pytestmark = pytest.mark.reference


def test_1449_alert_areas_with_their_seconds_to_shelter(data_dir: Path) -> None:
    folder = data_dir / "zones" / "il_oref"
    result = import_zones(
        [folder / "area_to_polygon.json"], lat_first=True, shelter_file=folder / "area_to_migun_time.json"
    )
    assert len(result.zones) == 1_449
    assert {zone.shelter_s for zone in result.zones} == {0, 15, 30, 45, 60, 90}
    assert not [problem for problem in check_zones(result.zones) if problem.grade == "error"]
    assert some(shapely.is_valid(ZoneIndex(result.zones).outlines)).all()


def test_the_same_areas_as_geojson(data_dir: Path) -> None:
    assert len(import_zones([data_dir / "zones" / "il_oref" / "alertZones.geojson"]).zones) == 1_450


def test_the_regions_of_a_country_in_full_resolution(data_dir: Path) -> None:
    result = import_zones([data_dir / "zones" / "ua" / "geoBoundaries-UKR-ADM1.geojson"])
    assert len(result.zones) == 27
    index = ZoneIndex(result.zones)
    _, zones = index.at([50.45, 49.84], [30.52, 24.03])
    assert [result.zones[z].id for z in zones] == ["UA-30", "UA-46"]


def test_a_folder_of_units_with_one_that_is_empty(data_dir: Path) -> None:
    result = import_zones([data_dir / "zones" / "iso3166-2_osm"], kind="unit")
    assert len(result.zones) == 141
    assert {zone.id[:2] for zone in result.zones} == {"UA", "SY", "IL", "LB", "YE", "SD", "IQ", "PS", "JO"}
    assert any("LB-BA" in note and "left out" in note for note in result.rejected)
