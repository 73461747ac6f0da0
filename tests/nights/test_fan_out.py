"""The public page from files and nchan alone, with the configuration that ships: nobody listens at the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.fan_out import Front, front_in
from tests.nights.test_nginx import NAME
from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.nchan import Nchan
from tocsin.bench import announce_nchan
from tocsin.bench.broker import free_port
from tocsin.bench.nginx import nginx, whole
from tocsin.model.effect import Picture
from tocsin.model.warning import Level, ZoneState
from tocsin.simulate.places import invented_zones

ROOT = Path(__file__).resolve().parents[2]
ZONES = invented_zones(12)
HEARD_S_MAX = 20.0

pytestmark = pytest.mark.server


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return front_in(tmp_path, tmp_path)


class Service:
    """A board, and the channel to those servers."""

    def __init__(self, *urls: str) -> None:
        self.board = Board(ZONES, drill=True)
        self.channel = Nchan("stream", urls, self.board, lambda: datetime.now(UTC))
        self.seq = 0

    def hear(self, *told: tuple[int, Level], whole: bool = False) -> None:
        """One tick: these zones, by number, are at those levels now."""
        self.seq += 1
        now = datetime.now(UTC)
        until = now + timedelta(minutes=5)
        states = tuple(
            ZoneState(zone=ZONES[number].id, level=level, since=now, expires=until, drill=True, warning=f"{self.seq}")
            for number, level in told
        )
        batch = Batch(self.seq, now, (Picture(time=now, zones=states),), whole=whole)
        self.board.fold(batch)
        self.channel.fold(batch)

    @property
    def levels(self) -> dict[str, str]:
        """How the board shows every zone."""
        return {zone.id: shown.level for zone in ZONES if (shown := self.board.shown(zone.id)) is not None}

    async def reach(self, url: str) -> None:
        """Until that server has it."""
        while True:
            with suppress(ConnectionError):
                return await self.channel.send(url, ())
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.channel.work())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@dataclass
class Event:
    """What a listener hears."""

    name: str
    number: str
    data: dict[str, Any]


@asynccontextmanager
async def listening(front: Front, after: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
    """Events as somebody hears who joins now; `after`: who has heard all up to that."""
    headers = {"accept": "text/event-stream", "host": NAME, "origin": "https://elsewhere.example"} | (
        {"last-event-id": after} if after else {}
    )
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False), read_bufsize=2**20) as session,
        session.get(f"https://127.0.0.1:{front.public_port}/v1/events", headers=headers) as answer,
    ):
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert answer.headers.getall("access-control-allow-origin") == ["*"]

        async def events() -> AsyncIterator[Event]:
            name = number = ""
            async for line in answer.content:
                kind, _, rest = line.decode().rstrip("\n").partition(": ")
                if kind == "event":
                    name = rest
                elif kind == "id":
                    number = rest
                elif kind == "data":
                    yield Event(name, number, msgspec.json.decode(rest))

        try:
            yield events()
        finally:
            # Nobody waits for a farewell by TLS.
            if answer.connection is not None and answer.connection.transport is not None:
                answer.connection.transport.abort()


async def until(events: AsyncIterator[Event], wanted: Callable[[Event], bool]) -> list[Event]:
    """All that comes up to what is wanted."""
    found = []
    async with asyncio.timeout(HEARD_S_MAX):
        async for event in events:
            found.append(event)
            if wanted(event):
                break
    return found


def is_pulse(event: Event) -> bool:
    return event.name == "pulse"


def says(seq: int) -> Callable[[Event], bool]:
    """Whether an event is of that tick or a later one."""
    return lambda event: event.name != "pulse" and event.data["seq"] >= seq


def levels(events: Sequence[Event]) -> dict[str, str]:
    """How the zones stand for who heard these."""
    return {zone["zone"]: zone["level"] for event in events if not is_pulse(event) for zone in event.data["zones"]}


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 60))


def test_who_listens_at_nchan_hears_what_the_board_shows_in_order(front: Front) -> None:
    service = Service(front.told_at)

    async def story() -> None:
        async with service.working():
            service.hear(whole=True)
            await service.reach(front.told_at)
            async with listening(front) as events:
                await until(events, is_pulse)
                for number in range(60):
                    service.hear((number % 12, "take_cover" if number % 24 < 12 else "all_clear"))
                    await asyncio.sleep(0.002)
                heard = await until(events, says(service.seq))
            assert levels(heard) == service.levels
            seqs = [event.data["seq"] for event in heard if not is_pulse(event)]
            assert seqs == sorted(set(seqs)) and len(seqs) > 5
            # Of no zone is an older word heard after a newer one.
            said = [one for event in heard for one in event.data.get("zones", ()) if one["warning"] is not None]
            for zone in some(ZONES):
                told = [int(one["warning"]) for one in said if one["zone"] == zone.id]
                assert told and told == sorted(told)

    with front.open():
        run(story())


def test_the_changes_of_a_tick_are_one_event_at_nchan(front: Front) -> None:
    service = Service(front.told_at)

    async def story() -> None:
        async with service.working():
            await service.reach(front.told_at)
            async with listening(front) as events:
                await until(events, is_pulse)
                service.hear((1, "take_cover"), (4, "prepare"), (7, "take_cover"))
                (*_, event) = await until(events, says(1))
            assert (event.name, levels([event])) == (
                "zones",
                {ZONES[1].id: "take_cover", ZONES[4].id: "prepare", ZONES[7].id: "take_cover"},
            )

    with front.open():
        run(story())


def test_who_joins_late_gets_the_whole_state_first_and_what_changed_since(front: Front) -> None:
    service = Service(front.told_at)

    async def story() -> None:
        async with service.working():
            service.hear((0, "take_cover"), whole=True)
            await service.reach(front.told_at)
            for number in (1, 2):
                service.hear((number, "prepare"))
                await service.reach(front.told_at)
            async with listening(front) as events:
                heard = await until(events, is_pulse)
                assert [event.name for event in heard] == ["state", "zones", "zones", "pulse"]
                assert len(heard[0].data["zones"]) == len(ZONES) and heard[0].data["drill"] is True
                expected = {zone.id: "none" for zone in ZONES}
                expected |= {ZONES[0].id: "take_cover", ZONES[1].id: "prepare", ZONES[2].id: "prepare"}
                assert levels(heard) == expected
            # Who comes back and has heard the state and the first change gets what came after it, and that alone.
            async with listening(front, heard[1].number) as events:
                missed = await until(events, is_pulse)
            assert [event.data for event in missed[:-1]] == [heard[2].data]
            # What he heard is kept no more: he gets everything.
            service.hear((3, "take_cover"), whole=True)
            await service.reach(front.told_at)
            async with listening(front, heard[0].number) as events:
                anew = await until(events, is_pulse)
            assert [event.name for event in anew] == ["state", "pulse"]
            assert levels(anew) == expected | {ZONES[3].id: "take_cover"}

    with front.open():
        run(story())


def test_what_is_kept_for_who_joins_is_no_longer_than_two_states(front: Front) -> None:
    service = Service(front.told_at)

    async def story() -> None:
        async with service.working():
            service.hear(*((number, "take_cover") for number in range(12)), whole=True)
            most = 0
            for number in range(120):
                service.hear((number % 12, "prepare" if number % 2 else "take_cover"))
                await service.reach(front.told_at)
                most = max(most, service.channel.kept)
            one = len(service.board.zones_json([ZONES[0].id], datetime.now(UTC)))
            whole_bytes = len(service.board.state_json(datetime.now(UTC)))
            assert 2 < most <= whole_bytes / one + 2
            async with listening(front) as events:
                heard = await until(events, is_pulse)
            # A pulse, and perhaps a state that was due when he came.
            assert len(heard) <= most + 2
            assert levels(heard) == service.levels

    with front.open():
        run(story())


def test_a_server_of_streams_that_began_anew_is_told_everything_within_seconds(front: Front) -> None:
    service = Service(front.told_at)

    async def story() -> None:
        async with service.working():
            service.hear((0, "take_cover"), whole=True)
            with front.open():
                await service.reach(front.told_at)
                service.hear((1, "take_cover"))
                await service.reach(front.told_at)
            with front.open():
                # Nothing changes: that it keeps nothing any more is seen at a pulse.
                async with listening(front) as events:
                    heard = await until(events, lambda event: event.name == "state")
            assert levels(heard)[ZONES[0].id] == levels(heard)[ZONES[1].id] == "take_cover"

    run(story())


def test_a_server_of_streams_that_is_away_holds_up_no_other(front: Front) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    service = Service(away, front.told_at)

    async def story() -> None:
        async with service.working():
            service.hear((0, "take_cover"), whole=True)
            await service.reach(front.told_at)
            with pytest.raises(ConnectionError):
                await service.channel.send(away, ())
            assert service.channel.trouble is not None
            async with listening(front) as events:
                heard = await until(events, is_pulse)
            assert levels(heard)[ZONES[0].id] == "take_cover"

    with front.open():
        run(story())


def test_whoever_dies_leaves_no_pulse_behind(front: Front) -> None:
    service = Service(front.told_at)

    async def story() -> None:
        async with service.working():
            service.hear((0, "take_cover"), whole=True)
            await service.reach(front.told_at)
            async with listening(front) as events:
                (state, pulse) = await until(events, is_pulse)
                assert pulse.data["degraded"] is False
                # By its number who listens knows that he has heard everything.
                assert pulse.data["seq"] == state.data["seq"] == service.seq
        heard: list[Event] = []
        async with listening(front) as events:
            with suppress(TimeoutError):
                async with asyncio.timeout(2.5):
                    while True:
                        heard.append(await anext(events))
        assert [event.name for event in heard] == ["state"]

    with front.open():
        run(story())


def test_nobody_tells_the_public_anything_but_the_service(front: Front) -> None:
    async def story() -> None:
        async with aiohttp.ClientSession(
            f"https://127.0.0.1:{front.public_port}", connector=aiohttp.TCPConnector(ssl=False)
        ) as session:
            for path in ("/picture", "/pulse", "/v1/events"):
                async with session.post(path, data=b"{}", headers={"host": NAME}) as answer:
                    assert answer.status in (403, 404, 405), path

    with front.open():
        run(story())


def test_a_crowd_that_joins_amid_changes_misses_nothing(front: Front) -> None:
    service = Service(front.told_at)

    async def join() -> None:
        async with listening(front) as events:
            heard = await until(events, lambda event: is_pulse(event) and event.data["seq"] >= 40)
        assert heard[0].name == "state"
        seq = 0
        for event in heard:
            if is_pulse(event):
                assert event.data["seq"] == seq
            seq = event.data["seq"]

    async def story() -> None:
        async with service.working():
            service.hear(whole=True)
            await service.reach(front.told_at)
            joining = []
            for number in range(45):
                service.hear((number % 12, "take_cover" if number % 24 < 12 else "all_clear"))
                joining.append(asyncio.create_task(join()))
                await asyncio.sleep(0.02)
            await asyncio.gather(*joining)

    with front.open():
        run(story())


def test_what_is_measured_is_what_ships(front: Front) -> None:
    shipped = (ROOT / "packaging/proxy/nginx-fan-out.conf").read_text()
    for line in some((*announce_nchan.PUBLISHING, *announce_nchan.LISTENING)):
        assert line in shipped
    text = announce_nchan.configuration(front.folder, front.told_port, front.public_port, 10)
    with nginx(front.folder, text, front.public_port):
        pass


def test_a_server_that_keeps_otherwise_than_it_is_told_is_a_trouble(front: Front) -> None:
    service = Service(front.told_at)
    told = "location / { nchan_publisher; nchan_channel_id one; nchan_message_buffer_length 5; }"
    http = f"server {{ listen 127.0.0.1:{front.told_port}; {told} }}\n"

    async def story() -> None:
        service.hear((0, "take_cover"), whole=True)
        async with service.working():
            async with asyncio.timeout(HEARD_S_MAX):
                while "configuration" not in (service.channel.trouble or ""):
                    await asyncio.sleep(0.05)
            with pytest.raises(ConnectionError, match="was to keep 1"):
                await service.channel.send(front.told_at, ())

    with nginx(front.folder, whole(front.folder, http), front.told_port):
        run(story())
