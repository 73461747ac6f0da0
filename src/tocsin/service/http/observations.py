"""POST /v1/observations: what sources send. Acknowledged means durable."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.ingest.batch import BATCH_BYTES_MAX, batch_steps
from tocsin.ingest.slices import in_slices
from tocsin.model.errors import BadInput, JournalBusy, JournalError
from tocsin.model.event import Event
from tocsin.service.http.answers import answer, problem
from tocsin.service.intake import Intake
from tocsin.service.runtime import Runtime
from tocsin.service.settings import TokenSource

# Rejected lines named in one answer; the counts are always whole.
REJECTED_NAMED_MAX = 100


class Rejected(msgspec.Struct, frozen=True):
    """One record that was not taken: its line from 1, and why.

    outcome   conflict: its id was used for something else before; rejected: it cannot be used
    """

    line: int
    reason: str
    outcome: Literal["rejected", "conflict"] = "rejected"


class Accepted(msgspec.Struct, frozen=True):
    """What became of a batch. `accepted` observations are durable; `duplicates` were there before.

    conflicts        observations not taken, because their source has used their id for something else
    rejected_count   observations not taken at all, conflicts among them
    seq              the journal's number of the last one that is there; 0: none
    """

    accepted: int
    duplicates: int
    conflicts: int
    rejected_count: int
    rejected: tuple[Rejected, ...]
    seq: int


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def token_sha256(self) -> str: ...


_Holder = TypeVar("_Holder", bound=_Named)


def holder_of(request: Request, holders: Iterable[_Holder]) -> _Holder | None:
    """Whose bearer token this request carries; every digest is compared, so that time tells nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    digest = hashlib.sha256(token.strip().encode()).hexdigest()
    found = None
    for holder in holders:
        if hmac.compare_digest(digest, holder.token_sha256) and scheme.lower() == "bearer":
            found = holder
    return found


async def body_of(request: Request, bytes_max: int) -> bytes | None:
    """The body; None when it is larger than allowed, of which no more than that is read."""
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            return None
        parts.append(part)
    return b"".join(parts)


class Observations:
    """The route by which observations come in."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._intake = Intake(runtime)
        self._sources = [source for source in runtime.settings.source if isinstance(source, TokenSource)]

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/v1/observations", self.observe, methods=["POST"])]

    async def observe(self, request: Request) -> Response:
        """One observation as JSON, or many as NDJSON."""
        source = holder_of(request, self._sources)
        if source is None:
            return problem(401, "an observation needs a source's bearer token (Authorization: Bearer …)")
        body = await body_of(request, BATCH_BYTES_MAX)
        if body is None:
            return problem(413, f"a body may have {BATCH_BYTES_MAX} bytes; send smaller batches")
        try:
            batch = await in_slices(batch_steps(body))
        except BadInput as error:
            return problem(400, str(error))
        brought = [one for _, one in batch.observations]
        admitted = await self._intake.admit(brought, source.id, relays=bool(source.relays))
        if admitted.over_rate and not admitted.events:
            return problem(429, admitted.refused[0][1], retry_after_s=1)
        refused = dict(admitted.refused)
        lines = [line for place, (line, _) in enumerate(batch.observations) if place not in refused]
        rejected = [Rejected(fault.line, fault.reason) for fault in batch.rejected]
        rejected += [Rejected(batch.observations[place][0], reason) for place, reason in admitted.refused]
        return await self._keep(admitted.events, lines, rejected)

    async def _keep(self, events: list[Event], lines: list[int], rejected: list[Rejected]) -> Response:
        self._runtime.metrics.observations.labels("rejected").inc(len(rejected))
        try:
            kept = await self._intake.keep(events)
        except JournalBusy as error:
            return problem(503, str(error), retry_after_s=1)
        except JournalError as error:
            return problem(503, str(error), retry_after_s=5)
        conflicts = [Rejected(lines[place], reason, "conflict") for place, reason in kept.conflicts]
        refused = sorted((*rejected, *conflicts), key=lambda one: one.line)
        body = Accepted(
            accepted=kept.accepted,
            duplicates=kept.duplicates,
            conflicts=len(conflicts),
            rejected_count=len(refused),
            rejected=tuple(refused[:REJECTED_NAMED_MAX]),
            seq=kept.seq,
        )
        # A batch of which nothing could be used is the sender's error; part of one is an answer.
        usable = kept.accepted or kept.duplicates or not refused
        return answer(body, status=200 if usable else 400 if rejected else 409)
