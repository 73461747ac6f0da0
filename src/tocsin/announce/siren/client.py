"""The siren itself: hears commands, obeys those it believes, sounds, and reports every BEAT_S.

It works through restarts: what it believed, and since when, is on the disk before it is obeyed. Where the broker is
away it goes on with what stands until that ends by itself.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.announce.mqtt_broker import Broker, expiring, hold
from tocsin.announce.siren.bell import Bell, Kept, Sound
from tocsin.announce.siren.guard import Guard, World
from tocsin.announce.siren.sound import Player
from tocsin.announce.siren.wire import Keys, Refused, Report, command_topic, report_topic, seal

log = logging.getLogger(__name__)

BEAT_S = 15.0
TEST_EVERY_S = 3_600.0
LOOK_S = 0.1
# Who floods it with what it does not believe is not answered more often.
REFUSALS_PER_BEAT = 10


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is on a siren's disk: when the last command believed was issued, by world; and what its bell remembers."""

    last: dict[str, datetime] = {}
    kept: Kept = Kept()


@dataclass(frozen=True, slots=True)
class Home:
    """Which siren this is, whom it believes, and what it has.

    keys      pinned public keys: of live commands and of drills
    own       signs its reports
    roots     `prefix/sector` of live topics and of drills
    battery   its charge in per cent; None where it cannot tell
    save      puts its memory on the disk, and returns only then
    shown     is told how it stands whenever that changes
    """

    siren: str
    sector: str
    keys: Mapping[World, Keys]
    own: Ed25519PrivateKey
    roots: tuple[str, str]
    battery: Callable[[], float | None]
    save: Callable[[Memory], None]
    shown: Callable[[dict[str, object]], None]


class Client:
    """One siren at work; `run` until cancelled."""

    def __init__(
        self, home: Home, broker: Broker, player: Player, memory: Memory, *, wall: Callable[[], datetime] | None = None
    ) -> None:
        self._home = home
        self._broker = broker
        self._player = player
        self._wall = wall or (lambda: datetime.now(UTC))
        last: dict[World, datetime] = {"live": memory.last["live"]} if "live" in memory.last else {}
        if "drill" in memory.last:
            last["drill"] = memory.last["drill"]
        self._guard = Guard(
            home.siren,
            home.sector,
            home.keys,
            last,
            wall=self._wall,
            mono_s=time.monotonic,
            made=lambda: secrets.token_hex(16),
        )
        self._bell = Bell(memory.kept, boot_id())
        self._heard: str | None = None
        self._troubles: dict[str, str] = {}
        self._refusals = 0
        self._connected = False
        self._last_shown: dict[str, object] = {}

    async def run(self) -> None:
        """Hear, obey, sound and report until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(hold(lambda: self._broker.client(None), self._serve, self._lost))
            group.create_task(self._sound_forever())
            group.create_task(self._test_forever())

    def _lost(self, error: BaseException) -> None:
        if self._connected or not self._last_shown:
            log.warning("no connection to the broker (%s); it is tried again", error)
        self._connected = False
        self._show()

    async def _serve(self, client: aiomqtt.Client) -> None:
        self._connected = True
        for root in self._home.roots:
            await client.subscribe(command_topic(root, self._home.siren), qos=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat(client))
            async for message in client.messages:
                if isinstance(message.payload, bytes):
                    await self.hear(client, message.payload)

    async def _beat(self, client: aiomqtt.Client) -> None:
        while True:
            self._refusals = 0
            await self._report(client)
            await asyncio.sleep(BEAT_S)

    async def hear(self, client: aiomqtt.Client, data: bytes) -> None:
        """Obey a command, or refuse it, and say which."""
        try:
            command = self._guard.authentic(data)
        except Refused as refusal:
            self._refuse(refusal)
            return
        refused = None
        try:
            believed = self._guard.weigh(command)
            missed = self._bell.kept.missed
            self._bell.obey(believed, time.monotonic())
            if new := [one for one in self._bell.kept.missed if one not in missed]:
                log.warning("this siren was away from alarm to end, and did not sound: %s", ", ".join(new))
            self._save()
            self._heard = command.nonce
        except Refused as refusal:
            refused = str(refusal)[:200]
            self._refuse(refusal)
        self._show()
        if self._refusals < REFUSALS_PER_BEAT:
            await self._report(client, command.nonce, refused)

    def _refuse(self, refusal: Refused) -> None:
        self._refusals += 1
        if self._refusals <= REFUSALS_PER_BEAT:
            log.warning("a command is refused: %s", refusal)

    def _save(self) -> None:
        """A siren whose disk fails warns on, and says so."""
        last = {str(world): time for world, time in self._guard.last.items()}
        try:
            self._home.save(Memory(last, self._bell.kept))
            self._troubles.pop("disk", None)
        except OSError as error:
            self._troubles["disk"] = f"its memory cannot be kept: {error.strerror}"

    async def _report(self, client: aiomqtt.Client, answers: str | None = None, refused: str | None = None) -> None:
        now_s = time.monotonic()
        standing = self._bell.standing(now_s)
        report = Report(
            siren=self._home.siren,
            sector=self._home.sector,
            at=self._wall(),
            challenge=self._guard.challenge(),
            answers=answers,
            heard=self._heard,
            refused=refused,
            pattern="none" if standing == "unknown" else standing,
            sounding=self._bell.sound(now_s) is not None,
            drill=self._bell.kept.drill,
            battery_percent=self._home.battery(),
            clock_off_s=self._guard.clock_off_s,
            troubles=tuple(text[:200] for text in self._troubles.values()),
        )
        topic = report_topic(self._home.roots[0], self._home.siren)
        await client.publish(topic, seal(report, self._home.own), qos=1, properties=expiring(60))

    async def _sound_forever(self) -> None:
        playing: asyncio.Task[None] | None = None
        heard: Sound | None = None
        try:
            while True:
                wanted = self._bell.sound(time.monotonic())
                if playing is not None and (wanted != heard or playing.done()):
                    await _ended(playing)
                    playing = None
                if playing is None and wanted is not None:
                    playing = asyncio.create_task(self._play(wanted))
                heard = wanted
                self._show()
                await asyncio.sleep(LOOK_S)
        finally:
            if playing is not None:
                await _ended(playing)

    async def _play(self, sound: Sound) -> None:
        try:
            await self._player.play(sound)
            self._troubles.pop("sound", None)
        except OSError as error:
            self._troubles["sound"] = f"nothing can be played: {error}"
            await asyncio.sleep(1)

    async def _test_forever(self) -> None:
        """Try the player with a sound that nobody hears, unless it sounds anyway."""
        while True:
            if self._bell.sound(time.monotonic()) is None:
                trouble = await self._player.test()
                self._troubles.pop("sound", None)
                if trouble is not None:
                    self._troubles["sound"] = trouble
            await asyncio.sleep(TEST_EVERY_S)

    def _show(self) -> None:
        now_s = time.monotonic()
        state: dict[str, object] = {
            "siren": self._home.siren,
            "stands": self._bell.standing(now_s),
            "drill": self._bell.kept.drill,
            "sounding": self._bell.sound(now_s) is not None,
            "zones": list(self._bell.kept.zones),
            "missed": list(self._bell.kept.missed),
            "connected": self._connected,
            "clock_off_s": self._guard.clock_off_s,
            "troubles": list(self._troubles.values()),
        }
        if state != self._last_shown:
            self._last_shown = state
            self._home.shown(state)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def boot_id() -> str:
    """Which start of the machine this is; where that cannot be told, each restart counts as one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return secrets.token_hex(8)
