"""A live drill: a simulated raid over real towns through the real service."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from tocsin.model.access import KINDS
from tocsin.model.value import seconds_of
from tocsin.model.wire import to_json
from tocsin.replay.nights import drill_of
from tocsin.replay.progress import share_shown
from tocsin.replay.run_files import RunFiles
from tocsin.service.clock import Clock
from tocsin.service.logs import set_up_logs
from tocsin.service.people.person import Person
from tocsin.service.people.roles import Role
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, bound, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.spotters.names import link_of
from tocsin.service.spotters.store import DAY_S
from tocsin.service.stopping import Stopping, stopping
from tocsin.service.waiting import Waiting
from tocsin.service.warmup import KERNELS_ABOUT, warm_up
from tocsin.service.worker import Decided
from tocsin.simulate.world import Simulation
from tocsin.words.english import COMPILING, REHEARSING

SOURCE = "drill"
OFFICER = "officer"
# Observations that arrived within this much real time are sent in one batch.
SEND_EVERY_S = 0.1


@dataclass(frozen=True)
class Stage:
    """Where a drill is shown, before there is anything to show.

    told      whether somebody told it to stop
    listener  the socket
    waiting   who answers there until the service can
    """

    told: Stopping
    listener: socket.socket
    waiting: Waiting

    @property
    def address(self) -> str:
        """Of the page, without the last slash."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"


@contextmanager
def answering(port: int, say: Callable[[str], None]) -> Iterator[Stage]:
    """Somebody who answers on this port of this machine, at once, and says what is being done; kernels are ready then.

    say   told the same, line by line
    """
    set_up_logs(logging.WARNING)
    with stopping() as told:
        stage = Stage(told, listener := bound("127.0.0.1", port), Waiting(listener))
        say(f"The page: {stage.address}/ says what is being done.")
        with share_shown("Compiling kernels, once") as shown:

            def compiled(count: int) -> None:
                if count == 1:
                    say("Compiling kernels: three to five minutes of one core, once on this machine.")
                shown(count / KERNELS_ABOUT)
                stage.waiting.say(COMPILING, count=str(count), all=str(KERNELS_ABOUT))

            warm_up(compiled)
        stage.waiting.say(REHEARSING)
        yield stage


class Live:
    """The night through the real service: HTTP, journal, engine, live page."""

    def __init__(self, night: Simulation, clock: Clock, policy: str, folder: Path, stage: Stage) -> None:
        self._night = night
        self._clock = clock
        self._folder = folder
        self._token = secrets.token_urlsafe(32)
        self._stage = stage
        self._settings = self._made_settings()
        self.configuration = msgspec.structs.replace(drill_of(night, policy), sources=self._settings.authorities)

    def _made_settings(self) -> Settings:
        source = {
            "kind": "http",
            "id": SOURCE,
            "token_sha256": hashlib.sha256(self._token.encode()).hexdigest(),
            # A recording is trusted with everything; who tries the spotter's page is not.
            "kinds": KINDS,
            "sensors": ["*"],
            "measures": ["position", "launch", "impact"],
            "identifies": True,
            "alerts": "take_cover",
            "relays": True,
            "vouches": True,
            # A drill at ten times the speed sends ten times as much.
            "per_second_max": 1_000_000,
        }
        return make_settings(
            zones=self._folder / "zones.geojson",
            drill=True,
            # Whoever looks at a drill on this machine may look at it in every form.
            compat={"drills": True},
            # And try every page of it: the officer's password is on his own terminal.
            people={"second_factor": "offered"},
            spotters={},
            # Everything can be taken back with one act here, too.
            prepared=[{"id": "broken-off", "text": "The exercise has been broken off. There is no danger."}],
            sender="drill@tocsin.invalid",
            journal={"path": self._folder / "journal.db"},
            source=[source],
        )

    async def play(self, opened: Callable[[str, str, str], None], ended: Callable[[], None]) -> None:
        """Serve until told to stop.

        opened   called once it answers with the page's address, the password of OFFICER, and a spotter's invitation
        ended    called when the raid is over; the page stays open
        """
        address = self._stage.address
        with RunFiles(self._folder) as files:
            async with running(self._settings, self.configuration, self._clock) as runtime:

                def write(decided: Decided) -> None:
                    for effect in decided.effects:
                        files.write(effect)

                runtime.watch("run files", write)
                server = Server(runtime)
                self._stage.told.call = server.end
                self._stage.waiting.stop()
                serving = asyncio.create_task(server.serve([self._stage.listener]))
                opened(f"{address}/", await _duty_officer(runtime), _invitation(runtime, address))
                sending = asyncio.create_task(self._send(address))
                sending.add_done_callback(lambda task: None if task.cancelled() or task.exception() else ended())
                await serving
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, address: str) -> None:
        """POST the night's observations when they would have arrived."""
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/x-ndjson"}
        waiting = list(reversed(self._night.observations))
        async with aiohttp.ClientSession(address, headers=headers) as session:
            while waiting:
                now = self._clock.now()
                batch: list[bytes] = []
                while waiting and waiting[-1].received_at <= now and len(batch) < 5_000:
                    batch.append(to_json(waiting.pop()))
                if batch:
                    async with session.post("/v1/observations", data=b"\n".join(batch)) as response:
                        response.raise_for_status()
                else:
                    await asyncio.sleep(SEND_EVERY_S)
        # The last decisions on what was just sent.
        await asyncio.sleep(2)


def _invitation(runtime: Runtime, address: str) -> str:
    """The link by which one telephone, or browser, becomes a spotter of this drill."""
    assert runtime.spotters is not None, "a drill without spotters"
    now_s = seconds_of(runtime.clock.now())
    (invited,) = runtime.spotters.posts.invite(1, now_s + DAY_S, now_s)
    return link_of(address, invited.code)


async def _duty_officer(runtime: Runtime) -> str:
    """Let somebody try the duty officer's page; his password."""
    password = secrets.token_urlsafe(12)
    roles: tuple[Role, ...] = ("operator", "approver", "admin", "auditor")
    person = Person(id=OFFICER, name="Duty officer of the drill", roles=roles, made_at=runtime.people.now())
    await runtime.people.put(person)
    refused = await runtime.door.set_password(person, password)
    assert refused is None, refused
    return password
