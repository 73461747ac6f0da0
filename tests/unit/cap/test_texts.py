"""The words: there in every language, short, and right for the channel."""

from __future__ import annotations

import pytest

from tocsin.cap.texts import texts_in
from tocsin.words.catalogue import languages


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything_briefly(language: str) -> None:
    texts = texts_in(language)
    for level in ("prepare", "take_cover", "all_clear"):
        # CAP 3.2.2 suggests at most 160 characters, so that a headline fits a text message.
        assert 0 < len(texts.headline(level, drill=True)) <= 160
        assert texts.at(level).description and texts.at(level).instruction
        assert texts.headline(level, drill=True) != texts.headline(level, drill=False)
    assert len({texts.at(level).headline for level in ("prepare", "take_cover", "all_clear")}) == 3
    lapses = texts.at("prepare", lapses=True)
    assert 0 < len(texts.headline("prepare", drill=True, lapses=True)) <= 160
    # Who is told that none follows must not be told to wait for one.
    waits = texts.prepare.instruction.rsplit(". ", 1)[-1]
    assert lapses.headline != texts.prepare.headline and waits not in lapses.instruction
    assert lapses.description.count(". ") >= 1


def test_there_are_at_least_six_languages_and_english_comes_first() -> None:
    assert languages()[0] == "en" and set(languages()) >= {"en", "ar", "de", "fr", "he", "uk"}
