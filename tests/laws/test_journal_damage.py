"""Whatever is done to a journal's files, a start says it, or every acknowledged event is there, known and in order."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.bench import damage


@pytest.fixture(scope="module")
def night() -> Iterator[damage.Night]:
    with damage.night() as one:
        yield one


def test_where_nothing_was_done_nothing_is_said(night: damage.Night) -> None:
    folder = night.folder.with_name("same")
    shutil.copytree(night.folder, folder)
    assert damage.verdict(night, folder) == "whole"


@tried(80, nightly=1_000)
@given(seed=st.integers(0, 2**32))
def test_a_flip_a_cut_a_deletion_or_an_older_copy_is_said_or_lost_nothing(night: damage.Night, seed: int) -> None:
    folder = night.folder.with_name("damaged")
    what = damage.damaged(night, folder, random.Random(seed))
    try:
        assert damage.verdict(night, folder) in ("said", "refused", "whole"), what
    finally:
        shutil.rmtree(folder)
