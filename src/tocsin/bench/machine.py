"""What a figure was measured on, and what this machine does with nothing of ours: figures travel as ratios to that."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

# What the service cannot start without; loading it is most of a bare start.
LIBRARIES = ("numba", "scipy.spatial", "pyproj", "shapely", "pydantic_settings", "cryptography", "uvicorn", "starlette")
TIMES = 3


def described() -> str:
    """The processor, its cores, Python, and how busy the machine is, in a line."""
    busy = f"; load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_processor()}, {cores} cores, Python {platform.python_version()}{busy}"


def _processor() -> str:
    names = Path("/proc/cpuinfo")
    lines = names.read_text().splitlines() if names.is_file() else []
    found = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return found or platform.processor() or platform.machine()


def bare_start_s() -> float:
    """Seconds from starting Python until it has loaded the libraries that the service rests on; the best of three."""
    command = [sys.executable, "-c", "import " + ", ".join(LIBRARIES)]
    return min(_spent_s(command) for _ in range(TIMES))


def _spent_s(command: list[str]) -> float:
    begun_s = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    return time.perf_counter() - begun_s


def processor_s(pids: Iterable[int]) -> float:
    """What these processes have spent of a processor until now, seconds."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")
