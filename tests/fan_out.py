"""Debian's nginx with nchan for tests, and the configuration for it that ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT, skip
from tests.nights.test_nginx import certificate
from tocsin.bench.broker import free_port
from tocsin.bench.nginx import nginx, nginx_program, whole
from tocsin.model.errors import Missing


@dataclass(frozen=True)
class Front:
    """Where nginx listens to people and to the service, what it serves, and whom it asks for the rest."""

    folder: Path
    www: Path
    public_port: int
    told_port: int
    service_port: int
    allowed: str = "'self'"

    @property
    def told_at(self) -> str:
        return f"http://127.0.0.1:{self.told_port}"

    @contextmanager
    def open(self) -> Iterator[None]:
        """nginx with the file that ships; nothing in it is changed but ports, folders and where the stream may be."""
        shipped = (ROOT / "packaging/proxy/nginx-fan-out.conf").read_text()
        shipped = re.sub(r"(?m)^ *listen \[::\].*\n", "", shipped)
        for ours, theirs in (
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            ("listen 443 ", f"listen 127.0.0.1:{self.public_port} "),
            ("127.0.0.1:8081", f"127.0.0.1:{self.told_port}"),
            ("127.0.0.1:8080", f"127.0.0.1:{self.service_port}"),
            ("/etc/ssl/tocsin", str(self.folder)),
            ("/srv/tocsin", str(self.www)),
            # Workers, which have dropped their rights, write there.
            ("/var/cache/nginx/tocsin", str(self.www / "cache")),
            ("default-src 'self';", f"default-src 'self'; connect-src {self.allowed};"),
        ):
            assert ours in shipped, ours
            shipped = shipped.replace(ours, theirs)
        with nginx(self.folder, whole(self.folder, shipped), self.public_port):
            yield


def front_in(folder: Path, www: Path, service_port: int = 9) -> Front:
    """One that may be opened; the test is skipped where there is no nginx with nchan."""
    try:
        nginx_program()
    except Missing as error:
        skip(str(error))
    certificate(folder)
    return Front(folder, www, free_port(), free_port(), service_port)
