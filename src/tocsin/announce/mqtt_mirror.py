"""What an MQTT broker keeps of each zone: which zones are to be said next, and how each is said.

A broker keeps the last message of a topic for whoever comes later, so it must not keep what has ended: each message
dies at the broker by itself, with what it says or after KEPT_S, and is said again before.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import aiomqtt
import msgspec

from tocsin.announce.board import Board
from tocsin.announce.choice import Worlds
from tocsin.announce.mqtt_broker import IN_FLIGHT_MAX, until, word
from tocsin.announce.mqtt_signature import Signer
from tocsin.model.warning import ZoneState

# A broker forgets whatever we have not said again for this long; what a reader lost is mended within AGAIN_S.
KEPT_S = 180
AGAIN_S = 60.0

_json = msgspec.json.Encoder()
_state = msgspec.json.Decoder(ZoneState)


class _Said(NamedTuple):
    """What is to be kept of a zone, under which root, for how many seconds."""

    root: str
    body: bytes
    left_s: int
    drill: bool


class Mirror:
    """The zones of a board at one broker.

    roots    where live topics begin, and where those of drills do
    zones    ids; None: all
    worlds   whether live raids are told, drills, or both
    signer   signs what is kept
    """

    def __init__(
        self,
        board: Board,
        roots: tuple[str, str],
        now: Callable[[], datetime],
        zones: Collection[str] | None,
        worlds: Worlds,
        signer: Signer,
    ) -> None:
        self._signer = signer
        self._board = board
        self._roots = roots
        self._now = now
        self._zones = None if zones is None else frozenset(zones)
        self._worlds = worlds
        # What is to be said, urgent zones apart; and when a zone was last said, the oldest first.
        self._urgent: dict[str, None] = {}
        self._calm: dict[str, None] = {}
        self._said_s: dict[str, float] = {}
        self._busy: set[str] = set()
        # Under which root each zone is kept at the broker, as far as this connection knows.
        self._kept: dict[str, str] = {}

    def begin(self) -> None:
        """Say everything: nothing is known of what the broker keeps."""
        self._kept.clear()
        self._busy.clear()
        self.mark_all()

    def mark_all(self) -> None:
        """Let every zone be said again."""
        self.mark(self._board.zone_ids)

    def mark(self, zones: Collection[str]) -> None:
        """Let zones be said, again or for the first time."""
        for zone in zones:
            if self._zones is None or zone in self._zones:
                urgent = b'"level":"take_cover"' in (self._board.zone_json(zone) or b"")
                (self._calm if urgent else self._urgent).pop(zone, None)
                (self._urgent if urgent else self._calm)[zone] = None

    def take_due(self, room: int = IN_FLIGHT_MAX) -> list[str]:
        """The zones to say now, the urgent first, no more than there is room for; they are due no longer.

        None that is being said: of two states of one zone the older must not arrive last.
        """
        now_s = asyncio.get_running_loop().time()
        free = (zone for waiting in (self._urgent, self._calm) for zone in waiting if zone not in self._busy)
        due = dict.fromkeys(islice(free, room))
        for zone, said_s in self._said_s.items():
            if len(due) >= room or now_s - said_s < AGAIN_S:
                break
            if zone not in self._busy:
                due[zone] = None
        for zone in due:
            self._urgent.pop(zone, None)
            self._calm.pop(zone, None)
            self._said_s.pop(zone, None)
            if self._board.zone_json(zone) is not None:
                self._said_s[zone] = now_s
        return list(due)

    async def say(self, client: aiomqtt.Client, zone: str) -> None:
        """Let the broker keep how a zone stands now, under one root and no other; returns once it has it.

        Nothing is said of a warning that has lapsed, or while the picture cannot be relied on: the engine will say what
        follows, and until then what is kept dies by itself. Waits for as long as it takes: a clock for each message of
        a country would cost a third of the time. Raises aiomqtt.MqttError.
        """
        self._busy.add(zone)
        try:
            await self._say(client, zone)
        finally:
            self._busy.discard(zone)

    async def _say(self, client: aiomqtt.Client, zone: str) -> None:
        now = self._now()
        if self._board.doubtful(now):
            return
        body = self._board.zone_json(zone)
        said = None
        if body is not None:
            state = _state.decode(body)
            left_s = KEPT_S if state.expires is None else until(state.expires, now, KEPT_S)
            if left_s is None:
                return
            if self._worlds == "both" or state.drill == (self._worlds == "drills"):
                times = b'{"now":%b,"picture_at":%b,' % (_json.encode(now), _json.encode(self._board.picture_at))
                said = _Said(self._roots[state.drill], times + body[1:], left_s, state.drill)
        kept = self._kept.get(zone)
        if kept is not None and (said is None or kept != said.root):
            await client.publish(f"{kept}/zones/{word(zone)}", b"", qos=1, retain=True, timeout=math.inf)
            self._kept.pop(zone, None)
        if said is not None:
            self._kept[zone] = said.root
            topic = f"{said.root}/zones/{word(zone)}"
            proof = self._signer.properties(topic, said.body, drill=said.drill, left_s=said.left_s)
            await client.publish(topic, said.body, qos=1, retain=True, properties=proof, timeout=math.inf)
