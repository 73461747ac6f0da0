"""Ground that is drawn is ground in a zone, or it is said; ids are the text that is written."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from tests.some import some
from tocsin.ingest.maps.areas import area_of, square_m
from tocsin.ingest.maps.geojson import type_of
from tocsin.ingest.maps.kml import unpacked
from tocsin.ingest.zone_files import Columns, Imported, import_zones
from tocsin.model.errors import BadFile
from tocsin.model.zone import Zone

SQUARE: list[list[float]] = [[30, 50], [30.2, 50], [30.2, 50.2], [30, 50.2], [30, 50]]


def _ring(west: float, south: float = 50.0, size: float = 0.2) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _polygon(west: float = 30.0) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [_ring(west)]}


def _collection(*parts: Any) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(parts)}


def _imported(path: Path, *features: Any, text: bytes | None = None, **options: Any) -> Imported:
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode() if text is None else text
    path.write_bytes(body)
    return import_zones([path], **options)


def _km2(zone: Zone) -> float:
    return sum(square_m(shapely.Polygon(part[0], part[1:])) for part in zone.polygons) / 1e6


def test_every_polygon_of_collections_in_collections_is_kept(tmp_path: Path) -> None:
    many = {"type": "MultiPolygon", "coordinates": [[_ring(31)], [_ring(32)]]}
    point = {"type": "Point", "coordinates": [30, 50]}
    nested = _collection(_polygon(30), _collection(_collection(many, point), {"type": "LineString", "coordinates": []}))
    result = _imported(tmp_path / "n.geojson", _feature(nested, id="A"), _feature(_collection(many), id="B"))
    assert [len(zone.polygons) for zone in result.zones] == [3, 2]
    assert any("1 Point beside its areas; left out" in note for note in result.notes)
    assert result.account == (2, 2, 0, 0)


def test_collections_nested_without_end_are_refused_with_a_sentence(tmp_path: Path) -> None:
    deep: dict[str, Any] = _polygon()
    for _ in range(60):
        deep = _collection(deep)
    result = _imported(tmp_path / "n.geojson", _feature(deep, id="deep"), _feature(_polygon(), id="A"))
    assert [zone.id for zone in result.zones] == ["A"]
    assert "collections inside each other" in result.rejected[0]
    bomb = b'{"type":"GeometryCollection","geometries":[' * 100_000
    with pytest.raises(BadFile, match="no GeoJSON"):
        _imported(tmp_path / "b.geojson", text=bomb)


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (None, "has no outline"),
        ({"type": "Polygon", "coordinates": []}, "empty outline"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty outline"),
        ({"type": "Polygon", "coordinates": [[[30, 50], [30, 50]]]}, "empty outline"),
        ({"type": "Polygon", "coordinates": [[[30, 50], [31, 50], [32, 50], [30, 50]]]}, "encloses nothing"),
        ({"type": "Polygon", "coordinates": [[[30, 50, 1], [31, "x"], [32, 50], [30, 50]]]}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [[[30], [31], [32], [30]]]}, "fewer than two numbers"),
        ({"type": "Polygon", "coordinates": [_ring(3_000_000)]}, "no longitude and latitude"),
        ({"type": "Polygon", "coordinates": [_ring(35, 170)]}, "--lat-first"),
        ({"type": "Curve", "coordinates": []}, "no type of geometry"),
        ("Polygon", "cannot be read"),
        (7, "cannot be read"),
    ],
)
def test_an_outline_that_is_none_is_rejected_with_its_reason_and_the_others_are_zones(
    tmp_path: Path, geometry: Any, says: str
) -> None:
    result = _imported(tmp_path / "n.geojson", _feature(geometry, id="bad"), _feature(_polygon(), id="A"))
    assert [zone.id for zone in result.zones] == ["A"]
    assert len(result.rejected) == 1
    assert "feature 0 ('bad')" in result.rejected[0] and says in result.rejected[0]
    assert result.account.balanced


def test_what_is_no_feature_costs_itself_only(tmp_path: Path) -> None:
    wrong: list[Any] = [None, 7, [], {}, {"type": "Polygon"}, {"type": "Feature", "geometry": 1, "properties": 3}]
    features: list[Any] = [*wrong, _feature(_polygon(), id="A")]
    result = _imported(tmp_path / "n.geojson", *features)
    assert result.account == (7, 1, 6, 0)


def test_heights_and_measures_are_passed_over(tmp_path: Path) -> None:
    high = [[[*point, 120.5, None] for point in SQUARE]]
    result = _imported(tmp_path / "n.geojson", _feature({"type": "Polygon", "coordinates": high}, id="A"))
    assert _km2(result.zones[0]) == pytest.approx(square_m(shapely.Polygon(SQUARE)) / 1e6)
    shape = shapely.from_wkt("POLYGON ZM ((30 50 1 2, 30.2 50 1 2, 30.2 50.2 1 2, 30 50.2 1 2, 30 50 1 2))")
    assert area_of(shapely.force_2d(shape)).polygons == area_of(shapely.Polygon(SQUARE)).polygons


def test_a_crossing_outline_says_how_much_ground_it_gained(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[30, 50], [31, 51], [31, 50], [30, 51], [30, 50]]]}
    result = _imported(tmp_path / "n.geojson", _feature(bow, id="bow"))
    (said,) = [note for note in result.notes if "repaired" in note]
    assert "as drawn" in said and f"{_km2(result.zones[0]):,.3f} km² now" in said


def test_a_hole_outside_its_outline_is_left_out_and_never_becomes_ground(tmp_path: Path) -> None:
    rings = {"type": "Polygon", "coordinates": [_ring(30), _ring(33)]}
    result = _imported(tmp_path / "n.geojson", _feature(rings, id="A"))
    assert len(result.zones[0].polygons) == 1
    assert any("1 holes outside its outline" in note for note in result.notes)


@pytest.mark.parametrize("lon", [[179, -179, -179, 179], [179, 181, 181, 179], [-181, -179, -179, -181]])
def test_an_outline_over_the_date_line_is_cut_there_and_keeps_its_ground(tmp_path: Path, lon: list[float]) -> None:
    corners = list(zip(lon, (-17, -17, -16, -16), strict=True))
    ring = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    (zone,) = _imported(tmp_path / "n.geojson", _feature(ring, id="A")).zones
    assert len(zone.polygons) == 2
    assert _km2(zone) == pytest.approx(square_m(shapely.box(0, -17, 2, -16)) / 1e6)


def test_a_ring_round_a_pole_holds_the_pole() -> None:
    south = shapely.Polygon([(0, -70), (90, -70), (180, -70), (-90, -70)])
    area = area_of(south)
    assert sum(square_m(shapely.Polygon(part[0])) for part in area.polygons) == pytest.approx(
        square_m(shapely.box(-180, -90, 180, -70))
    )
    assert "south pole" in area.said[0]
    # What runs along the edge of the map is drawn whole already.
    assert area_of(shapely.box(-180, -90, 180, -60)).said == ()


_nested = st.recursive(
    st.builds(
        lambda west, south, size: shapely.box(west, south, west + size, south + size),
        st.integers(-170, 160).map(float), st.integers(-80, 70).map(float), st.integers(1, 9).map(float),
    ),
    lambda inner: st.lists(inner, min_size=1, max_size=4).map(shapely.GeometryCollection),
    max_leaves=8,
)  # fmt: skip


@given(_nested)
def test_ground_in_is_ground_out_or_it_is_said(outline: shapely.Geometry) -> None:
    area = area_of(outline)
    drawn_m2 = square_m(outline)
    out_m2 = sum(square_m(shapely.Polygon(part[0], part[1:])) for part in area.polygons)
    assert area.fault is None
    assert abs(out_m2 - drawn_m2) < 1e-4 * drawn_m2 or any("as drawn" in said for said in area.said)


@pytest.mark.parametrize(
    ("written", "read"),
    [("0", "0"), ("1", "1"), ("1.0", "1.0"), ('"007"', "007"), ("9007199254740993", "9007199254740993"),
     ("123456789012345678901234567890", "123456789012345678901234567890"), ('"1.0"', "1.0"), ("-3", "-3"),
     ("1e3", "1e3"), ("true", "true")],
)  # fmt: skip
def test_an_id_is_the_text_that_is_written_whatever_stands_beside_it(tmp_path: Path, written: str, read: str) -> None:
    square = json.dumps(_polygon())
    rows = [f'{{"type":"Feature","properties":{{"id":{one},"x":1}},"geometry":{square}}}' for one in (written, "null")]
    text = f'{{"type":"FeatureCollection","features":[{",".join(rows)}]}}'.encode()
    result = _imported(tmp_path / "n.geojson", text=text)
    assert [zone.id for zone in result.zones] == [read]
    assert "has no id" in result.rejected[0]


def test_a_features_own_id_counts_where_its_properties_have_none(tmp_path: Path) -> None:
    features = [_feature(_polygon(30 + number), name=f"Town {number}") | {"id": number} for number in range(3)]
    assert [zone.id for zone in _imported(tmp_path / "n.geojson", *features).zones] == ["0", "1", "2"]


def test_points_beside_areas_are_passed_over_and_do_not_change_ids(tmp_path: Path) -> None:
    point = _feature({"type": "Point", "coordinates": [30, 50]}, id=None, name="label")
    areas = [_feature(_polygon(30 + number), id=10 + number, name="x") for number in range(2)]
    result = _imported(tmp_path / "n.geojson", *areas, point)
    assert [zone.id for zone in result.zones] == ["10", "11"]
    assert result.account == (3, 2, 0, 1)


@pytest.mark.parametrize("parents", [(None, 1), (None, 1.0), (None, "1"), ("", "1.0")])
def test_a_parent_beside_none_is_the_id_that_it_means(tmp_path: Path, parents: tuple[Any, Any]) -> None:
    features = [_feature(_polygon(30 + number), id=number + 1, parent=parent) for number, parent in enumerate(parents)]
    result = _imported(tmp_path / "n.geojson", *features)
    assert [(zone.id, zone.parent) for zone in result.zones] == [("1", None), ("2", "1")]


@pytest.mark.parametrize("name", ["m.gpkg", "m.shp", "m.fgb"])
def test_whole_numbers_beside_an_empty_cell_stay_whole_in_every_format(tmp_path: Path, name: str) -> None:
    outlines = shapely.to_wkb(np.array([shapely.box(30 + n, 50, 30.5 + n, 51) for n in range(3)], object))
    numbers, empty = np.array([1, 123_456_789_012_345_67, 0], "int64"), np.array([False, False, True])
    fields = [np.array([0, 12_345_678_901_234_567, 7], "int64"), numbers, np.array(["a", "b", "c"], object)]
    pyogrio.raw.write(
        tmp_path / name, outlines, fields, ["zone_id", "parent", "name"],
        geometry_type="Polygon", crs="EPSG:4326", field_mask=[None, empty, None],
    )  # fmt: skip
    result = import_zones([tmp_path / name])
    assert sorted((zone.id, zone.parent) for zone in result.zones) == sorted(
        [("0", "1"), ("12345678901234567", "12345678901234567"), ("7", None)]
    )


def test_a_column_of_any_name_keeps_its_whole_numbers(tmp_path: Path) -> None:
    outlines = shapely.to_wkb(np.array([shapely.box(30, 50, 31, 51), shapely.box(32, 50, 33, 51)], object))
    empty = np.array([False, True])
    fields = [np.array([90_071_992_547_409_931, 1], "int64"), np.array(["a", "b"], object)]
    pyogrio.raw.write(
        tmp_path / "m.gpkg", outlines, fields, ['p "a\\r" ent:x', "name"], geometry_type="Polygon", crs="EPSG:4326",
        layer='la"y er', field_mask=[empty, None],
    )  # fmt: skip
    result = import_zones([tmp_path / "m.gpkg"], Columns(parent='p "a\\r" ent:x'))
    assert [zone.parent for zone in result.zones] == ["90071992547409931", None]


def test_every_layer_with_areas_is_read_and_the_second_of_one_id_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.gpkg"
    for layer, ids, crs in (("one", ["a", "b"], "EPSG:4326"), ("two", ["b", "c"], "EPSG:32636")):
        turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        shapes = [shapely.box(30 + ord(name) - 97, 50, 30.5 + ord(name) - 97, 50.5) for name in ids]
        turned = shapely.transform(np.array(shapes, object), turn.transform, interleaved=False)
        pyogrio.raw.write(
            path, shapely.to_wkb(turned), [np.array(ids, object)], ["id"], layer=layer, geometry_type="Polygon",
            crs=crs, append=path.exists(),
        )  # fmt: skip
    result = import_zones([path])
    assert [zone.id for zone in result.zones] == ["a", "b", "c"]
    assert result.zones[2].polygons[0][0][0][0] == pytest.approx(32, abs=0.6)
    assert "(two)" in result.rejected[0] and "second zone 'b'" in result.rejected[0]
    assert [zone.id for zone in import_zones([path], layer="two").zones] == ["b", "c"]
    with pytest.raises(BadFile, match="no layer 'three'; it has one, two"):
        import_zones([path], layer="three")


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        ('LOCAL_CS["works\' grid",UNIT["metre",1]]', "where on Earth"),
        ("IAU_2015:30100", "not the Earth"),
        ("ESRI:104905", "not the Earth"),
        ("EPSG:5714", "where on Earth"),
        ("EPSG:999999", "is not known"),
        ("nonsense", "is not known"),
        ("x" * 30_000, "is not known"),
        ("", "is not known"),
    ],
)
def test_a_map_of_another_world_or_of_nowhere_is_refused_in_one_sentence(tmp_path: Path, crs: str, says: str) -> None:
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": crs}},
            "features": [_feature(_polygon(), id="A")],
        }
    ).encode()
    with pytest.raises(BadFile, match=says):
        _imported(tmp_path / "n.geojson", text=text)


def test_a_place_outside_a_projection_is_rejected_and_the_others_are_zones(tmp_path: Path) -> None:
    boxes = [{"type": "Polygon", "coordinates": [_ring(west, 5e6, 1e4)]} for west in (4e5, 5e8)]
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}},
            "features": [_feature(box, id=name) for box, name in zip(boxes, "AB", strict=True)],
        }
    ).encode()
    result = _imported(tmp_path / "n.geojson", text=text)
    assert [zone.id for zone in result.zones] == ["A"]
    assert "where its projection has no places" in result.rejected[0]


def test_numbers_that_are_none_in_a_property_refuse_nothing(tmp_path: Path) -> None:
    row = b'{"id":"A","name":"NaN","population":NaN,"x":-Infinity}'
    text = b'{"type":"Feature","properties":%s,"geometry":%s}' % (row, json.dumps(_polygon()).encode())
    result = _imported(tmp_path / "n.geojson", text=text)
    assert [(zone.id, zone.name, zone.population) for zone in result.zones] == [("A", "NaN", 0)]


def test_a_bad_figure_costs_itself_and_not_the_zone(tmp_path: Path) -> None:
    result = _imported(tmp_path / "n.geojson", _feature(_polygon(), id="A", population="many", shelter_s=-5))
    assert [(zone.population, zone.shelter_s) for zone in result.zones] == [(0, 90)]
    assert any("'many'" in note for note in result.notes) and any("'-5'" in note for note in result.notes)


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>
<Placemark id="p1"><name>Town</name><ExtendedData><Data name="population"><value>1200</value></Data>
<SchemaData><SimpleData name="kind">town</SimpleData></SchemaData></ExtendedData><MultiGeometry>
<Polygon><outerBoundaryIs><LinearRing><coordinates>30,50,0 30.2,50,0 30.2,50.2,0 30,50.2,0 30,50,0</coordinates>
</LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>30.05,50.05 30.1,50.05 30.1,50.1 30.05,50.05
</coordinates></LinearRing></innerBoundaryIs></Polygon><MultiGeometry><Polygon><outerBoundaryIs><LinearRing>
<coordinates>31, 50 31.2, 50 31.2, 50.2 31, 50</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry>
</MultiGeometry></Placemark>
<Placemark id="p2"><name>Dot</name><Point><coordinates>30,50</coordinates></Point></Placemark>
<Placemark id="p3"><name>Bad</name><Polygon><outerBoundaryIs><LinearRing><coordinates>30 50</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark><NetworkLink/></Folder></Document></kml>"""


