"""`tocsin sensors discover`, and what the commands do where nothing can be used."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.some import some
from tests.unit.ingest.asterix_bytes import block, north_034, packet, pcap, placed_034, plot_048
from tocsin.cluster.process import free_ports
from tocsin.command.main import app
from tocsin.ingest.asterix.listening import SENDERS_MAX, listen
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile, BadSettings, TocsinError

DAY = "2026-03-01"
ZONES = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"z","name":"Z"},"geometry":'
ZONES += '{"type":"Polygon","coordinates":[[[16,45],[16.1,45],[16.1,45.1],[16,45]]]}}]}'


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def found(*words: object) -> dict[str, Any]:
    done = run("sensors", "discover", *words, "--json")
    assert done.exit_code == 0, done.exception
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two radars: 1/2 turns in 4 s and says where it stands; 1/3 says nothing of itself. A video block among them."""
    path = tmp_path / "night.ast"
    turns = [placed_034(45.1, 16.2, time_s=40_000 + 4 * n) + plot_048(n, time_s=40_001 + 4 * n) for n in range(5)]
    others = [plot_048(n, sic=3, time_s=40_002.5 + n) for n in range(7)]
    path.write_bytes(b"".join(turns) + block(240, b"\x80\x01\x02") + b"".join(others))
    return path


def test_sources_are_listed_with_what_they_say_of_themselves(recording: Path) -> None:
    said = found(recording, "--date", DAY)
    one, other = said["sources"]
    assert (one["source"], one["categories"], one["rotation_s"]) == ("1/2", {"034": 5, "048": 5}, 4.0)
    assert (one["first"], one["last"]) == ("2026-03-01T11:06:40Z", "2026-03-01T11:06:57Z")
    assert [one["lat"], one["lon"], one["altitude_m"]] == pytest.approx([45.1, 16.2, 300], abs=1e-4)
    assert (other["source"], other["records"], other["lat"], other["rotation_s"]) == ("1/3", 7, None, None)
    assert said["read"] == 18 == said["used"] + sum(said["passed_over"].values()) and not said["rejected"]
    text = run("sensors", "discover", recording)
    assert "1/2: 5 × 034, 5 × 048; turns in 4 s" in text.stdout and "category 240" in text.stderr


