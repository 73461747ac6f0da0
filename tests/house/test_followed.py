"""What `make coverage` counts of what takes long: its beginning, or nothing, and everything again afterwards."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from tests import followed
from tests.followed import followed_at_first, unfollowed


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of functions, as whoever follows a worker sees them begin."""
    monkeypatch.setattr(followed, "IN_A_WORKER", True)
    names: list[str] = []

    def note(frame: FrameType, *_: object) -> None:
        names.append(frame.f_code.co_name)

    here, elsewhere = sys.gettrace(), threading.gettrace()
    sys.settrace(note)
    threading.settrace(note)
    yield names
    threading.settrace(elsewhere)
    sys.settrace(here)


def first() -> None: ...


def second() -> None: ...


def third() -> None: ...


def test_what_runs_unfollowed_is_not_seen_and_what_comes_after_it_is(called: list[str]) -> None:
    first()
    with pytest.raises(ValueError, match="x"), unfollowed():
        second()
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        raise ValueError("x")
    third()
    assert "first" in called and "third" in called and "second" not in called


def test_a_law_is_followed_until_it_has_taken_long(called: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr(time, "process_time", lambda: now_s)

    def example(number: int) -> int:
        nonlocal now_s
        now_s += 0.4
        first()
        return number

    law = followed_at_first(example)
    assert [law(number) for number in range(5)] == list(range(5))
    assert called.count("first") == 3
