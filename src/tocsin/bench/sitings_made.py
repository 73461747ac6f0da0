"""Made problems for the siting benches: valleys to see over, and set covering by recipes that others published."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import frame_around
from tocsin.earth.sight import sees
from tocsin.plan.site_candidates import Area, Points, grid_of
from tocsin.plan.siting import Siting
from tocsin.simulate.scenario import Terrain
from tocsin.simulate.terrain import ground_of

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

# A land of 120 km a side, 17 x 17 sites for masts of 15 m, radars of 30 km, and drones 150 m above the towns.
HALF_M, SIDE, MAST_M, REACH_M, ABOVE_M = 60_000.0, 17, 15.0, 30_000.0, 150.0


def valleys(seed: int, sensors: int = 8, places: int = 5_000) -> Siting:
    """289 sites and 5,000 towns among ridges of 800 m, every line of sight held against the ground."""
    rng = np.random.default_rng(seed)
    terrain = Terrain(
        relief_m=800.0,
        spacing_m=float(rng.uniform(8e3, 20e3)),
        valley_deg=float(rng.uniform(0, 180)),
        meander_m=4_000.0,
    )
    ground = ground_of(terrain, seed)
    line = np.linspace(-HALF_M, HALF_M, SIDE)
    sites = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    east, north = rng.uniform(-HALF_M, HALF_M, (2, places))
    people = _people(rng, places)
    towns = np.stack([east, north, ground.height_m(east, north) + ABOVE_M], axis=-1)
    seen = np.zeros((len(sites), places), bool)
    for number, (x, y) in enumerate(sites.tolist()):
        near = np.hypot(east - x, north - y) <= REACH_M
        eye = np.array([x, y, float(ground.height_m(x, y)) + MAST_M])
        seen[number, near] = ground.visible(eye, towns[near])
    return of_one_kind(seen, people, sensors)


def _people(rng: np.random.Generator, towns: int) -> Floats:
    """A few towns are large: 500 people and more, by Pareto's law, up to a million."""
    return np.asarray(np.round(np.minimum(500 * (1 + rng.pareto(1.2, towns)), 1e6)), float)


def of_one_kind(sees: Flags, people: Floats, sensors: int) -> Siting:
    """So many sensors of one kind and price, none there yet."""
    count = len(sees)
    return Siting(sees, people, np.zeros(count, np.intp), np.array([sensors]), np.ones(count), np.zeros(count, bool))


def colourings(points: int) -> tuple[Flags, Floats]:
    """CLR: fours of `points` such that no colouring of the points with two colours leaves none of one colour.

    Rows are the colourings with both colours, columns the fours (Grossman and Wool 1997; scpclr10 to 13 of the
    OR-Library are these of 10 to 13 points: 511 x 210 to 4,095 x 715).
    """
    fours = np.array([sum(1 << point for point in four) for four in itertools.combinations(range(points), 4)])
    rows = np.arange(1, 1 << (points - 1))
    both = rows[None, :] & fours[:, None]
    return (both == 0) | (both == fours[:, None]), np.ones(len(fours))


