"""How functions of numbers and arrays are compiled: exactly (no fast-math), and kept from one start to the next."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

# May make arrays, or assign one array to another (which may need a copy of it). `_nrt` is said outright, because a
# function compiled for a leaf's sake would be compiled as one.
kernel = njit(cache=True, error_model="numpy", _nrt=True)
# Only reads and fills the arrays it is given. numba counts references to an array at every view and call, by atomic
# instructions; without any to count, the tracker takes three fifths of the time.
leaf = njit(cache=True, error_model="numpy", _nrt=False)
# Compiled into the loop that calls it, which may then work on eight numbers at once: no array, no early way out, and
# nothing of the library's that takes one number at a time.
inlined = njit(cache=True, error_model="numpy", forceinline=True)


@leaf
def fill(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Copy a row of numbers, in a leaf: numba's own assignment asks whether the two overlap, and may make an array."""
    for k in range(len(source)):
        target[k] = source[k]
