"""A check over nothing is no check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

_Held = TypeVar("_Held", bound=Iterable[Any])
_One = TypeVar("_One")


@overload
def some(things: Iterator[_One]) -> list[_One]: ...


@overload
def some(things: _Held) -> _Held: ...


def some(things: Any) -> Any:
    """The things themselves (of an iterator, a list), where there are any: `all(... for one in some(found))`.

    >>> some([2, 3])
    [2, 3]
    >>> some(one for one in [2, 3] if one > 3)
    Traceback (most recent call last):
    AssertionError: nothing to look at: []
    """
    held: NDArray[Any] | Any = list(things) if isinstance(things, Iterator) else things
    assert held.size if isinstance(held, np.ndarray) else len(held), f"nothing to look at: {held!r}"
    return held
