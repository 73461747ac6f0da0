"""Three real NATS servers with JetStream for tests, skipped where there is none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import skip
from tocsin.bench.nats_servers import NatsServers, nats_servers
from tocsin.cluster.servers import found
from tocsin.model.errors import Missing


@contextmanager
def nats_cluster(count: int = 3) -> Iterator[NatsServers]:
    """As many as one cluster, running and empty; whoever uses them may kill and start them."""
    try:
        found("nats-server", "nats-server")
    except Missing as error:
        skip(str(error))
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-nats-") as folder,
        nats_servers(Path(folder), count=count) as servers,
    ):
        yield servers
