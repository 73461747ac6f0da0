"""Nodes and front ends: Tocsin's own processes, each in a folder of its own, told who the others are."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tocsin.cluster.process import Forked, tocsin
from tocsin.service.secret import secret_path

# It can do nothing but exercise: the settings below say `drill`, and listen on this machine alone.
SOURCE = "drill"
READY_ANSWER_S_MAX = 2.0
CUT = "sectors.json"
# As much of the log as the brokers of a machine for trying keep; less than they were allowed.
KEEP_BYTES = 500_000_000


@dataclass(frozen=True)
class Shared:
    """What every node and front end of a cluster is told alike.

    folder     where zones.geojson and sensors.json lie, and the folders of all
    token      by which observations are sent to any node
    servers    nats-servers as a node reaches them, by its name
    twins      the names of each sector's nodes
    database   PostgreSQL's address, where there is one
    broker     port of the MQTT broker, where there is one
    policy     a shipped policy's name, or the path of a file
    dead_after_s   after so long without a word a twin no longer counts
    tables     more tables of the nodes' settings, as TOML
    """

    folder: Path
    token: str
    twins: dict[str, tuple[str, ...]]
    database: str | None = None
    broker: int | None = None
    policy: str = "default"
    tables: str = ""
    dead_after_s: int = 15

    @property
    def cut(self) -> Path | None:
        """The file that says which zone is whose; None where one sector is everything."""
        return self.folder / CUT if len(self.twins) > 1 else None


class Service(Forked):
    """A process of ours that answers by HTTP.

    address   http://host:port
    """

    def __init__(self, name: str, command: str, folder: Path, port: int, settings: str) -> None:
        folder.mkdir()
        config = folder / "tocsin.toml"
        config.write_text(settings)
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        life = partial(tocsin, command, "--config", str(config))
        super().__init__(name, folder / "log.txt", life)

    def _answers(self) -> bool:
        """Whether its picture is fresh and its record writes."""
        ask = partial(urllib.request.urlopen, f"{self.address}/readyz", timeout=READY_ANSWER_S_MAX)
        # HTTPException: killed in the middle of an answer.
        with contextlib.suppress(OSError, http.client.HTTPException), ask() as answer:
            return bool(answer.status == 200)
        return False


class Node(Service):
    """One twin of one sector: `tocsin run`.

    sector, twin   whose
    """

    def __init__(self, shared: Shared, sector: str, twin: str, port: int, servers: Sequence[str]) -> None:
        """`servers` are the nats-servers as this node reaches them; none: it is a service by itself."""
        self.sector, self.twin = sector, twin
        name = f"{sector}-{twin}"
        lines = [f"sector = {json.dumps(sector)}", *_common(shared, port), '[journal]\npath = "journal.db"']
        if servers:
            lines += _cluster(shared, servers, twin, shared.twins[sector])
        digest = hashlib.sha256(shared.token.encode()).hexdigest()
        lines.append(
            # A recording is trusted with everything.
            f'[[source]]\nkind = "http"\nid = "{SOURCE}"\ntoken_sha256 = "{digest}"\nsensors = ["*"]\n'
            'kinds = ["sighting", "bearing", "presence", "plot", "position", "launch", "impact", "status", "report"]\n'
            'measures = ["position", "launch", "impact"]\nidentifies = true\nrelays = true\nvouches = true\n'
            "per_second_max = 1000000"
        )
        if shared.broker is not None:
            lines.append('[[channel]]\nkind = "mqtt"\nid = "broker"\nhost = "127.0.0.1"\ntls = false')
            lines.append(f"port = {shared.broker}")
        lines.append(shared.tables)
        super().__init__(name, "run", shared.folder / name, port, "\n".join(lines) + "\n")
        # The same for all, as it must be.
        secret = secret_path(self.record)
        secret.touch(mode=0o600)
        secret.write_bytes(hashlib.sha256(f"veil {shared.token}".encode()).digest())

    @property
    def record(self) -> Path:
        """Its journal."""
        return self.folder / "journal.db"


class Front(Service):
    """A front end: `tocsin front`."""

    def __init__(self, shared: Shared, name: str, port: int, servers: Sequence[str]) -> None:
        lines = [*_common(shared, port), *_cluster(shared, servers, name, (name,))]
        super().__init__(name, "front", shared.folder / name, port, "\n".join(lines) + "\n")


def _common(shared: Shared, port: int) -> list[str]:
    """What is said ahead of every other table."""
    return [
        'zones = "../zones.geojson"\nsensors = "../sensors.json"\ndrill = true\n'
        f'policy = {json.dumps(shared.policy)}\n[http]\nhost = "127.0.0.1"\nport = {port}'
    ]


def _cluster(shared: Shared, servers: Sequence[str], node: str, twins: Sequence[str]) -> list[str]:
    """The tables by which nodes and front ends find each other."""
    views = [f'[views]\ndatabase = "{shared.database}"'] if shared.database is not None else []
    told = {"servers": list(servers), "node": node, "twins": list(twins), "dead_after_s": shared.dead_after_s}
    told |= {"keep_bytes": KEEP_BYTES} | ({} if shared.cut is None else {"sectors": f"../{shared.cut.name}"})
    return [*views, "[cluster]", *(f"{key} = {json.dumps(value)}" for key, value in told.items())]
