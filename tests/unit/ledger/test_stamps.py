"""A file is stamped by an authority that this test makes, and nothing but that stamp of that file passes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from typer.testing import CliRunner

from tests.conftest import skip
from tocsin.command.main import app
from tocsin.ledger.case import Book
from tocsin.ledger.custody import Handling, Stamp
from tocsin.ledger.record import Personal, salt
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.stamps import request_for, roots_in, stamp_from, verified
from tocsin.ledger.telling import told
from tocsin.model.errors import BadFile, BadRecord

PICTURE = b"a picture of a crater"
OF = hashlib.sha256(PICTURE).hexdigest()
NOW = datetime(2026, 5, 4, tzinfo=UTC)
_CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[stamps]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""


class Authority:
    """OpenSSL's time stamping authority under a root of its own, in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "conf").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        self._run(
            f"req -config conf -x509 {key} -keyout root.key -out root.pem -days 30 -extensions root -subj /CN={name}"
        )
        self._run(f"req -config conf {key} -keyout tsa.key -out tsa.csr -subj /CN={name}-clock")
        self._run("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 30 "
                  "-extfile conf -extensions tsa")  # fmt: skip
        self.roots = roots_in(folder / "root.pem")

    def _run(self, command: str) -> None:
        subprocess.run(["openssl", *command.split()], cwd=self.folder, check=True, capture_output=True)

    def answer(self, request: bytes) -> bytes:
        (self.folder / "request").write_bytes(request)
        self._run("ts -reply -config conf -section stamps -queryfile request -out answer")
        return (self.folder / "answer").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        skip("no openssl; on Debian: apt-get install openssl")
    return Authority(tmp_path_factory.mktemp("tsa") / "one", "authority")


def stamped(authority: Authority, data: bytes = PICTURE) -> Stamp:
    answer = authority.answer(request_for(data))
    return stamp_from(answer, hashlib.sha256(data).hexdigest(), authority.roots, by="desk", recorded=NOW)


def test_a_stamp_proves_when_a_file_was_there(authority: Authority) -> None:
    stamp = stamped(authority)
    assert stamp.of == OF
    assert "authority-clock" in stamp.authority
    assert abs(verified(stamp, authority.roots) - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_authority_does_not_learn_what_it_stamps() -> None:
    assert PICTURE not in request_for(PICTURE)
    assert bytes.fromhex(OF) in request_for(PICTURE)


def test_a_stamp_of_another_file_or_time_or_with_a_flipped_bit_proves_nothing(authority: Authority) -> None:
    stamp = stamped(authority)
    replace = msgspec.structs.replace
    with pytest.raises(BadRecord, match="no valid time stamp"):
        verified(replace(stamp, of=hashlib.sha256(b"another").hexdigest()), authority.roots)
    with pytest.raises(BadRecord, match="its token says"):
        verified(replace(stamp, at=stamp.at - timedelta(days=1)), authority.roots)
    with pytest.raises(BadRecord, match="not base64"):
        verified(replace(stamp, token="AAAAA"), authority.roots)
    answer = authority.answer(request_for(PICTURE))
    for place in range(10, len(answer), len(answer) // 40):
        flipped = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        try:
            found = stamp_from(flipped, OF, authority.roots, by="desk", recorded=NOW)
        except BadRecord:
            continue
        # What is not signed (the certificates beside the one that signed) may change and proves the same.
        assert abs(found.at - stamp.at) < timedelta(minutes=1)


def test_an_authority_that_nobody_trusts_proves_nothing(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other", "other")
    stamp = stamped(authority)
    for roots in ([], other.roots):
        with pytest.raises(BadRecord):
            verified(stamp, roots)
    with pytest.raises(BadRecord):
        stamp_from(b"no answer", OF, authority.roots, by="desk", recorded=NOW)


def test_what_holds_no_certificate_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_text("nothing")
    with pytest.raises(BadFile, match="cannot be read as certificates"):
        roots_in(tmp_path / "root.pem")


def test_an_incident_shows_who_had_its_evidence_and_when_it_was_stamped(authority: Authority) -> None:
    from tests.unit.ledger.test_stores import claim
    from tocsin.ledger.claim import Evidence

    seen = msgspec.structs.replace(claim("a"), evidence=(Evidence(sha256=OF),))
    collected = Handling(
        id="h", recorded=NOW, by="desk", of=OF, did="collected", at=NOW, place="the archive",
        personal=Personal(salt=salt(), recorder="C. Ollector"),
    )  # fmt: skip
    with SqliteStore(None) as store:
        store.append([seen, collected, stamped(authority)])
        book = Book(store)
        case = book.case("i")
        assert case is not None
        lines = "\n".join(told(case, book.voices))
    assert f"file {OF[:12]}… collected 2026-05-04 00:00 UTC by desk, the archive" in lines
    assert f"file {OF[:12]}… stamped" in lines
    assert "C. Ollector" not in lines


@pytest.mark.server
def test_the_command_asks_an_authority_and_keeps_what_it_says(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("crater.jpg").write_bytes(PICTURE)
    SqliteStore(Path("ledger.db")).close()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.path == "/tsr":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(authority.answer(self.rfile.read(int(self.headers["Content-Length"]))))
            else:
                self.send_error(404)

        def log_message(self, *said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"http://127.0.0.1:{server.server_port}"
        root = str(authority.folder / "root.pem")
        ran = CliRunner().invoke(app, ["ledger", "stamp", "crater.jpg", "--authority", f"{where}/tsr", "--root", root])
        none = CliRunner().invoke(app, ["ledger", "stamp", "crater.jpg", "--authority", where, "--root", root])
        server.shutdown()
    assert ran.exit_code == 0, ran.output
    assert isinstance(none.exception, BadFile)
    assert "gives no time stamp" in str(none.exception)
    with SqliteStore(Path("ledger.db")) as store:
        (kept,) = store.read(("stamp",))
    assert isinstance(kept, Stamp)
    assert verified(kept, authority.roots) == kept.at


def test_roots_are_certificates(authority: Authority) -> None:
    (root,) = authority.roots
    assert isinstance(root, x509.Certificate)
