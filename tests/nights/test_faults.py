"""A minute of nights in which the disk, the clock, the network or the process fail: nothing is lost without a word.

`tocsin bench faults --minutes 60` plays more of them; a failure names its workload and its seed.
"""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from tests.some import some
from tocsin.bench.faults import outcome
from tocsin.bench.faults_workload import workloads
from tocsin.journal import GroupCommit, Journal, Receipt

pytestmark = pytest.mark.server

WORKLOADS = workloads()
# A seed of each in which much goes wrong.
SEED = 1


@pytest.mark.parametrize("name", WORKLOADS)
def test_nothing_is_lost_lowered_or_cleared_without_a_word(name: str) -> None:
    found = outcome(name, WORKLOADS[name], SEED)
    assert found.wrong == ()
    # On a sound disk, and once everything has come, nothing need be said.
    assert found.verdict == "whole" or name not in ("kills", "network")


def acknowledging_all(self: GroupCommit, future: Future[list[Receipt]], receipts: list[Receipt], _to: int) -> None:
    if not future.cancelled():
        future.set_result(receipts)


def test_a_service_that_tells_nobody_what_it_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journal, "note_held", lambda self: None)
    name = "killed-on-a-bad-disk"
    assert all("lost without a word" in what for what in some(outcome(name, WORKLOADS[name], 0).wrong))


def test_a_service_that_waits_for_the_disk_to_warn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_over = GroupCommit._hand_over

    def waiting(self: GroupCommit, taken: object) -> None:
        on_commit = self._on_commit
        if self.undurable:
            self._on_commit = None
        hand_over(self, taken)  # type: ignore[arg-type]
        self._on_commit = on_commit

    monkeypatch.setattr("tocsin.service.ticker.TICK_WAIT_S", 0.01)
    monkeypatch.setattr(GroupCommit, "_hand_over", waiting)
    assert some(outcome("disk-fails", WORKLOADS["disk-fails"], SEED).wrong)
