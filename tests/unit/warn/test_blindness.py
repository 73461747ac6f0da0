"""Why we may be blind is a sentence that can be read back."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.sensor import State
from tocsin.warn.blindness import Blindness, read

WRONG = [state for state in get_args(State) if state not in ("up", "removed")]
COUNTS = st.integers(1, 100_000).flatmap(lambda count: st.tuples(st.integers(1, count), st.just(count)))


@given(st.sampled_from(["radar", "mesh"]), COUNTS, st.sets(st.sampled_from(WRONG), min_size=1))
def test_what_is_said_of_sensors_that_do_not_work_is_read_as_it_was_meant(
    kind: str, counts: tuple[int, int], states: set[State]
) -> None:
    meant = Blindness(kind, *counts, tuple(states))  # type: ignore[arg-type]
    found = read(str(meant))
    assert found is not None and set(found.states) == states and len(found.states) == len(states)
    assert (found.kind, found.failed, found.count) == (kind, *counts)
    assert str(found) == str(meant)


def test_what_has_no_figures_is_read_too() -> None:
    every = [Blindness("nothing"), Blindness("removed"), Blindness("lost")]
    assert [read(str(one)) for one in every] == every


@given(st.text())
def test_words_of_others_are_not_taken_for_ours(words: str) -> None:
    found = read(words)
    assert found is None or str(found) == words


def test_a_state_that_nobody_knows_is_anothers_word() -> None:
    assert read("1 of 2 radar over this zone: tired") is None
    assert read("1 of 2 radar over this zone: silent, tired") is None
    assert read("radar") is None
