"""A whole cluster: brokers, database, nodes and front ends, started together and ended whatever happens."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.cluster.links import Line, Links
from tocsin.cluster.nodes import CUT, Front, Node, Shared
from tocsin.cluster.process import Process, free_ports
from tocsin.cluster.servers import Mosquitto, Nats, Postgres, nats_servers
from tocsin.model.errors import Missing
from tocsin.replay.configuration import read_sensors, read_zones
from tocsin.report.sectors import cut_up
from tocsin.sectors.cut import cut_to_json

BROKERS = 3
_nobody: Callable[[str], None] = lambda said: None  # noqa: E731 - a default that says nothing


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How many of what.

    sectors    their names, from north to south
    twins      nodes of each
    fronts     front ends
    database, broker   whether there are PostgreSQL and mosquitto: None: where they are installed
    cuttable   nodes reach the brokers by lines that can be cut
    policy     a shipped policy's name, or the path of a file
    tables     more tables of the nodes' settings, as TOML
    """

    sectors: tuple[str, ...] = ("north", "south")
    twins: tuple[str, ...] = ("a", "b")
    fronts: int = 2
    database: bool | None = None
    broker: bool | None = None
    cuttable: bool = False
    policy: str = "default"
    tables: str = ""
    dead_after_s: int = 15


@dataclass
class Cluster:
    """Everything that runs.

    token    by which observations are sent to any node
    absent   what is not there, each in a sentence
    lines    node -> its lines to the brokers, in their order, where they can be cut
    """

    folder: Path
    token: str
    nats: list[Nats]
    database: Postgres | None
    broker: Mosquitto | None
    nodes: list[Node] = field(default_factory=list)
    fronts: list[Front] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    links: Links | None = None
    lines: dict[str, list[Line]] = field(default_factory=dict)

    @property
    def helpers(self) -> list[Process]:
        """The programs of others."""
        return [*self.nats, *(one for one in (self.database, self.broker) if one is not None)]

    @property
    def processes(self) -> list[Process]:
        """All of them, in the order in which they are started."""
        return [*self.helpers, *self.nodes, *self.fronts]

    @property
    def cut(self) -> Path | None:
        """Which zone is whose; None where one sector is everything."""
        return self.folder / CUT if len(self.sectors) > 1 else None

    @property
    def sectors(self) -> list[str]:
        """Their names."""
        return list(dict.fromkeys(node.sector for node in self.nodes))

    def twins(self, sector: str) -> list[Node]:
        """The nodes of a sector."""
        return [node for node in self.nodes if node.sector == sector]

    def leader(self, stream: str) -> Nats | None:
        """The server that leads a stream; None: nobody says that it does."""
        return next((one for one in self.nats if one.ready and one.leads(stream)), None)

    def cut_off(self, name: str) -> None:
        """Cut every line of a node to the brokers."""
        assert self.links is not None, "made without lines that can be cut"
        for line in self.lines[name]:
            self.links.cut(line)

    def join(self, name: str) -> None:
        """Mend them."""
        assert self.links is not None, "made without lines that can be cut"
        for line in self.lines[name]:
            self.links.mend(line)

    def start(self, say: Callable[[str], None] = _nobody) -> None:
        """Start all and return when all answer. Raises Missing."""
        for some in (self.helpers, self.nodes, self.fronts):
            for one in some:
                one.start()
            for one in some:
                one.wait_ready()
                say(f"{one.name} answers (process {one.pid})")

    def end(self) -> None:
        """End all, those first who need the others."""
        for some in (self.fronts, self.nodes, self.helpers):
            for one in some:
                one.ask_to_end()
            for one in some:
                one.end()
        if self.links is not None:
            self.links.close()


@contextlib.contextmanager
def cluster(folder: Path, shape: Shape) -> Iterator[Cluster]:
    """A cluster in a folder that holds zones.geojson and sensors.json.

    Nothing is started; at the end whatever runs is ended. Raises Missing where there is no nats-server, BadFile and
    BadSettings where the zones cannot be cut.
    """
    # PostgreSQL runs as a user of its own.
    folder.chmod(0o755)
    made = Cluster(folder, secrets.token_urlsafe(32), nats_servers(folder / "brokers", BROKERS), None, None)
    made.database, made.broker = _database(made, shape.database), _broker(made, shape.broker)
    made.links = Links() if shape.cuttable else None
    try:
        _populate(made, shape)
        yield made
    finally:
        made.end()


def _database(made: Cluster, wanted: bool | None) -> Postgres | None:
    if wanted is False:
        return None
    try:
        return Postgres(made.folder / "postgres", free_ports(1)[0])
    except Missing as error:
        if wanted:
            raise
        made.absent.append(f"no database: {error}")
        return None


def _broker(made: Cluster, wanted: bool | None) -> Mosquitto | None:
    if wanted is False:
        return None
    try:
        return Mosquitto(made.folder, free_ports(1)[0])
    except Missing as error:
        if wanted:
            raise
        made.absent.append(f"no MQTT broker: {error}")
        return None


def _populate(made: Cluster, shape: Shape) -> None:
    """The nodes and front ends, and, of several sectors, which zone is whose."""
    if len(shape.sectors) > 1:
        zones, sensors = (made.folder / name for name in ("zones.geojson", "sensors.json"))
        found = cut_up(read_zones(zones), read_sensors(sensors), len(shape.sectors), shape.sectors)
        (made.folder / CUT).write_bytes(cut_to_json(found.cut))
    shared = Shared(
        folder=made.folder,
        token=made.token,
        twins=dict.fromkeys(shape.sectors, shape.twins),
        database=None if made.database is None else made.database.url,
        broker=None if made.broker is None else made.broker.port,
        policy=shape.policy,
        tables=shape.tables,
        dead_after_s=shape.dead_after_s,
    )
    ports = iter(free_ports(len(shape.sectors) * len(shape.twins) + shape.fronts))
    for sector in shape.sectors:
        for twin in shape.twins:
            made.nodes.append(Node(shared, sector, twin, next(ports), _servers(made, f"{sector}-{twin}")))
    for number in range(shape.fronts):
        made.fronts.append(Front(shared, f"front-{number + 1}", next(ports), _servers(made, f"front-{number + 1}")))


def _servers(made: Cluster, name: str) -> Sequence[str]:
    """The brokers as one of ours reaches them."""
    if made.links is None:
        return [one.address for one in made.nats]
    made.lines[name] = [made.links.line(one.port) for one in made.nats]
    return [f"nats://127.0.0.1:{line.port}" for line in made.lines[name]]
