"""The shelters file: where people may go, for everybody to see. GeoJSON points; read once, at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tocsin.model.errors import BadFile
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE

# A large city has some thousands; the answer must still be something that a phone fetches.
SHELTERS_MAX, FILE_BYTES_MAX = 20_000, 20_000_000
# A hundred metres are too coarse to find a door; a metre is enough.
_DECIMALS = 5


class ShelterProperties(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told of a shelter: its name, and a note such as where its door is or for how many it has room."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    note: Annotated[str, Meta(max_length=300)] = ""


class Point(msgspec.Struct, frozen=True):
    """[lon, lat], degrees."""

    type: Literal["Point"]
    coordinates: Annotated[tuple[float, ...], Meta(min_length=2, max_length=3)]


class Shelter(msgspec.Struct, frozen=True):
    """One shelter."""

    type: Literal["Feature"]
    geometry: Point
    properties: ShelterProperties

    def __post_init__(self) -> None:
        lon, lat = self.geometry.coordinates[:2]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError(f"lon {lon}, lat {lat} is no place on Earth; write lon before lat, degrees")


class Shelters(msgspec.Struct, frozen=True):
    """GET /v1/shelters: all of them; none where nobody entered any."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: Annotated[tuple[Shelter, ...], Meta(max_length=SHELTERS_MAX)] = ()


def read_shelters(path: Path) -> Shelters:
    """The shelters of a file; properties other than `name` and `note` are not told. Raises BadFile."""
    try:
        if (size := path.stat().st_size) > FILE_BYTES_MAX:
            raise BadFile(f"{path} has {size} bytes; a shelters file may have {FILE_BYTES_MAX}")
        shelters = msgspec.json.decode(as_utf8(path.read_bytes()), type=Shelters)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error}") from error
    except (*UNREADABLE, ValueError) as error:
        raise BadFile(f"{path} is no shelters file: {error}; see docs/how-to/shelters.md") from error
    return Shelters(features=tuple(_rounded(one) for one in shelters.features))


def _rounded(shelter: Shelter) -> Shelter:
    lon, lat = (round(degrees, _DECIMALS) for degrees in shelter.geometry.coordinates[:2])
    return Shelter("Feature", Point("Point", (lon, lat)), shelter.properties)
