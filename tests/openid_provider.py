"""npm's oidc-provider, an implementation of OpenID Connect that is certified and not ours, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT, skip

MODULES = ROOT / "web" / "node_modules"
_SCRIPT = Path(__file__).parent / "reference" / "openid_provider.mjs"


@contextmanager
def provider(back: str) -> Iterator[str]:
    """Its address; it sends people back to `back`."""
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if node is None or not (MODULES / "oidc-provider").is_dir():
        skip("Node.js or npm's oidc-provider is not there; run `make web` once")
    assert node is not None
    command = [node, str(_SCRIPT), str(MODULES), back]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None and running.stdin is not None
        try:
            yield next(line.strip() for line in running.stdout if line.startswith("http://"))
        finally:
            running.stdin.close()
            running.wait(10)
