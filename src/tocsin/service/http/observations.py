"""POST /v1/observations: what sources send. Acknowledged means durable."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.ingest.batch import BATCH_BYTES_MAX, Batch, batch_steps
from tocsin.ingest.slices import in_slices
from tocsin.model.errors import BadInput, JournalBusy, JournalError
from tocsin.model.event import Event
from tocsin.model.observation import Alert
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import holder_of, unauthorized
from tocsin.service.intake import Admitted, Intake
from tocsin.service.outcomes import Made
from tocsin.service.runtime import Runtime
from tocsin.service.source_settings import TokenSource
from tocsin.warn.alert_rights import allowed

# Lines named in one answer; the counts are always whole.
REJECTED_NAMED_MAX = NOTES_NAMED_MAX = 100


_IN_A_DRILL = "its status is Actual, and this is a drill: what it raises goes out as a drill and warns nobody"
_line = attrgetter("line")


class Rejected(msgspec.Struct, frozen=True):
    """One record that was not taken: its line from 1, and why.

    outcome   conflict: its id was used for something else before; over_rate: more than its source may send, it may be
              sent again later; rejected: it cannot be used
    """

    line: int
    reason: str
    outcome: Literal["rejected", "over_rate", "conflict"] = "rejected"


class Note(msgspec.Struct, frozen=True):
    """One observation that was taken, and what its sender should know: its line from 1, and why.

    outcome   not_used: it is in the record and changes no warning; in_part: not all of it is used; noted: it is used,
              and something about it looks wrong
    """

    line: int
    outcome: Literal["not_used", "in_part", "noted"]
    reasons: tuple[str, ...]


class Accepted(msgspec.Struct, frozen=True):
    """What became of a batch. `accepted` observations are durable; `duplicates` were there before.

    not_used         of the accepted, those that change no warning: the notes say why
    pending          of the accepted, those that the engine had not looked at yet; all others are used
    conflicts        observations not taken, because their source has used their id for something else
    rejected_count   observations not taken at all, conflicts among them
    notes            on accepted ones, in order of their lines; `notes_count` counts all of them
    seq              the journal's number of the last one that is there; 0: none
    """

    accepted: int
    duplicates: int
    not_used: int
    pending: int
    conflicts: int
    rejected_count: int
    rejected: tuple[Rejected, ...]
    notes_count: int
    notes: tuple[Note, ...]
    seq: int


async def body_of(request: Request, bytes_max: int) -> bytes | None:
    """The body; None when it is larger than allowed, of which no more than that is read; nothing where it says so."""
    if int(request.headers.get("content-length", 0)) > bytes_max:
        return None
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            return None
        parts.append(part)
    return b"".join(parts)


def packed(request: Request) -> str | None:
    """Why a body cannot be read as it comes, in a sentence; None: it can."""
    codings = ",".join(request.headers.getlist("content-encoding"))
    if all(one.strip().lower() in ("", "identity") for one in codings.split(",")):
        return None
    return f"a body is read as it is, not with Content-Encoding {codings[:80]!r}; send it unpacked, without that header"


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
            self._runtime.rejects.read()
            self._runtime.rejects.count("a request without a source's token", outcome="unauthenticated")
            return unauthorized(request, "an observation needs a source's bearer token (Authorization: Bearer …)")
        if (why := packed(request)) is not None:
            return self._refusal(415, why, b"", source.id)
        body = await body_of(request, BATCH_BYTES_MAX)
        if body is None:
            return self._refusal(413, f"a body may have {BATCH_BYTES_MAX} bytes; send smaller batches", b"", source.id)
        try:
            batch = await in_slices(batch_steps(body))
        except BadInput as error:
            return self._refusal(400, str(error), body, source.id)
        self._runtime.rejects.read(len(batch.rejected) + len(batch.observations))
        self._runtime.rejects.use(len(batch.observations))
        await self._intake.refuse_lines(batch.rejected, f"{len(body)} bytes", source.id)
        brought = [one for _, one in batch.observations]
        admitted = await self._intake.admit(brought, source.id, relays=bool(source.relays))
        over = [one for one in admitted.refused if one.outcome == "over_rate"]
        if over and not admitted.events:
            return problem(429, over[0].reason, retry_after_s=max(1, math.ceil(max(one.wait_s for one in over))))
        return await self._keep(batch, admitted)

    def _refusal(self, status: int, reason: str, body: bytes, source: str) -> Response:
        """A body that cannot be read at all: told, and kept where other rejects are."""
        self._runtime.rejects.read()
        self._intake.refuse(reason, body, source)
        return problem(status, reason)

    async def _keep(self, batch: Batch, admitted: Admitted) -> Response:
        refused = {one.place for one in admitted.refused}
        lines = [line for place, (line, _) in enumerate(batch.observations) if place not in refused]
        rejected = [Rejected(fault.line, fault.reason) for fault in batch.rejected]
        rejected += [Rejected(batch.observations[one.place][0], one.reason, one.outcome) for one in admitted.refused]
        try:
            kept = await self._intake.keep(admitted.events)
        except JournalBusy as error:
            return problem(503, str(error), retry_after_s=1)
        except JournalError as error:
            return problem(503, str(error), retry_after_s=5)
        usable = kept.accepted or kept.duplicates or not (rejected or kept.conflicts)
        rejected += [Rejected(lines[place], reason, "conflict") for place, reason in kept.conflicts]
        made = await self._runtime.outcomes.of({seq: admitted.events[place] for place, seq in kept.new.items()})
        asked = {line: [fault.reason for fault in faults] for line, faults in groupby(batch.unread, _line)}
        for place, remark in admitted.remarks:
            asked.setdefault(lines[place], []).insert(0, remark)
        noted = [
            self._note(lines[place], admitted.events[place], made[seq], asked.get(lines[place], ()))
            for place, seq in kept.new.items()
        ]
        notes = [note for note in noted if note is not None]
        body = Accepted(
            accepted=kept.accepted,
            duplicates=kept.duplicates,
            not_used=sum(note.outcome == "not_used" for note in notes),
            pending=sum(not one.looked_at for one in made.values()),
            conflicts=len(kept.conflicts),
            rejected_count=len(rejected),
            rejected=tuple(sorted(rejected, key=lambda one: one.line)[:REJECTED_NAMED_MAX]),
            notes_count=len(notes),
            notes=tuple(notes[:NOTES_NAMED_MAX]),
            seq=kept.seq,
        )
        # A batch of which nothing could be used is the sender's error; part of one is an answer.
        bad = 400 if len(rejected) > len(kept.conflicts) else 409
        return answer(body, status=200 if usable else bad)

    def _note(self, line: int, event: Event, made: Made, asked: Iterable[str]) -> Note | None:
        """What to say of a new event, if anything: by the engine, by the gate, and of keys that are not read."""
        uses, why, noted = False, made.reasons, made.noted
        if isinstance(event, Alert):
            may, over = allowed(event, self._runtime.gate.access, self._runtime.index)
            # What the engine is going to say, too, where it has not come to it yet.
            uses, why = may.acts and not made.dropped, (*event.unused, *over, *made.reasons)
            noted = (*event.noted, *made.noted, *[_IN_A_DRILL] * (self._runtime.drill and event.acts))
        looks_wrong = (*dict.fromkeys(noted), *asked)
        if why:
            return Note(line, "in_part" if uses else "not_used", (*dict.fromkeys(why), *looks_wrong))
        return Note(line, "noted", looks_wrong) if looks_wrong else None
