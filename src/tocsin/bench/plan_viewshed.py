"""How far is seen: the sweep beside GDAL's viewshed on the same land, and held against lines of sight one by one.

The land is made, of 1,201 and of 3,601 posts a side; where TOCSIN_DATA has elevation, the mountains of N44W072 too, on
which nothing was chosen. GDAL runs in a process of its own, in whichever Python has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.sight import curvature_pm, stood
from tocsin.earth.terrain.line import lowest
from tocsin.model.errors import Missing
from tocsin.plan.terrain import MEMORY_MAX, read_terrain
from tocsin.plan.viewshed import viewshed_m

SIZES = (1_201, 3_601)
REACH_M = 400_000.0
MAST_M = 30.0
# Targets on the ground, a drone, a cruise missile, and what warnings ask of a radar.
OVER_M = (0.0, 50.0, 100.0, 300.0)
POSTS = 4_000
EYES = 3
TIMES = 3
ROUNDS = 3
REACH = {
    **{f"viewshed_{size}_times_gdal": 2.0 for size in SIZES},
    **{f"viewshed_{name}_wrong": 0.003 for name in ("1201", "3601", "N44W072")},
    "viewshed_memory_gb": 4.0,
}
PYTHONS = (sys.executable, "/usr/bin/python3")
PEER = """
import json, sys, time, numpy as np
from osgeo import gdal
gdal.UseExceptions()
heights = np.load(sys.argv[1]); n = len(heights); step = float(sys.argv[2])
source = gdal.GetDriverByName("MEM").Create("", n, n, 1, gdal.GDT_Float32)
source.SetGeoTransform((0, step, 0, 0, 0, -step)); source.GetRasterBand(1).WriteArray(heights)
best = 1e9, 1e9
for _ in range(int(sys.argv[4])):
    wall, cpu = time.perf_counter(), time.process_time()
    gdal.ViewshedGenerate(source.GetRasterBand(1), "MEM", "", [], (n // 2 + 0.5) * step, -(n // 2 + 0.5) * step,
        float(sys.argv[3]), 50.0, 255.0, 0.0, 0.0, -1.0, 0.75, gdal.GVM_Edge, 1e9,
        heightMode=gdal.GVOT_MIN_TARGET_HEIGHT_FROM_GROUND)
    best = min(best[0], time.perf_counter() - wall), min(best[1], time.process_time() - cpu)
print(json.dumps(best))
"""


def figures() -> dict[str, Any]:
    """Seconds and their ratios to GDAL's, the share of posts that lines of sight judge otherwise, and memory."""
    found: dict[str, Any] = {}
    for size in SIZES:
        land = made(size)
        found |= {f"viewshed_{size}_{name}": value for name, value in _beside_gdal(land).items()}
        found[f"viewshed_{size}_wrong"] = wrong(land)
    tile = Path(os.environ.get("TOCSIN_DATA", "../shared/data")) / "terrain" / "N44W072.hgt"
    if tile.is_file():
        found["viewshed_N44W072_wrong"] = wrong(read_terrain([tile]).around(44.5, -71.5, 52_000).elevation)
    found["viewshed_memory_gb"] = _memory_gb()
    return found


def made(side: int, seed: int = 1) -> Elevation:
    """Mountains from a seed over a degree: noise whose power falls with the cube of its frequency, like the Earth's."""
    rng = np.random.default_rng(seed)
    rows, cols = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)
    frequency = np.hypot(rows, cols)
    frequency[0, 0] = np.inf
    ground = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(side, side))) * frequency**-1.5, s=(side, side))
    heights = (1_500 * (ground - ground.min()) / np.ptp(ground)).astype(np.float32)
    return Elevation(heights, 45.0, 11.0, 1 / (side - 1), 1 / (side - 1))


