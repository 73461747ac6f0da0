"""The page of stories names, for each, tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "why" / "stories.md"
TOLD_LEAST = 20
ROWS = [
    [part.strip() for part in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]
NAMED = [name for row in ROWS for name in re.findall(r"`([^`]+::[^`]+)`", row[-1])]


def test_there_are_twenty_stories_and_each_is_held_by_a_test() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= TOLD_LEAST
    assert [row[0] for row in ROWS if "::" not in row[-1]] == []


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_a_story_names_exists(named: str) -> None:
    path, _, name = named.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert (f"def {name}(" if path.endswith(".py") else f'it("{name}"') in text
