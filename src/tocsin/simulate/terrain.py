"""Valleys and ridges from a seed, and who sees over them. Heights in metres above a smooth Earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.earth.frames import Floats
from tocsin.earth.sight import bulge_m, horizon_m
from tocsin.simulate.chance import stream
from tocsin.simulate.scenario import Terrain

# Wavelengths of the meander; not multiples of each other, so that no valley repeats itself within a sector.
WAVES_M = (37_000.0, 83_000.0)
# Points of a line of sight that are held against the ground: every 1.5 km of a 50 km line.
SAMPLES = 33


@dataclass(frozen=True)
class Ground:
    """The lie of the land in the world's frame (east_m, north_m about the centre)."""

    terrain: Terrain
    phases: tuple[float, float]

    def _along(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
        turn = np.radians(self.terrain.valley_deg)
        east, north = np.asarray(east_m, float), np.asarray(north_m, float)
        return east * np.sin(turn) + north * np.cos(turn), east * np.cos(turn) - north * np.sin(turn)

    def floor_offset_m(self, along_m: ArrayLike) -> Floats:
        """How far the middle valley's floor lies to the right of its axis, at a distance along it."""
        along = np.asarray(along_m, float)
        waves = [np.sin(2 * np.pi * along / wave + phase) for wave, phase in zip(WAVES_M, self.phases, strict=True)]
        return np.asarray(self.terrain.meander_m * np.mean(waves, axis=0), float)

    def height_m(self, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
        """Height of the ground; same shape as the input."""
        along, across = self._along(east_m, north_m)
        if self.terrain.relief_m == 0:
            return np.zeros_like(along)
        angle = np.pi * (across - self.floor_offset_m(along)) / self.terrain.spacing_m
        return self.terrain.relief_m * np.sin(angle) ** 2

    def valley_m(self, from_m: Floats, to_m: Floats, step_m: float = 3_000.0) -> Floats:
        """Waypoints [W, 2] along the floor of the valley nearest to `to_m`, from abreast of one point to the other."""
        (start, _), (end, across) = self._along(*from_m), self._along(*to_m)
        number = np.round((across - self.floor_offset_m(end)) / self.terrain.spacing_m)
        along = np.linspace(start, end, 2 + int(abs(end - start) / step_m))
        side = self.floor_offset_m(along) + number * self.terrain.spacing_m
        turn = np.radians(self.terrain.valley_deg)
        return np.stack(
            [along * np.sin(turn) + side * np.cos(turn), along * np.cos(turn) - side * np.sin(turn)], axis=1
        )

    def visible(self, eye_m: Floats, targets_m: Floats) -> NDArray[np.bool_]:
        """bool [N]: whether an eye at (east, north, height) sees targets [N, 3], radio waves bent as over 4/3 Earth."""
        if not len(targets_m):
            return np.zeros(0, bool)
        distance = np.hypot(*(targets_m[:, :2] - eye_m[:2]).T)
        if self.terrain.relief_m == 0:
            return np.asarray(distance <= horizon_m(eye_m[2], targets_m[:, 2]), bool)
        share = np.linspace(0, 1, SAMPLES)[1:-1]
        points = eye_m + share[:, None, None] * (targets_m - eye_m)
        ground = self.height_m(points[..., 0], points[..., 1]) + bulge_m(distance, share)
        return np.asarray((ground < points[..., 2]).all(axis=0))


def ground_of(terrain: Terrain, seed: int) -> Ground:
    """The ground of one night."""
    first, second = stream(seed, "terrain").uniform(0, 2 * np.pi, 2)
    return Ground(terrain, (float(first), float(second)))
