"""Sirens over MQTT: each is told how it stands where it is heard, signed for it alone, and tells that it obeyed.

Each siren is told whenever that changes, and in answer to each of its heartbeats: so a command is renewed while its
warning stands, a siren that was away or began anew hears at once what stands, and one that hears no more stops by
itself. One that does not answer, or cannot sound, is an operator's trouble.

Topics (docs/how-to/sirens.md): `prefix/sector/sirens/SIREN/command` and `…/report`; commands of drills lie under
`drill_prefix`.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import aiomqtt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tocsin.announce.board import Board
from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.mqtt_broker import IN_FLIGHT_MAX, Broker, expiring, hold, word
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.siren.post import VALID_S, Alarms, Post, Wanted, wanted
from tocsin.announce.siren.wire import Command, Refused, command_topic, opened_report, report_topic, seal
from tocsin.model.warning import ZoneState

log = logging.getLogger(__name__)

_state = msgspec.json.Decoder(ZoneState)


class Sirens:
    """Some sirens at one broker; `fold` tells them what changed, `send` waits until one obeyed, `work` holds the line.

    name     its id in the settings
    keys     that of live commands at False, that of drills at True; a world without a key is not sounded
    sirens   name -> its zones, and the public key of its reports
    trouble  what an operator must see to
    """

    name = "sirens"
    quality = Quality(
        one_batch=done("test_a_siren_is_told_once_of_all_its_zones"),
        order=done("test_of_ten_thousand_forged_replayed_reordered_and_delayed_commands_none_is_believed"),
        idempotent=done("test_an_alarm_sounds_once_whatever_is_said_again_and_its_end_once"),
        bounded=exempt("one state for each siren is all that waits, the newest"),
        stands_alone=done("test_a_siren_that_is_silent_or_refuses_is_an_operators_trouble"),
        retries=done("test_a_siren_hears_the_alarm_and_the_end_and_what_stands_after_its_restart"),
        deadline=done("test_a_siren_that_hears_no_more_stops_by_itself_and_stands_unknown"),
        receipts=done("test_a_siren_hears_the_alarm_and_the_end_and_what_stands_after_its_restart"),
        restart=done("test_a_siren_hears_the_alarm_and_the_end_and_what_stands_after_its_restart"),
        drill=done("test_a_drill_sounds_otherwise_has_a_key_of_its_own_and_waits_for_what_is_real"),
        private=exempt("a command holds a level, zones and episodes, and no place of a siren is known here"),
        blindness=done("test_where_we_may_be_blind_nothing_is_shown_as_clear"),
        languages=done("test_every_sound_is_unlike_the_others_and_is_followed_by_words"),
        proof=done("test_of_ten_thousand_forged_replayed_reordered_and_delayed_commands_none_is_believed"),
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
        keys: Mapping[bool, Ed25519PrivateKey],
        sirens: Mapping[str, tuple[tuple[str, ...], Ed25519PublicKey]],
    ) -> None:
        self.name = name
        self.recipients = tuple(sirens)
        assert keys and sirens
        self._broker = broker
        self._board = board
        self._sector = sector
        self._roots = (f"{prefixes[0]}/{word(sector)}", f"{prefixes[1]}/{word(sector)}")
        self._now = now
        self._keys = keys
        self._posts = {one: Post(one, zones, key, time.monotonic()) for one, (zones, key) in sirens.items()}
        self._by_topic = {report_topic(self._roots[0], one): post for one, post in self._posts.items()}
        self._alarms = Alarms()
        # The last all clear of each zone, until something else is said there.
        self._ended: dict[str, PublicWarning] = {}
        self._unconnected: str | None = "not connected yet"
        self._changed = board.follow()
        self._wake = asyncio.Event()
        self._answered = asyncio.Condition()
        # Who is to be told: False before True, that is, take cover before all else; each at most once.
        self._due: asyncio.PriorityQueue[tuple[bool, str]] = asyncio.PriorityQueue()
        self._waiting: set[tuple[bool, str]] = set()

    @property
    def trouble(self) -> str | None:
        """Why not every siren would sound; None: nothing is known against it."""
        if self._unconnected is not None:
            return self._unconnected
        found = [trouble for post in self._posts.values() if (trouble := post.trouble(time.monotonic())) is not None]
        if not found:
            return None
        return found[0] + (f" (and {len(found) - 1} more of {len(self._posts)})" if len(found) > 1 else "")

    def fold(self, batch: Batch) -> None:
        """Look what changed on the board, which hears of the batch first."""
        for said in batch.warnings:
            self._ended.pop(said.zone, None)
            if said.level == "all_clear":
                self._ended[said.zone] = public_warning(said)
        if self._changed or batch.whole:
            for zone in self._changed:
                if (body := self._board.zone_json(zone)) is not None:
                    self._alarms.note(_state.decode(body), time.monotonic())
            self._changed.clear()
            self._wake.set()

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Returns once this siren obeyed what stands now. Raises ConnectionError where it refused."""
        post = self._posts[recipient]
        if not any(one.zone in post.zones for one in warnings):
            return
        if self._unconnected is not None:
            raise ConnectionError(self._unconnected)
        if post.unanswered(self.wanted(post), time.monotonic()):
            post.told = None
            self._wake.set()
        # The outbox ends an attempt that takes too long.
        async with self._answered:
            await self._answered.wait_for(lambda: post.obeyed == self.wanted(post) or post.refused is not None)
        if post.obeyed != self.wanted(post):
            raise ConnectionError(f"siren {recipient} refuses: {post.refused}")

    def wanted(self, post: Post) -> Wanted:
        """How it stands where a siren is heard, in the worlds that there are keys for."""
        drill = self._board.drill
        found = wanted(self._states(post), self._now(), drill=drill if drill in self._keys else not drill)
        return found if found.pattern != "none" else self._relabelled(post) or found

    def obeyed(self, recipient: str) -> tuple[str, tuple[str, ...]] | None:
        """What a siren shows by what it obeyed, and the ids of the warnings behind that; None: not what stands now."""
        post = self._posts[recipient]
        meant = self.wanted(post)
        if post.obeyed != meant:
            return None
        alike = [one for one in self._states(post) if (one.level, one.drill) == (meant.pattern, meant.drill)]
        ended = [self._ended[zone].id for zone in post.zones if zone in self._ended and meant.pattern == "all_clear"]
        shown = "unknown" if self._blind(post) and meant.pattern in ("none", "all_clear") else meant.pattern
        return shown, tuple(dict.fromkeys((*ended, *(one.warning for one in alike if one.warning is not None))))

    def _states(self, post: Post) -> list[ZoneState]:
        """How the zones of a siren stand, in the worlds that there are keys for."""
        bodies = (self._board.zone_json(zone) for zone in post.zones)
        return [state for body in bodies if body is not None and (state := _state.decode(body)).drill in self._keys]

    def _blind(self, post: Post) -> bool:
        """Whether we may be blind where a siren is heard."""
        bodies = [self._board.zone_json(zone) for zone in post.zones]
        doubtful = self._board.doubtful(self._now())
        return doubtful or any(body is None or _state.decode(body).degraded for body in bodies)

    def _relabelled(self, post: Post) -> Wanted | None:
        """The all clear by which a change between drill and live ended what stood; no zone's state shows it.

        In the other world a siren would be told nothing that it may obey: it would sound on, and end without a word.
        """
        now, drill = self._now(), self._board.drill
        found = [self._ended[zone] for zone in post.zones if zone in self._ended]
        ends = [one.expires for one in found if one.expires > now and one.drill != drill and one.drill in self._keys]
        return Wanted("all_clear", (), not drill, max(ends)) if ends else None

    def command(self, post: Post) -> tuple[Command, Wanted]:
        """What a siren is told now."""
        meant = self.wanted(post)
        now = self._now()
        issued = post.issue(now)
        episodes = meant.episodes
        if meant.pattern != "take_cover":
            episodes = self._alarms.of(post.zones, time.monotonic(), drill=meant.drill)
        left_s = VALID_S if meant.until is None else min(VALID_S, max(0.001, (meant.until - now).total_seconds()))
        command = Command(
            siren=post.name,
            sector=self._sector,
            zones=post.zones,
            pattern=meant.pattern,
            episodes=episodes,
            nonce=secrets.token_hex(16),
            issued=issued,
            expires=issued + timedelta(seconds=left_s),
            echo=post.challenge,
            drill=meant.drill,
            blind=self._blind(post),
        )
        return command, meant

    async def work(self) -> None:
        """Hold the connection until cancelled."""
        await hold(lambda: self._broker.client(None), self._serve, self._lost)

    def _lost(self, error: BaseException) -> None:
        if self._unconnected is None:
            log.warning("channel %s lost its broker (%s); it is tried again", self.name, error)
        self._unconnected = f"no connection to the broker: {error}"

    async def _serve(self, client: aiomqtt.Client) -> None:
        await client.subscribe(f"{self._roots[0]}/sirens/+/report", qos=1)
        self._unconnected = None
        self._due, self._waiting = asyncio.PriorityQueue(), set()
        for post in self._posts.values():
            post.told = None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._find_changes())
            for _ in range(IN_FLIGHT_MAX):
                group.create_task(self._keep_telling(client))
            async for message in client.messages:
                teller = self._by_topic.get(str(message.topic))
                if teller is not None and isinstance(message.payload, bytes):
                    await self._hear(teller, message.payload)

    async def _find_changes(self) -> None:
        """Find the sirens for which something changed, looking again every second: what lapses changes nothing here."""
        while True:
            self._wake.clear()
            for post in self._posts.values():
                if self.wanted(post) != post.told:
                    self._have_told(post)
            try:
                async with asyncio.timeout(1.0):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _have_told(self, post: Post) -> None:
        """Let a siren be told what stands; who must sound comes first, and may be waiting with something calmer."""
        due = (self.wanted(post).pattern != "take_cover", post.name)
        if due not in self._waiting:
            self._waiting.add(due)
            self._due.put_nowait(due)

    async def _keep_telling(self, client: aiomqtt.Client) -> None:
        """Tell one siren after another. Many do so at once: each waits until the broker has acknowledged."""
        while True:
            due = await self._due.get()
            self._waiting.discard(due)
            await self._tell(client, self._posts[due[1]])

    async def _tell(self, client: aiomqtt.Client, post: Post) -> None:
        if self._board.picture_at is None:
            return  # Nothing is known yet: to say that nothing stands would end what does.
        command, meant = self.command(post)
        post.wrote(command, meant, time.monotonic())
        topic, key = command_topic(self._roots[meant.drill], post.name), self._keys[meant.drill]
        await client.publish(topic, seal(command, key), qos=1, properties=expiring(int(VALID_S)))

    async def _hear(self, post: Post, data: bytes) -> None:
        """Take a report; a heartbeat, and a refusal for want of a fresh challenge, are answered with what stands."""
        try:
            report = opened_report(data, post.keys)
        except Refused as refusal:
            log.warning("a report of siren %s is not believed: %s", post.name, refusal)
            return
        if (report.siren, report.sector) != (post.name, self._sector):
            return
        now_s = time.monotonic()
        post.take(report, now_s)
        async with self._answered:
            self._answered.notify_all()
        if (report.answers is None or report.refused is not None) and post.may_answer(now_s):
            self._have_told(post)
