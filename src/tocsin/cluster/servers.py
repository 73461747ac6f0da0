"""The programs of others that a cluster needs, each as one process: nats-server, PostgreSQL, mosquitto.

Each is told where its files lie and on which port of this machine it listens, and nothing that is set in /etc.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tocsin.cluster.process import Program, free_ports, listens
from tocsin.model.errors import Missing
from tocsin.model.value import UNREADABLE

_POSTGRES = Path("/usr/lib/postgresql")
# PostgreSQL refuses to run as root; in a container everybody is.
_USERS = ("postgres", "nobody")
_CONFIGURATION = """
server_name: "{name}"
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{seen_at}"
jetstream {{ store_dir: "{store}", max_memory_store: 64MB, max_file_store: 100GB }}
# A whole country's zones are one message.
max_payload: 8MB
"""
# Nobody is told of more servers than he was given: who is cut off from those is cut off.
_TOGETHER = """
cluster {{ name: tocsin, listen: "127.0.0.1:{route}", no_advertise: true, routes: [{routes}] }}
"""


def found(program: str, package: str) -> str:
    """Where a program is. Raises Missing, with the package it comes in, where it is not."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        raise Missing(f"no {program}; on Debian: apt-get install {package}")
    return path


class Nats(Program):
    """One nats-server of several, with JetStream.

    port   where clients are served
    """

    def __init__(self, folder: Path, name: str, port: int, route: int, seen_at: int, routes: Sequence[int]) -> None:
        """`route` is its own port for the other servers, `routes` those of all; one alone has nobody to elect it.

        Raises Missing.
        """
        program = found("nats-server", "nats-server")
        self.port = port
        self._seen_at = seen_at
        store, config = folder / name, folder / f"{name}.conf"
        store.mkdir(parents=True)
        self._alone = len(routes) < 2
        others = ", ".join(f'"nats://127.0.0.1:{one}"' for one in routes)
        told = _CONFIGURATION.format(name=name, port=port, seen_at=seen_at, store=store)
        config.write_text(told + ("" if self._alone else _TOGETHER.format(route=route, routes=others)))
        super().__init__(name, folder / f"{name}.log", [program, "-c", str(config)])

    @property
    def address(self) -> str:
        """For clients."""
        return f"nats://127.0.0.1:{self.port}"

    def leads(self, stream: str) -> bool:
        """Whether it says that it leads a stream."""
        said = self._ask("jsz?streams=true&accounts=true") or {}
        streams = (one for account in said.get("account_details") or () for one in account.get("stream_detail") or ())
        led = (one for one in streams if self._alone or one.get("cluster", {}).get("leader") == self.name)
        return any(one["name"] == stream for one in led)

    @property
    def leader(self) -> str:
        """Which server it takes for the leader of them all; empty: it knows of none."""
        # Not /healthz: that asks for readers' memory, too, which dies with a server.
        said = self._ask("jsz") or {"disabled": True}
        if self._alone:
            return "" if said.get("disabled") else self.name
        return str((said.get("meta_cluster") or {}).get("leader", ""))

    def _answers(self) -> bool:
        """Whether it is one of its cluster."""
        return bool(self.leader)

    def _ask(self, path: str) -> dict[str, Any] | None:
        asked = http.client.HTTPConnection("127.0.0.1", self._seen_at, timeout=2)
        with contextlib.closing(asked), contextlib.suppress(*UNREADABLE, OSError, http.client.HTTPException):
            asked.request("GET", f"/{path}")
            return msgspec.json.decode(asked.getresponse().read(), type=dict[str, Any])
        return None


def nats_servers(folder: Path, count: int) -> list[Nats]:
    """So many as one cluster, none of them started. Raises Missing."""
    ports = free_ports(3 * count)
    clients, routes, seen_at = ports[:count], ports[count : 2 * count], ports[2 * count :]
    return [
        Nats(folder, f"nats-{number + 1}", clients[number], routes[number], seen_at[number], routes)
        for number in range(count)
    ]


class Mosquitto(Program):
    """An MQTT broker that anybody on this machine may use.

    port   where
    """

    def __init__(self, folder: Path, port: int) -> None:
        """Raises Missing."""
        program = found("mosquitto", "mosquitto")
        self.port = port
        config = folder / "mosquitto.conf"
        user = pwd.getpwuid(os.getuid()).pw_name
        # By itself it keeps 1,000 messages for a reader and drops the rest: fewer than a country has zones.
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\nset_tcp_nodelay true\n"
            f"user {user}\n"
        )
        super().__init__("mosquitto", folder / "mosquitto.log", [program, "-c", str(config)])

    def _answers(self) -> bool:
        return listens(self.port)


class Postgres(Program):
    """A PostgreSQL of its own, with one empty database that anybody on this machine may use.

    url   of that database
    """

    # Its `fast` end: sessions are ended, files are left whole. By itself it waits for whoever is connected.
    _end_by = signal.SIGINT

    def __init__(self, folder: Path, port: int) -> None:
        """Make its files, which takes a second, in a folder that every user may enter. Raises Missing."""
        programs = postgres_programs()
        self.url = f"postgresql://tocsin@127.0.0.1:{port}/postgres"
        self._port = port
        folder.mkdir()
        data = folder / "data"
        user = _somebody() if os.getuid() == 0 else None
        if user is not None:
            shutil.chown(folder, user)
        make = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "tocsin", "-N", "-E", "UTF8"]
        ran = subprocess.run(make, user=user, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
        if ran.returncode:
            raise Missing(f"PostgreSQL cannot make its files in {data}: {ran.stderr.strip()[-300:]}")
        told = ("-D", str(data), "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1")
        program = [str(programs / "postgres"), *told, "-c", "shared_buffers=32MB"]
        super().__init__("postgres", folder.with_suffix(".log"), program, user=user)

    def _answers(self) -> bool:
        return listens(self._port)


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL's programs that has PostGIS. Raises Missing."""
    folders = sorted(_POSTGRES.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    for path in reversed(folders):
        if Path(f"/usr/share/postgresql/{path.parts[-3]}/extension/postgis.control").exists():
            return path.parent
    raise Missing("no PostgreSQL with PostGIS; on Debian: apt-get install postgresql-15 postgresql-15-postgis-3")


def _somebody() -> str:
    """A user that is not root."""
    for user in _USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(user).pw_name
    raise Missing(f"PostgreSQL will not run as root, and there is no user {' or '.join(_USERS)}; run this as another")
