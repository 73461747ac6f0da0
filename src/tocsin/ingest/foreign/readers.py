"""The service's side: a few reading processes, started when needed, ended when over budget, fair to every source.

A source has one document read at a time, in its order; the processes serve those who wait in turn. So who sends much,
or what is slow to read, waits behind itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
import structlog

from tocsin.cap.feed import Listed
from tocsin.ingest.admission import OverRate
from tocsin.ingest.foreign.jobs import (
    ANSWER_OCTETS_MAX,
    HEAD_OCTETS,
    OUT_OF_MEMORY,
    Answer,
    Budget,
    Found,
    Job,
    LookIn,
    Pinned,
    Posts,
    PostsIn,
    Ready,
    Refused,
    Setup,
    Understand,
    Understood,
    answers,
    framed,
)
from tocsin.ingest.text.post import Post
from tocsin.model.errors import BadRecord, Missing
from tocsin.model.observation import Alert
from tocsin.model.value import UNREADABLE
from tocsin.model.zone import Zone

log = structlog.get_logger(__name__)

# One may be busy with the worst that a budget allows while the other serves everybody else. Each takes 70 MB.
PROCESSES = 2
# A loaded machine takes seconds to start one; what takes longer will not come.
START_S = 60.0
# After a failed start, what comes in the meantime is refused at once.
AGAIN_S = 10.0
# What of one source may wait: several of the largest documents there are.
WAITING_OCTETS_MAX = 16_000_000
BUDGET = Budget()
COMMAND = (sys.executable, "-m", "tocsin.ingest.foreign.reading")


@dataclass(slots=True)
class _Line:
    """Where one source's documents wait for each other."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting_octets: int = 0


class _Reader:
    """One reading process, alive or not."""

    def __init__(self, setup: Setup, command: Sequence[str]) -> None:
        self._setup = setup
        self._command = command
        self._process: Process | None = None
        self._failed_s = -AGAIN_S
        self._starting = asyncio.Lock()

    @property
    def alive(self) -> bool:
        """Whether it can be asked without being started."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it where it is not alive. Raises Missing."""
        async with self._starting:
            if not self.alive:
                await self._start()

    async def _start(self) -> None:
        await self.end()
        if time.monotonic() - self._failed_s < AGAIN_S:
            raise Missing("no reading process can be started; see the service's log, and send it again later")
        try:
            # What a stranger's document may get hold of holds no secrets.
            safe = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
            self._process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, env=safe)
            async with asyncio.timeout(START_S):
                await self._say(self._setup)
                if not isinstance(await self._hear(), Ready):
                    raise Missing("it does not say that it is ready")
        except (OSError, EOFError, TimeoutError, *UNREADABLE, Missing) as error:
            self._failed_s = time.monotonic()
            await self.end()
            log.error("a reading process cannot be started: alerts are refused", reason=str(error) or "it ended")
            raise Missing(
                "no reading process can be started; see the service's log, and send it again later"
            ) from error
        except BaseException:
            # Somebody gave up: what it says from now on would be taken for an answer.
            await self.end()
            raise

    async def ask(self, job: Job) -> Answer:
        """What it answers to a job. Raises BadRecord where the job is over its budget, and Missing."""
        for _ in range(2):
            await self.start()
            try:
                async with asyncio.timeout(self._setup.budget.wall_s):
                    await self._say(job)
                    return await self._hear()
            except TimeoutError:
                await self.end()
                raise BadRecord(f"it took more than {self._setup.budget.wall_s:g} s to read; simplify it") from None
            except (OSError, EOFError, *UNREADABLE):
                # Whoever has closed its end is about to go, and its exit status says why.
                code = await self.end(grace_s=1.0)
            except BaseException:
                # Somebody gave up: the answer that is still to come must not be taken for the next.
                await self.end()
                raise
            if code != 0:
                raise BadRecord(_why(code, self._setup.budget))
            # It had ended of its own accord, before it saw this job.
        raise BadRecord("the process that should read it ended twice; send it again")

    async def end(self, grace_s: float = 0.0) -> int | None:
        """End it, by force after `grace_s`; its exit status, None where it never ran."""
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                return await process.wait()
        with suppress(ProcessLookupError):
            process.kill()
        return await process.wait()

    async def _say(self, value: Setup | Job) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(framed(value))
        await self._process.stdin.drain()

    async def _hear(self) -> Answer:
        """Its next answer. Raises EOFError where it ends or says too much, msgspec.MsgspecError where it is none."""
        assert self._process is not None and self._process.stdout is not None
        size = int.from_bytes(await self._process.stdout.readexactly(HEAD_OCTETS), "big")
        if size > ANSWER_OCTETS_MAX + HEAD_OCTETS:
            raise EOFError(f"an answer of {size} octets")
        return answers.decode(await self._process.stdout.readexactly(size))


