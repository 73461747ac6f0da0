"""The key that signs, the one that follows, and until when readers can believe them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tocsin.announce.key_making import make
from tocsin.cap.sign import Signer
from tocsin.cap.signers import Signers
from tocsin.model.errors import BadSettings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def signer(folder: Path, name: str, days: int, begun: datetime = NOW) -> Signer:
    """A key whose certificate holds for some days."""
    paths = make("cap", folder, name, subject="warnings.example", days=days, now=begun)
    return Signer(paths[0].read_bytes(), paths[1].read_bytes())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Signer]:
    """One that holds for 60 days from NOW, and one that holds for 100 days from 20 days later."""
    folder = tmp_path_factory.mktemp("keys")
    return signer(folder, "first", 60), signer(folder, "next", 100, NOW + 20 * DAY)


@given(st.integers(-40, 40))
def test_who_signs_a_message_is_decided_by_when_it_was_sent(keys: tuple[Signer, Signer], days: int) -> None:
    both = Signers(*keys, next_from=NOW + 30 * DAY)
    assert both.at(NOW + (30 + days) * DAY) is keys[days >= 0]


def test_that_a_certificate_ends_is_a_trouble_before_it_does(keys: tuple[Signer, Signer]) -> None:
    alone = Signers(keys[0])
    assert alone.trouble(NOW + 29 * DAY) is None
    assert "in 29 days" in (alone.trouble(NOW + 31 * DAY) or "")
    assert "ended 2026-04-30" in (alone.trouble(NOW + 61 * DAY) or "")
    assert "holds from" in (alone.trouble(NOW - DAY) or "")


def test_a_next_key_ends_the_trouble_when_its_certificate_takes_over_in_time(keys: tuple[Signer, Signer]) -> None:
    both = Signers(*keys, next_from=NOW + 50 * DAY)
    assert all(both.trouble(NOW + day * DAY) is None for day in some(range(90)))
    assert both.trouble(NOW + 91 * DAY) is not None
    # Used before its certificate holds, or after the first has ended, there is a hole between the two.
    assert Signers(*keys, next_from=NOW + 10 * DAY).left(NOW) == 10 * DAY
    assert Signers(*keys, next_from=NOW + 70 * DAY).left(NOW) == 60 * DAY


def test_half_a_next_key_is_refused(keys: tuple[Signer, Signer]) -> None:
    with pytest.raises(BadSettings, match="give both"):
        Signers(keys[0], keys[1])
    with pytest.raises(BadSettings, match="give both"):
        Signers(keys[0], next_from=NOW)
