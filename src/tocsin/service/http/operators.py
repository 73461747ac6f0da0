"""What duty officers send and see: acts, what stands by them, what waits for them, and conflicts."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.engine.second_person import second_needed
from tocsin.ingest.unread_keys import unknown_keys
from tocsin.model.errors import BadRecord, BadValue, JournalBusy, JournalError
from tocsin.model.event import Action, Lasting, OperatorAct
from tocsin.model.order import Order, Proposal, WaitingAct
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE, Id, Name, PublicReason, Text
from tocsin.model.wire import in_words
from tocsin.service.conflicts import Conflict
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import Caller
from tocsin.service.http.observations import body_of, packed
from tocsin.service.intake import Intake, Kept
from tocsin.service.people_settings import Officer
from tocsin.service.runtime import Runtime
from tocsin.service.who_may import why_not

ACT_BYTES_MAX = 1_000_000
ZONES_TOLD = 20
# Of what is told to some callers only.
UNSHARED = {"vary": "authorization, cookie", "cache-control": "no-store"}
# An act that was just made waits in the engine from its next tick on; an approval that comes sooner looks again.
LOOK_AGAIN_S, LOOKS = 0.1, 20


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a duty officer sends; who and when are filled in here.

    level           what a raise raises to; it must say so
    public_reason   told to everybody, in CAP messages and on the page; `reason` is for operators
    lasts_s         a raise ends by itself after this; a cancel where that is sooner than the policy's `cancel_s`
    act             approve: the id of the act that is approved, as GET /v1/acts lists it under `waiting`
    act_of          approve: whose act that is; needed only where two officers' acts with that id wait
    """

    id: Id
    action: Action
    zones: Annotated[tuple[Name, ...], msgspec.Meta(max_length=20_000)] = ()
    level: Literal["prepare", "take_cover"] | None = None
    reason: Text = ""
    public_reason: PublicReason = ""
    lasts_s: Lasting | None = None
    act: Id | None = None
    act_of: Name | None = None


_KEYS = frozenset(Act.__struct_fields__)


class Acted(msgspec.Struct, frozen=True):
    """What became of an act.

    duplicate   it was there before; nothing has changed
    waits       why it does nothing before another officer approves it; null: it takes effect at the next decision
    """

    seq: int
    duplicate: bool
    waits: str | None


class Acts(msgspec.Struct, frozen=True):
    """GET /v1/acts: what stands by operators' word, and the acts that wait for a second person."""

    standing: tuple[Order, ...]
    waiting: tuple[WaitingAct, ...]


class Proposals(msgspec.Struct, frozen=True):
    """GET /v1/proposals: cover that waits for a confirmation."""

    proposals: tuple[Proposal, ...]


class Conflicting(msgspec.Struct, frozen=True):
    """GET /v1/conflicts: how many there were since the start, and the newest."""

    total: int
    newest: tuple[Conflict, ...]


