"""Debian's PostgreSQL with PostGIS for tests: started on a free port in a folder of its own, stopped afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import skip
from tocsin.cluster.process import free_ports

_PROGRAMS = Path("/usr/lib/postgresql/15/bin")
_EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")
# It refuses to run as root; a container's tests are root's.
_USERS = ("postgres", "nobody")


class Server:
    """One server. Stopped and started again, it is where it was, with what it held.

    address   of a database that holds nothing yet
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._as_user: list[str] = []
        if os.getuid() == 0:
            user = next(name for name in _USERS if subprocess.run(["id", name], capture_output=True).returncode == 0)
            shutil.chown(folder, user)
            self._as_user = ["runuser", "-u", user, "--"]
        (self._port,) = free_ports(1)
        self.address = f"postgresql://tocsin@127.0.0.1:{self._port}/postgres"
        made = ("-D", str(folder / "data"), "-A", "trust", "-U", "tocsin", "-N", "-E", "UTF8")
        self._run("initdb", *made)

    def start(self) -> None:
        """Until it answers."""
        # What a test server forgets in a power cut, nobody misses.
        listens = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._control("-o", f"{listens} -c fsync=off -c shared_buffers=32MB", "start")

    def stop(self) -> None:
        """At once, as if it had died."""
        self._control("-m", "immediate", "stop")

    def _control(self, *what: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-l", str(self._folder / "log"), *what)

    def _run(self, program: str, *what: str) -> None:
        command = [*self._as_user, str(_PROGRAMS / program), *what]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder)


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A server that runs, and is stopped and forgotten afterwards."""
    if not (_PROGRAMS / "initdb").exists() or not _EXTENSION.exists():
        skip("no PostgreSQL with PostGIS; on Debian: apt-get install postgresql-15 postgresql-15-postgis-3")
    # Not pytest's folder: the server's own user must get there, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a database that holds nothing yet."""
    with postgres_server() as server:
        yield server.address


def emptied(server: Server) -> None:
    """Take its views away; PostGIS takes seconds to make, and stays."""

    async def empty() -> None:
        import asyncpg

        db = await asyncpg.connect(server.address)
        try:
            await db.execute("CREATE EXTENSION IF NOT EXISTS postgis; DROP SCHEMA IF EXISTS views CASCADE")
        finally:
            await db.close()

    asyncio.run(empty())
