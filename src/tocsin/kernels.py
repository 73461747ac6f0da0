"""How functions of numbers and arrays are compiled: exactly (no fast-math), and kept from one start to the next.

Where no folder can be written they are compiled anew at every start (`tocsin.compiled`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from numba import njit
from numpy.typing import NDArray

from tocsin import compiled

_Told = ParamSpec("_Told")
_Found = TypeVar("_Found")


def kernel(function: Callable[_Told, _Found]) -> Callable[_Told, _Found]:
    """Compile a function that may make arrays, or assign one array to another (which may need a copy of it).

    What a function is not told it takes over from the first that calls it, so `_nrt` and `forceinline` are said
    outright everywhere.
    """
    return _compiled(function, _nrt=True, forceinline=False)


def leaf(function: Callable[_Told, _Found]) -> Callable[_Told, _Found]:
    """Compile a function that only reads and fills the arrays it is given.

    numba counts references to an array at every view and call, by atomic instructions; without any to count, the
    tracker takes three fifths of the time.
    """
    return _compiled(function, _nrt=False, forceinline=False)


def inlined(function: Callable[_Told, _Found]) -> Callable[_Told, _Found]:
    """Compile a leaf into what calls it, where calling would take longer than what is called.

    numba hands an array over as seven numbers, and a bank with its sensors is three hundred. A loop with such a body
    may also work on eight numbers at once, where that has no early way out and nothing of the library's that takes one
    number at a time.
    """
    return _compiled(function, _nrt=False, forceinline=True)


def released(function: Callable[_Told, _Found]) -> Callable[_Told, _Found]:
    """As `kernel`, and other threads run meanwhile: started outside the core, on parts that none of them shares."""
    return _compiled(function, nogil=True, forceinline=False)


def _compiled(function: Callable[_Told, _Found], **how: bool) -> Callable[_Told, _Found]:
    """numba's decorator says nothing of types; what it gives takes and returns what the function does."""
    keep = compiled.kept is not None
    made: Callable[_Told, _Found] = njit(cache=keep, error_model="numpy", **how)(function)
    return made


@leaf
def fill(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Copy a row of numbers, in a leaf: numba's own assignment asks whether the two overlap, and may make an array."""
    for k in range(len(source)):
        target[k] = source[k]
