"""A check over nothing is no check."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

_Held = TypeVar("_Held", bound=Collection[Any])
_One = TypeVar("_One")


@overload
def some(things: _Held) -> _Held: ...  # type: ignore[overload-overlap]


@overload
def some(things: Iterable[_One]) -> list[_One]: ...


def some(things: Any) -> Any:
    """The things themselves (a list of what has no length), where there are any: `all(... for one in some(found))`."""
    held: NDArray[Any] | Any = things if isinstance(things, Collection) else list(things)
    assert held.size if isinstance(held, np.ndarray) else len(held), f"nothing to look at: {held!r}"
    return held
