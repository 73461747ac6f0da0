"""A progress bar for people: on stderr, and only where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")


def progress(items: Iterable[_Item], text: str, total: int | None = None) -> Iterator[_Item]:
    """The items, with a bar (or a running count, where the total is unknown) while they go by."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, text, total=total, console=Console(stderr=True), transient=True)
