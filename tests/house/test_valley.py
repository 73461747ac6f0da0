"""The planner's tutorial does what it says: its files are written, its commands run, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.some import some

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "tutorial" / "protect-a-valley.md").read_text()
TILE = "N42E001.hgt"
PAGES = ("seen/coverage.html", "minutes/minutes.html", "minutes-better/minutes.html", "compared/compare.html")
# A file to write, or a block of commands, in the order in which people meet them.
STEP = re.compile(r"Write `(\S+)`:\n\n```\w+\n(.*?)^```|^```bash\n(.*?)^```", re.S | re.M)


@pytest.mark.server
def test_the_valley_can_be_protected_to_the_end_with_the_land_or_without(tmp_path: Path) -> None:
    tile = Path(os.environ.get("TOCSIN_DATA", ROOT.parent / "shared" / "data")) / "terrain" / TILE
    if tile.is_file():
        (tmp_path / TILE).symlink_to(tile)
    for name, text, commands in some(STEP.findall(TEXT)):
        if name:
            (tmp_path / name).write_text(text)
        for line in commands.splitlines():
            program, *rest = shlex.split(line if tile.is_file() else line.replace(f" --terrain {TILE}", ""))
            assert program == "tocsin"
            ran = subprocess.run(
                [sys.executable, "-m", "tocsin", *rest], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
            assert "do not stand on this land" not in ran.stderr
    modes = {page: (tmp_path / page).stat().st_mode & 0o777 for page in PAGES}
    assert modes == dict.fromkeys(PAGES, 0o600)
