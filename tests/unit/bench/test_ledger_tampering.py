"""The measurement of tampering: what it does is tampering, and what is not found would be counted."""

from __future__ import annotations

import random

import pytest

from tests.some import some
from tests.unit.ledger.proofs import KEY, TRUST
from tocsin.bench import ledger_tampering as bench
from tocsin.bench.verify_page import PageFinding
from tocsin.ledger.proof_check import verify
from tocsin.ledger.proof_heads import HeadSigner


@pytest.mark.parametrize("kind", bench.KINDS)
def test_every_record_that_is_tampered_with_is_found_and_no_other(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ENTRIES", 100)
    monkeypatch.setattr(bench, "TAMPERED", 20)
    log = bench.tampered(random.Random(5), HeadSigner(KEY), kind)
    assert len(log.touched) == 20
    found = [PageFinding(*one[:3]) for one in verify(log.entries, log.heads, TRUST).findings]
    assert bench._counted([log], [found]) == (0, 0)


def test_what_is_missed_or_wrongly_named_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ENTRIES", 100)
    monkeypatch.setattr(bench, "TAMPERED", 20)
    log = bench.tampered(random.Random(5), HeadSigner(KEY), "drop")
    first, second, *_ = some(sorted(log.touched))
    assert first + 1 not in log.touched
    found = [PageFinding("dropped", first, first + 1), PageFinding("altered", second, second)]
    assert bench._counted([log], [found]) == (19, 1)
