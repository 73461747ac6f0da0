"""The service behind Debian's nginx, with the configuration that ships: TLS, events at once, nothing forged."""

from __future__ import annotations

import asyncio
import http.client
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import skip
from tests.nights.test_stop_service import served, wait_for, written
from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.announce.static_files import StaticFiles
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.write import Author, Issuer
from tocsin.cluster.process import free_ports
from tocsin.model.warning import Warning
from tocsin.simulate.places import invented_zones

ROOT = Path(__file__).resolve().parents[2]
NAME = "warnings.example"


def certificate(folder: Path) -> None:
    """A key and a certificate of its own for the example's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(private)


@dataclass
class Proxy:
    """Where nginx listens, and whom it is told to be."""

    plain_port: int
    tls_port: int
    trusted: Path

    def open(self) -> http.client.HTTPSConnection:
        """A connection by TLS that is refused unless the certificate holds."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        context.check_hostname = False  # The address is 127.0.0.1; whose certificate it is, the file says.
        return http.client.HTTPSConnection("127.0.0.1", self.tls_port, timeout=60, context=context)

    def answers(self) -> bool:
        with suppress(OSError), closing(self.open()) as connection:
            connection.connect()
            return True
        return False


def temporary(folder: Path) -> str:
    """Where nginx may write, as configuration."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)


@contextmanager
def proxied(folder: Path, port: int) -> Iterator[Proxy]:
    """nginx with the file that ships; nothing in it is changed but ports and the certificate's folder."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        skip("no nginx; on Debian: apt-get install nginx-light")
    assert nginx is not None
    certificate(folder)
    plain_port, tls_port = free_ports(2)
    proxy = Proxy(plain_port, tls_port, folder / "fullchain.pem")
    shipped = (ROOT / "packaging/proxy/nginx.conf").read_text().replace("/etc/ssl/tocsin", str(folder))
    shipped = re.sub(r"(?m)^ *listen \[::\].*\n", "", shipped)
    for ours, theirs in (("listen 80;", proxy.plain_port), ("listen 443 ", proxy.tls_port)):
        assert ours in shipped
        shipped = shipped.replace(ours, f"listen 127.0.0.1:{theirs}{ours[-1]}")
    shipped = shipped.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary(folder)}{shipped}}}\n"
    )
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: process.poll() is not None or proxy.answers(), "nginx")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield proxy
    finally:
        process.terminate()
        process.wait()


@pytest.mark.server
def test_behind_nginx_events_come_at_once_over_tls_and_no_address_is_forged(tmp_path: Path) -> None:
    config, port = written(tmp_path)
    # One listener of ours would take the only place.
    bounded = "[canary]\non = false\n[http]\nlisteners_per_address_max = 1"
    config.write_text(config.read_text().replace("[http]", bounded, 1))
    with served(config, port), proxied(tmp_path, port) as proxy:
        with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=60)) as plain:
            plain.request("GET", "/", headers={"Host": NAME})
            answer = plain.getresponse()
            assert answer.status == 301
            assert answer.headers["location"] == f"https://{NAME}/"
        with closing(proxy.open()) as first, closing(proxy.open()) as second:
            first.request("GET", "/v1/events", headers={"Host": NAME, "X-Forwarded-For": "203.0.113.1"})
            stream = first.getresponse()
            assert stream.status == 200
            assert stream.headers["strict-transport-security"]
            came_s = [time.monotonic() for line in pulses(stream, 4) if line]
            # One a second, each when it was sent: held back, they would come in one lump.
            assert came_s[-1] - came_s[0] > 1.5
            # Both came from one address, whatever they say of themselves.
            second.request("GET", "/v1/events", headers={"Host": NAME, "X-Forwarded-For": "203.0.113.2"})
            assert second.getresponse().status == 503
        with closing(proxy.open()) as connection:
            connection.request("GET", "/metrics", headers={"Host": NAME})
            assert connection.getresponse().status == 403


def pulses(stream: http.client.HTTPResponse, number: int) -> Iterator[bytes]:
    """The lines that say so, as they come."""
    while number:
        line = stream.readline()
        assert line, "the stream ended"
        if line == b"event: pulse\n":
            number -= 1
            yield line


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others can read: nginx drops its rights, and the folders of tests are their owner's alone."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.server
def test_nginx_serves_the_files_of_a_folder_as_the_service_answers(tmp_path: Path, open_folder: Path) -> None:
    """The configuration for files that ships; a message, the feeds and the states, with their types."""
    zones, now = invented_zones(3), datetime.now(UTC)
    issuer = Issuer(sender="warnings.example")
    board, messages = Board(zones, drill=True), CapMessages(Author(issuer, zones))
    until = now + timedelta(minutes=5)
    warning = Warning(id="w", zone=zones[0].id, level="take_cover", time=now, expires=until, drill=True)
    board.apply(1, [warning])
    messages.fold(Batch(1, now, (warning,)))
    www = open_folder / "www"
    drawn = WarnedMap(zones, board.public_map, issuer)
    asyncio.run(StaticFiles("files", www, board, messages, drawn, lambda: now).send("", ()))
    (www / "feed.atom.part").write_text("half")
    message = f"/cap/{messages.archive.messages[0].identifier}.xml"
    with static_nginx(tmp_path, www) as port:
        for path, kind in some(
            {
                "/v1/zones": "application/json",
                "/v1/zones.json": "application/json",
                "/v1/warnings": "application/json",
                "/v1/warned.geojson": "application/geo+json",
                "/v1/outlines": "application/geo+json",
                "/feed.atom": "application/atom+xml",
                "/feed.rss": "application/rss+xml",
                message: "application/cap+xml",
            }.items()
        ):
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                assert (answer.status, answer.headers["content-type"]) == (200, kind), path
                assert answer.headers["access-control-allow-origin"] == "*"
                assert ("etag" in answer.headers) is (path == message)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/feed.atom.part")
            assert connection.getresponse().status == 403


@contextmanager
def static_nginx(folder: Path, www: Path) -> Iterator[int]:
    """nginx with the shipped file for folders; nothing in it is changed but port and folder."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        skip("no nginx; on Debian: apt-get install nginx-light")
    assert nginx is not None
    (port,) = free_ports(1)
    shipped = (ROOT / "packaging/proxy/nginx-static.conf").read_text().replace("/srv/tocsin", str(www))
    shipped = re.sub(r"(?m)^ *listen \[::\].*\n", "", shipped).replace("listen 80;", f"listen 127.0.0.1:{port};")
    (folder / "static.conf").write_text(
        f"daemon off;\npid {folder}/static.pid;\nerror_log {folder}/static.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary(folder)}{shipped}}}\n"
    )
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "static.conf")], stderr=subprocess.DEVNULL)

    def answers() -> bool:
        with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.connect()
            return True
        return False

    try:
        wait_for(lambda: process.poll() is not None or answers(), "nginx")
        assert process.poll() is None, (folder / "static.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait()
