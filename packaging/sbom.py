"""What an installed Tocsin consists of, as CycloneDX 1.5 (ECMA-424): of `requirements-run.lock`, with licences.

`make sbom` runs it. The tools that there are tell licences only of everything in an environment, the developers' own
packages among it; the lock says what runs. The same lock gives the same file, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-run.lock"
_ENTRY = re.compile(r"(?m)^([A-Za-z0-9_.-]+)==([^\s;\\]+)")


def locked(text: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and SHA-256 of the files of every package of a lock, in its order."""
    parts = re.split(r"(?m)^(?=[A-Za-z0-9_.-]+==)", text)
    return [
        (entry[1], entry[2], re.findall(r"--hash=sha256:([0-9a-f]{64})", part))
        for part in parts
        if (entry := _ENTRY.match(part))
    ]


def licences(name: str) -> list[dict[str, Any]]:
    """What a package says of its licence; none where it is not installed here (it is another system's)."""
    try:
        about: Any = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    if expression := about.get("License-Expression"):
        return [{"expression": expression}]
    classifiers = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("Licen")]
    said = classifiers or [(about.get("License") or "").strip().split("\n")[0][:100]]
    return [{"license": {"name": one}} for one in said if one]


def bill(lock: str, version: str) -> dict[str, Any]:
    """The bill of materials of a lock."""
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "licenses": licences(name),
            # One for each of its files; which of them is installed depends on the machine.
            "properties": [{"name": "tocsin:sha256", "value": one} for one in files],
        }
        for name, version, files in locked(lock)
    ]
    own = f"pkg:pypi/tocsin@{version}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(lock.encode()).digest()[:16], version=4)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "tocsin",
                "version": version,
                "purl": own,
                "licenses": [{"expression": "Apache-2.0"}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [one["bom-ref"] for one in components]}],
    }


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = json.dumps(bill(LOCK.read_text(), project["version"]), indent=1, ensure_ascii=False) + "\n"
    Path(sys.argv[1]).write_text(text)
