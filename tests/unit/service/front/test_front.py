"""A front end over real brokers shows what the nodes of every sector decided, and says when it does not hear them."""

from __future__ import annotations

import asyncio
import hashlib
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.decided import ZONES, until
from tests.nats_cluster import nats_cluster
from tests.postgres import Server, emptied, postgres_server
from tests.some import some
from tests.unit.announce.test_web_push import Browser, read, serving
from tests.unit.service.front.house import DEAD_AFTER_S, Asking, Node, front_end, say_all, settings_in
from tests.unit.service.front.voice import Voice
from tocsin.announce import board
from tocsin.announce.key_making import make
from tocsin.announce.told.wire import UNPACKED_BYTES_MAX, packed, unpacked
from tocsin.announce.veil import Veil
from tocsin.bench.nats_servers import NatsServers
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.warning import ZoneState
from tocsin.service.clock import Clock
from tocsin.service.front.front import Front
from tocsin.service.front.serve import configured, running
from tocsin.service.settings import make_settings

pytestmark = pytest.mark.server
CALM = {"brim": "none", "cole": "none", "dunmere": "none", "east": "none"}
NORTH, SOUTH = ("brim", "cole"), ("dunmere", "east")


@pytest.fixture(scope="module")
def brokers() -> Iterator[NatsServers]:
    with nats_cluster() as servers:
        yield servers


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as server:
        yield server


def test_a_front_end_shows_what_the_nodes_decide_and_lowers_only_with_all_of_them(
    brokers: NatsServers, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, brokers.addresses)

    async def story() -> None:
        a, b = (Node(settings, "north", name, NORTH) for name in "ab")
        south = Node(settings, "south", "a", SOUTH, twins="a")
        async with front_end(settings) as people:
            status, said = await people.get("/readyz")
            assert (status, b"nobody that is heard speaks for 4 of 4 zones" in said) == (503, True)
            # As long as nobody is heard there is no picture; every page says so.
            assert msgspec.json.decode((await people.get("/v1/zones"))[1])["picture_at"] is None
            async with a.running(), b.running(), south.running():
                await until(people.ready)
                await until(lambda: stands(people, "east", "none"))
                assert await people.zones() == CALM
                async with people.session.get("/v1/events") as events:
                    while not (heard := await events.content.readline()).startswith(b"event:"):
                        pass
                    assert heard == b"event: state\n"
                    say_all((a, b), "brim", "take_cover")

                    async def covered() -> bool:
                        return (await people.zones())["brim"] == "take_cover"

                    await until(covered)
                    while b"take_cover" not in heard:
                        heard = await events.content.readline()
                a.say("brim", "all_clear", revision=1)
                await asyncio.sleep(0.5)
                assert (await people.zones())["brim"] == "take_cover"
                (name,) = await people.messages()
                status, cap = await people.get(f"/cap/{name}.xml")
                assert (status, b"<msgType>Alert</msgType>" in cap) == (200, True)
                assert b"Brim" in (await people.get("/plain?zone=brim"))[1]
                b.say("brim", "all_clear", revision=1)

                async def cleared() -> bool:
                    return (await people.zones())["brim"] == "all_clear"

                await until(cleared)
                assert len(await people.messages()) == 2

    asyncio.run(story())


def test_a_sector_that_nobody_hears_any_more_is_blind_on_the_page_and_the_front_end_not_ready(
    brokers: NatsServers, tmp_path: Path
) -> None:
    token = "a-watchers-long-token-of-words"
    watcher = {"id": "guard", "token_sha256": hashlib.sha256(token.encode()).hexdigest()}
    settings = settings_in(tmp_path, brokers.addresses, watcher=[watcher])

    async def story() -> None:
        north, south = Node(settings, "north", "a", NORTH, "a"), Node(settings, "south", "a", SOUTH, "a")
        async with front_end(settings) as people, north.running():
            async with south.running():
                await until(people.ready)
                south.say("east", "take_cover")
                await until(lambda: stands(people, "east", "take_cover"))
            begun_s = time.monotonic()
            await until(lambda: stands(people, "east", "take_cover blind"))
            assert time.monotonic() - begun_s > DEAD_AFTER_S - 1
            assert await people.zones() == CALM | {"dunmere": "none blind", "east": "take_cover blind"}
            assert not await people.ready()
            said = (await people.get("/readyz"))[1]
            assert b"1 of 2 sectors are not heard" in said
            assert b"south" not in said
            assert b"sector south was not heard of for" in (await people.get("/readyz", token))[1]
            async with Node(settings, "south", "a", SOUTH, "a").running():
                # Its engine knows nothing of a warning, and gives no all clear: what stood ends by itself.
                await until(lambda: stands(people, "east", "prepare"))
                await until(people.ready)

    asyncio.run(story())


