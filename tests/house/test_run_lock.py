"""What runs: locked apart from what developers need, and listed with licences that let anyone pass it on."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tests.house.test_repository import ALLOWED, COPYLEFT
from tests.some import some

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"(?m)^([A-Za-z0-9_.-]+)==([^\s;\\]+)")


def pins(name: str) -> dict[str, str]:
    return {name.lower(): version for name, version in PINNED.findall((ROOT / name).read_text())}


def test_the_run_time_lock_holds_what_runs_in_the_developers_versions_and_nothing_of_theirs() -> None:
    run, all_ = pins("requirements-run.lock"), pins("requirements.lock")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {Requirement(line).name.lower() for line in project["project"]["dependencies"]}
    assert len(wanted) > 20
    assert wanted <= set(run)
    assert run.items() <= all_.items(), "run make lock"
    developers = {Requirement(line).name.lower() for line in project["dependency-groups"]["dev"]}
    assert not developers & set(run)


def test_every_line_of_the_run_time_lock_is_hashed_and_names_no_index() -> None:
    text = (ROOT / "requirements-run.lock").read_text()
    entries = re.split(r"(?m)^(?=[A-Za-z0-9_.-]+==)", text)[1:]
    assert all("--hash=sha256:" in entry for entry in some(entries))
    assert "index" not in text
    assert "://" not in text


def test_the_bill_of_materials_is_the_lock_with_licences_that_may_be_passed_on(tmp_path: Path) -> None:
    made = [tmp_path / "first.json", tmp_path / "second.json"]
    for path in made:
        subprocess.run([sys.executable, str(ROOT / "packaging/sbom.py"), str(path)], check=True)
    assert made[0].read_bytes() == made[1].read_bytes()
    bill = json.loads(made[0].read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert {one["name"].lower(): one["version"] for one in bill["components"]} == pins("requirements-run.lock")
    for one in some(bill["components"]):
        if importlib.util.find_spec(one["name"].replace("-", "_")) is None and not one["licenses"]:
            continue  # Another system's, and not installed here.
        said = json.dumps(one["licenses"])
        assert ALLOWED.search(said), one
        assert not COPYLEFT.search(said.replace("LGPL", "")), one
