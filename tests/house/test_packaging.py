"""What ships for whoever runs it: the unit is hardened, what is watched exists, and each alert is explained."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import skip
from tocsin.ingest.rejects import Outcome
from tocsin.model.sensor import State
from tocsin.service.metrics import Metrics
from tocsin.service.sensor_metrics import sensors_text

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
ALERTS = PACKAGING / "monitoring" / "alerts.yml"
UNITS = sorted((PACKAGING / "systemd").glob("*.service"), key=lambda unit: unit.stem)
# Of 10: what systemd-analyze calls a service that is contained well.
EXPOSURE_MAX = 2.0
NAME = re.compile(r"\btocsin_[a-z_]+")


def tool(name: str, package: str) -> str:
    """The path of a program that Debian's package brings."""
    found = shutil.which(name)
    if found is None:
        skip(f"no {name}; on Debian: apt-get install {package}")
    assert found is not None
    return found


def run(*command: str, cwd: Path = ROOT) -> str:
    found = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout + found.stderr


def shown() -> set[str]:
    """The names of every series that /metrics may hold, and the names that histograms are summed up under."""
    metrics = Metrics()
    text = (metrics.text() + metrics.named_text() + sensors_text([])).decode()
    families = [family.name for family in text_string_to_metric_families(text)]
    assert len(families) > 20
    return {f"{name}{ending}" for name in families for ending in ("", "_total", "_bucket", "_sum", "_count")}


def alerts() -> list[dict[str, str]]:
    """The rules, as Prometheus reads them."""
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def unknown(text: str) -> set[str]:
    return set(NAME.findall(text)) - shown()


@pytest.mark.parametrize("name", ["alerts.yml", "alerts.test.yml", "dashboard.json"])
def test_every_metric_that_is_watched_exists(name: str) -> None:
    text = (PACKAGING / "monitoring" / name).read_text()
    assert len(NAME.findall(text)) >= 4
    assert not unknown(text)


def test_a_metric_that_does_not_exist_is_noticed() -> None:
    assert unknown("rate(tocsin_sirens_total[5m]) > tocsin_listeners") == {"tocsin_sirens_total"}


@pytest.mark.parametrize(("label", "words"), [("state", get_args(State)), ("outcome", get_args(Outcome))])
def test_the_words_that_ring_are_words_that_are_said(label: str, words: tuple[str, ...]) -> None:
    asked = re.findall(rf'{label}=~?"([a-z_|]+)"', " ".join(rule["expr"] for rule in alerts()))
    assert asked
    assert {word for one in asked for word in one.split("|")} <= set(words)


def test_every_alert_is_explained_for_three_in_the_morning_and_nothing_else_is() -> None:
    page = (ROOT / "docs/how-to/runbook.md").read_text()
    sections = re.split(r"^### ", page, flags=re.M)[1:]
    explained = {section.split("\n", 1)[0].strip("`"): section for section in sections}
    assert list(explained) == [rule["alert"] for rule in alerts()]
    for name, section in explained.items():
        for part in ("**It means**", "**People see**", "**Do**"):
            assert part in section, f"{name} does not say {part}"


def test_prometheus_takes_the_alerts_and_they_ring_when_they_should() -> None:
    promtool = tool("promtool", "prometheus")
    assert f"{len(alerts())} rules found" in run(promtool, "check", "rules", str(ALERTS))
    run(promtool, "test", "rules", "alerts.test.yml", cwd=ALERTS.parent)


def test_every_panel_asks_for_something() -> None:
    board = json.loads((PACKAGING / "monitoring" / "dashboard.json").read_text())
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) >= 12
    for panel in board["panels"]:
        assert panel["title"]
        assert [target["expr"] for target in panel["targets"]]


def test_a_node_a_front_end_and_a_broker_have_a_unit_each() -> None:
    assert [unit.stem for unit in UNITS] == ["tocsin", "tocsin-broker", "tocsin-front"]
    users = (PACKAGING / "systemd" / "tocsin.sysusers").read_text()
    for unit in UNITS:
        assert f"\nu {unit.stem} - " in users
        assert f"\nUser={unit.stem}\nGroup={unit.stem}\n" in unit.read_text()


@pytest.mark.parametrize("shipped", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_is_contained(shipped: Path, tmp_path: Path) -> None:
    analyse = tool("systemd-analyze", "systemd")
    # Verified where the program need not be installed.
    unit = tmp_path / shipped.name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", shipped.read_text()))
    said = run(analyse, "verify", "--man=no", str(unit))
    assert shipped.name not in said, said
    judged = run(analyse, "security", "--offline=true", "--no-pager", str(shipped))
    exposure = re.search(rf"exposure level for {re.escape(shipped.name)}: ([0-9.]+)", judged)
    assert exposure is not None, judged
    assert float(exposure[1]) <= EXPOSURE_MAX


def test_an_unknown_key_of_a_unit_is_noticed(tmp_path: Path) -> None:
    unit = tmp_path / "tocsin.service"
    unit.write_text("[Service]\nExecStart=/bin/true\nProtectEverything=yes\n")
    found = subprocess.run(
        [tool("systemd-analyze", "systemd"), "verify", "--man=no", str(unit)], capture_output=True, text=True
    )
    assert "tocsin.service" in found.stderr