def wrong(land: Elevation) -> float:
    """The share of posts, the worst height of OVER_M, that the sweep judges otherwise than lines of sight do."""
    rng = np.random.default_rng(2)
    rows, cols = land.heights_m.shape
    differ: NDArray[np.int64] = np.zeros(len(OVER_M), np.int64)
    for _ in range(EYES):
        down, right = rng.random(2)
        lat = land.north_deg - down * (rows - 1) * land.step_lat_deg
        lon = land.west_deg + right * (cols - 1) * land.step_lon_deg
        eye = (lat, lon, float(land.at(lat, lon)) + MAST_M)
        row, col = rng.integers(0, rows, POSTS), rng.integers(0, cols, POSTS)
        places = np.stack([land.north_deg - row * land.step_lat_deg, land.west_deg + col * land.step_lon_deg], axis=-1)
        exact = np.empty(POSTS)
        point = stood(land, [eye])[0]
        told = (float(point[0]), float(point[1]), float(point[2]))
        lowest(land.heights_m, land.grid, told, np.radians(places), curvature_pm(), exact)
        needed = exact - land.heights_m[row, col]
        swept = viewshed_m(land, eye, REACH_M)[row, col]
        differ += [int(((swept <= over) != (needed <= over)).sum()) for over in OVER_M]
    return float(differ.max() / (EYES * POSTS))


def _beside_gdal(land: Elevation) -> dict[str, float]:
    """Seconds of the sweep on all cores, and of GDAL; each the best of several, taken in turns."""
    python = next((one for one in PYTHONS if _has_gdal(one)), None)
    if python is None:
        raise Missing("no Python here has GDAL; on Debian: apt-get install python3-gdal")
    middle = len(land.heights_m) // 2
    lat, lon = land.north_deg - middle * land.step_lat_deg, land.west_deg + middle * land.step_lon_deg
    eye = (lat, lon, float(land.at(lat, lon)) + MAST_M)
    ours, theirs, cpu = [], [], []
    viewshed_m(land, eye, REACH_M)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heights.npy"
        np.save(path, land.heights_m)
        step_m = land.step_lat_deg * 111_200
        for _ in range(ROUNDS):
            for _ in range(TIMES):
                begun, used = time.perf_counter(), time.process_time()
                viewshed_m(land, eye, REACH_M)
                ours.append(time.perf_counter() - begun)
                cpu.append(time.process_time() - used)
            command = [python, "-c", PEER, str(path), str(step_m), str(MAST_M), str(TIMES)]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
            theirs.append(json.loads(ran.stdout))
    wall, gdal_cpu = (min(one[k] for one in theirs) for k in range(2))
    return {
        "s": round(min(ours), 4), "gdal_s": round(wall, 4), "times_gdal": round(min(ours) / wall, 2),
        "cpu_s": round(min(cpu), 4), "gdal_cpu_s": round(gdal_cpu, 4),
    }  # fmt: skip


def _has_gdal(python: str) -> bool:
    command = [python, "-c", "from osgeo import gdal; gdal.ViewshedGenerate"]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own
    except OSError:
        return False


COUNTRY = """
import resource, sys
import numpy as np
from pathlib import Path
from tocsin.plan.terrain import Terrain
from tocsin.plan.tiles import Tile
from tocsin.plan.viewshed import viewshed_m

def read(shown):
    return np.add.outer(np.arange(3601, dtype=np.float32) % 97, np.arange(3601, dtype=np.float32) % 89)

tiles = [Tile(Path("made"), lat + 1.0, float(lon), 1 / 3600, 1 / 3600, 3601, 3601, read)
         for lat in range(45, 55) for lon in range(20, 40)]
land = Terrain(tiles).around(50.0, 30.0, float(sys.argv[1]))
assert land.coarser == 1, "the posts themselves"
viewshed_m(land.elevation, (50.0, 30.0, 300.0), float(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)
"""


def _memory_gb() -> float:
    """What a process holds at most that looks around from a radar in a country at one second of arc, as far as
    MEMORY_MAX lets it: sensors are looked around from one after the other."""
    reach_m = 30.0 * np.sqrt(MEMORY_MAX / 17) / 2 * 0.79
    command = [sys.executable, "-c", COUNTRY, str(reach_m)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    return round(float(ran.stdout), 2)
