"""The brokers' and the database's files that ship, with real servers: who may hear what, and who may say it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from nats.aio.client import Client
from nats.errors import NoServersError

from tests.conftest import skip
from tests.house.test_compose import CLUSTER
from tests.house.test_packaging import tool
from tests.postgres import emptied, postgres_server
from tocsin.announce.told.feed import ask_subject, told_subject
from tocsin.announce.views.schema import upgraded
from tocsin.journal.jetstream.connection import Brokers
from tocsin.journal.jetstream.connection import connected as connected_to
from tocsin.journal.jetstream.stream import Place, reach_of

pytestmark = pytest.mark.server
# Long enough for nobody to guess, and of nobody.
NODE, FRONT, ROUTE = (f"p{digit * 48}" for digit in "abc")
PATIENCE_S = 30


@contextmanager
def brokers(folder: Path) -> Iterator[tuple[str, ...]]:
    """Three with broker.conf as it ships but for where each listens and keeps its files; their addresses."""
    if sys.platform != "linux":
        skip("only on Linux every address of 127.0.0.0/8 is this machine")
    # The ports are those of the file; nobody else has these addresses.
    hosts = [f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}.{number}" for number in (1, 2, 3)]
    routes = {f"ROUTE_{n}": f"nats://route:{ROUTE}@{host}:6222" for n, host in enumerate(hosts, 1)}
    given = os.environ | routes | {"NODE_PASSWORD": NODE, "FRONT_PASSWORD": FRONT, "ROUTE_PASSWORD": ROUTE}
    with ExitStack() as running:
        for number, host in enumerate(hosts, 1):
            name = f"broker-{number}"
            shipped = (CLUSTER / "broker.conf").read_text().replace("0.0.0.0", host)
            config, log = folder / f"{name}.conf", folder / f"{name}.log"
            config.write_text(shipped.replace("/var/lib/tocsin-broker", str(folder / name)))
            command = [tool("nats-server", "nats-server"), "-c", str(config), "-l", str(log)]
            one = subprocess.Popen(command, env=given | {"BROKER": name}, stderr=subprocess.DEVNULL)
            running.callback(one.wait)
            running.callback(one.kill)
        yield tuple(f"nats://{host}:4222" for host in hosts)


async def stands(addresses: tuple[str, ...], user: str, password: str) -> Client:
    """A connection, as soon as there is one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await connected_to(Brokers(addresses, user, password), user)
            except (OSError, NoServersError):
                await asyncio.sleep(0.1)


def said_to(address: str, user: str, password: str) -> bytes:
    """What a broker answers to who calls himself that."""
    at = urlsplit(address)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as line:
        line.recv(65_536)
        line.sendall(f'CONNECT {{"user": "{user}", "pass": "{password}", "verbose": false}}\r\nPING\r\n'.encode())
        return line.recv(4_096)


def test_nodes_keep_the_log_on_all_three_and_a_front_end_hears_what_is_public_and_says_nothing(tmp_path: Path) -> None:
    async def story(addresses: tuple[str, ...]) -> None:
        node, front = await stands(addresses, "node", NODE), await stands(addresses[1:], "front", FRONT)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await reach_of(node, Place(Brokers(addresses), "north", "a"), 2.0)
                    break
                except Exception:  # noqa: BLE001 - until they have a leader
                    await asyncio.sleep(0.2)
        stream = await node.jetstream().stream_info("tocsin-log")
        assert stream.cluster is not None and len(stream.cluster.replicas or ()) == 2
        told, asked = told_subject("tocsin", "north", "a"), ask_subject("tocsin", "north")
        heard: dict[str, list[bytes]] = {"front": [], "node": []}

        async def front_hears(message: object) -> None:
            heard["front"].append(message.data)  # type: ignore[attr-defined]

        async def node_hears(message: object) -> None:
            heard["node"].append(message.data)  # type: ignore[attr-defined]

        await front.subscribe(">", cb=front_hears)
        await front.subscribe("tocsin.decided.>", cb=front_hears)
        await front.subscribe(told_subject("tocsin", "*", "*"), cb=front_hears)
        for subject in (told, asked, "tocsin.decided.north.a", "tocsin.log.seen"):
            await node.subscribe(subject, cb=node_hears)
        for one in (front, node):
            await one.flush()
        for subject in (told, "tocsin.decided.north.a", "tocsin.log.seen"):
            await front.publish(subject, b"a lie")
        await front.flush()
        async with asyncio.timeout(PATIENCE_S):
            # Until each broker knows who listens at the others.
            while b"what stands?" not in heard["node"] or not heard["front"]:
                await front.publish(asked, b"what stands?")
                await node.publish("tocsin.log.seen", b"a sensor")
                await node.publish("tocsin.decided.north.a", b"a track")
                await node.publish(told, b"public")
                await asyncio.sleep(0.1)
        assert set(heard["front"]) == {b"public"}
        assert b"what stands?" in heard["node"]
        assert b"a lie" not in heard["node"]
        for one in (front, node):
            await one.close()
        assert b"Authorization Violation" in said_to(addresses[0], "node", FRONT)
        assert b"PONG" in said_to(addresses[0], "node", NODE)

    with brokers(tmp_path) as addresses:
        asyncio.run(story(addresses))


def test_a_front_end_reads_the_views_and_writes_nothing() -> None:
    with postgres_server() as server:
        emptied(server)
        at = urlsplit(server.address)
        given = {"PGHOST": at.hostname or "", "PGPORT": str(at.port), "FRONT_PASSWORD": FRONT}
        given |= {"POSTGRES_USER": "tocsin", "POSTGRES_DB": at.path[1:]}
        script = ["sh", "-e", str(CLUSTER / "readers.sh")]
        made = subprocess.run(script, env=os.environ | given, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr

        async def story() -> None:
            node = await asyncpg.connect(server.address)
            await upgraded(node)
            front = await asyncpg.connect(server.address.replace("tocsin@", "front@"), password=FRONT)
            for table in ("sectors", "states", "warnings", "outlines"):
                assert await front.fetch(f"SELECT * FROM views.{table}") == []
            for lie in ("DELETE FROM views.warnings", "CREATE TABLE views.lies ()", "CREATE TABLE lies ()"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await front.execute(lie)
            await front.close()
            await node.close()

        asyncio.run(story())
