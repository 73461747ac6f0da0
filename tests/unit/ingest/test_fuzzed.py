"""Readers of what comes from outside, given good samples and damaged ones; `make fuzz` does it for hours."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.__main__ import fault_of
from tests.fuzz.damage import damaged
from tests.fuzz.readers import READERS
from tests.fuzz.samples import SAMPLES, Sample
from tests.some import some

# Ours come first; those of others are many.
SAMPLES_MAX = 8


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_good_sample_is_read_whole(name: str, tmp_path: Path) -> None:
    for sample in some(SAMPLES[name]()[:SAMPLES_MAX]):
        account = READERS[name](sample, tmp_path)
        if account is not None:
            assert account.read == account.used + account.passed_over
            assert account.read > 0


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_damaged_sample_is_refused_or_read_and_always_accounted_for(name: str, tmp_path: Path) -> None:
    random, samples = Random(name), SAMPLES[name]()[:SAMPLES_MAX]
    contents = [one.content for one in samples]
    for _ in range(40):
        good = random.choice(samples)
        sample = Sample(good.suffix, damaged(random, good.content, contents))
        # How long it takes is measured where nothing else runs.
        assert fault_of(name, sample, tmp_path) in (None, "slow"), sample


def test_what_is_damaged_differs_and_comes_again_from_the_same_seed() -> None:
    first, again = ([damaged(Random(seed), b"a plain line of text", [b"other"]) for seed in range(50)] for _ in "12")
    assert first == again
    assert len({*first}) > 40