class Operators:
    """The routes of duty officers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._intake = Intake(runtime)

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/acts", self.act, methods=["POST"]),
            Route("/v1/acts", self.acts, methods=["GET"]),
            Route("/v1/proposals", self.proposals, methods=["GET"]),
            Route("/v1/conflicts", self.conflicts, methods=["GET"]),
        ]

    async def acts(self, request: Request) -> Response:
        """What stands by operators' word, and what waits for a second of them."""
        orders = self._runtime.orders
        return self._shown(request, Acts(orders.standing, orders.waiting))

    async def proposals(self, request: Request) -> Response:
        """What waits for a confirmation."""
        return self._shown(request, Proposals(self._runtime.orders.proposals))

    async def conflicts(self, request: Request) -> Response:
        """What was not taken because its sender had used its id for something else."""
        found = self._runtime.conflicts
        return self._shown(request, Conflicting(found.total, tuple(found.newest)))

    def _shown(self, request: Request, body: msgspec.Struct) -> Response:
        caller = self._runtime.callers.needed(request, "picture")
        return answer(body, headers=UNSHARED) if isinstance(caller, Caller) else caller

    async def act(self, request: Request) -> Response:
        """One act of a duty officer."""
        caller = self._runtime.callers.needed(request, "act", "approve")
        if not isinstance(caller, Caller):
            return caller
        operator = caller.operator
        assert operator is not None, "who may act or approve is an officer"
        if (why := packed(request)) is not None:
            return problem(415, why)
        body = await body_of(request, ACT_BYTES_MAX)
        if body is None:
            return problem(413, f"an act may have {ACT_BYTES_MAX} bytes")
        try:
            body = as_utf8(body)
            act = msgspec.json.decode(body, type=Act)
            if act.action == "approve":
                return await self._approve(caller, operator, act)
            event = _event(act, operator, self._runtime.clock.now())
        except (*UNREADABLE, BadRecord, BadValue) as error:
            return problem(400, f"not an act: {_why(error, body)}")
        unknown = [zone for zone in act.zones if zone not in self._runtime.index.number]
        if unknown:
            return problem(400, f"there is no zone {unknown[0]!r}; /v1/outlines lists them")
        refusal = self.refusal(operator) or why_not(operator, act.action, act.zones, self._runtime.index)
        if refusal is not None:
            return problem(403, refusal)
        if act.action == "confirm" and not self._proposed(act.zones):
            return problem(409, f"nothing waits for confirmation in {', '.join(act.zones[:5])}")
        return await self._keep(event, caller)

    def _proposed(self, zones: tuple[str, ...]) -> bool:
        return any(proposal.zone in zones for proposal in self._runtime.orders.proposals)

    async def _approve(self, caller: Caller, operator: Officer, act: Act) -> Response:
        if act.act is None:
            return problem(
                400, "act is missing: the id of the act to approve, as GET /v1/acts lists it under `waiting`"
            )
        found = self._waiting(act)
        for _ in range(LOOKS):
            if found:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
            found = self._waiting(act)
        if not found:
            return problem(409, f"no act {act.act} waits for a second person; /v1/acts lists those that do")
        if len(found) > 1:
            return problem(400, f"acts {act.act} of {found[0].operator} and {found[1].operator} wait; name act_of")
        if self._runtime.callers.same(found[0].operator, operator.id):
            return problem(409, f"{operator.id} cannot approve an act of {found[0].operator}; a second person must")
        # What is of no zone concerns all of them.
        zones = found[0].zones or self._runtime.index.number
        refusal = self.refusal(operator) or why_not(operator, "approve", zones, self._runtime.index)
        if refusal is not None:
            return problem(403, refusal)
        event = OperatorAct(
            id=act.id,
            time=self._runtime.clock.now(),
            operator=operator.id,
            action="approve",
            reason=act.reason,
            act=act.act,
            act_of=found[0].operator,
        )
        return await self._keep(event, caller)

    def _waiting(self, act: Act) -> list[WaitingAct]:
        waiting = self._runtime.orders.waiting
        return [one for one in waiting if one.act == act.act and act.act_of in (None, one.operator)]

    def refusal(self, operator: Officer) -> str | None:
        """Why an officer may not act as long as all is a drill, or live; None: he may."""
        now = "drills" if self._runtime.drill else "live"
        if operator.worlds in ("both", now):
            return None
        this = "this is a drill" if self._runtime.drill else "this is no drill"
        return f"{operator.id} is for {operator.worlds} only, and {this}; use the other one"

    async def _keep(self, event: OperatorAct, caller: Caller) -> Response:
        kept = await self.kept(event, caller)
        if isinstance(kept, Response):
            return kept
        waits = second_needed(event, self._runtime.configuration.acts, self._runtime.index)
        return answer(Acted(kept.seq, kept.duplicates > 0, waits))

    async def kept(self, event: OperatorAct, caller: Caller, called: str | None = None) -> Kept | Response:
        """What became of an act in the journal; the answer where it was not taken. It is on record either way.

        called   how the record calls it, where that is not its action
        """
        kept = await self._kept(event)
        self._runtime.people.audit.note(
            caller.id,
            f"act.{called or event.action}",
            event.id if event.act is None else f"{event.act} of {event.act_of}",
            where=caller.where,
            by=caller.by,
            detail=_told_of(event, kept),
        )
        return kept

    async def _kept(self, event: OperatorAct) -> Kept | Response:
        self._runtime.rejects.read()
        self._runtime.rejects.use()
        try:
            kept = await self._intake.keep([event])
        except JournalBusy as error:
            return problem(503, str(error), retry_after_s=1)
        except JournalError as error:
            return problem(503, str(error), retry_after_s=5)
        if kept.conflicts:
            return problem(409, kept.conflicts[0][1])
        # What the engine refuses of an act (too many wait already) is said in the answer, too.
        made = await self._runtime.outcomes.of(dict.fromkeys(kept.new.values(), event))
        for one in made.values():
            if one.reasons:
                return problem(409, one.reasons[0])
        return kept


def _told_of(event: OperatorAct, kept: Kept | Response) -> str:
    """What the record says of an act, beside who did it."""
    zones = ", ".join(event.zones[:ZONES_TOLD]) + (
        f" and {len(event.zones) - ZONES_TOLD} more" if len(event.zones) > ZONES_TOLD else ""
    )
    became = f"not taken ({kept.status_code})" if isinstance(kept, Response) else f"journal {kept.seq}"
    return "; ".join(part for part in (became, zones, event.reason) if part)


def _why(error: Exception, body: bytes) -> str:
    """Why something is no act; a key that is missing may be there under another spelling."""
    unread = unknown_keys(body, _KEYS)
    if unread is None:
        return in_words(error, Act)
    return unread if "unknown field" in str(error) else f"{in_words(error, Act)}; {unread}"


def _event(act: Act, operator: Officer, now: datetime) -> OperatorAct:
    """What goes into the journal. Raises BadValue."""
    if act.action == "raise" and act.level is None:
        raise BadValue("level is missing; a raise must say whether to `prepare` or to `take_cover`")
    # Other acts have no level, and the journal's form of them leaves it out.
    given = {name: value for name, value in msgspec.structs.asdict(act).items() if (name, value) != ("level", None)}
    return OperatorAct(operator=operator.id, time=now, **given)
