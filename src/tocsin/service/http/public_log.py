"""The public log: heads and entries in numbered pages, the newest head, and proofs that need neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.ledger.proof_entries import ProofEntry
from tocsin.ledger.proof_heads import SignedHead, head_json
from tocsin.ledger.proof_log import ProofLog
from tocsin.replay.proof_files import ENTRIES_A_PAGE, HEADS_A_PAGE
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.shared import Body, unless_known
from tocsin.service.runtime import Runtime

_ASKED = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
_LINES, _PEM = "application/jsonl", "application/x-pem-file"
# What gives so many lines of a log from one on.
_Lines = Callable[[ProofLog], Callable[[int, int], list[bytes]]]
# Pages of a log of a thousand million entries.
_PAGE_MAX = 1_000_000


class Inclusion(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/proof/inclusion: that an entry is in the log that the newest head signs (RFC 9162, 2.1.3).

    head    the newest head, without its leaves
    proof   hashes, from the leaf to the root, in hexadecimal
    """

    entry: ProofEntry
    head: SignedHead
    proof: tuple[str, ...]


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/proof/consistency: that the log of `second` entries begins with that of `first` (RFC 9162, 2.1.4)."""

    first: int
    second: int
    proof: tuple[str, ...]


class PublicLog:
    """The routes; 404 where the settings name no log, 503 until it is open."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/proof/key.pem", self.key),
            Route("/v1/proof/head.json", self.head),
            Route("/v1/proof/heads/{page}.jsonl", self.heads),
            Route("/v1/proof/entries/{page}.jsonl", self.entries),
            Route("/v1/proof/inclusion", self.inclusion),
            Route("/v1/proof/consistency", self.consistency),
        ]

    async def key(self, request: Request) -> Response:
        """The public key of the heads; whoever checks has it from elsewhere, too."""
        return await self._body(request, lambda log: self._runtime.proving.key_pem, _PEM)

    async def head(self, request: Request) -> Response:
        """The newest head."""
        return await self._body(request, lambda log: None if log.newest is None else head_json(log.newest))

    async def heads(self, request: Request) -> Response:
        """A page of heads, the oldest first."""
        return await self._page(request, lambda log: log.head_lines, HEADS_A_PAGE)

    async def entries(self, request: Request) -> Response:
        """A page of entries."""
        return await self._page(request, lambda log: log.entry_lines, ENTRIES_A_PAGE)

    async def inclusion(self, request: Request) -> Response:
        """That an entry of a kind and id, such as a warning, is in the log."""
        kind, name = request.query_params.get("kind", "warning"), request.query_params.get("id", "")

        def found(log: ProofLog) -> bytes | None:
            head = log.newest
            for number, salt, _ in log.of(kind, name):
                (entry,) = log.entries(number, 1)
                if salt is not None and entry.shown and head is not None and number < head.size:
                    proof = tuple(one.hex() for one in log.inclusion(number, head.size))
                    bare = msgspec.structs.replace(head, first=0, leaves="")
                    return msgspec.json.encode(Inclusion(entry=entry, head=bare, proof=proof))
            return None

        return await self._body(request, found)

    async def consistency(self, request: Request) -> Response:
        """That one size of the log is the beginning of another."""
        log = self._runtime.proving.log
        try:
            first, second = (int(request.query_params[name]) for name in ("first", "second"))
        except (KeyError, ValueError):
            return problem(400, "give first and second as numbers of entries, such as ?first=3&second=7")
        if log is None:
            return self._absent()
        if not 0 <= first <= second <= len(log):
            return problem(400, f"a log of {len(log)} entries has no sizes {first} and {second}")
        proof = tuple(one.hex() for one in log.consistency(first, second))
        return answer(Consistency(first=first, second=second, proof=proof), headers=_ASKED)

    async def _page(self, request: Request, of: _Lines, a_page: int) -> Response:
        text = request.path_params["page"]
        page = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else _PAGE_MAX
        if page >= _PAGE_MAX:
            return problem(404, "pages are numbered from 0, such as /v1/proof/entries/0.jsonl")

        def found(log: ProofLog) -> bytes | None:
            lines = of(log)(page * a_page, a_page)
            return b"".join(line + b"\n" for line in lines) if lines else None

        return await self._body(request, found, _LINES)

    async def _body(
        self, request: Request, make: Callable[[ProofLog], bytes | None], media: str = "application/json"
    ) -> Response:
        """What is made of the log, in a thread: it waits for the disk."""
        log = self._runtime.proving.log
        if log is None:
            return self._absent()
        body = await asyncio.to_thread(make, log)
        if body is None:
            return problem(404, "there is no such thing in the public log; /v1/proof/head.json says how long it is")
        return unless_known(request, Body(body), headers=_ASKED, media_type=media)

    def _absent(self) -> Response:
        if not self._runtime.proving.on:
            return problem(404, "there is no public log here; [proof] in the settings begins one")
        return problem(503, "the public log is not open; /readyz says why, ask again soon")
