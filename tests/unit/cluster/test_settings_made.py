"""What a cluster tells its nodes and front ends is what Tocsin's settings take."""

from __future__ import annotations

import secrets
from pathlib import Path

from tocsin.cluster.nodes import Front, Node, Shared
from tocsin.service.secret import kept_secret, secret_path
from tocsin.service.settings import load_settings


def shared(folder: Path, broker: int | None = None) -> Shared:
    (folder / "zones.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    twins: dict[str, tuple[str, ...]] = {"north": ("a", "b"), "south": ("a", "b")}
    return Shared(folder=folder, token=secrets.token_urlsafe(32), twins=twins, broker=broker)


def test_a_node_knows_its_sector_its_twins_and_the_brokers(tmp_path: Path) -> None:
    node = Node(shared(tmp_path, 1_883), "north", "b", 8_123, ["nats://127.0.0.1:4222"])
    settings = load_settings(node.folder / "tocsin.toml")
    assert settings.cluster is not None
    assert (settings.sector, settings.cluster.node, settings.cluster.twins) == ("north", "b", ("a", "b"))
    assert settings.cluster.servers == ("nats://127.0.0.1:4222",)
    assert settings.drill
    assert [channel.id for channel in settings.channel] == ["broker"]
    assert settings.journal.path == node.record
    assert node.address == f"http://127.0.0.1:{settings.http.port}"


def test_all_nodes_hide_where_sensors_stand_by_one_secret(tmp_path: Path) -> None:
    made = shared(tmp_path)
    nodes = [Node(made, sector, twin, 8_123, ["nats://127.0.0.1:4222"]) for sector in made.twins for twin in "ab"]
    kept = {kept_secret(secret_path(node.record)) for node in nodes}
    assert len(nodes) == 4
    assert len(kept) == 1


def test_a_front_end_hears_the_same_brokers_and_decides_nothing(tmp_path: Path) -> None:
    front = Front(shared(tmp_path), "front-1", 8_124, ["nats://127.0.0.1:4222"])
    settings = load_settings(front.folder / "tocsin.toml")
    assert settings.cluster is not None
    assert settings.cluster.servers == ("nats://127.0.0.1:4222",)
    assert settings.source == ()
