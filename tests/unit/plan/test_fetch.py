"""Elevation from a server on this machine: whole and as promised, or not at all; and on from where it broke off."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadFile, BadSettings
from tocsin.plan import fetch as fetching

TILE = bytes(2 * 1_201 * 1_201)
SHA256 = hashlib.sha256(TILE).hexdigest()


class Server:
    """Gives a tile; how far it comes before the line breaks, and what it was asked for."""

    def __init__(self) -> None:
        self.break_at: int | None = None
        self.ranges_served = True
        self.status = 200
        self.asked: list[str | None] = []
        self.port = 0
        self.redirects = 0
        self.elsewhere = "/dem/N42E001.hgt"

    def url(self, name: str = "N42E001.hgt") -> str:
        return f"http://127.0.0.1:{self.port}/dem/{name}"


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()
    with serving(told):
        yield told


@contextmanager
def serving(told: Server) -> Iterator[None]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("range")
            told.asked.append(asked)
            if told.redirects:
                told.redirects -= 1
                self.send_response(302)
                self.send_header("location", told.elsewhere)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and told.ranges_served else 0
            if start >= len(TILE):
                self.send_error(416)
                return
            self.send_response(206 if start and told.status == 200 else told.status)
            self.send_header("content-length", str(len(TILE) - start))
            if start:
                self.send_header("content-range", f"bytes {start}-{len(TILE) - 1}/{len(TILE)}")
            self.end_headers()
            end = len(TILE) if told.break_at is None else told.break_at
            self.wfile.write(TILE[start:end])

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as one:
        told.port = one.server_port
        thread = threading.Thread(target=one.serve_forever)
        thread.start()
        try:
            yield
        finally:
            one.shutdown()
            thread.join()


def fetched(server: Server, out: Path, *more: str, sha256: str = SHA256) -> str:
    result = CliRunner().invoke(app, ["plan", "fetch", server.url(), "--sha256", sha256, "--out", str(out), *more])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_a_file_comes_whole_and_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    assert json.loads(fetched(server, tmp_path / "land", "--json"))["fetched"] == 1
    assert (tmp_path / "land" / "N42E001.hgt").read_bytes() == TILE
    assert json.loads(fetched(server, tmp_path / "land", "--json"))["there_already"] == 1
    assert "0 of 1 fetched" in fetched(server, tmp_path / "land")
    assert server.asked == [None]
    assert [path.name for path in (tmp_path / "land").iterdir()] == ["N42E001.hgt"]


@pytest.mark.parametrize("ranges_served", [True, False])
def test_what_broke_off_goes_on_or_begins_again_and_nothing_half_is_left_under_its_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ranges_served: bool
) -> None:
    # What is sent again is not counted twice: not an octet more than the file has is allowed.
    monkeypatch.setattr(fetching.fetch, "__defaults__", (len(TILE),))
    server.break_at, server.ranges_served = 1_000_000, ranges_served
    with pytest.raises(BadFile, match="try again, and it goes on"):
        fetched(server, tmp_path)
    assert not (tmp_path / "N42E001.hgt").exists()
    have = (tmp_path / "N42E001.hgt.part").stat().st_size
    assert 0 < have <= 1_000_000
    server.break_at = None
    fetched(server, tmp_path)
    assert server.asked == [None, f"bytes={have}-"]
    assert (tmp_path / "N42E001.hgt").read_bytes() == TILE


def test_what_came_whole_before_the_power_went_is_used(server: Server, tmp_path: Path) -> None:
    (tmp_path / "N42E001.hgt.part").write_bytes(TILE)
    fetched(server, tmp_path)
    assert (tmp_path / "N42E001.hgt").read_bytes() == TILE


def test_something_else_than_was_promised_is_thrown_away(server: Server, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=f"hashes to {SHA256}, not {'0' * 64}"):
        fetched(server, tmp_path, sha256="0" * 64)
    assert not list(tmp_path.iterdir())
    (tmp_path / "N42E001.hgt").write_bytes(b"mine")
    with pytest.raises(BadFile, match="move it away"):
        fetched(server, tmp_path)
    assert (tmp_path / "N42E001.hgt").read_bytes() == b"mine"


def test_too_much_is_refused_before_it_comes(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.fetch, "__defaults__", (1_000,))
    with pytest.raises(BadFile, match=r"2,884,802 octets; at most 1,000"):
        fetched(server, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_server_that_says_no_is_named(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(BadFile, match="answers 404 Not Found"):
        fetched(server, tmp_path)


def test_a_file_that_has_moved_is_followed_three_times_and_to_no_other_kind_of_address(
    server: Server, tmp_path: Path
) -> None:
    server.redirects = 3
    fetched(server, tmp_path)
    assert (tmp_path / "N42E001.hgt").read_bytes() == TILE
    server.redirects = 4
    with pytest.raises(BadFile, match="redirected more than 3 times"):
        fetched(server, tmp_path / "more")
    server.redirects, server.elsewhere = 1, "file:///etc/hostname"
    with pytest.raises(BadFile, match="no http:// or https://; give"):
        fetched(server, tmp_path / "else")


@pytest.mark.parametrize(
    ("url", "sha256", "said"),
    [
        ("ftp://example.org/N42E001.hgt", SHA256, "is no address"),
        ("http://example.org/../.hgt", SHA256, "does not end in the name"),
        ("http://example.org/N42E001.zip", SHA256, "does not end in the name"),
        ("http://example.org/%2Fetc%2Fx.hgt", "abc", "64 digits"),
    ],
)
def test_what_cannot_be_fetched_is_wrong_usage(url: str, sha256: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        fetching.Wanted(url, sha256)


def test_each_file_has_a_hash_of_its_own_and_a_name_of_its_own(tmp_path: Path) -> None:
    twice = ["http://example.org/a/N42E001.hgt", "http://example.org/b/N42E001.hgt"]
    hashes = ["--sha256", SHA256]
    for words, said in ((twice + hashes, "2 files and 1"), (twice + hashes * 2, "two files of one name")):
        result = CliRunner().invoke(app, ["plan", "fetch", *words, "--out", str(tmp_path)])
        assert isinstance(result.exception, BadSettings)
        assert said in str(result.exception)
