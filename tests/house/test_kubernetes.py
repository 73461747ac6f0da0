"""The manifests of packaging/kubernetes: they keep to its schemas, and fit each other and what Tocsin reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.house.test_compose import ASKED, can_get_there, settings_of
from tests.house.test_packaging import PACKAGING
from tests.some import some
from tocsin.service.cluster_settings import Cluster

KUBERNETES = PACKAGING / "kubernetes"
# The oldest that its makers still mend, and the newest there are schemas for.
VERSIONS = ("1.34", kubernetes_validate.latest_version())


def objects() -> list[dict[str, Any]]:
    """Everything in Kubernetes, of a country of two sectors."""
    found = []
    for path in some(sorted(KUBERNETES.glob("*.yaml"))):
        text = path.read_text()
        for name in ("north", "south") if path.name == "sector.yaml" else ("north",):
            found += list(yaml.safe_load_all(text.replace("north", name)))
    return found


def kinds(*names: str) -> list[dict[str, Any]]:
    return some([one for one in objects() if one["kind"] in names])


def pods() -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Each workload with its pods' specification and their container."""
    for one in kinds("StatefulSet", "Deployment"):
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        yield one, pod, container


def wrong(one: dict[str, Any], version: str) -> str | None:
    """What does not keep to the schemas of a version; None: all of it does."""
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{one['kind']} {one['metadata']['name']}: {error.message}"
    return None


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_keeps_to_the_schemas_of_kubernetes(version: str) -> None:
    assert {wrong(one, version) for one in objects()} == {None}


def test_a_key_that_kubernetes_does_not_know_is_noticed() -> None:
    (one,) = kinds("Deployment")
    one["spec"]["template"]["spec"]["containers"][0]["redinessProbe"] = {}
    assert "redinessProbe" in (wrong(one, VERSIONS[-1]) or "")


def test_what_kubernetes_runs_is_told_who_it_is_and_how_it_reaches_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (brokers,) = (one for one, _, _ in pods() if one["metadata"]["name"] == "broker")
    servers = [f"nats://broker-{number}.broker:4222" for number in range(brokers["spec"]["replicas"])]
    seen = set()
    for one, _, container in pods():
        name, environment = one["metadata"]["name"], {}
        if name == "broker":
            continue
        for given in container["env"]:
            # A pod of a StatefulSet is called by a number.
            own = f"{name}-0" if "fieldRef" in given.get("valueFrom", {}) else "secret"
            environment[given["name"]] = given.get("value", own)
        with monkeypatch.context() as patch:
            settings = settings_of(tmp_path, Path(container["args"][-1]).name, environment, patch)
            can_get_there(settings, servers)
        assert settings.cluster is not None
        seen.add(settings.sector)
        if name != "front":
            twins = [f"{name}-{number}" for number in range(one["spec"]["replicas"])]
            assert (settings.sector, list(settings.cluster.twins)) == (name, twins)
    assert {"north", "south"} <= seen


def test_every_secret_and_configuration_that_a_manifest_refers_to_is_named_as_yours() -> None:
    head = (KUBERNETES / "namespace.yaml").read_text()
    named = {(kind, name): rest for kind, name, rest in re.findall(r"(?m)^#   (Secret|ConfigMap) (\w+) +(.+)", head)}
    asked, keys = set(), set()
    for _, pod, container in pods():
        refs = (given.get("valueFrom", {}).get("secretKeyRef") for given in container["env"])
        keys |= {(one["name"], one["key"]) for one in refs if one is not None}
        for volume in pod["volumes"]:
            for source in volume.get("projected", {}).get("sources", [volume]):
                if "configMap" in source:
                    asked.add(("ConfigMap", source["configMap"]["name"]))
                if "secret" in source:
                    asked.add(("Secret", source["secret"].get("name") or source["secret"]["secretName"]))
    assert asked | {("Secret", "passwords")} == named.keys()
    assert {key for _, key in keys} == set(named["Secret", "passwords"].split(", "))


def test_every_folder_that_a_container_is_given_is_there() -> None:
    for workload, pod, container in some(list(pods())):
        claimed = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", ())}
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]} | claimed


def test_probes_services_budgets_and_policies_fit_the_pods_that_they_are_for() -> None:
    labels = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one, _, _ in pods()}
    ports = {
        one["metadata"]["name"]: {port["containerPort"]: port["name"] for port in container["ports"]}
        for one, _, container in pods()
    }
    for one, pod, container in pods():
        name, spec = one["metadata"]["name"], one["spec"]
        assert spec["selector"]["matchLabels"] == labels[name]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] in ports[name].values()
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        if one["kind"] == "StatefulSet":
            (apart,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            assert apart["labelSelector"]["matchLabels"] == labels[name]
            # The next goes only when the others count this one again.
            assert spec["minReadySeconds"] > Cluster.model_fields["dead_after_s"].default
    budgets = {one["metadata"]["name"]: one["spec"] for one in kinds("PodDisruptionBudget")}
    assert budgets.keys() == labels.keys()
    for name, budget in budgets.items():
        assert (budget["selector"]["matchLabels"], budget["maxUnavailable"]) == (labels[name], 1)
    for service in kinds("Service"):
        assert service["spec"]["selector"] == labels[service["metadata"]["name"]]
    roles = {one["role"] for one in labels.values()} | {"database"}
    for policy in kinds("NetworkPolicy"):
        assert policy["spec"]["podSelector"].get("matchLabels", {}).get("role", "database") in roles


def test_a_front_end_is_given_no_secret_but_its_own_password_and_a_broker_all_that_it_asks_for() -> None:
    by_name = {one["metadata"]["name"]: (pod, container) for one, pod, container in pods()}
    pod, container = by_name["front"]
    given = [one["valueFrom"] for one in container["env"] if "valueFrom" in one]
    assert given == [{"secretKeyRef": {"name": "passwords", "key": "front"}}]
    assert not [one for one in pod["volumes"] if "secret" in one or "projected" in one]
    _, container = by_name["broker"]
    assert {one["name"] for one in container["env"]} == ASKED


def test_only_a_picture_that_is_fresh_lets_the_next_twin_go_and_a_page_of_a_silent_sector_is_shown() -> None:
    paths = {
        one["metadata"]["name"]: [container[f"{what}Probe"]["httpGet"]["path"] for what in ("liveness", "readiness")]
        for one, _, container in pods()
    }
    assert paths["north"] == paths["south"] == ["/healthz", "/readyz"]
    assert paths["front"] == ["/healthz", "/healthz"]
