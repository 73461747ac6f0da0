"""What takes long is followed line by line at its beginning alone: to follow doubles its time, and shows little new."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

# `make mutants` has no workers, and asks for all that each test runs.
IN_A_WORKER = "PYTEST_XDIST_WORKER" in os.environ
# Of each law: most of what laws cost is spent by a few that take ten times as long.
FOLLOWED_S = 1.0


@contextmanager
def unfollowed() -> Iterator[None]:
    """No line that runs within is counted in `make coverage`."""
    if not IN_A_WORKER:
        yield
        return
    here, elsewhere = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(elsewhere)
        sys.settrace(here)


def followed_at_first(example: Callable[..., Any]) -> Callable[..., Any]:
    """A law's function: the lines of its examples are counted until they have taken FOLLOWED_S."""
    left_s = FOLLOWED_S

    @wraps(example)
    def tried(*args: Any, **fields: Any) -> Any:
        nonlocal left_s
        if left_s <= 0:
            with unfollowed():
                return example(*args, **fields)
        start_s = time.process_time()
        try:
            return example(*args, **fields)
        finally:
            left_s -= time.process_time() - start_s

    return tried
