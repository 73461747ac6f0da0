"""How much a source may send."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.rate import Allowance

WANTED = st.integers(0, 1_000)
STEPS = st.lists(st.tuples(WANTED, st.floats(-5, 50), st.booleans()), max_size=30)


def test_an_allowance_refills_by_the_second_and_saves_up_no_more_than_its_burst() -> None:
    allowance = Allowance(10.0)
    assert [allowance.take(7, 0.0), allowance.take(7, 0.0)] == [7, 3]
    assert allowance.take(100, 0.5) == 5
    assert allowance.take(100, 100.0) == 10
    patient = Allowance(10.0, 10.0)
    assert patient.take_all(100, 0.0)
    assert not patient.take_all(1, 0.0)
    assert patient.take_all(5, 0.5)


@given(st.floats(1, 100), st.floats(1, 20), STEPS)
def test_never_more_passes_than_the_burst_and_the_rate_allow(
    per_s: float, burst_s: float, steps: list[tuple[int, float, bool]]
) -> None:
    allowance, now_s, gone_s, passed = Allowance(per_s, burst_s), 0.0, 0.0, 0
    for wanted, later_s, whole in steps:
        now_s, gone_s = now_s + later_s, gone_s + max(0.0, later_s)
        if whole:
            passed += wanted if allowance.take_all(wanted, now_s) else 0
        else:
            took = allowance.take(wanted, now_s)
            assert 0 <= took <= wanted
            passed += took
    assert passed <= per_s * (burst_s + gone_s) * (1 + 1e-9)
