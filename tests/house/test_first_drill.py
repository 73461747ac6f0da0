"""The tutorial does what it says: its commands run, one after the other, in an empty folder."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _commands() -> list[str]:
    page = (ROOT / "docs" / "tutorial" / "first-drill.md").read_text()
    blocks = re.findall(r"^```bash\n(.*?)^```", page, re.S | re.M)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.server
def test_the_first_drill_can_be_followed_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    commands = _commands()
    assert len(commands) >= 6
    for line in commands:
        program, *rest = shlex.split(line)
        assert program == "tocsin"
        ran = subprocess.run(
            [sys.executable, "-m", "tocsin", *rest], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
    assert (tmp_path / "run" / "warnings.jsonl").stat().st_size > 0