def _kmz(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in files.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), body)
    return path


@pytest.mark.parametrize("name", ["m.kml", "m.kmz"])
def test_placemarks_are_zones_with_all_their_parts(tmp_path: Path, name: str) -> None:
    body = b"\xef\xbb\xbf" + KML.encode()
    path = tmp_path / name
    if name == "m.kml":
        path.write_bytes(body)
    else:
        _kmz(path, files__legend_png=b"x", other_kml=b"<kml/>", doc_kml=body)
    result = import_zones([path])
    (zone,) = result.zones
    assert (zone.id, zone.name, zone.population, zone.kind, len(zone.polygons)) == ("p1", "Town", 1200, "town", 2)
    assert len(zone.polygons[0]) == 2
    assert result.account == (4, 1, 1, 2)
    assert "'30' is not longitude,latitude" in result.rejected[0]


def test_kml_files_of_which_nobody_says_which_is_meant_are_named_where_only_one_is_read(tmp_path: Path) -> None:
    place = "<Placemark id='{}'><Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"  # noqa: E501
    north, south = (f"<kml>{place.format(name, '30,50 31,50 31,51 30,50')}</kml>".encode() for name in "ns")
    result = import_zones([_kmz(tmp_path / "m.kmz", north_kml=north, south_kml=south)])
    assert [zone.id for zone in result.zones] == ["n"]
    assert result.account == (2, 1, 0, 1)
    assert any("north.kml is read, and south.kml not" in note for note in result.notes)


