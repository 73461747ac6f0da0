"""What the land hides from a radar, by direction and distance: what the tracker asks before it counts a miss."""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode, b64encode
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from tocsin.model.errors import BadValue
from tocsin.model.value import Value

# A ridge casts its shadow away from the radar, so cells are pieces of rings: a degree wide, and a 96th of the reach
# deep (1.2 km of 111 km). Larger ones would join a valley and both of its ridges.
RAYS, RINGS = 360, 96
# What is kept of each cell: so many STEP_M above the sea, from which on all of it is seen (NEVER: from nowhere), under
# which nothing of it is; and whether all of it is seen down to LOW_M above the ground.
SURE, LEAST, CLEAR = range(3)
PARTS = 3
STEP_M, NEVER = 40.0, 255
# The lowest flier: where nobody measured a height, something may fly so low.
LOW_M = 60.0
CELLS_BYTES = RAYS * RINGS * PARTS
# As text; random octets would take so much, land takes a tenth.
TEXT_CHARS_MAX = 2 * CELLS_BYTES


class Masking(Value, frozen=True, kw_only=True):
    """What one radar sees over the land around it.

    reach_m   how far the cells go: RINGS rings of one width, RAYS directions clockwise from true north
    cells     uint8 [RAYS, RINGS, PARTS] as `text_of` writes them
    """

    reach_m: Annotated[float, Meta(gt=0, le=500_000)]
    cells: Annotated[str, Meta(max_length=TEXT_CHARS_MAX)]

    def __post_init__(self) -> None:
        super().__post_init__()
        cells_of(self)


def text_of(cells: NDArray[np.uint8]) -> str:
    """Cells [RAYS, RINGS, PARTS] as text that fits into JSON."""
    assert cells.shape == (RAYS, RINGS, PARTS) and cells.dtype == np.uint8, f"cells {cells.dtype} {cells.shape}"
    # Part by part: heights of neighbours are alike, and take a third less.
    return b64encode(zlib.compress(np.moveaxis(cells, -1, 0).tobytes(), 9)).decode()


def cells_of(masking: Masking) -> NDArray[np.uint8]:
    """uint8 [RAYS, RINGS, PARTS]. Raises BadValue where the text holds none."""
    try:
        # No more is unpacked than there may be, whatever somebody wrote.
        octets = zlib.decompressobj().decompress(b64decode(masking.cells, validate=True), CELLS_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise BadValue(f"cells of what the land hides cannot be read ({error}); start with the land's files") from error
    if len(octets) != CELLS_BYTES:
        raise BadValue(f"cells of what the land hides are {len(octets)} octets; {CELLS_BYTES} are looked for")
    return np.ascontiguousarray(np.moveaxis(np.frombuffer(octets, np.uint8).reshape(PARTS, RAYS, RINGS), 0, -1))
