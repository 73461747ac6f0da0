"""The cluster of packaging/cluster: compose names what is there, and says what Tocsin, nginx and the brokers read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.house.test_packaging import PACKAGING, tool
from tests.some import some
from tocsin.model.errors import BadFile
from tocsin.service.settings import Settings, load_settings

CLUSTER = PACKAGING / "cluster"
COMPOSE: dict[str, Any] = yaml.safe_load((CLUSTER / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "tocsin"}
FRONTS = ("front-1", "front-2")
SECRETS = ("sensors.json", "veil.key", "tocsin.toml", "sectors.json")
# In the head of compose.yml: what somebody who runs it makes himself.
YOURS = re.findall(r"[\w.-]+\.(?:toml|geojson|json|key)", (CLUSTER / "compose.yml").read_text().split("\nname:")[0])
ASKED = set(re.findall(r"\$([A-Z_0-9]+)", re.sub(r"(?m)#.*", "", (CLUSTER / "broker.conf").read_text())))


def mounts(service: dict[str, Any]) -> list[tuple[str, str]]:
    """Whence and where to."""
    return [(one.split(":")[0], one.split(":")[1]) for one in service.get("volumes", ())]


def settings_of(folder: Path, name: str, environment: dict[str, str], patch: pytest.MonkeyPatch) -> Settings:
    """What Tocsin makes of a settings file that ships, in that environment."""
    for file in ("tocsin.toml", "front.toml"):
        shutil.copy(CLUSTER / file, folder)
    for key, value in environment.items():
        patch.setenv(key, value)
    return load_settings(folder / name)


def can_get_there(settings: Settings, servers: list[str]) -> None:
    """Its brokers are those, and every password that it needs is given to it."""
    assert settings.cluster is not None
    assert settings.views is not None
    assert list(settings.cluster.servers) == servers
    assert settings.cluster.brokers().password
    assert ":" in settings.views.place().partition("@")[0]


@pytest.mark.parametrize("name", OURS)
def test_what_compose_runs_is_told_who_it_is_and_how_it_reaches_the_others(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {key: re.sub(r"\$\{\w+:\?\}", "secret", value) for key, value in OURS[name]["environment"].items()}
    settings = settings_of(tmp_path, "front.toml" if name in FRONTS else "tocsin.toml", environment, monkeypatch)
    brokers = [one for one in SERVICES if one.startswith("broker-")]
    can_get_there(settings, [f"nats://{one}:4222" for one in brokers])
    assert settings.cluster is not None
    if name not in FRONTS:
        assert f"{settings.sector}-{settings.cluster.node}" == name
        assert {f"{settings.sector}-{one}" for one in settings.cluster.twins} <= OURS.keys()
        assert [channel.host for channel in settings.channel if channel.kind == "mqtt"] == ["mqtt"]
        assert "mqtt" in SERVICES
    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 8080)
    assert [one for one in OURS[name].get("ports", ()) if not one.endswith(":8080")] == []


def schema() -> Any:
    """Of the Compose Specification, as the tool `check-jsonschema` brings it."""
    held = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
    found = json.loads(Path(str(metadata.distribution("check-jsonschema").locate_file(held))).read_text())
    return jsonschema.validators.validator_for(found)(found)


def test_compose_keeps_to_its_specification_and_what_does_not_is_noticed() -> None:
    kept = schema()
    assert [error.message for error in kept.iter_errors(COMPOSE)] == []
    strange = COMPOSE | {"services": SERVICES | {"web": SERVICES["web"] | {"restrat": "always"}}}
    assert not kept.is_valid(strange)


def test_every_file_that_compose_mounts_ships_or_is_named_as_yours_and_every_volume_is_declared() -> None:
    used: dict[str, set[str]] = {"volumes": set(), "networks": set()}
    for service in SERVICES.values():
        used["networks"] |= set(service["networks"])
        for source, _ in some(mounts(service)):
            if not source.startswith("./"):
                used["volumes"].add(source)
            elif source != "./etc" and not source.startswith("./etc/"):
                assert (CLUSTER / source).is_file(), source
            elif source != "./etc":
                assert Path(source).name in YOURS
    for what, names in used.items():
        assert names == COMPOSE[what].keys()
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert set(SECRETS) <= set(YOURS)


def test_a_front_end_is_given_nothing_that_is_secret_and_shares_no_folder_with_a_node() -> None:
    nodes = {source for name, one in OURS.items() if name not in FRONTS for source, _ in mounts(one)}
    for name in FRONTS:
        assert not nodes & {source for source, _ in mounts(OURS[name])}
        assert not [one for one in mounts(OURS[name]) if Path(one[0]).name in (*SECRETS, "etc")]
        assert list(OURS[name]["environment"]) == ["FRONT_PASSWORD"]


def test_nginx_takes_the_configuration_of_the_cluster_and_asks_every_front_end(tmp_path: Path) -> None:
    shipped = (CLUSTER / "nginx.conf").read_text()
    assert re.findall(r"server (\S+):8080 ", shipped) == list(FRONTS)
    assert "80" in re.findall(r"listen (\d+);", shipped)
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8080:80"]
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{re.sub(r'front-[12]', '127.0.0.1', shipped)}}}\n")
    nginx = tool("nginx", "nginx-light")
    tried = subprocess.run([nginx, "-t", "-p", str(tmp_path), "-c", str(config)], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr


def test_a_broker_is_told_all_that_its_configuration_asks_its_environment_for() -> None:
    assert {"BROKER", "NODE_PASSWORD", "ROUTE_3"} <= ASKED
    for name in ("broker-1", "broker-2", "broker-3"):
        assert SERVICES[name]["environment"].keys() == ASKED


def test_a_password_that_is_not_given_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path, "front.toml", {}, monkeypatch)
    assert settings.views is not None
    with pytest.raises(BadFile, match="set the environment variable FRONT_PASSWORD"):
        settings.views.place()
