"""Rings that go over the date line or round a pole: drawn as if they went round the Earth the other way.

A ring in degrees that steps from 179 to -179 goes over the line (RFC 7946, 3.1.9, wants it cut there). Its longitudes
are written on past 180 here, so that it is in one piece; who keeps it cuts it.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

# No edge of a zone spans half the Earth; from one side of the map's own edge to the other it spans all of it.
_STEP_DEG, _TURN_DEG = 180.0, 360.0
_ROUNDING_DEG = 1e-9
_AT_POLE_DEG = 89.9

Ring = NDArray[np.float64]


def over_the_line(polygon: shapely.Polygon) -> tuple[shapely.Polygon, str | None]:
    """A polygon in one piece, and what was done to it; itself and None where it crosses nothing.

    Raises ValueError where a ring goes round the Earth more than once.
    """
    shell = shapely.get_coordinates(polygon.exterior)
    whole, done = _whole(shell)
    if done is None:
        return polygon, None
    middle = whole[:, 0].mean()
    holes = [_whole(shapely.get_coordinates(hole))[0] for hole in polygon.interiors]
    turned = [hole + np.array([_TURN_DEG * round((middle - hole[:, 0].mean()) / _TURN_DEG), 0.0]) for hole in holes]
    return shapely.Polygon(whole, turned), done


def crosses_uncut(ring: Ring) -> bool:
    """Whether a ring [N, 2] in degrees has an edge that can only be meant to go over the date line."""
    return bool(_steps(ring)[1].any())


def _steps(ring: Ring) -> tuple[Ring, NDArray[np.bool_], NDArray[np.bool_]]:
    """Each edge's step in longitude; where it is over the line for certain; where from edge to edge of the map."""
    step = np.diff(ring[:, 0])
    polar = (np.abs(ring[:-1, 1]) > _AT_POLE_DEG) & (np.abs(ring[1:, 1]) > _AT_POLE_DEG)
    far = (np.abs(step) > _STEP_DEG) & ~polar
    edge_to_edge = far & (np.abs(step) > _TURN_DEG - _ROUNDING_DEG)
    return step, far & ~edge_to_edge, edge_to_edge


def _whole(ring: Ring) -> tuple[Ring, str | None]:
    step, certain, edge_to_edge = _steps(ring)
    if edge_to_edge.any():
        # A ring along both edges of the map may be the whole Earth, or a small one in two halves.
        halves, turns = _turned(ring, step, certain | edge_to_edge)
        small = np.ptp(halves[:, 0]) <= _STEP_DEG and shapely.Polygon(halves).area > 0
        if not turns and small:
            return halves, "crosses the date line uncut; cut there"
    if not certain.any():
        return ring, None
    whole, turns = _turned(ring, step, certain)
    if not turns:
        return whole, "crosses the date line uncut; cut there"
    if abs(turns) > 1:
        raise ValueError(f"it goes round the Earth {abs(turns)} times")
    # Round a pole: closed along the map's edge, so that the pole lies inside.
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    ends = [[whole[-1, 0], pole], [whole[0, 0], pole], whole[0].tolist()]
    return np.vstack([whole, ends]), f"goes round the {'north' if pole > 0 else 'south'} pole, which is in it"


def _turned(ring: Ring, step: Ring, where: NDArray[np.bool_]) -> tuple[Ring, int]:
    """The ring with its longitudes written on at those edges, and how often it goes round the Earth."""
    turn = np.where(where, -np.sign(step), 0.0)
    on = np.concatenate([[0.0], np.cumsum(turn)])
    return np.column_stack([ring[:, 0] + _TURN_DEG * on, ring[:, 1]]), int(on[-1])
