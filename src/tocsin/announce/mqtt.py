"""How every zone stands, kept at an MQTT 5 broker; and each tick's warnings as they come.

Where we are gone, or cannot rely on our picture, the status says `unknown`, and what is kept dies by itself
(`mqtt_mirror`). Topics under `prefix/sector`, for drills under `drill_prefix/sector` (docs/how-to/mqtt.md):

    status          `online`, or `unknown`; kept
    pulse           `bodies.Pulse`, every PULSE_S
    zones/ZONE      `ZoneState` with `now` and `picture_at`; kept; empty where a zone is there no more
    warnings        list of `PublicWarning`: those of a tick
    events/ZONE     one `PublicWarning`, for the zones that Home Assistant is told of
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime

import aiomqtt
import msgspec

from tocsin.announce.board import Board
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.choice import Worlds
from tocsin.announce.home_assistant import HomeAssistant
from tocsin.announce.mqtt_broker import ANSWER_S_MAX, IN_FLIGHT_MAX, Broker, expiring, hold, until, word
from tocsin.announce.mqtt_mirror import KEPT_S, Mirror
from tocsin.announce.mqtt_signature import Signer
from tocsin.announce.quality import Quality, done, exempt

log = logging.getLogger(__name__)

PULSE_S = 5.0
GOODBYE_S = 2.0

_json = msgspec.json.Encoder()


class _RelabelledError(Exception):
    """All is a drill now, or no longer: the broker must know another last will."""


class Mqtt:
    """One broker; `work` holds the connection, `fold` says what changed, `send` sends what is new.

    name        its id in the settings
    prefixes    where live topics begin, and where those of drills do
    zones       ids; None: all
    worlds      whether live raids are told, drills, or both
    assistant   what Home Assistant is told of; None: nothing
    signer      signs states, warnings and pulses where it has a key; the status is what a broker says when we are gone
    trouble     why the broker does not have every zone; None: it has
    """

    name = "mqtt"
    quality = Quality(
        one_batch=done("test_the_warnings_of_a_tick_are_one_message_and_every_zone_is_kept"),
        order=done("test_each_recipient_hears_each_zone_in_order_up_to_the_newest"),
        idempotent=exempt("a state is a state however often it is said, and warnings carry their ids"),
        bounded=done("test_what_waits_for_a_broker_is_one_state_a_zone_and_the_urgent_go_first"),
        stands_alone=done("test_a_broker_that_is_away_is_a_trouble_and_hears_everything_when_it_is_back"),
        retries=done("test_a_broker_that_is_away_is_a_trouble_and_hears_everything_when_it_is_back"),
        deadline=done("test_what_is_kept_dies_with_what_it_says"),
        receipts=done("test_the_warnings_of_a_tick_are_one_message_and_every_zone_is_kept"),
        restart=done("test_a_broker_that_is_away_is_a_trouble_and_hears_everything_when_it_is_back"),
        drill=done("test_drills_are_kept_under_a_prefix_of_their_own"),
        private=done("test_no_body_names_a_track_a_sensor_a_probability_or_a_reason"),
        blindness=done("test_a_zone_that_may_be_blind_says_so_and_whoever_dies_leaves_unknown_behind"),
        languages=exempt("it holds codes; whoever shows them has the words"),
        proof=done("test_a_reader_knows_who_wrote_a_state_and_what_is_changed_or_moved_is_not_believed"),
    )

    def __init__(
        self,
        name: str,
        broker: Broker,
        board: Board,
        *,
        sector: str,
        prefixes: tuple[str, str],
        now: Callable[[], datetime],
        zones: Collection[str] | None = None,
        worlds: Worlds = "both",
        assistant: HomeAssistant | None = None,
        signer: Signer | None = None,
    ) -> None:
        self.name = name
        self.recipients = (name,)
        self.trouble: str | None = "not connected yet"
        self._broker = broker
        self._board = board
        self._roots = (f"{prefixes[0]}/{word(sector)}", f"{prefixes[1]}/{word(sector)}")
        self._now = now
        self._assistant = assistant
        self._client: aiomqtt.Client | None = None
        self._changed = board.follow()
        self._signer = signer or Signer({})
        self._mirror = Mirror(board, self._roots, now, zones, worlds, self._signer)
        self._wake = asyncio.Event()
        # Whether this connection is made for drills.
        self._drill = board.drill

    def topic(self, drill: bool, *levels: str) -> str:
        """A topic of the live ones or of those of drills."""
        return "/".join((self._roots[drill], *map(word, levels)))

    def fold(self, batch: Batch) -> None:
        """Take what changed on the board, which hears of the batch first."""
        if batch.whole:
            self._mirror.mark_all()
        self._mirror.mark(self._changed)
        self._changed.clear()
        self._wake.set()

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Say what is new; returns once the broker has it. Raises ConnectionError and aiomqtt.MqttError."""
        client = self._client
        if client is None:
            raise ConnectionError(self.trouble or "not connected")
        for drill in (False, True):
            if own := [one for one in warnings if one.drill == drill]:
                await self._publish(client, ("warnings",), own, _json.encode(own))
        for one in warnings:
            if self._assistant is not None and one.zone in self._assistant.zones:
                await self._publish(client, ("events", one.zone), [one], self._assistant.event(one))

    async def _publish(
        self, client: aiomqtt.Client, levels: Sequence[str], told: Sequence[PublicWarning], body: bytes
    ) -> None:
        left_s = until(max(one.expires for one in told), self._now(), KEPT_S)
        drill = told[0].drill
        topic = self.topic(drill, *levels)
        proof = self._signer.properties(topic, body, drill=drill, left_s=left_s or 1)
        await client.publish(topic, body, qos=1, properties=proof)

    async def work(self) -> None:
        """Hold the connection until cancelled."""

        def client() -> aiomqtt.Client:
            self._drill = self._board.drill
            return self._broker.client(aiomqtt.Will(self.topic(self._drill, "status"), "unknown", qos=1, retain=True))

        await hold(client, self._serve, self._lost)

    def _lost(self, error: BaseException) -> None:
        if self.trouble is None:
            log.warning("channel %s lost its broker (%s); it is tried again", self.name, error)
        self.trouble = f"no connection to the broker: {error}"

    async def _serve(self, client: aiomqtt.Client) -> None:
        """Say everything, and then what changes, until all is relabelled. Raises a group of what else ended it."""
        drill = self._drill
        self._mirror.begin()
        self._client = client
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(client, drill))
                group.create_task(self._keep_saying(client, drill))
                group.create_task(self._beat(client, drill))
        except* _RelabelledError:
            pass
        finally:
            self._client = None
            # Whoever leaves in good order leaves no last will behind.
            with suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await client.publish(self.topic(drill, "status"), "unknown", qos=1, retain=True)

    async def _listen(self, client: aiomqtt.Client, drill: bool) -> None:
        """Notice at once when the connection ends; introduce the zones to Home Assistant."""
        assistant = self._assistant
        if assistant is None:
            async for _ in client.messages:
                pass
            return
        wanted = assistant.entities(lambda *levels: self.topic(drill, *levels), drill=drill)
        for topic in assistant.listens:
            await client.subscribe(topic, qos=1)
        for topic, body in wanted.items():
            await client.publish(topic, body, qos=1, retain=True)
        async for message in client.messages:
            topic = str(message.topic)
            if topic == assistant.birth:
                # It has started: the broker gives it what is kept, and it must not wait for what has died meanwhile.
                self._mirror.mark_all()
                self._wake.set()
            elif topic not in wanted and message.payload and assistant.ours(topic):
                # Of a zone that it was told of before, and is not now.
                await client.publish(topic, b"", qos=1, retain=True)

    async def _keep_saying(self, client: aiomqtt.Client, drill: bool) -> None:
        """Say what is to be said, no more at once than may be in flight.

        The next goes out as soon as one is acknowledged: to wait for a whole handful costs 40 ms each time, for which
        the two ends' TCP wait for each other.
        """
        saying: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while self._board.drill == drill:
                due = self._mirror.take_due(IN_FLIGHT_MAX - len(saying))
                saying |= {group.create_task(self._mirror.say(client, zone)) for zone in due}
                if saying:
                    done, saying = await asyncio.wait(saying, timeout=ANSWER_S_MAX, return_when=asyncio.FIRST_COMPLETED)
                    if not done:
                        raise TimeoutError(f"the broker acknowledged nothing for {ANSWER_S_MAX:g} s")
                else:
                    await self._rest()
        raise _RelabelledError

    async def _rest(self) -> None:
        """Everything is said: wait until something changes, or is to be said again."""
        if self.trouble is not None:
            log.info("channel %s: the broker has every zone", self.name)
            self.trouble = None
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._wake.wait()

    async def _beat(self, client: aiomqtt.Client, drill: bool) -> None:
        """Say that we live and how old the picture is, and whether it can be relied on."""
        relied = False
        while True:
            now = self._now()
            doubtful = self._board.doubtful(now)
            if not doubtful and not relied:
                # What could not be relied on was not said.
                self._mirror.mark_all()
                self._wake.set()
            relied = not doubtful
            sure = relied and self.trouble is None
            status, properties = ("online", expiring(KEPT_S)) if sure else ("unknown", None)
            await client.publish(self.topic(drill, "status"), status, qos=1, retain=True, properties=properties)
            topic, pulse = self.topic(drill, "pulse"), self._board.pulse_json(now)
            await client.publish(topic, pulse, properties=self._signer.properties(topic, pulse, drill=drill))
            await asyncio.sleep(PULSE_S if sure else 0.5)
