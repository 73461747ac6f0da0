"""Coordinates of a map turned to longitude and latitude (WGS 84) by what the map says of itself."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from tocsin.model.errors import BadFile

# What is written of a projection in full is a few thousand characters.
_CRS_CHARS_MAX = 20_000
_SHOWN_CHARS = 80
# Every ellipsoid used for the Earth lies between; the Moon has 1,737 km, Mars 3,396, Venus 6,052.
_EARTH_M = (6_300_000.0, 6_450_000.0)


def in_degrees(outlines: NDArray[np.object_], said: str | None, where: str) -> tuple[NDArray[np.object_], str | None]:
    """Outlines [N] in degrees, flat, and a note about what was done. What cannot be turned has infinite coordinates.

    said   the projection: a code, a name, or well-known text; None: the map says nothing
    Raises BadFile where the map does not say where on Earth it lies.
    """
    flat = shapely.force_2d(outlines)
    if said is None:
        return flat, "says nothing of its projection; taken as longitude and latitude in degrees"
    source = _crs(said, where)
    if source.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return flat, None
    try:
        turn = Transformer.from_crs(source, "EPSG:4326", always_xy=True)
        turned = shapely.transform(flat, turn.transform, interleaved=False)
    except ProjError as error:
        raise BadFile(
            f"{where}: what it says of its projection, {source.name!r}, cannot be turned to longitude and latitude "
            f"({str(error)[:200]}); turn it to WGS 84 first"
        ) from error
    return turned, f"turned from {source.name} to WGS 84"


def _crs(said: str, where: str) -> CRS:
    """Raises BadFile where it is unknown, or not of the Earth's surface."""
    try:
        if len(said) > _CRS_CHARS_MAX:
            raise CRSError(f"{len(said)} characters long")
        source = CRS.from_user_input(said)
    except CRSError as error:
        raise BadFile(
            f"{where}: its projection {said[:_SHOWN_CHARS]!r} is not known; turn it to WGS 84 first"
        ) from error
    horizontal = source.sub_crs_list[0] if source.is_compound else source
    if horizontal.is_bound and horizontal.source_crs is not None:
        horizontal = horizontal.source_crs
    if not (horizontal.is_geographic or horizontal.is_projected):
        raise BadFile(
            f"{where}: {source.name!r} ({source.type_name}) does not say where on Earth it lies; turn it to WGS 84 "
            "first"
        )
    radius_m = source.ellipsoid.semi_major_metre if source.ellipsoid is not None else 0.0
    if not _EARTH_M[0] <= radius_m <= _EARTH_M[1]:
        raise BadFile(
            f"{where}: {source.name!r} is of a body with a radius of {radius_m / 1e3:.0f} km, which is not the Earth"
        )
    return source
