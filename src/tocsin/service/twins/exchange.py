"""The twins over NATS: what each decides, by plain messages; whether each lives, by a key that the brokers let lapse.

Order     a machine's messages are numbered; who misses one asks for all that it holds
Retries   none: all that stands is told again every WHOLE_S, and on request
Bounds    WAITING_MAX messages wait for the connection; beyond it all are dropped, and the others ask
Liveness  a key of each machine, written while it decides, in a bucket whose entries lapse after `dead_after_s` by the
          brokers' clock. Who cannot ask the brokers declares nobody dead, until it goes on alone as an island
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from tocsin.model.errors import BadRecord
from tocsin.service.cluster_settings import Cluster
from tocsin.service.twins.twins import Twins
from tocsin.twins.told import Told, packed, unpacked

log = structlog.get_logger(__name__)

WHOLE_S = 5.0
LOOK_S = 1.0
ASK_S = 0.5
WAITING_MAX = 1_000
# An answer of the brokers; while a stream's leader is chosen there is none.
ANSWER_S = 2.0
# A key must be missing so often in a row: one broker that has just come back may not know it yet.
MISSING_LOOKS = 2


class Exchange:
    """Carries what `Twins` says and hears; runs in the event loop.

    alone   whether this machine goes on alone, because it has not reached the brokers for long
    """

    def __init__(self, cluster: Cluster, sector: str, alone: Callable[[], bool]) -> None:
        self._cluster, self._alone = cluster, alone
        self._sector = re.sub(r"[^A-Za-z0-9_-]", "_", sector)
        self.twins: Twins
        self._waiting: deque[Told] = deque()
        self._something = asyncio.Event()
        self._whole_due_s = 0.0
        self._missing: dict[str, int] = {}
        # When the brokers last said who lives.
        self._seen_s = time.monotonic()
        self._bucket: Any = None

    def send(self, told: Sequence[Told]) -> None:
        """Let messages wait for the connection."""
        self._waiting.extend(told)
        if len(self._waiting) > WAITING_MAX:
            self._waiting.clear()
        self._something.set()

    async def run(self) -> None:
        """Until cancelled. Raises what the connection raises; begun again it goes on."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._see_alone())
            group.create_task(self._exchange())

    async def _exchange(self) -> None:
        # Imported here: who has no cluster need not have it.
        from tocsin.journal.jetstream.connection import connected

        self._bucket = None
        # It is sought until it is there.
        client = await connected(self._cluster.brokers(), f"{self._sector} {self._cluster.node} twins")
        try:
            for name in self.twins.others:
                await client.subscribe(self._subject("decided", name), cb=self._hear)
            await client.subscribe(self._subject("ask", self.twins.node), cb=self._asked)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell(client))
                group.create_task(self._ask(client))
                group.create_task(self._beat(client))
                group.create_task(self._look(client))
        finally:
            with suppress(Exception):
                async with asyncio.timeout(ANSWER_S):
                    await client.close()

    def _subject(self, what: str, node: str) -> str:
        return f"{self._cluster.prefix}.{what}.{self._sector}.{node}"

    async def _hear(self, message: Any) -> None:
        try:
            told = unpacked(message.data)
        except BadRecord as error:
            self.twins.strange += 1
            log.warning("a twin's message cannot be read", subject=message.subject, reason=str(error))
            return
        self.twins.hear(told)

    async def _asked(self, _: Any) -> None:
        self._whole_due_s = 0.0
        self._something.set()

    async def _tell(self, client: Any) -> None:
        while True:
            with suppress(TimeoutError):
                # `asyncio.wait_for` of Python 3.11 loses a cancellation that comes with what it waits for.
                async with asyncio.timeout(WHOLE_S):
                    await self._something.wait()
            self._something.clear()
            if time.monotonic() >= self._whole_due_s:
                self._whole_due_s = time.monotonic() + WHOLE_S
                self._waiting.extend(self.twins.whole())
            subject = self._subject("decided", self.twins.node)
            while self._waiting:
                await client.publish(subject, packed(self._waiting.popleft()))

    async def _ask(self, client: Any) -> None:
        while True:
            for name in self.twins.asking:
                await client.publish(self._subject("ask", name), b"")
            await asyncio.sleep(ASK_S)

    async def _beat(self, client: Any) -> None:
        """Say that this machine lives, as long as it decides."""
        every_s = self._cluster.dead_after_s / 5
        while True:
            if time.monotonic() - self.twins.decided_s < every_s:
                try:
                    bucket = await self._kept(client)
                    await bucket.put(self._key(self.twins.node), self.twins.life.encode())
                except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again soon
                    self._bucket = None
                    log.debug("the brokers do not take that we live", reason=str(error) or type(error).__name__)
            await asyncio.sleep(every_s / 2)

    async def _look(self, client: Any) -> None:
        """See who lives, by the brokers."""
        while True:
            for name in self.twins.others:
                alive = await self._lives(client, name)
                if alive is not None:
                    self._seen_s = time.monotonic()
                    self.twins.lives(name, alive=alive)
            await asyncio.sleep(LOOK_S)

    async def _see_alone(self) -> None:
        """Where the log goes on as an island, and nobody said for long who lives, the others do not count."""
        while True:
            if self._alone() and time.monotonic() - self._seen_s > self._cluster.dead_after_s:
                for name in self.twins.others:
                    self.twins.lives(name, alive=False)
            await asyncio.sleep(LOOK_S)

    async def _lives(self, client: Any, name: str) -> bool | None:
        """Whether a machine lives; None: the brokers do not say."""
        from nats.js.errors import KeyNotFoundError

        try:
            bucket = await self._kept(client)
            await bucket.get(self._key(name))
        except KeyNotFoundError:
            self._missing[name] = self._missing.get(name, 0) + 1
            return None if self._missing[name] < MISSING_LOOKS else False
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no word on who lives
            self._bucket = None
            log.debug("the brokers do not say who lives", reason=str(error) or type(error).__name__)
            return None
        self._missing[name] = 0
        return True

    def _key(self, node: str) -> str:
        return f"{self._sector}.{node}"

    async def _kept(self, client: Any) -> Any:
        """The bucket of those who live, made where there is none."""
        from nats.js.api import KeyValueConfig, StorageType
        from nats.js.errors import NotFoundError

        if self._bucket is None:
            stream, name = client.jetstream(timeout=ANSWER_S), f"{self._cluster.prefix}-alive"
            try:
                self._bucket = await stream.key_value(name)
            except NotFoundError:
                self._bucket = await stream.create_key_value(
                    KeyValueConfig(
                        bucket=name,
                        description="Which machines live: each writes its key while it decides.",
                        ttl=self._cluster.dead_after_s,
                        replicas=self._cluster.replicas,
                        storage=StorageType.MEMORY,
                    )
                )
        return self._bucket