async def stands(people: Asking, zone: str, level: str) -> bool:
    return (await people.zones())[zone] == level


def test_a_front_end_that_starts_is_told_what_stands(brokers: NatsServers, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, brokers.addresses)

    async def story() -> None:
        node = Node(settings, "north", "a", twins="a")
        async with node.running():
            node.say("cole", "prepare")
            async with front_end(settings) as people:
                begun_s = time.monotonic()
                await until(lambda: stands(people, "cole", "prepare"))
                assert time.monotonic() - begun_s < 4, "it asks, and does not wait for its turn"
                assert len(await people.messages()) == 1

    asyncio.run(story())


def test_what_a_front_end_missed_is_asked_for(brokers: NatsServers, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, brokers.addresses)

    async def story() -> None:
        node = Node(settings, "north", "a", twins="a")
        async with front_end(settings) as people, node.running():
            await until(people.ready)
            node.say("cole", "prepare")
            node.channel._teller.tell(whole=False)  # it never arrives
            await until(lambda: stands(people, "cole", "prepare"), within_s=4)

    asyncio.run(story())


def test_brokers_that_are_away_hold_up_no_node(brokers: NatsServers, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, brokers.addresses)

    async def story() -> None:
        node = Node(settings, "north", "a", twins="a")
        async with front_end(settings) as people, node.running():
            await until(people.ready)
            # They keep their connections and say nothing: worse than gone.
            for number in range(3):
                brokers.pause(number)
            begun_s = time.monotonic()
            for revision in range(200):
                node.say("brim", "take_cover", revision=revision)
            assert time.monotonic() - begun_s < 2

            async def said() -> bool:
                return node.channel.trouble is not None and people.front.hearing.trouble is not None

            await until(said)
            assert b"brokers (NATS) are not there" in (await people.get("/readyz"))[1]
            assert "front ends hear nothing" in str(node.channel.trouble)
            for number in range(3):
                brokers.resume(number)
            await until(lambda: stands(people, "brim", "take_cover"))
            await until(people.ready)
            assert node.channel.trouble is None

    try:
        asyncio.run(story())
    finally:
        for number in range(3):
            brokers.resume(number)