def test_an_id_written_twice_costs_the_second_zone_and_not_the_ids_of_all_others(tmp_path: Path) -> None:
    features = [_feature(_polygon(30 + n / 2), id=f"z{n % 11}", name="Town") for n in range(12)]
    result = _imported(tmp_path / "m.geojson", *features)
    assert [zone.id for zone in result.zones] == [f"z{n}" for n in range(11)]
    assert "is a second zone 'z0'" in result.rejected[0]


def test_an_outline_of_another_projection_than_most_and_an_open_quote_cost_their_rows(tmp_path: Path) -> None:
    square = "POLYGON((30 50,31 50,31 51,30 50))"
    rows = [f'{n},"A{n}","SRID={srid};{square}"' for n, srid in enumerate((4326, 4326, 3857))]
    text = "\n".join(["id,name,geom", *rows, f'3,"A,"{square}"', f'4,"A4","{square}"'])
    result = _imported(tmp_path / "m.csv", text=text.encode())
    assert [zone.id for zone in result.zones] == ["0", "1", "4"]
    assert result.account == (5, 3, 2, 0)
    assert "is in EPSG:3857, and most of the file in EPSG:4326" in result.rejected[0]


def test_hostile_kml_is_refused_before_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laughs = '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml><Placemark><name>&b;</name></Placemark></kml>'
    (tmp_path / "e.kml").write_text(laughs)
    with pytest.raises(BadFile, match="DOCTYPE"):
        import_zones([tmp_path / "e.kml"])
    monkeypatch.setattr("tocsin.ingest.maps.kml.KML_BYTES_MAX", 100_000)
    bomb = _kmz(tmp_path / "b.kmz", doc_kml=b"<kml>" + b" " * 1_000_000 + b"</kml>")
    assert bomb.stat().st_size < 5_000
    with pytest.raises(BadFile, match="more than 100000 bytes of KML"):
        import_zones([bomb])
    for body in (b"PK\x03\x04", b"", _kmz(tmp_path / "n.kmz", a_txt=b"x").read_bytes()):
        (tmp_path / "x.kmz").write_bytes(body)
        with pytest.raises(BadFile, match=r"x\.kmz"):
            import_zones([tmp_path / "x.kmz"])
    with pytest.raises(BadFile, match=r"\.kmz: \S*n\.kmz holds no \.kml$"):
        import_zones([tmp_path / "n.kmz"])


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_kmz_damaged_at_any_octet_is_read_or_refused_in_a_sentence(tmp_path: Path, packing: int) -> None:
    with zipfile.ZipFile(tmp_path / "m.kmz", "w", packing) as packed:
        packed.writestr("doc.kml", kml := b"<kml/>" * 20)
    refused = 0
    octets = (tmp_path / "m.kmz").read_bytes()
    for at in range(len(octets)):
        for damaged in (octets[:at], octets[:at] + bytes([octets[at] ^ 0xFF]) + octets[at + 1 :]):
            try:
                found = unpacked(damaged, "m.kmz")
            except BadFile as error:
                found, refused = None, refused + (str(error).count("m.kmz") == 1)
            assert found in (None, kml)
    assert refused > len(octets)


