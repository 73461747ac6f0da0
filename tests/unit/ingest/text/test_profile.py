"""A channel's profile says what it covers and how it speaks; its examples are tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.ingest.text.profile import read_profile
from tocsin.model.errors import BadFile, BadSettings

GOOD = """
channel = "suburbs"
covers = ["UA.13"]
countries = { UA = 0 }
languages = ["uk"]

[words.kinds]
shahed = ["бджілк*"]

[aliases]
"Бровчик" = "UA.13 Brovary"

[[examples]]
text = "Бджілка на Бровчик"
reports = [{ threat = "drone", stage = "in_flight", places = [{ role = "towards", lat = 50.51, lon = 30.79 }] }]
"""


def _profile(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "profile.toml"
    path.write_text(text)
    return path


def test_a_profile_teaches_words_and_places_and_its_examples_hold(tmp_path: Path) -> None:
    profile = read_profile(_profile(tmp_path, GOOD))
    found = profile.check(profile.reader())
    assert found.of["class"] == 1 and not found.missed


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("shahed =", "unicorn ="), ("covers", "cover"), ("words.kinds", "words.kind"), ("words.kinds", "words.stages"),
        ("words.kinds", "words.counts"), ("lat = 50.51, ", ""),
    ],
)  # fmt: skip
def test_a_wrong_key_or_value_is_named(was: str, becomes: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"profile\.toml"):
        read_profile(_profile(tmp_path, GOOD.replace(was, becomes)))


@pytest.mark.parametrize(
    ("was", "becomes"), [("UA.13 Brovary", "UA.13 Nowhere"), ('UA.13"]', 'UA.99"]'), ("бджілк*", "*")]
)
def test_what_no_place_and_no_word_is_called_is_refused(was: str, becomes: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=re.escape(becomes.strip('"]'))):
        read_profile(_profile(tmp_path, GOOD.replace(was, becomes))).reader()


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        read_profile(_profile(tmp_path, "channel ="))