def hypercube(dimensions: int) -> tuple[Any, Floats]:
    """CYC: edges of a hypercube such that every cycle of four edges has one of them; sparse.

    (Grossman and Wool 1997; scpcyc06 to 11 of the OR-Library: 240 x 192 to 28,160 x 11,264.)
    """
    from scipy import sparse

    corners = range(1 << dimensions)
    edges: dict[tuple[int, int], int] = {}
    for corner in corners:
        for way in range(dimensions):
            if not corner >> way & 1:
                edges[corner, way] = len(edges)
    columns: list[int] = []
    for first, second in itertools.combinations(range(dimensions), 2):
        for corner in corners:
            if not corner >> first & 1 and not corner >> second & 1:
                cycle = (corner, first), (corner, second), (corner | 1 << first, second), (corner | 1 << second, first)
                columns += [edges[edge] for edge in cycle]
    rows = np.repeat(np.arange(len(columns) // 4), 4)
    shape = (len(edges), len(columns) // 4)
    return sparse.csr_matrix((np.ones(len(columns), bool), (columns, rows)), shape=shape), np.ones(len(edges))


def balas_ho(rng: np.random.Generator, rows: int, columns: int, density: float) -> tuple[Flags, Floats]:
    """A random set-covering problem as those of classes 4 to 6 and A to E of the OR-Library are made.

    Every column covers a row at least, every row is covered by two columns at least, and prices are 1 to 100
    (Balas and Ho 1980; Beasley 1987).
    """
    sees = np.zeros((columns, rows), bool)
    sees.ravel()[rng.choice(columns * rows, round(density * columns * rows), replace=False)] = True
    for column in np.flatnonzero(~sees.any(axis=1)):
        sees[column, rng.integers(rows)] = True
    for row in range(rows):
        while sees[:, row].sum() < 2:
            sees[rng.integers(columns), row] = True
    return sees, rng.integers(1, 101, columns).astype(float)


class Land(NamedTuple):
    """A land with towns, and where radars could stand on it.

    lat, lon, people   of towns, each [P]
    sites              high points in cells of a grid
    """

    elevation: Elevation
    area: Area
    lat: Floats
    lon: Floats
    people: Floats
    sites: Points


def land(elevation: Elevation, seed: int, towns: int = 2_000) -> Land:
    """Towns in the valleys of a land: each is the lowest of three places thrown at chance, and few are large."""
    rng = np.random.default_rng(seed)
    east_deg = elevation.west_deg + (elevation.heights_m.shape[1] - 1) * elevation.step_lon_deg
    lat = rng.uniform(elevation.south_deg, elevation.north_deg, (3, towns))
    lon = rng.uniform(elevation.west_deg, east_deg, (3, towns))
    lowest = np.argmin(elevation.at(lat, lon), axis=0)
    lat, lon = lat[lowest, np.arange(towns)], lon[lowest, np.arange(towns)]
    frame = frame_around([elevation.south_deg, elevation.north_deg], [elevation.west_deg, east_deg])
    east, north = frame.to_local(lat, lon)
    bounds_m = (float(east.min()), float(north.min()), float(east.max()), float(north.max()))
    people = _people(rng, towns)
    area = Area(frame, bounds_m)
    return Land(elevation, area, lat, lon, people, grid_of(area, elevation, "radar"))


def seen_on(land: Land, sites: Points, reach_m: float, mast_m: float = MAST_M, above_m: float = ABOVE_M) -> Flags:
    """bool [C, P]: whether a mast at each site sees what flies so high above each town within reach."""
    towns = np.stack([land.lat, land.lon, land.elevation.at(land.lat, land.lon) + above_m], axis=-1)
    at = np.stack(land.area.frame.to_local(land.lat, land.lon), axis=-1)
    stands = np.stack(land.area.frame.to_local(sites.lat, sites.lon), axis=-1)
    found = np.zeros((len(sites.lat), len(towns)), bool)
    for number, place in enumerate(stands):
        near = np.hypot(*(at - place).T) <= reach_m
        eye = (sites.lat[number], sites.lon[number], sites.ground_m[number] + mast_m)
        found[number, near] = sees(land.elevation, eye, towns[near])
    return found


def made_land(seed: int) -> Elevation:
    """Ridges of 800 m in an area of 60 km a side, with posts every 200 m."""
    rng = np.random.default_rng(seed)
    spacing, turned = float(rng.uniform(8e3, 20e3)), float(rng.uniform(0, 180))
    ground = ground_of(Terrain(relief_m=800.0, spacing_m=spacing, valley_deg=turned, meander_m=4_000.0), seed)
    line = np.arange(301) * 200.0 - 30_000.0
    heights = ground.height_m(*np.meshgrid(line, line[::-1])).astype(np.float32)
    step_lat = 200.0 / 111_195.0
    return Elevation(heights, 40.0 + 150 * step_lat, 0.0, step_lat, step_lat / np.cos(np.radians(40.0)))
