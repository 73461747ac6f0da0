"""Zones from a gazetteer and from maps, and what the check finds wrong with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from msgspec.structs import replace
from pyproj import Geod, Transformer

from tests.some import some
from tocsin.ingest.gazetteer import build_zones
from tocsin.ingest.place_names import names_of, script_of
from tocsin.ingest.zone_checks import check_zones
from tocsin.ingest.zone_files import Columns, import_zones
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.geojson import zones_from_geojson, zones_to_geojson
from tocsin.model.value import time_of
from tocsin.model.zone import Polygon, Zone

GEOD = Geod(ellps="WGS84")
# They never change, and take seconds to make.
zones_of = cache(build_zones)
BOW_TIE = ((7.0, 46.0), (8.0, 47.0), (8.0, 46.0), (7.0, 47.0), (7.0, 46.0))


def _shape(zone: Zone) -> shapely.Geometry:
    return shapely.MultiPolygon([(polygon[0], list(polygon[1:])) for polygon in zone.polygons])


def _box(west: float, south: float, size: float = 0.1) -> Polygon:
    north, east = south + size, west + size
    return (((west, south), (east, south), (east, north), (west, north), (west, south)),)


def _ring(west: float, south: float, east: float, north: float) -> tuple[tuple[float, float], ...]:
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def _strip(west: float, south: float, wide: float, high: float) -> Polygon:
    return (_ring(west, south, west + wide, south + high),)


def _zone(name: str = "a", west: float = 7.0, south: float = 46.0, **fields: Any) -> Zone:
    return Zone(**{"id": name, "name": name, "population": 1, "polygons": (_box(west, south),), **fields})


@pytest.mark.parametrize("country", ["CH", "SY", "FJ", "NZ", "VA"])
def test_a_countrys_towns_become_zones_without_errors(country: str) -> None:
    zones = zones_of(country)
    assert not [problem for problem in check_zones(zones) if problem.grade == "error"]
    assert all(zone.id.startswith(f"{country}-") and zone.population > 0 and zone.name_in("en") for zone in some(zones))
    assert zones_from_geojson(zones_to_geojson(zones)) == zones


def test_the_same_arguments_give_the_same_zones() -> None:
    assert zones_to_geojson(build_zones("LB")) == zones_to_geojson(build_zones("lb"))


def test_every_corner_is_within_the_radius_of_some_town_and_cells_share_no_ground() -> None:
    zones = build_zones("LB", radius_km=8)
    shapes = [_shape(zone) for zone in zones]
    for shape in some(shapes):
        west, south, east, north = shape.bounds
        assert GEOD.inv(west, south, east, north)[2] <= 2**0.5 * 16_100
    first, second = shapely.STRtree(shapes).query(shapes, "intersects")
    for a, b in some(zip(first.tolist(), second.tolist(), strict=True)):
        if a < b:
            assert shapely.intersection(shapes[a], shapes[b]).area < 1e-3 * shapes[a].area


def test_islands_astride_the_date_line_keep_their_size() -> None:
    for zone in some(zones_of("FJ")):
        assert all(some(abs(lon) <= 180 for polygon in zone.polygons for ring in polygon for lon, _ in ring))
        area_m2 = sum(abs(GEOD.geometry_area_perimeter(shapely.Polygon(p[0], p[1:]))[0]) for p in zone.polygons)
        assert area_m2 <= np.pi * 15_100**2


def test_small_towns_join_large_ones_and_nobody_is_lost() -> None:
    every, large = zones_of("CH"), build_zones("CH", min_population=20_000)
    assert len(large) < len(every) / 5
    assert sum(zone.population for zone in large) == sum(zone.population for zone in every)


@pytest.mark.parametrize(("country", "radius_km", "least"), [("XX", 15, 0), ("CH", 0.1, 0), ("CH", 15, -1)])
def test_nonsense_is_refused(country: str, radius_km: float, least: int) -> None:
    with pytest.raises(BadSettings):
        build_zones(country, radius_km=radius_km, min_population=least)


def test_a_language_is_claimed_only_where_little_doubt_is_left() -> None:
    scripts = {"Cyrl": "uk", "Hebr": None}
    assert names_of("Kyiv", ["Киев", "Київ", "קייב", "Kiew"], scripts) == {
        "en": "Kyiv",
        "uk": "Київ",
        "und-Hebr": "קייב",
    }
    assert names_of("Homs", ["حمص", "مدينة حمص"], {"Arab": "ar"}) == {"en": "Homs", "und-Arab": "حمص"}
    assert names_of("Homs", ["حمص", "حمڤ"], {"Arab": "ar"})["ar"] == "حمص"


def test_a_text_in_two_scripts_is_in_none() -> None:
    assert [script_of(text) for text in ("Київ", "ڕەqqە", "12", "Bern 3")] == ["Cyrl", "Zyyy", "Zyyy", "Latn"]


def _write_map(path: Path, crs: str, names: list[str]) -> None:
    turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    boxes = [shapely.Polygon(_box(7 + i / 10, 46)[0]) for i in range(len(names))]
    outlines = shapely.transform(np.array(boxes, object), turn.transform, interleaved=False)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(outlines),
        [np.array(names, object), np.arange(1.0, 1 + len(names)), np.array(names, object)],
        ["name", "population", "name_ar"],
        geometry_type="Polygon",
        crs=crs,
    )


@pytest.mark.parametrize("name", ["m.gpkg", "m.shp", "m.geojson"])
def test_maps_in_any_projection_come_out_in_degrees(tmp_path: Path, name: str) -> None:
    _write_map(tmp_path / name, "EPSG:4326" if name.endswith("json") else "EPSG:32632", ["Alpha", "Beta"])
    zones = import_zones([tmp_path / name], Columns(id="name"), shelter_s=30).zones
    assert [(zone.id, zone.population, zone.shelter_s) for zone in zones] == [("Alpha", 1, 30), ("Beta", 2, 30)]
    assert _shape(zones[1]).bounds == pytest.approx((7.1, 46.0, 7.2, 46.1), abs=2e-6)


def test_seconds_to_shelter_come_from_a_side_file_by_id_or_name(tmp_path: Path) -> None:
    _write_map(tmp_path / "m.gpkg", "EPSG:4326", ["Alpha", "Beta"])
    (tmp_path / "s.csv").write_text("zone,seconds\nBeta,15\nGamma,7\n")
    result = import_zones([tmp_path / "m.gpkg"], shelter_file=tmp_path / "s.csv")
    assert [zone.shelter_s for zone in result.zones] == [90, 15]
    assert any("'Gamma'" in note for note in result.notes)


def test_outlines_that_change_with_time_keep_their_times(tmp_path: Path) -> None:
    before = _zone("a", valid_to=time_of(1e9))
    after = _zone("a", 8.0, valid_from=time_of(1e9), valid_to=time_of(2e9 + 0.5))
    (tmp_path / "t.geojson").write_bytes(zones_to_geojson([before, after]))
    zones = import_zones([tmp_path / "t.geojson"], Columns(id="id")).zones
    assert [(z.valid_from, z.valid_to) for z in zones] == [(None, before.valid_to), (after.valid_from, after.valid_to)]


def test_a_crossing_outline_is_repaired_and_said_so(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[7, 46], [8, 47], [8, 46], [7, 47], [7, 46]]]}
    feature = {"type": "Feature", "properties": {"id": "bow"}, "geometry": bow}
    point = {"type": "Feature", "properties": {"id": "dot"}, "geometry": {"type": "Point", "coordinates": [7, 46]}}
    (tmp_path / "b.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature, point]}))
    result = import_zones([tmp_path / "b.geojson"])
    assert [zone.id for zone in result.zones] == ["bow"]
    assert _shape(result.zones[0]).is_valid
    assert any("repaired" in note for note in result.notes)
    assert any("'dot'" in note and "left out" in note for note in result.notes)


def test_a_table_of_rings_must_say_which_number_is_which(tmp_path: Path) -> None:
    table = tmp_path / "rings.json"
    table.write_text(json.dumps({"Old Town": [[46, 7], [46, 7.1], [46.1, 7.1], [46, 7]]}))
    with pytest.raises(BadFile, match="--lat-first"):
        import_zones([table])
    zone = import_zones([table], lat_first=True).zones[0]
    assert zone.id == "Old_Town"
    assert _shape(zone).bounds == (7.0, 46.0, 7.1, 46.1)


def test_the_second_of_two_zones_of_one_id_is_rejected_and_named(tmp_path: Path) -> None:
    for name in ("a.gpkg", "b.gpkg"):
        _write_map(tmp_path / name, "EPSG:4326", ["Alpha"])
    result = import_zones([tmp_path])
    assert [zone.id for zone in result.zones] == ["Alpha"]
    assert len(result.rejected) == 1 and "second zone 'Alpha'" in result.rejected[0] and "b.gpkg" in result.rejected[0]


@pytest.mark.parametrize("text", ["", "{", "PK\x03\x04", '{"type":"FeatureCollection","features":[]}'])
def test_what_is_no_map_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.geojson").write_text(text)
    with pytest.raises(BadFile, match=r"x\.geojson"):
        import_zones([tmp_path / "x.geojson"])


@pytest.mark.parametrize(
    ("zones", "grade", "says"),
    [
        ([_zone(" ", id="a")], "error", "no name"),
        ([_zone("a"), _zone("b", 8.0, population=0)], "remark", "population 0"),
        ([_zone("a", parent="b"), _zone("b", 8.0), _zone("c", 9.0, parent="x")], "error", "parent 'x'"),
        ([_zone("a"), _zone("a", 8.0)], "error", "twice"),
        ([_zone("a", valid_from=time_of(9), valid_to=time_of(3))], "error", "no time"),
        ([_zone("a"), _zone("b", 7.002)], "error", "overlaps b"),
        ([_zone("a"), _zone("b", 7.05)], "remark", "overlaps b"),
        ([_zone("a", polygons=(_box(7, 46, 0.00005),))], "error", "square metres"),
        ([_zone("a", polygons=((BOW_TIE,),))], "error", "crosses itself"),
        ([_zone(x, polygons=(_strip(w, 46, 0.1, 2),)) for x, w in (("a", 7), ("b", 7.0995))], "remark", "overlaps b"),
        ([_zone("a"), _zone("b", 7.103), _zone("c", 7.203)], "remark", "gap of"),
        ([_zone("a", polygons=((_ring(179, -17, -179, -16),),))], "error", "date line uncut"),
        ([_zone("a", polygons=((_box(7, 46)[0], _box(7.04, 46.04, 0.02)[0][::-1]),))], "remark", "hole"),
    ],
)  # fmt: skip
def test_the_check_finds_what_is_wrong(zones: list[Zone], grade: str, says: str) -> None:
    found = [(problem.grade, f"{problem.zone} {problem.text}") for problem in check_zones(zones)]
    assert any(g == grade and says in text for g, text in found), found


def test_outlines_that_follow_each_other_in_time_and_neighbours_are_no_problem() -> None:
    zones = [
        _zone("a", valid_to=time_of(10)),
        _zone("a", valid_from=time_of(10)),
        _zone("b", 7.1),
    ]
    assert check_zones(zones) == ()


def test_what_was_cut_at_the_date_line_crosses_itself_nowhere(tmp_path: Path) -> None:
    ring = [[179.5, 10], [-179.5, 10], [-179.5, 11], [179.5, 11], [179.5, 10]]
    feature = {
        "type": "Feature",
        "properties": {"id": "a", "name": "A", "population": 5},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (zone,) = import_zones([tmp_path / "a.geojson"]).zones
    assert len(zone.polygons) == 2
    assert check_zones([zone]) == ()


def test_gaps_too_many_to_name_are_counted_and_the_largest_come_first() -> None:
    holes = [_box(7.01 + 0.05 * number, 46.02, 0.005 + 0.0005 * number)[0][::-1] for number in range(19)]
    zone = _zone("a", polygons=((_ring(7, 46, 8, 47), *holes),))
    found = [problem.text for problem in check_zones([zone]) if "in no zone" in problem.text]
    assert len(found) == 11 and "leaves 9 smaller gaps" in found[-1]
    sizes_km2 = [float(text.split(" km²")[0].split()[-1]) for text in found[:-1]]
    assert sizes_km2 == sorted(sizes_km2, reverse=True)


def test_a_missing_zone_among_others_is_a_gap_however_large() -> None:
    zones = [_zone(f"{x}{y}", 7 + x / 10, 46 + y / 10) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    assert any("borders a gap of 85" in problem.text for problem in check_zones(zones))


def test_a_thousand_zones_on_the_same_ground_cost_a_bounded_time_and_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.ingest.zone_shapes.PAIRS_CORNERS_MAX", 100)
    found = check_zones([_zone(f"z{number}") for number in range(40)])
    assert any(p.grade == "error" and "780 pairs of zones meet; only the first 10 " in p.text for p in found)


def _exchanged(zone: Zone) -> Zone:
    rings = tuple(tuple(tuple((lat, lon) for lon, lat in ring) for ring in polygon) for polygon in zone.polygons)
    return replace(zone, polygons=rings)


@pytest.mark.parametrize(("country", "name", "grade"), [("LB", None, "error"), ("LU", "中", "remark")])
def test_latitude_and_longitude_exchanged_are_noticed_by_names_or_by_towns(
    country: str, name: str | None, grade: str
) -> None:
    zones = [replace(zone, name=name or zone.name, spellings=()) for zone in zones_of(country)]
    assert not [problem for problem in check_zones(zones) if "exchanged" in problem.text]
    found = [problem for problem in check_zones([_exchanged(zone) for zone in zones]) if "exchanged" in problem.text]
    assert [(problem.grade, problem.zone) for problem in found] == [(grade, "every zone")]


def test_one_zone_with_its_numbers_exchanged_among_others_is_named() -> None:
    zones = zones_of("LB")
    found = [problem for problem in check_zones([_exchanged(zones[0]), *zones[1:]]) if "exchanged" in problem.text]
    assert [(problem.grade, problem.zone) for problem in found] == [("error", zones[0].id)]


def test_a_parent_written_as_a_number_with_decimals_is_an_error_where_the_id_is_not() -> None:
    found = check_zones([_zone("1"), _zone("2", 8.0, parent="1.0")])
    assert [(problem.grade, problem.zone) for problem in found] == [("error", "2")]
    assert check_zones([_zone("1"), _zone("2", 8.0, parent="units elsewhere".replace(" ", "_"))]) == ()


def test_codes_that_others_have_for_an_area_are_read_from_their_usual_columns(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[7, 46], [8, 46], [8, 47], [7, 46]]]}
    given = {
        "id": "north", "EMMA_ID": "UA001; UA002", "shapeISO": "UA-32", "adm2_pcode": "UA32001", "ref:katottg": "UA32",
        "nuts3_code": 4711, "population": 5, "admin_level": "4", "codes": {"Ours": ["n-1"]}, "warncellid": None,
    }  # fmt: skip
    feature = {"type": "Feature", "properties": given, "geometry": square}
    (tmp_path / "c.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    found = import_zones([tmp_path / "c.geojson"])
    assert found.zones[0].codes == {
        "EMMA_ID": ("UA001", "UA002"), "ISO3166-2": ("UA-32",), "PCODE": ("UA32001",), "KATOTTG": ("UA32",),
        "NUTS3": ("4711",), "Ours": ("n-1",),
    }  # fmt: skip
    assert any("'EMMA_ID' as EMMA_ID" in note for note in found.notes)
    # Whatever a map program makes of them on the way, they come back.
    (tmp_path / "d.geojson").write_bytes(zones_to_geojson(found.zones))
    assert import_zones([tmp_path / "d.geojson"]).zones[0].codes == found.zones[0].codes


def test_zones_that_all_lie_over_each_other_are_said_before_hours_are_spent_on_them() -> None:
    found = check_zones([_zone(f"z{number}", 7 + number * 1e-5) for number in range(260)])
    assert any(p.grade == "error" and "overlaps and gaps were not looked for" in p.text for p in found)
