"""What answers while the service starts: what it is doing, and that nothing is known until then."""

from __future__ import annotations

import asyncio
import html
import json
import re
import socket
import threading
from collections.abc import Mapping
from contextlib import closing, suppress

from tocsin.words.catalogue import catalogue_in, language_wanted
from tocsin.words.english import BEGUN, NOTHING_YET, STARTING

# Who does not finish his request in this time is let go.
REQUEST_S = 5.0
# When it is stopped, those that are being answered get so much longer.
LAST_ANSWERS_S = 0.2
# At once; more wait to be accepted.
CONNECTIONS_MAX = 500
REQUEST_BYTES_MAX = 16_384
_LANGUAGE = re.compile(rb"\r\naccept-language:([^\r]*)", re.IGNORECASE)
# Where people look; everybody else is a program.
_PAGES = (b"/", b"/plain", b"/operator", b"/spotter")
_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="2"><title>{title}</title>
<main>
<h1>{title}</h1>
<p>{said}</p>
<p><strong>{unknown}</strong></p>
</main>
</html>
"""


def _page(said: str, fill: Mapping[str, str], accepted: str) -> str:
    """The page in the reader's language."""
    words = catalogue_in(language_wanted(accepted))
    title, told, unknown = (
        html.escape(words.say(one, **more)) for one, more in ((STARTING, {}), (said, fill), (NOTHING_YET, {}))
    )
    return _PAGE.format(language=words.language, direction=words.direction, title=title, said=told, unknown=unknown)


class Waiting:
    """Answers everybody on a listening socket with what is being done, from a thread of its own, until it is stopped.

    Whatever is asked is answered 503, but for /healthz: the process lives, and is not ready.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._said: tuple[str, Mapping[str, str]] = (BEGUN, {})
        # Closing it must not close the service's own.
        self._listener = listener.dup()
        self._loop = asyncio.new_event_loop()
        self._connections = asyncio.Semaphore(CONNECTIONS_MAX)
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="waiting page", daemon=True)
        self._thread.start()

    def say(self, what: str, **fill: str) -> None:
        """Answer with this from now on: a sentence of `words.english` on what is being done, its {places} filled in."""
        self._said = (what, fill)

    def stop(self) -> None:
        """Answer no more; who connects from now on waits for the service itself. Again: nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._answer, sock=self._listener, limit=REQUEST_BYTES_MAX)
        await self._ended.wait()
        server.close()
        # Who is being answered is answered; who has not asked yet is let go.
        if answering := asyncio.all_tasks() - {asyncio.current_task()}:
            _, silent = await asyncio.wait(answering, timeout=LAST_ANSWERS_S)
            for task in silent:
                task.cancel()
            await asyncio.gather(*silent, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError)
        with closing(writer), suppress(*ends):
            async with self._connections, asyncio.timeout(REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1:2]
                accepted = _LANGUAGE.search(head)
                writer.write(
                    self._response(path[0] if path else b"", accepted[1].decode("latin-1") if accepted else "")
                )
                await writer.drain()

    def _response(self, path: bytes, accepted: str) -> bytes:
        said, fill = self._said
        if path == b"/healthz":
            status, kind, body = "200 OK", "application/json", json.dumps({"alive": True})
        elif path.split(b"?")[0] in _PAGES:
            status, kind, body = "503 Service Unavailable", "text/html", _page(said, fill, accepted)
        else:
            told = {
                "ready": False,
                "troubles": [f"the service is starting: {catalogue_in('en').say(said, **fill)}"],
                "error": "the service is starting",
            }
            status, kind, body = "503 Service Unavailable", "application/json", json.dumps(told)
        data = body.encode()
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: {kind}; charset=utf-8\r\ncontent-length: {len(data)}\r\n"
            "cache-control: no-store\r\nretry-after: 2\r\nx-content-type-options: nosniff\r\n"
            "content-security-policy: default-src 'none'\r\nconnection: close\r\n\r\n"
        )
        return head.encode() + data
