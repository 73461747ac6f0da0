"""What failed in a whole run is tried once more, alone: `python -m pytest … || python -m tests.alone $?`.

The suite keeps every core busy, and many tests wait for real servers, browsers and clocks. One of them may lose to
its neighbours; a fault of ours fails alone as well. What passed only alone is named, so that it is mended.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# More than this many is no bad luck.
FEW = 3
FAILED = Path(".pytest_cache/v/cache/lastfailed")
# What pytest ends with when tests failed, and nothing worse happened.
TESTS_FAILED = 1


def failed(folder: Path) -> list[str]:
    """Ids of the tests that failed in the last run of this folder."""
    path = folder / FAILED
    return sorted(json.loads(path.read_text())) if path.exists() else []


def again(exit_status: int, folder: Path) -> int:
    """The exit status of the suite after what failed was tried alone; `exit_status` is the whole run's."""
    names = failed(folder)
    if exit_status != TESTS_FAILED or not 0 < len(names) <= FEW:
        return exit_status
    alone = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *names]
    status = subprocess.run(alone, cwd=folder, check=False).returncode
    verdict = "failed alone as well" if status else "failed beside the others and PASSED ALONE: mend the race"
    print("\n".join(f"tests.alone: {name} {verdict}" for name in names))
    return status


if __name__ == "__main__":
    sys.exit(again(int(sys.argv[1]), Path.cwd()))
