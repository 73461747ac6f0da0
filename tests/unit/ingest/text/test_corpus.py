"""The labelled lines are sound, and were split before a rule was chosen on them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.some import some
from tocsin.model.threat import THREAT_CLASSES

CORPUS = Path(__file__).parent / "corpus"
STAGES = ("threat", "launch", "in_flight", "over", "gone", "impact", "all_clear", "none")


def _lines() -> list[dict[str, Any]]:
    return [json.loads(line) for path in some(sorted(CORPUS.glob("*.jsonl"))) for line in path.read_text().splitlines()]


def test_there_are_four_hundred_lines_in_five_languages_and_no_two_are_alike() -> None:
    lines = _lines()
    assert len(lines) >= 400
    assert {line["language"] for line in lines} == {"uk", "ru", "ar", "he", "en"}
    assert len({line["text"] for line in lines}) == len(lines)


def test_either_half_has_a_good_third_of_every_language() -> None:
    for language in ("uk", "ru", "ar", "he", "en"):
        texts = [line["text"] for line in _lines() if line["language"] == language]
        kept = sum(hashlib.sha256(text.encode()).digest()[0] & 1 for text in texts)
        assert 0.35 <= kept / len(texts) <= 0.65, language


def test_every_label_is_a_word_that_the_readings_use() -> None:
    for line in some(_lines()):
        assert ("drop" in line) != ("reports" in line)
        for report in line.get("reports", ()):
            assert report["threat"] in THREAT_CLASSES
            assert report["stage"] in STAGES
            assert {place["role"] for place in report.get("places", ())} <= {"over", "towards", "from", "between"}
