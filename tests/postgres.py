"""Debian's PostgreSQL with PostGIS for tests: started on a free port in a folder of its own, stopped afterwards."""

from __future__ import annotations

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


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a database that holds nothing yet."""
    if not (_PROGRAMS / "initdb").exists() or not _EXTENSION.exists():
        skip("no PostgreSQL with PostGIS; on Debian: apt-get install postgresql-15 postgresql-15-postgis-3")
    # Not pytest's folder: the server's own user must get there, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    try:
        yield from _served(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _served(folder: Path) -> Iterator[str]:
    as_user: list[str] = []
    if os.getuid() == 0:
        user = next(name for name in _USERS if subprocess.run(["id", name], capture_output=True).returncode == 0)
        shutil.chown(folder, user)
        as_user = ["runuser", "-u", user, "--"]
    (port,) = free_ports(1)
    data = folder / "data"
    make = [*as_user, str(_PROGRAMS / "initdb"), "-D", str(data), "-A", "trust", "-U", "tocsin", "-N", "-E", "UTF8"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder)
    # What a test server forgets in a power cut, nobody misses.
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=32MB"
    control = [*as_user, str(_PROGRAMS / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, cwd=folder)
    try:
        yield f"postgresql://tocsin@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=folder)
