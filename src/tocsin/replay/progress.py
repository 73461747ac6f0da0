"""A progress bar for people: on stderr, and only where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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


@contextmanager
def share_shown(text: str) -> Iterator[Callable[[float], None]]:
    """A bar that shows the share done, from 0 to 1, as it is told; nothing off a terminal."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share: bar.update(task, completed=share)
