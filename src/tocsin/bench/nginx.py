"""A real nginx with nchan for a while: Debian's, on ports of this machine that nobody else can reach."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tocsin.model.errors import Missing

START_S_MAX = 10.0
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
_INSTALL = "on Debian: apt-get install nginx-light libnginx-mod-nchan"


def nginx_program() -> str:
    """Where nginx with nchan is. Raises Missing where it is not."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or not MODULE.is_file():
        raise Missing(f"no nginx with nchan; {_INSTALL}")
    return program


def whole(folder: Path, http: str, *, connections: int = 1_024) -> str:
    """A whole configuration around what stands in the `http` block; all that nginx writes goes into the folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    return (
        f"load_module {MODULE};\ndaemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        # With several workers who joins nchan may miss what it keeps.
        f"worker_processes 1;\nworker_rlimit_nofile {connections + 64};\n"
        f"events {{ worker_connections {connections}; }}\nhttp {{\naccess_log off;\n{temporary}{http}}}\n"
    )


@contextmanager
def nginx(folder: Path, configuration: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """It runs with that configuration, and listens on that port. Raises Missing, TimeoutError and OSError."""
    program = nginx_program()
    path = folder / "whole.conf"
    path.write_text(configuration)
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - found above
    try:
        _wait(process, port, folder / "error.log")
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end_s = time.monotonic() + START_S_MAX
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > end_s:
            said = log.read_text() if log.is_file() else ""
            raise OSError(f"nginx does not listen: {said.strip()[-500:]}")
        time.sleep(0.02)