def test_while_the_brokers_are_away_a_node_keeps_a_bounded_part(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = Voice("north", "a")
    for revision in range(150):
        voice.decide(voice.decides.warn("brim", "take_cover", revision=revision))
    told = voice.told(whole=True)
    assert [one.id for one in told.warnings] == [f"brim/1/{n}/take_cover" for n in range(50, 150)]
    assert voice.teller.lost == 50
    assert voice.told(whole=True).warnings == told.warnings[-1:]


def test_what_goes_to_front_ends_names_no_track_no_reason_and_no_sensor(brokers: NatsServers, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, brokers.addresses)
    seen: list[bytes] = []

    async def hear(message: object) -> None:
        seen.append(message.data)  # type: ignore[attr-defined]

    async def story() -> None:
        from nats.aio.client import Client

        listener = Client()
        await listener.connect(list(brokers.addresses))
        await listener.subscribe(">", cb=hear)
        node = Node(settings, "north", "a", twins="a")
        async with node.running():
            blind = ZoneState(zone="cole", degraded=True, degraded_reason="radar-secret is down")
            node.decide(node.decides.warn("brim", "take_cover", after_s=0), node.decides.stands(blind))

            async def told() -> bool:
                return any(b"brim/1" in msgspec.json.encode(unpacked(one)) for one in seen)

            await until(told)
        await listener.close()

    asyncio.run(story())
    for one in some(seen):
        plain = msgspec.json.encode(unpacked(one))
        assert not [word for word in (b"secret", b"post-7F3K", b"0.4") if word in plain]


def test_what_is_no_nodes_word_is_counted_and_left_out(brokers: NatsServers, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, brokers.addresses)

    async def story() -> None:
        from nats.aio.client import Client

        speaker = Client()
        await speaker.connect(list(brokers.addresses))
        node = Node(settings, "north", "a", twins="a")
        async with front_end(settings) as people, node.running():
            await until(people.ready)
            for junk in (b"", b"junk", packed(Voice("north", "a").told())[:-3]):
                await speaker.publish("tocsin.public.told.north.a", junk)

            async def counted() -> bool:
                return people.front.hearing.unread == 3

            await until(counted)
            assert await people.ready()
            assert any("3 messages of nodes" in one for one in people.front.standing_troubles())
        await speaker.close()

    asyncio.run(story())

    with pytest.raises(BadRecord, match="more than"):
        unpacked(zlib.compress(b" " * (UNPACKED_BYTES_MAX + 1)))


def test_where_no_node_is_heard_a_front_end_reads_what_was_written(
    brokers: NatsServers, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied(server)
    settings = settings_in(tmp_path, brokers.addresses, views={"database": server.address})
    # Of this front end the brokers are out of reach; the database is not.
    cut_off = settings_in(tmp_path, ["nats://127.0.0.1:1"], views={"database": server.address})

    async def story() -> None:
        node = Node(settings, "north", "a", twins="a")
        async with front_end(cut_off) as people, node.running():
            node.say("brim", "take_cover")
            await until(lambda: stands(people, "brim", "take_cover"))
            assert (await people.zones())["cole"] == "none"
            told = msgspec.json.decode((await people.get("/v1/zones"))[1])
            assert told["picture_at"] is not None
            status, said = await people.get("/readyz")
            assert (status, b"brokers (NATS) are not there" in said) == (503, True)
            # History and tiles come from there as well.
            history = msgspec.json.decode((await people.get("/v1/history"))[1])
            assert [(one["zone"], one["ended"]) for one in history["episodes"]] == [("brim", None)]
            assert history["picture_at"] is not None
            status, tile = await people.get("/v1/warned/5/19/12.mvt")
            assert (status, b"take_cover" in tile) == (200, True)
            assert (await people.get("/v1/warned/5/0/0.mvt")) == (200, b"")
            for path in ("/v1/warned/5/32/0.mvt", "/v1/warned/15/0/0.mvt"):
                assert (await people.get(path))[0] == 404, path
            for before in ("yesterday", "2026-01-01T00:00:00", "0001-01-01T00:00:00Z"):
                assert (await people.get(f"/v1/history?before={before}"))[0] == 400, before
            older = msgspec.json.decode((await people.get("/v1/history?before=2020-01-01T00:00:00Z"))[1])
            assert older["episodes"] == []
            await asyncio.to_thread(server.stop)
            assert (await people.get("/v1/warned/6/38/25.mvt"))[0] == 503
            assert (await people.get("/v1/history?before=2020-01-01T00:00:00Z"))[0] == 503
            assert (await people.get("/v1/history"))[0] == 200
            # Nobody is heard, and nothing is read: it grows old, and is never calm.
            monkeypatch.setattr(board, "STALE_AFTER", timedelta(seconds=2))
            await until(lambda: doubtful(people))
            await asyncio.to_thread(server.start)

    async def doubtful(people: Asking) -> bool:
        return msgspec.json.decode((await people.get("/v1/zones"))[1])["degraded"]

    asyncio.run(story())


def test_a_front_end_that_began_later_gives_the_messages_of_the_others_their_names(
    brokers: NatsServers, server: Server, tmp_path: Path
) -> None:
    emptied(server)
    settings = settings_in(tmp_path, brokers.addresses, views={"database": server.address})

    async def story() -> None:
        node = Node(settings, "north", "a", twins="a")
        async with node.running(), front_end(settings) as first:
            await until(first.ready)
            for revision, level in enumerate(("prepare", "take_cover", "take_cover")):
                node.say("brim", level, revision=revision)
                node.say("cole", level, revision=revision)
                await asyncio.sleep(0.3)

            async def written() -> bool:
                async with first.session.get("/v1/warnings") as response:
                    ids = {one["id"] for one in (await response.json())["warnings"]}
                return ids == {"brim/1/2/take_cover", "cole/1/2/take_cover"} and len(await first.messages()) == 6

            await until(written)
            wanted = await first.messages()

            async def in_the_views() -> bool:
                from tocsin.announce.views.connection import connected

                db = await connected(lambda: server.address)
                found = await db.fetchval("SELECT count(*) FROM views.warnings")
                await db.close()
                return found == 6

            await until(in_the_views)
            async with front_end(settings) as second:
                await until(second.ready)
                assert await second.messages() == wanted

    asyncio.run(story())


def test_a_front_end_without_brokers_is_refused_in_a_sentence(tmp_path: Path) -> None:
    settings = make_settings(zones=tmp_path / "zones.geojson")
    with pytest.raises(BadSettings, match=r"needs? \[cluster\]"):
        Front(settings, None, None)  # type: ignore[arg-type]  # it is refused before


def test_nodes_that_hide_blindness_by_unlike_secrets_are_named_to_who_watches(tmp_path: Path) -> None:
    async def story() -> None:
        front = Front(
            settings_in(tmp_path, ["nats://127.0.0.1:1"]), configured(settings_in(tmp_path, ["nats://h:1"])), Clock()
        )
        assert front.standing_troubles() == []
        for name, secret in (("a", b"one"), ("b", b"another")):
            voice = Voice("north", name, veil=Veil(ZoneIndex(ZONES), secret).mark)
            voice.decide()
            voice.tell(front.country, 0.0, whole=True)
        (said,) = front.standing_troubles()
        assert "north" in said
        assert "veil.key" in said
        assert Veil(ZoneIndex(ZONES), b"one").mark == Veil(ZoneIndex(ZONES), b"one").mark

    asyncio.run(story())


def test_who_subscribes_at_a_front_end_is_pushed_what_the_nodes_of_every_sector_decide(
    brokers: NatsServers, tmp_path: Path
) -> None:
    make("vapid", tmp_path, "vapid", subject="", days=1, now=datetime.now(UTC))
    way = {"kind": "web_push", "id": "phones", "vapid_key_file": tmp_path / "vapid.key", "private": True}
    settings = settings_in(tmp_path, brokers.addresses, channel=[way | {"contact": "mailto:duty@city.example"}])

    async def story() -> None:
        north, south = Node(settings, "north", "a", NORTH, "a"), Node(settings, "south", "a", SOUTH, "a")
        async with serving() as service, front_end(settings) as people, north.running(), south.running():
            await until(people.ready)
            assert msgspec.json.decode((await people.get("/v1/push"))[1])["public_key"]
            browser = Browser(f"{service.url}/phone")
            body = msgspec.json.encode(browser.asks(zones=("brim", "east"), level="take_cover", language="en"))
            async with people.session.post("/v1/push/subscriptions", data=body) as answer:
                assert answer.status == 201
            assert len(service.got) == 1, "the welcome"
            for node, zone in ((north, "brim"), (south, "east")):
                before = len(service.got)
                node.say(zone, "take_cover")

                async def pushed(before: int = before) -> bool:
                    return len(service.got) > before

                await until(pushed)
                (notice,) = read(service, browser)[-1].notices
                assert (notice.level, notice.zones) == ("take_cover", (zone,))

    asyncio.run(story())


def test_a_front_end_lets_nobody_in_before_it_has_a_picture_but_where_nobody_is_heard(
    brokers: NatsServers, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, brokers.addresses)

    async def story() -> None:
        north, south = Node(settings, "north", "a", NORTH, "a"), Node(settings, "south", "a", SOUTH, "a")
        begun_s = time.monotonic()
        async with running(settings, configured(settings), Clock()) as front:
            await front.first_picture()
            assert time.monotonic() - begun_s > DEAD_AFTER_S
            assert front.channels.board.picture_at is None
        async with north.running(), south.running(), running(settings, configured(settings), Clock()) as front:
            await front.first_picture()
            assert front.channels.board.picture_at is not None
            assert not front.troubles(named=False)

    asyncio.run(story())
