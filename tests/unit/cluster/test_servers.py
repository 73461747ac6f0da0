"""One broker alone is a broker: it has nobody to elect it."""

from __future__ import annotations

import asyncio

import pytest

from tests.nats_cluster import nats_cluster
from tocsin.journal.jetstream.connection import Brokers, connected
from tocsin.journal.jetstream.stream import Place, reach_of


@pytest.mark.server
def test_one_broker_alone_gets_ready_and_leads_its_stream() -> None:
    with nats_cluster(1) as servers:
        place = Place(Brokers(servers.addresses), "north", "a", replicas=1)

        async def made() -> None:
            client = await connected(place.brokers, "a test")
            await reach_of(client, place, 5.0)
            await client.close()

        asyncio.run(made())
        assert servers.running == (0,)
        assert servers.leader_of(place.stream) == 0
