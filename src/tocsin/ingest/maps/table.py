"""What a map file holds: features in the file's own coordinates, their columns as text, and what was not read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.model.errors import BadFile

# A whole continent's districts in full resolution; the bound keeps a wrong file from filling the memory.
FILE_BYTES_MAX = 500_000_000
FEATURES_MAX = 200_000
# Collections in collections in collections: nobody draws deeper, and readers that call themselves need a bound.
NESTED_MAX = 32
ERROR_CHARS_MAX = 200


@dataclass(frozen=True)
class Drawn:
    """The outline of one feature as its file has it: a geometry, or why there is none that can be read."""

    outline: shapely.Geometry | None = None
    fault: str | None = None


@dataclass
class Table:
    """One layer of a file.

    where         the file, and its layer where it has several
    features      as drawn, in coordinates of `crs`
    columns       each as long as there are features: texts as the file writes them, lists, or None
    crs           what the file says of its projection; None: nothing
    passed_over   what is no feature with an outline, or of no interest -> how many
    """

    where: str
    features: list[Drawn]
    columns: dict[str, list[Any]]
    crs: str | None = None
    notes: list[str] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    @property
    def outlines(self) -> NDArray[np.object_]:
        """The geometries, None where there is none; object [N]."""
        found = np.empty(len(self.features), object)
        found[:] = [one.outline for one in self.features]
        return found


def one_line(error: Exception) -> str:
    """What an error says, on one line: some say it on two, and with all of the outline that they could not read.

    >>> one_line(ValueError("no\\nring  of   it"))
    'no ring of it'
    """
    return " ".join(str(error)[: 2 * ERROR_CHARS_MAX].split())[:ERROR_CHARS_MAX]


def bounded_bytes(path: Path) -> bytes:
    """The bytes of a map file. Raises BadFile where it is not there or too large."""
    try:
        if (size := path.stat().st_size) > FILE_BYTES_MAX:
            raise BadFile(f"{path} has {size} bytes; at most {FILE_BYTES_MAX} are read")
        return path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of a map") from error


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns, in the order in which they first appear; None where a row has no such cell."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def few_enough(count: int, where: str) -> None:
    """Raises BadFile where there are more features than are read."""
    if count > FEATURES_MAX:
        raise BadFile(f"{where} has more than {FEATURES_MAX} features; cut it into parts")
