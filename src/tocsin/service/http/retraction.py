"""POST /v1/retractions: one act takes back whatever was raised in an area, and tells everybody with a prepared text."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.engine.second_person import second_needed
from tocsin.ingest.unread_keys import unknown_keys
from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.event import OperatorAct
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE, Id, Name, PublicReason, Text
from tocsin.model.warning import ZoneState
from tocsin.model.wire import in_words
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import Caller
from tocsin.service.http.observations import body_of, packed
from tocsin.service.http.operators import ACT_BYTES_MAX, UNSHARED, Operators
from tocsin.service.people_settings import Officer
from tocsin.service.runtime import Runtime
from tocsin.service.who_may import why_not
from tocsin.service.within import parents_in, within


class Retraction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a duty officer sends.

    area        zones, or what they are part of; none: everywhere he may act
    whose       `all`: whatever stands or is proposed there; `officers`, `mine`: what officers, or he himself, raised,
                where nothing that flies carries a warning as well
    prepared    which of the settings' texts everybody is told along with it; else `public_reason`
    """

    id: Id
    area: Annotated[tuple[Name, ...], msgspec.Meta(max_length=20_000)] = ()
    whose: Literal["all", "officers", "mine"] = "all"
    prepared: Name | None = None
    public_reason: PublicReason = ""
    reason: Text = ""


class Retracted(msgspec.Struct, frozen=True):
    """What became of it.

    zones    that are cancelled: their all clear goes out at the next decision, on every channel
    left     zones that an officer raised and that stand for other reasons, too; cancel them by their names
    waits    why nothing happens before another officer approves it; null: it takes effect
    """

    seq: int
    zones: tuple[Name, ...]
    left: tuple[Name, ...]
    waits: str | None


class PreparedTexts(msgspec.Struct, frozen=True):
    """GET /v1/prepared: texts for the public that the settings hold, by their ids."""

    texts: dict[str, str]


class Retractions:
    """The routes."""

    def __init__(self, runtime: Runtime, operators: Operators) -> None:
        self._runtime = runtime
        self._operators = operators
        self._texts = {one.id: one.text for one in runtime.settings.prepared}

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/retractions", self.retract, methods=["POST"]),
            Route("/v1/prepared", self.prepared, methods=["GET"]),
        ]

    async def prepared(self, request: Request) -> Response:
        """The prepared texts."""
        caller = self._runtime.callers.needed(request, "picture")
        return answer(PreparedTexts(self._texts), headers=UNSHARED) if isinstance(caller, Caller) else caller

    async def retract(self, request: Request) -> Response:
        """Take back what was raised."""
        caller = self._runtime.callers.needed(request, "act")
        if not isinstance(caller, Caller):
            return caller
        operator = caller.operator
        assert operator is not None, "who may act is an officer"
        if (why := packed(request)) is not None:
            return problem(415, why)
        body = await body_of(request, ACT_BYTES_MAX)
        if body is None:
            return problem(413, f"a retraction may have {ACT_BYTES_MAX} bytes")
        try:
            asked = msgspec.json.decode(as_utf8(body), type=Retraction)
            text = self._text(asked)
        except (*UNREADABLE, BadRecord, BadValue) as error:
            unread = unknown_keys(body, frozenset(Retraction.__struct_fields__))
            return problem(400, f"not a retraction: {unread or in_words(error, Retraction)}")
        if (refusal := self._operators.refusal(operator)) is not None:
            return problem(403, refusal)
        zones, left = self._found(asked, operator)
        if (refusal := why_not(operator, "cancel", zones, self._runtime.index)) is not None:
            return problem(403, refusal)
        if not zones:
            also = f"; {', '.join(left[:5])} stand for other reasons, too: cancel them by name" if left else ""
            return problem(409, f"nothing stands there that could be taken back{also}")
        return await self._cancel(asked, caller, zones, left, text)

    def _text(self, asked: Retraction) -> str:
        """What everybody is told. Raises BadValue."""
        if asked.prepared is None:
            if not asked.public_reason:
                known = ", ".join(self._texts) or "none in the settings"
                raise BadValue(f"say why to everybody: `prepared` ({known}) or `public_reason`")
            return asked.public_reason
        if asked.prepared not in self._texts:
            raise BadValue(f"there is no prepared text {asked.prepared!r}; GET /v1/prepared lists them")
        return self._texts[asked.prepared]

    def _found(self, asked: Retraction, operator: Officer) -> tuple[list[str], list[str]]:
        """Zones to cancel, and those to be left, in the area."""
        runtime = self._runtime
        area = set(asked.area) or set(operator.zones)
        standing = {state.zone: state for state in runtime.channels.board.warned()}
        if asked.whose == "all":
            proposed = [one.zone for one in runtime.orders.proposals]
            found = dict.fromkeys([*standing, *proposed])
            return [zone for zone in found if self._inside(zone, area)], []
        raised = [
            order.zone
            for order in runtime.orders.standing
            if order.action == "raise" and (asked.whose == "officers" or order.operator == operator.id)
        ]
        mine = [zone for zone in dict.fromkeys(raised) if zone in standing and self._inside(zone, area)]
        left = [zone for zone in mine if _carried(standing[zone])]
        return [zone for zone in mine if zone not in set(left)], left

    def _inside(self, zone: str, area: set[str]) -> bool:
        return not area or not area.isdisjoint(within(zone, parents_in(self._runtime.index)))

    async def _cancel(
        self, asked: Retraction, caller: Caller, zones: list[str], left: list[str], text: str
    ) -> Response:
        event = OperatorAct(
            id=asked.id,
            time=self._runtime.clock.now(),
            operator=caller.id,
            action="cancel",
            zones=tuple(zones),
            reason=asked.reason,
            public_reason=text,
        )
        kept = await self._operators.kept(event, caller, "retract")
        if isinstance(kept, Response):
            return kept
        waits = second_needed(event, self._runtime.configuration.acts, self._runtime.index)
        return answer(Retracted(kept.seq, event.zones, tuple(left), waits))


def _carried(state: ZoneState) -> bool:
    """Whether something that flies or was heard carries the warning, beside an officer's word."""
    return state.eta_earliest is not None or state.threat not in (None, "unknown")