def test_the_file_written_is_refused_until_every_place_is_completed(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "sensors.json"
    done = run("sensors", "discover", recording, "--out", out)
    assert "2 sensors" in done.stdout and "complete the place of 1/3" in done.stdout
    entries = json.loads(out.read_text())
    assert [one["asterix"] for one in entries] == [[1, 2], [1, 3]] and entries[0]["scan_s"] == 4.0
    wanted = run("import", recording, "--sensors", out, "--date", DAY, "--out", tmp_path / "o.jsonl")
    assert isinstance(wanted.exception, BadFile) and "'1/3'" in str(wanted.exception)
    assert "lat and lon" in str(wanted.exception) and "'1/2'" not in str(wanted.exception)
    entries[1] |= {"lat": 45.0, "lon": 16.0, "altitude_m": 100}
    out.write_text(json.dumps(entries))
    used = run("import", recording, "--sensors", out, "--date", DAY, "--out", tmp_path / "o.jsonl", "--json")
    assert json.loads(used.stdout)["written"] == 17
    assert [one["sensor"] for one in found(recording, "--sensors", out)["sources"]] == ["1/2", "1/3"]


def test_a_file_that_is_there_is_not_written_over(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "sensors.json"
    out.write_text("completed by hand")
    done = run("sensors", "discover", recording, "--out", out)
    assert isinstance(done.exception, BadFile) and out.read_text() == "completed by hand"


def test_a_radar_whose_place_the_file_leaves_out_stands_where_it_says(recording: Path, tmp_path: Path) -> None:
    sensors = tmp_path / "sensors.json"
    entry = {"id": "hill", "kind": "radar", "asterix": [1, 2]}
    sensors.write_text(json.dumps([entry]))
    out = tmp_path / "o.jsonl"
    assert run("import", recording, "--sensors", sensors, "--date", DAY, "--out", out).exit_code == 0
    assert '"sensor":"hill"' in out.read_text()
    # Of another radar nobody says anything.
    sensors.write_text(json.dumps([entry, {"id": "vale", "kind": "radar", "asterix": [9, 9]}]))
    done = run("import", recording, "--sensors", sensors, "--date", DAY, "--out", out)
    assert isinstance(done.exception, BadFile) and "'vale'" in str(done.exception)


@pytest.mark.parametrize("name", ["nothing.ast", "empty.ast", "missing.ast"])
def test_what_holds_no_source_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "nothing.ast").write_bytes(b"no radar ever sent this" * 50)
    (tmp_path / "empty.ast").write_bytes(b"")
    done = run("sensors", "discover", tmp_path / name)
    assert isinstance(done.exception, BadFile) and name in str(done.exception)


class Sending:
    """Sends datagrams to a port until it is told to stop."""

    def __init__(self, *datagrams: bytes) -> None:
        (self.port,) = free_ports(1, socket.SOCK_DGRAM)
        self._datagrams = datagrams
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self._ended.wait(0.05):
                for datagram in self._datagrams:
                    sender.sendto(datagram, ("127.0.0.1", self.port))

    def __enter__(self) -> Sending:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def test_what_is_sent_to_a_port_is_listed_with_who_sends_it() -> None:
    with Sending(plot_048(1), north_034(sic=3), b"\xff" * 40) as sending:
        said = found(f"udp://127.0.0.1:{sending.port}", "--seconds", 2)
    assert [one["source"] for one in said["sources"]] == ["1/2", "1/3"]
    assert said["senders"].keys() == {"127.0.0.1"} and sum(said["rejected"].values()) > 0
    assert said["read"] == said["used"] + sum(said["rejected"].values())


def test_an_interrupt_ends_listening_with_what_there_is() -> None:
    looked = []

    def interrupts(share: float) -> None:
        looked.append(share)
        if len(looked) > 3:
            raise KeyboardInterrupt

    with Sending(plot_048(1)) as sending:
        begun_s = time.monotonic()
        seen, senders = listen(f"udp://127.0.0.1:{sending.port}", Rejects(), listen_s=600, progress=interrupts)
    assert time.monotonic() - begun_s < 60
    assert seen.sources.keys() == {(1, 2)} and 0 < senders.total() <= SENDERS_MAX


@pytest.mark.parametrize("address", ["udp://127.0.0.1", "udp://[::1]:9", "udp://host:1", "udp://1.2.3.4:99999"])
def test_an_address_that_is_none_is_wrong_usage(address: str) -> None:
    with pytest.raises(BadSettings, match="write udp://"):
        listen(address, Rejects(), listen_s=1)


def test_a_port_that_cannot_be_had_or_brings_nothing_is_an_error() -> None:
    done = run("sensors", "discover", "udp://203.0.113.1:8600", "--seconds", 2)
    assert isinstance(done.exception, BadFile) and "cannot be listened on" in str(done.exception)
    with Sending() as silent:
        done = run("sensors", "discover", f"udp://127.0.0.1:{silent.port}", "--seconds", 2)
    assert isinstance(done.exception, BadFile) and "0 datagrams" in str(done.exception)


RECORDINGS = ("strangers.pcap", "rubbish.pcap", "empty.ast")


@pytest.mark.parametrize(
    ("command", "name"),
    [(command, name) for command in ("import", "track", "replay") for name in RECORDINGS]
    + [(command, name) for command in ("track", "replay") for name in ("rubbish.csv", "rubbish.jsonl")],
)
def test_a_file_without_anything_usable_is_an_error_for_every_command(tmp_path: Path, command: str, name: str) -> None:
    bodies = {
        "strangers.pcap": pcap([packet(plot_048(1, sic=9)), packet(plot_048(2, sic=8))]),
        "rubbish.pcap": pcap([packet(b"\xff" * 40)]),
        "empty.ast": b"",
        "rubbish.csv": b"t_s,sensor,range_m,azimuth_deg\nx,hill,1,2\n",
        "rubbish.jsonl": b"{}\n",
    }
    (tmp_path / name).write_bytes(bodies[name])
    (tmp_path / "sensors.json").write_text('[{"id":"hill","kind":"radar","lat":45,"lon":16,"asterix":[1,2]}]')
    (tmp_path / "zones.geojson").write_text(ZONES)
    words: list[object] = [command, tmp_path / name, "--sensors", tmp_path / "sensors.json"]
    words += ["--out", tmp_path / {"import": "o.jsonl", "track": "t.csv", "replay": "run"}[command]]
    words += ["--zones", tmp_path / "zones.geojson"] if command == "replay" else []
    done = run(*words)
    assert isinstance(done.exception, TocsinError) and not isinstance(done.exception, BadSettings)
    if name == "strangers.pcap":
        assert all(some(source in str(done.exception) for source in ("1/9", "1/8")))
