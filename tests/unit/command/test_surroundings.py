"""`tocsin doctor` on what is around an installation: places that cannot be, a service beside it, silent feeds."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.some import some
from tests.unit.ingest.asterix_bytes import plot_048
from tocsin.cluster.process import free_ports
from tocsin.command import silent_feeds, surroundings
from tocsin.ingest.gazetteer import build_zones
from tocsin.ingest.towns import exchanged_zones
from tocsin.journal import Journal
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.sensor import Sensor
from tocsin.model.value import Value
from tocsin.model.zone import Zone
from tocsin.service.settings import Settings, make_settings


def square(lat: float, lon: float, name: str = "Home", people: float = 0) -> Zone:
    ring = ((lon, lat), (lon + 0.1, lat), (lon + 0.1, lat + 0.1), (lon, lat + 0.1), (lon, lat))
    return Zone(id=f"{name}-{lat}", name=name, population=people, polygons=((ring,),))


def radar(lat: float, lon: float, name: str = "hill") -> Sensor:
    return Sensor(id=name, kind="radar", lat=lat, lon=lon, asterix=(1, 2))


HOME = square(46.0, 7.0, people=100)


def test_zones_in_which_nobody_lives_are_told_of() -> None:
    assert "100 people in 2 zones" in surroundings.people([HOME, square(47, 7)])
    with pytest.raises(BadFile, match="each of 2 zones has population 0"):
        surroundings.people([square(46, 7), square(47, 7)])


@pytest.mark.parametrize(
    ("sensors", "why"),
    [
        ([radar(46.2, 7.2)], None),
        # A radar across the border sees what comes.
        ([radar(46.2, 16.0)], None),
        ([radar(7.05, 46.05)], "sensor hill would stand among the zones with lat and lon exchanged"),
        # A radar beside the zones, exchanged, is not among them either.
        ([radar(8.9, 45.1)], "km from the nearest zone; .* with lat and lon exchanged, here or in the zones, they"),
        ([radar(46.2, 7.2), radar(0.0, 0.0, "zero")], "sensor zero: 5,100 km from the nearest zone"),
        ([radar(-46.0, 7.0, f"r{n}") for n in range(7)], r"sensors r0, r1, r2, r3, r4 and 2 more: .* km"),
    ],
)
def test_a_sensor_that_stands_where_it_cannot_see_a_zone_is_named(sensors: Sequence[Sensor], why: str | None) -> None:
    if why is None:
        assert f"{len(sensors)} sensors within" in surroundings.places([HOME], sensors)
        return
    with pytest.raises(BadFile, match=why):
        surroundings.places([HOME], sensors)


def turned(zone: Zone) -> Zone:
    polygons = tuple(tuple(tuple((lat, lon) for lon, lat in ring) for ring in polygon) for polygon in zone.polygons)
    return Zone(
        **{name: getattr(zone, name) for name in Value.__struct_fields__ + Zone.__struct_fields__}
        | {"polygons": polygons}
    )


@pytest.mark.parametrize("country", ["CH", "IL"])
def test_zones_with_lat_and_lon_exchanged_are_known_by_their_towns(country: str) -> None:
    zones = build_zones(country, min_population=20_000)
    assert exchanged_zones(zones) is None
    assert "exchanged" in str(exchanged_zones([turned(zone) for zone in zones]))


def test_names_that_are_no_towns_say_nothing_of_where_zones_are() -> None:
    assert exchanged_zones([square(7, 46, f"Zone-{n}") for n in range(9)]) is None
    assert exchanged_zones([]) is None


def told(folder: Path, port: int, *sources: dict[str, object]) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson([HOME]))
    return make_settings(
        zones=folder / "zones.geojson",
        http={"host": "127.0.0.1", "port": port},
        journal={"path": folder / "journal.db"},
        source=sources,
    )


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    return free_ports(1, kind)[0]


@contextmanager
def answering(says: bytes) -> Iterator[int]:
    """The port of a server that answers everything so."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(says)))
            self.end_headers()
            self.wfile.write(says)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_service_beside_it_is_told_of_with_its_troubles(tmp_path: Path) -> None:
    assert "none runs beside" in surroundings.service(told(tmp_path, free_port()))
    journal = Journal.open(tmp_path / "journal.db")
    try:
        with answering(b'{"ready": true, "troubles": []}') as port:
            assert "one runs on this journal" in surroundings.service(told(tmp_path, port))
        down = b'{"ready": true, "troubles": ["source radars is down"]}'
        with answering(down) as port, pytest.raises(BadSettings, match="and says: source radars is down"):
            surroundings.service(told(tmp_path, port))
        with pytest.raises(BadSettings, match="does not answer"):
            surroundings.service(told(tmp_path, free_port()))
        # A port is heard by one: the service that runs hears it.
        silent = {"kind": "sbs", "id": "sky", "port": free_port()}
        assert "heard by the service" in silent_feeds.feeds(told(tmp_path, 0, silent), ())
    finally:
        journal.close()
    assert surroundings.holder(tmp_path / "journal.db") is None


