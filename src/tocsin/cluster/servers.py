"""The programs of others that a cluster needs, each as one process: nats-server, PostgreSQL, mosquitto.

Each is told where its files lie and on which port of this machine it listens, and nothing that is set in /etc.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tocsin.cluster.process import Process, become, listens
from tocsin.model.errors import Missing

_POSTGRES = Path("/usr/lib/postgresql")
# PostgreSQL refuses to run as root; in a container everybody is.
_USERS = ("postgres", "nobody")
# What a cluster of one machine may fill of its disk.
_STREAM_BYTES_MAX = "1GB"
# `fast` of pg_ctl: sessions are ended, files are left whole.
_FAST = signal.SIGINT


def found(program: str, package: str) -> str:
    """Where a program is. Raises Missing, with the package it comes in, where it is not."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        raise Missing(f"no {program}; on Debian: apt-get install {package}")
    return path


class Nats(Process):
    """One nats-server of several, with JetStream.

    port   where clients are served
    """

    def __init__(self, folder: Path, name: str, port: int, route: int, monitor: int, routes: Sequence[int]) -> None:
        """`route` is its own port for the other servers, `routes` where it reaches these. Raises Missing."""
        program = found("nats-server", "nats-server")
        self.port = port
        self._monitor = monitor
        (folder / name).mkdir()
        config = folder / f"{name}.conf"
        others = ", ".join(f'"nats://127.0.0.1:{one}"' for one in routes)
        # Nobody is told of more servers than he was given: who is cut off from those is cut off.
        config.write_text(
            f'server_name: "{name}"\nlisten: "127.0.0.1:{port}"\nhttp: "127.0.0.1:{monitor}"\n'
            f'jetstream {{ store_dir: "{folder / name}", max_file: {_STREAM_BYTES_MAX} }}\n'
            f'cluster {{ name: tocsin, listen: "127.0.0.1:{route}", no_advertise: true, routes: [{others}] }}\n'
        )
        super().__init__(name, partial(become, program, ("-c", str(config))), folder / f"{name}.log", self._healthy)

    @property
    def url(self) -> str:
        """For clients."""
        return f"nats://127.0.0.1:{self.port}"

    def _healthy(self) -> bool:
        """Whether it is one of its cluster, and its streams have caught up."""
        with contextlib.suppress(OSError):
            address = f"http://127.0.0.1:{self._monitor}/healthz"
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        return False


class Mosquitto(Process):
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
        life = partial(become, program, ("-c", str(config)))
        super().__init__("mosquitto", life, folder / "mosquitto.log", partial(listens, port))


class Postgres(Process):
    """A PostgreSQL of its own, with one empty database that anybody on this machine may use.

    url   of that database
    """

    def __init__(self, folder: Path, port: int) -> None:
        """Make its files, which takes a second. The folder must be one that every user may enter. Raises Missing."""
        programs = postgres_programs()
        self._folder = folder
        folder.mkdir()
        data = folder / "data"
        user = None
        if os.getuid() == 0:
            user = _somebody()
            shutil.chown(folder, user)
        make = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "tocsin", "-N", "-E", "UTF8"]
        ran = subprocess.run(make, user=user, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
        if ran.returncode:
            raise Missing(f"PostgreSQL cannot make its files in {data}: {ran.stderr.strip()[-300:]}")
        options = ("-D", str(data), "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1")
        life = partial(become, str(programs / "postgres"), (*options, "-c", "shared_buffers=32MB"), user)
        self.url = f"postgresql://tocsin@127.0.0.1:{port}/postgres"
        # Waiting for clients to go away by themselves would be the end of everybody else's patience.
        super().__init__("postgres", life, folder.with_suffix(".log"), partial(listens, port), end_by=_FAST)


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