def _why(code: int | None, budget: Budget) -> str:
    if code == -signal.SIGPROF:
        return f"it took more than {budget.processor_s:g} s of a processor to read; simplify it"
    if code == OUT_OF_MEMORY:
        return f"it took more than {budget.memory_bytes >> 20} MB of memory to read; simplify it"
    return f"it ended the process that read it (status {code}); simplify it"


class Readers:
    """Reads strangers' documents for the sources of one sector. Use it inside one event loop; `stop` at the end.

    pinned   what is asked of the signatures of each source's alerts
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        pinned: Mapping[str, Pinned] | None = None,
        *,
        budget: Budget = BUDGET,
        processes: int = PROCESSES,
        command: Sequence[str] = COMMAND,
    ) -> None:
        setup = Setup(tuple(zones), budget, dict(pinned or {}))
        self._readers = [_Reader(setup, command) for _ in range(processes)]
        self._idle = list(self._readers)
        self._one_is_idle = asyncio.Semaphore(processes)
        self._lines: dict[str, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.trouble: str | None = None

    def warm(self) -> None:
        """Start one in the background, so that the first alert need not wait for it."""
        self._start_soon(self._idle[-1])

    async def stop(self) -> None:
        """End all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for reader in self._readers:
            await reader.end()

    async def understood(self, alert: Alert) -> Alert:
        """An alert with all that its CAP message means for our zones.

        Raises BadRecord where it cannot be read or costs too much to read, OverRate where it could be later.
        """
        what = f"alert {alert.id}"
        answer = await self._ask(alert.via or alert.source, Understand(alert), len(alert.cap), what)
        if not isinstance(answer, Understood):
            raise BadRecord(answer.reason if isinstance(answer, Refused) else f"{what} was not read")
        # Who said it, and when, is not for strangers' documents to say.
        return msgspec.structs.replace(
            answer.alert,
            id=alert.id, time=alert.time, received=alert.received, source=alert.source, via=alert.via, cap=alert.cap,
        )  # fmt: skip

    async def listed_in(self, source: str, body: bytes, what: str) -> Listed:
        """What messages a document holds or links to; `what` names it in reasons. Raises as `understood` does."""
        answer = await self._ask(source, LookIn(body), len(body), what)
        if not isinstance(answer, Found):
            raise BadRecord(f"{what}: {answer.reason}" if isinstance(answer, Refused) else f"{what} was not read")
        return answer.listed

    async def posts_in(self, source: str, body: bytes, what: str) -> tuple[tuple[Post, ...], tuple[str, ...]]:
        """What posts a channel's feed holds, and why others are none. Raises as `understood` does."""
        answer = await self._ask(source, PostsIn(body), len(body), what)
        if not isinstance(answer, Posts):
            raise BadRecord(f"{what}: {answer.reason}" if isinstance(answer, Refused) else f"{what} was not read")
        return answer.posts, answer.problems

    async def _ask(self, source: str, job: Job, octets: int, what: str) -> Answer:
        line = self._lines.setdefault(source, _Line())
        if line.waiting_octets and line.waiting_octets + octets > WAITING_OCTETS_MAX:
            raise OverRate(f"{line.waiting_octets} octets of source {source} wait to be read; send it again later")
        line.waiting_octets += octets
        try:
            async with line.lock, self._one_is_idle:
                return await self._read(job)
        except Missing as error:
            raise OverRate(f"{what} cannot be read now: {error}") from error
        except BadRecord as error:
            raise BadRecord(f"{what}: {error}") from error
        finally:
            line.waiting_octets -= octets

    async def _read(self, job: Job) -> Answer:
        """By one that is alive, if one of the idle is: the others are started only when they are needed."""
        reader = next((one for one in self._idle if one.alive), self._idle[-1])
        self._idle.remove(reader)
        try:
            answer = await reader.ask(job)
            self.trouble = None
            return answer
        except Missing as error:
            self.trouble = f"neighbours' alerts are refused: {error}"
            raise
        finally:
            self._idle.append(reader)
            if not reader.alive:
                self._start_soon(reader)

    def _start_soon(self, reader: _Reader) -> None:
        task = asyncio.create_task(self._start(reader), name="start a reading process")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self, reader: _Reader) -> None:
        try:
            await reader.start()
            self.trouble = None
        except Missing as error:
            self.trouble = f"neighbours' alerts are refused: {error}"
