"""Twins that hide by unlike secrets where sensors stand: each says so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.told_zones import Teller as Zones
from tests.told_zones import at
from tocsin.announce.veil import Veil
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import Configuration, Tick
from tocsin.model.zone import Zone
from tocsin.sectors.ours import Ours
from tocsin.service.cluster_settings import Cluster
from tocsin.service.twins.twins import Twins
from tocsin.service.worker import Decided, Step
from tocsin.twins.told import Told, packed, unpacked

SQUARE = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)),)
NORTH = Zone(id="north", name="North", polygons=(SQUARE,))
OURS = Configuration(id="ours", time=at(0), zones=(NORTH,))
SECRET, ANOTHER = b"one machine's secret", b"another machine's"


def twin(node: str, veil: str, sent: list[Told]) -> Twins:
    cluster = Cluster(servers=("nats://h:4222",), node=node, twins=("a", "b"))

    def send(told: Sequence[Told]) -> None:
        sent.extend(told)

    return Twins(cluster, "north", Ours(), lambda effects: None, send, veil)


def mark(secret: bytes) -> str:
    return Veil(ZoneIndex((NORTH,)), secret).mark


def heard(own: str, other: str) -> list[str]:
    """What a says once it has heard all that b holds."""
    sent: list[Told] = []
    a, b = twin("a", own, []), twin("b", other, sent)
    b.agreed(Decided((Step(1, Tick(time=at(1)), tuple(Zones().tick(1, {"north": "none"})), 0.0),), ()), OURS)
    for told in [*sent, *b.whole()]:
        a.hear(unpacked(packed(told)))
    return a.troubles(named=False)


def test_a_twin_with_another_key_is_named_and_what_to_do_is_said() -> None:
    (said,) = heard(mark(SECRET), mark(ANOTHER))
    assert said.startswith("twin b has another veil.key")
    assert "copy the other's to it" in said


@pytest.mark.parametrize("other", [mark(SECRET), ""], ids=["the same key", "an older version tells none"])
def test_nothing_is_said_of_a_twin_with(other: str) -> None:
    assert heard(mark(SECRET), other) == []
