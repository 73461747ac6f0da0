"""How functions of numbers and arrays are compiled: exactly (no fast-math), and kept from one start to the next."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

# May make arrays, or assign one array to another (which may need a copy of it). What a function is not told it takes
# over from the first that calls it, so `_nrt` and `forceinline` are said outright everywhere.
kernel = njit(cache=True, error_model="numpy", _nrt=True, forceinline=False)
# Only reads and fills the arrays it is given. numba counts references to an array at every view and call, by atomic
# instructions; without any to count, the tracker takes three fifths of the time.
leaf = njit(cache=True, error_model="numpy", _nrt=False, forceinline=False)
# A leaf compiled into what calls it, where calling would take longer than what is called: numba hands an array over as
# seven numbers, and a bank with its sensors is three hundred. A loop with such a body may also work on eight numbers at
# once, where that has no early way out and nothing of the library's that takes one number at a time.
inlined = njit(cache=True, error_model="numpy", _nrt=False, forceinline=True)


@leaf
def fill(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Copy a row of numbers, in a leaf: numba's own assignment asks whether the two overlap, and may make an array."""
    for k in range(len(source)):
        target[k] = source[k]