def test_a_text_that_never_ends_takes_no_longer_than_one_that_does() -> None:
    begun_s = time.process_time()
    assert type_of(b'{"type": NaN, "' + b'\\"' * 30_000) is None
    assert time.process_time() - begun_s < 1.0


@pytest.mark.parametrize("parted", [",", ";", "\t"])
def test_a_table_with_outlines_in_words_keeps_its_ids(tmp_path: Path, parted: str) -> None:
    cells = [["id", "parent", "name", "WKT"], ["007", "", "Bond", '"SRID=4326;POLYGON((30 50,31 50,31 51,30 50))"'],
             ["1.0", "007", "One", '"GEOMETRYCOLLECTION(POLYGON((32 50,33 50,33 51,32 50)),POINT(1 1))"'],
             ["3", "", "Bad", "POLYGON(("], ["4", "", "None", ""]]  # fmt: skip
    path = tmp_path / "m.csv"
    path.write_text("\ufeff" + "\r\n".join(parted.join(row) for row in cells))
    result = import_zones([path])
    assert [(zone.id, zone.parent) for zone in result.zones] == [("007", None), ("1.0", "007")]
    assert result.account == (4, 2, 2, 0)


def test_a_file_that_only_points_elsewhere_is_never_followed(tmp_path: Path) -> None:
    pointer = (
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/x</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    for name in ("m.shp", "m.gpkg", "m.fgb", "m.geojson", "m.json", "m.vrt", "m.kml", "m.csv"):
        (tmp_path / name).write_text(pointer)
        with pytest.raises(BadFile, match=name.replace(".", r"\.")):
            import_zones([tmp_path / name])


def _boundary(number: int, level: str, west: float, size: float, iso: str = "") -> dict[str, Any]:
    return _feature(
        {"type": "Polygon", "coordinates": [_ring(west, 50, size)]},
        shapeName=f"Unit {number}", shapeISO=iso, shapeID=f"{number}B", shapeGroup="XXX", shapeType=level,
    )  # fmt: skip


def test_levels_of_a_country_read_together_know_who_is_part_of_whom(tmp_path: Path) -> None:
    files = {
        "adm0": [_boundary(1, "ADM0", 30, 4, "XXX")],
        "adm1": [_boundary(2, "ADM1", 30, 2, "XX-1"), _boundary(3, "ADM1", 32, 2, "XX-2")],
        "adm2": [_boundary(4, "ADM2", 30.5, 1), _boundary(5, "ADM2", 32.5, 1), _boundary(6, "ADM2", 40, 1)],
    }
    for name, features in files.items():
        (tmp_path / f"{name}.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    zones = import_zones([tmp_path]).zones
    assert [(zone.id, zone.parent, zone.kind) for zone in zones] == [
        ("XXX", None, "ADM0"), ("XX-1", "XXX", "ADM1"), ("XX-2", "XXX", "ADM1"),
        ("4B", "XX-1", "ADM2"), ("5B", "XX-2", "ADM2"), ("6B", "XXX", "ADM2"),
    ]  # fmt: skip


def test_a_bad_file_stops_no_other(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.geojson", tmp_path / "bad.geojson"
    good.write_text(json.dumps(_feature(_polygon(), id="A")))
    bad.write_text("{")
    result = import_zones([tmp_path / "missing.gpkg", bad, tmp_path / "x.doc", good])
    assert [zone.id for zone in result.zones] == ["A"]
    assert [any(name in reason for reason in result.refused) for name in ("missing", "bad", "x.doc")] == [True] * 3


def test_one_feature_a_line_is_read_and_a_bad_line_costs_itself(tmp_path: Path) -> None:
    lines = [json.dumps(_feature(_polygon(30 + n), id=n)) for n in range(2)]
    result = _imported(tmp_path / "n.geojsonl", text="\n".join(["\x1e" + lines[0], "{", "", lines[1]]).encode())
    assert [zone.id for zone in result.zones] == ["0", "1"]
    assert result.account == (3, 2, 1, 0)
    assert some(result.rejected)


def test_numbers_that_are_none_in_a_placemark_and_outlines_of_no_width_are_rejected_without_noise(
    tmp_path: Path,
) -> None:
    (tmp_path / "m.kml").write_text(KML.replace("30.1,50.05", "NaN,inf"))
    with pytest.raises(BadFile, match="no number"):
        import_zones([tmp_path / "m.kml"])
    thin = {"type": "Polygon", "coordinates": [[[30, 50], [30, 50], [30, 50], [30, 50]]]}
    result = _imported(tmp_path / "n.geojson", _feature(thin, id="thin"), _feature(_polygon(), id="A"))
    assert result.account == (2, 1, 1, 0)


def test_what_gdal_mends_is_a_note_and_no_warning_of_the_interpreter(tmp_path: Path) -> None:
    outline = shapely.to_wkb(np.array([shapely.box(30, 50, 31, 51)], object))
    path = tmp_path / "m.shp"
    pyogrio.raw.write(path, outline, [np.array(["A"], object)], ["id"], geometry_type="Polygon", crs="EPSG:4326")
    body = bytearray(path.read_bytes())
    # The last corner of the only ring: its longitude.
    body[-16:-8] = np.array([30.5]).tobytes()
    path.write_bytes(body)
    result = import_zones([path])
    assert [zone.id for zone in result.zones] == ["A"]
    assert any("GDAL: Non closed ring" in note for note in result.notes)


@pytest.mark.parametrize("written", ["rubbish", 'LOCAL_CS["g",UNIT["metre",1]]', "\xff\xfe"])
def test_a_shapefile_with_a_projection_that_nobody_knows_is_not_taken_for_degrees(tmp_path: Path, written: str) -> None:
    outline = shapely.to_wkb(np.array([shapely.box(30, 50, 31, 51)], object))
    path = tmp_path / "m.shp"
    pyogrio.raw.write(path, outline, [np.array(["A"], object)], ["id"], geometry_type="Polygon", crs="EPSG:4326")
    path.with_suffix(".prj").write_text(written)
    with pytest.raises(BadFile, match="turn it to WGS 84 first"):
        import_zones([path])
    path.with_suffix(".prj").unlink()
    result = import_zones([path])
    assert len(result.zones) == 1 and any("says nothing of its projection" in note for note in result.notes)


@pytest.mark.parametrize("extended", [False, True])
def test_an_outline_in_hexadecimal_is_read_in_the_projection_that_it_says(tmp_path: Path, extended: bool) -> None:
    east, north = Transformer.from_crs(4326, 3857, always_xy=True).transform([30, 31], [50, 51])
    box = shapely.box(east[0], north[0], east[1], north[1]) if extended else shapely.box(30, 50, 31, 51)
    wkb = shapely.to_wkb(shapely.set_srid(box, 3857) if extended else box, hex=True, include_srid=extended)
    text = f"id,name,geom\n1,A,{wkb}\n2,B,{wkb[:-2]}\n".encode()
    result = _imported(tmp_path / "m.csv", text=text)
    (zone,) = result.zones
    assert shapely.bounds(shapely.Polygon(zone.polygons[0][0])) == pytest.approx((30, 50, 31, 51), abs=1e-6)
    assert result.account == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("m.json", b'{"version": 0.6, "elements": [{"type": "way", "id": 1}]}', "without a map that is read"),
        (
            "m.geojson",
            json.dumps(_feature({"type": "LineString", "coordinates": SQUARE}, id=1)).encode(),
            "1 × feature that is no",
        ),
        ("m.geojson", json.dumps(_polygon()).encode(), "it has no column at all"),
        (
            "m.geojson",
            json.dumps(_feature(_polygon(), id="1", name="\u00f6"), ensure_ascii=False).encode("latin-1"),
            "utf-8",
        ),
        ("m.geojson.gz", b"\x1f\x8b", "is not read; unpack it"),
        ("m.kml", b"<kml><NetworkLink><Link/></NetworkLink></kml>", "1 × NetworkLink"),
    ],
)
def test_a_map_without_a_zone_is_refused_with_what_is_in_it(tmp_path: Path, name: str, text: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        _imported(tmp_path / name, text=text)


@pytest.mark.parametrize("outline", ["LINESTRING (30 50)", "POLYGON ((30 50, 31 51", "01" * 5_000, "POLYGON ((a b))"])
def test_why_an_outline_cannot_be_read_is_said_on_one_line_whatever_its_length(tmp_path: Path, outline: str) -> None:
    text = f"id;name;wkt\n1;A;{outline}\n2;B;POLYGON ((30 50, 31 50, 31 51, 30 50))\n".encode()
    result = _imported(tmp_path / "m.csv", text=text)
    (why,) = result.rejected
    assert "\n" not in why and len(why) < len(str(tmp_path)) + 400


def test_a_unit_of_a_topology_without_an_outline_is_rejected_by_its_id(tmp_path: Path) -> None:
    ring = {"type": "Polygon", "arcs": [[0]], "id": "a", "properties": {"name": "A"}}
    lost = {"type": None, "id": 7, "properties": None}
    units = {"type": "GeometryCollection", "geometries": [ring, {"type": "GeometryCollection", "geometries": [lost]}]}
    arcs = [[[30, 50], [30.5, 50], [30, 50.5], [30, 50]]]
    text = json.dumps({"type": "Topology", "arcs": arcs, "objects": {"units": units}}).encode()
    found = _imported(tmp_path / "units.topojson", text=text)
    assert [zone.id for zone in found.zones] == ["a"]
    (said,) = found.rejected
    assert "('7') has no outline" in said


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("12 345", 12_345),
        ("12\u202f345", 12_345),
        ("1,234,567", 1_234_567),
        ("12'345", 12_345),
        (12_345, 12_345),
        ("1.234.567", 1_234_567),
    ],
)
def test_people_written_in_thousands_are_counted(tmp_path: Path, written: Any, people: float) -> None:
    (zone,) = _imported(tmp_path / "a.geojson", _feature(_polygon(), id="a", population=written)).zones
    assert zone.population == people


