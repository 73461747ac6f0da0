"""What is committed can be passed on: no private addresses, licences that allow it, a lock that fits."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.some import some

ROOT = Path(__file__).resolve().parents[2]
# Texts of lock files name registries only where the person who made them had a private one.
PRIVATE = re.compile(
    r"(?:(?<!no-emit-)index-url|extra-index|(?:https?|file)://[^\s\"')/]*(?:pypi|npm|registry|artifact|mirror|proxy))"
    r"|/(?:work|opt/pypi)/", re.I
)  # fmt: skip
ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|HPND|Unlicense|0BSD|zlib|CC0|any-OSI|public domain",
    re.I,
)
COPYLEFT = re.compile(r"\b(?:A?GPL|SSPL|BUSL|Business Source|non-?commercial)", re.I)


def _committed() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_committed_file_names_a_package_index_or_a_private_path() -> None:
    allowed = {Path(__file__)}
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _committed()
        if path not in allowed and (match := PRIVATE.search(_text(path)))
    ]
    assert not found


def test_no_committed_file_is_a_link_that_leads_elsewhere() -> None:
    assert _committed()
    modes = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    assert [line for line in modes.splitlines() if line.startswith("120000")] == []


@pytest.mark.parametrize("text", ["--index-url https://x", "https://registry.example/a.tgz", "see /work/x"])
def test_a_private_address_is_noticed(text: str) -> None:
    assert PRIVATE.search(text)


def test_nothing_waits_in_a_way_that_loses_a_stop() -> None:
    """`asyncio.wait_for` swallows a cancellation that comes in the turn of its result, up to Python 3.11."""
    files = some(sorted((ROOT / "src").rglob("*.py")))
    assert [str(path) for path in files if "asyncio.wait_for(" in path.read_text(encoding="utf-8")] == []


def test_what_cannot_be_decoded_is_met_whole() -> None:
    """Octets that are no text, and what is nested too deep, are no `msgspec.DecodeError`: `UNREADABLE` is all three."""
    files = some([path for path in sorted((ROOT / "src").rglob("*.py")) if path.name != "value.py"])
    caught = re.compile(r"(except|suppress\()[^:\n]*msgspec\.(DecodeError|MsgspecError)")
    assert [str(path) for path in files if caught.search(path.read_text(encoding="utf-8"))] == []


def test_every_line_of_the_lock_is_hashed() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==.*?(?=^[A-Za-z0-9]|\Z)", lock, re.S | re.M)
    entries = re.split(r"(?m)^(?=[A-Za-z0-9_.-]+==)", lock)[1:]
    assert len(pins) == len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in some(entries))


def test_the_lock_holds_every_dependency_that_is_declared() -> None:
    locked = {m.lower() for m in re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text(), re.M)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = project["project"]["dependencies"] + groups["dev"] + groups["docs"] + groups["web"]
    assert {Requirement(line).name.lower() for line in wanted} <= locked


@cache
def _runtime() -> tuple[str, ...]:
    """Every distribution that an installed Tocsin brings with it, indirect ones included."""
    found: set[str] = set()
    waiting = ["tocsin"]
    while waiting:
        name = waiting.pop()
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            wanted = requirement.name.lower().replace("_", "-")
            if wanted in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
                continue
            found.add(wanted)
            waiting.append(wanted)
    return tuple(sorted(found))


def _licence(name: str) -> str:
    about: Any = metadata.metadata(name)
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return " ".join([about.get("License-Expression") or "", *classifiers, (about.get("License") or "")[:400]])


@pytest.mark.parametrize("name", _runtime())
def test_a_runtime_dependency_may_be_passed_on(name: str) -> None:
    licence = _licence(name)
    assert ALLOWED.search(licence), licence
    assert not COPYLEFT.search(licence.replace("LGPL", "")), licence


def test_a_forbidden_licence_is_noticed() -> None:
    assert COPYLEFT.search("GPL-3.0-only")
    assert not ALLOWED.search("Proprietary")
