"""How kernels are compiled that many threads run at once: started outside the core, on parts that none shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

from tocsin import compiled

_Told = ParamSpec("_Told")
_Found = TypeVar("_Found")


def released(function: Callable[_Told, _Found]) -> Callable[_Told, _Found]:
    """As `kernels.kernel`, and other threads of the process run meanwhile."""
    keep = compiled.kept is not None
    made: Callable[_Told, _Found] = njit(cache=keep, error_model="numpy", nogil=True, forceinline=False)(function)
    return made
