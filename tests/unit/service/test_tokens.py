"""A token that can be guessed is nobody's."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tokens import digest
from tocsin.service.tokens import CHARACTERS_MIN, WORDS, guessed, weakness


def made_of_16_bytes(chance: random.Random) -> tuple[str, str, str]:
    """As `secrets` and others write 128 bits."""
    data = chance.randbytes(16)
    return data.hex(), base64.urlsafe_b64encode(data).decode().rstrip("="), base64.b32encode(data).decode()


def test_no_token_drawn_by_chance_is_called_weak() -> None:
    chance = random.Random(1)
    drawn = [token for _ in range(3_000) for token in made_of_16_bytes(chance)]
    assert [(token, why) for token in drawn if (why := weakness(token)) is not None] == []


@given(st.text(alphabet=string.printable.strip(), max_size=CHARACTERS_MIN - 1))
def test_no_short_token_is_anybodys(token: str) -> None:
    assert "characters" in (weakness(token) or "")


@given(
    st.lists(st.sampled_from([word for word in WORDS if len(word) > 3]), min_size=4), st.sampled_from(["", "-", "_"])
)
def test_words_however_many_are_no_token(words: list[str], between: str) -> None:
    assert weakness(between.join(words)) is not None


@given(st.text(alphabet="ab1Z", min_size=CHARACTERS_MIN, max_size=23))
def test_few_different_characters_are_no_token(token: str) -> None:
    assert weakness(token) is not None


@pytest.mark.parametrize(
    "token", ["x" * 40, "abcdefghijklmnopqrstuvwxyz0123456789", "98765432109876543210", "secret" * 9]
)
def test_runs_and_repetitions_are_no_token(token: str) -> None:
    assert weakness(token) is not None


def test_a_hash_of_what_is_no_word_is_not_called_guessed() -> None:
    digests = [digest(str(number)) for number in range(50)]
    assert guessed(digests, ["hill"]) is None