def test_a_port_that_is_taken_is_told_of_with_who_has_it(tmp_path: Path) -> None:
    other = b'{"ready": false, "troubles": ["x"]}'
    with answering(other) as port, pytest.raises(BadSettings, match="by a service with another journal"):
        surroundings.service(told(tmp_path, port))
    with answering(b"hello") as port, pytest.raises(BadSettings, match="is not to be had: Address already in use"):
        surroundings.service(told(tmp_path, port))


def test_feeds_that_bring_nothing_are_named_and_the_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_feeds, "LISTEN_S", 3.0)
    radars, strangers = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    ended = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not ended.wait(0.05):
                sender.sendto(plot_048(1), ("127.0.0.1", radars))
                sender.sendto(plot_048(1, sic=9), ("127.0.0.1", strangers))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        one = b'{"hex": "abcdef", "lat": 46, "lon": 7, "alt_baro": 10000, "seen_pos": 0}'
        with answering(b'{"now": %d, "aircraft": [%b]}' % (time.time(), one)) as sky, answering(b"<feed/>") as alerts:
            good: list[dict[str, object]] = [
                {"kind": "asterix", "id": "radars", "port": radars},
                {"kind": "readsb", "id": "sky", "url": f"http://127.0.0.1:{sky}/aircraft.json"},
                {"kind": "cap", "id": "neighbour", "url": f"http://127.0.0.1:{alerts}/feed"},
            ]
            assert "3 bring something" in silent_feeds.feeds(told(tmp_path, 0, *good), [radar(46, 7)])
            bad: list[dict[str, object]] = [
                {"kind": "asterix", "id": "strangers", "port": strangers},
                {"kind": "asterix", "id": "mute", "port": free_port(socket.SOCK_DGRAM)},
                {"kind": "sbs", "id": "gone", "port": free_port()},
                {"kind": "cap", "id": "nowhere", "url": f"http://127.0.0.1:{free_port()}/feed"},
            ]
            with pytest.raises(BadSettings) as raised:
                silent_feeds.feeds(told(tmp_path, 0, *good, *bad), [radar(46, 7)])
    finally:
        ended.set()
        thread.join()
    text = str(raised.value)
    assert all(some(f"source {one['id']} is silent" in text for one in bad))
    assert not any(some(f"source {one['id']} is silent" in text for one in good))
    assert "source 1/9" in text and "nothing that can be used in 3 s" in text


def test_who_brings_us_things_himself_is_not_asked(tmp_path: Path) -> None:
    posts: dict[str, object] = {"kind": "http", "id": "spotters", "token_sha256": "0123456789abcdef" * 4}
    assert "none to ask" in silent_feeds.feeds(told(tmp_path, 0, posts), ())
