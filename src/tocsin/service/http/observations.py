"""POST /v1/observations and /v1/acts: what sources and duty officers send. Acknowledged means durable."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.ingest.batch import BATCH_BYTES_MAX, batch_steps
from tocsin.ingest.slices import in_slices
from tocsin.model.errors import BadInput, JournalBusy, JournalError
from tocsin.model.event import Event, OperatorAct
from tocsin.model.value import Id, Name, Text
from tocsin.service.http.answers import answer, problem
from tocsin.service.intake import Intake
from tocsin.service.runtime import Runtime
from tocsin.service.settings import TokenSource

ACT_BYTES_MAX = 1_000_000
# Rejected lines named in one answer; the counts are always whole.
REJECTED_NAMED_MAX = 100
# What a source may save up while it is quiet, in seconds of its own rate.
BURST_S = 10.0


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


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a duty officer sends; who and when are filled in here."""

    id: Id
    action: Literal["raise", "confirm", "cancel", "release"]
    zones: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=20_000)]
    level: Literal["prepare", "take_cover"] = "take_cover"
    reason: Text = ""


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
    """The routes by which observations and acts come in."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._intake = Intake(runtime)
        self._sources = [source for source in runtime.settings.source if isinstance(source, TokenSource)]

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/observations", self.observe, methods=["POST"]),
            Route("/v1/acts", self.act, methods=["POST"]),
        ]

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

    async def act(self, request: Request) -> Response:
        """One act of a duty officer."""
        operator = holder_of(request, self._runtime.settings.operator)
        if operator is None:
            return problem(401, "an act needs a duty officer's bearer token (Authorization: Bearer …)")
        body = await body_of(request, ACT_BYTES_MAX)
        if body is None:
            return problem(413, f"an act may have {ACT_BYTES_MAX} bytes")
        try:
            act = msgspec.json.decode(body, type=Act)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return problem(400, f"not an act: {error}")
        unknown = [zone for zone in act.zones if zone not in self._runtime.index.number]
        if unknown:
            return problem(400, f"there is no zone {unknown[0]!r}; /v1/outlines lists them")
        try:
            event = OperatorAct(
                id=act.id,
                time=self._runtime.clock.now(),
                operator=operator.id,
                action=act.action,
                zones=act.zones,
                level=act.level,
                reason=act.reason,
            )
        except BadInput as error:
            return problem(400, f"not an act: {error}")
        return await self._keep([event], [1], [])