def test_a_point_that_may_part_thousands_or_mark_decimals_is_asked_about(tmp_path: Path) -> None:
    features = [
        _feature(_polygon(30 + k), id=f"z{k}", population=one) for k, one in enumerate(("1.234", 1.5, "1.2345"))
    ]
    result = _imported(tmp_path / "m.geojson", *features)
    assert [zone.population for zone in result.zones] == [1.234, 1.5, 1.2345]
    asked = [note for note in result.notes if "if that is thousands, write it without the point" in note]
    assert len(asked) == 1 and "('z0')" in asked[0]


@pytest.mark.parametrize("written", ["12 34", "12,3456", "1,23", "0,123", "1 234,567"])
def test_what_may_be_another_number_is_said_and_not_guessed(tmp_path: Path, written: str) -> None:
    found = _imported(tmp_path / "a.geojson", _feature(_polygon(), id="a", population=written))
    assert found.zones[0].population == 0 and any(repr(written) in note for note in found.notes)


def test_a_language_without_a_name_is_left_out_of_a_name_in_several(tmp_path: Path) -> None:
    named = {"en": None, "uk": "Київ", "fr": ""}
    (zone,) = _imported(tmp_path / "a.geojson", _feature(_polygon(), id="a", name=named)).zones
    assert zone.name == {"uk": "Київ"}
    (zone,) = _imported(tmp_path / "b.geojson", _feature(_polygon(), id="a", name={"en": None})).zones
    assert zone.name == "a"


# A number that no float holds is a place nowhere; the suite takes a warning of numpy's for an error.
@pytest.mark.parametrize("far", ["1e400", "9" * 400, "1e308", "inf"])
def test_a_number_that_no_float_holds_costs_its_outline_alone(tmp_path: Path, far: str) -> None:
    rows = f'id,name,WKT\n1,A,"POLYGON(({far} 50,31 50,31 51,{far} 50))"\n2,B,"POLYGON((32 50,33 50,33 51,32 50))"\n'
    found = _imported(tmp_path / "far.csv", text=rows.encode())
    assert [zone.id for zone in found.zones] == ["2"] and "('1')" in some(found.rejected)[0]
