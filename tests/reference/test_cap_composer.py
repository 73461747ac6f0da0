"""Our feed and messages through the importer of cap-composer, which weather services run.

It is half a gigabyte, so it has an environment of its own: `pip install cap-composer` into one, and name its Python in
`CAP_COMPOSER_PYTHON`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.some import some
from tests.unit.service.test_http import zone
from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.announce.static_files import StaticFiles
from tocsin.announce.warned_map import WarnedMap
from tocsin.bench.announce_webhooks import START, warning
from tocsin.cap.write import Author, Issuer

pytestmark = [pytest.mark.reference, pytest.mark.server]
READER = Path(__file__).with_name("cap_composer_reader.py")


class Quiet(SimpleHTTPRequestHandler):
    """A plain web server."""

    def log_message(self, *said: object) -> None:
        pass


@pytest.mark.parametrize("feed", ["feed.atom", "feed.rss"])
def test_its_importer_takes_every_message_of_a_feed(tmp_path: Path, feed: str) -> None:
    python = os.environ.get("CAP_COMPOSER_PYTHON", "")
    if not python:
        pytest.skip("no cap-composer; install it apart, and name its Python in CAP_COMPOSER_PYTHON")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        told = _write(tmp_path, url)
        ran = subprocess.run(
            [python, str(READER), f"{url}/{feed}", "lax"], capture_output=True, text=True, timeout=120, check=False
        )
        server.shutdown()
    assert ran.returncode == 0, ran.stderr
    kept: list[dict[str, Any]] = json.loads(ran.stdout)
    assert {one["id"] for one in kept} == told, ran.stderr
    infos = [str(info) for one in some(kept) for info in one["data"]["info"]]
    said = {kind for kind in ("Shelter", "Prepare", "AllClear") if any(f"'{kind}'" in info for info in some(infos))}
    assert said == {"Shelter", "Prepare", "AllClear"}, infos[0]


def _write(folder: Path, url: str) -> set[str]:
    """A raid as static files; the identifiers of its messages."""
    zones = (zone("home", 50.0), zone("away", 51.0))
    issuer = Issuer(sender="warnings.example", languages=("en", "de"))
    board, messages = Board(zones, drill=False), CapMessages(Author(issuer, zones))
    drawn = WarnedMap(zones, board.public_map, issuer)
    files = StaticFiles("files", folder, board, messages, drawn, lambda: START, url=url)
    for number, (where, level) in enumerate((("home", "take_cover"), ("away", "prepare"), ("home", "all_clear")), 1):
        batch = Batch(number, START, (warning(where, number, level, START),))  # type: ignore[arg-type]
        board.fold(batch)
        messages.fold(batch)
    asyncio.run(files.send("", ()))
    return {one.identifier for one in messages.archive.messages}
