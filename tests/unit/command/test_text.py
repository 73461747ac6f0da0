"""`tocsin text` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadSettings

LABELLED = {
    "text": "Shahed over Brovary",
    "reports": [{"threat": "drone", "stage": "over", "places": [{"role": "over", "lat": 50.51, "lon": 30.79}]}],
}


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["text", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    return result.stdout


def test_try_says_what_is_understood_and_what_each_word_was_taken_for() -> None:
    said = _run("try", "2 shaheds past Nizhyn heading for Kyiv qwxzv")
    assert "drone, in_flight, at least 2: via Nizhyn, towards Kyiv, course 2" in said
    assert "heading for: role towards" in said and "not understood: qwxzv" in said


def test_try_gives_a_program_the_class_the_odds_and_every_place() -> None:
    row = json.loads(_run("try", "--json", "Shahed over Mykhailivka"))
    (report,) = row["reports"]
    assert report["class"] == "drone" and report["threat"] == {"drone": 1.0}
    assert sum(spot["weight"] for spot in report["places"][0]["spots"]) <= 1.0001


def test_a_language_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSettings, match="'xx'"):
        _run("try", "--language", "xx", "text")


def test_check_scores_labelled_lines_and_prints_what_was_missed(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(LABELLED) + "\n" + json.dumps(LABELLED | {"text": "Jet over Brovary"}) + "\n")
    found = json.loads(_run("check", str(path), "--json"))
    assert found["class"] == {"right": 1, "of": 2} and found["place"] == {"right": 2, "of": 2}
    assert "class: Jet over Brovary" in _run("check", str(path), "--missed")


def test_check_of_a_profile_fails_where_an_example_is_read_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    example = 'channel = "a"\ncountries = { UA = 20000 }\n[[examples]]\ntext = "Shahed over Brovary"\n'
    path.write_text(example + 'reports = [{ threat = "drone", stage = "over" }]\n')
    _run("check", str(path))
    path.write_text(example + 'reports = [{ threat = "jet", stage = "over" }]\n')
    assert CliRunner().invoke(app, ["text", "check", str(path)]).exit_code == 1


def test_read_takes_posts_in_context_and_review_lists_what_is_not_understood(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    texts = ["Shahed over Brovary qwxzv", "Boryspil qwxzv", "Shahed over Brovary qwxzv", "Good night"]
    rows = [
        {"kind": "report", "channel": "a", "id": at, "time": f"2026-11-01T01:0{at}:00Z", "text": text}
        for at, text in enumerate(texts)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = _run("read", str(path))
    assert "a 1: drone (weak), over, at least 1: over Boryspil" in said
    assert "2 read" in said and "1 dropped: said before" in said
    assert _run("review", str(path)).startswith("qwxzv: in 3 lines")


HOSTILE = "\x1b[2J\x1b]0;owned\x07Шахед\u202e над Броварами qwx\u2066zv"


def test_what_a_channel_wrote_does_nothing_to_the_terminal(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    row = {"channel": HOSTILE, "id": "\u202e7", "time": "2026-11-01T01:00:00Z", "text": HOSTILE}
    posts.write_text(json.dumps(row) + "\n" + json.dumps(row | {"id": "8", "text": HOSTILE + "!"}) + "\n")
    corpus = tmp_path / "lines.jsonl"
    corpus.write_text(json.dumps({"text": HOSTILE, "drop": "chat"}) + "\n")
    for arguments in (
        ("try", HOSTILE), ("try", "--json", HOSTILE), ("read", str(posts)), ("read", "--json", str(posts)),
        ("review", str(posts), "--at-least", "1"), ("review", str(posts), "--at-least", "1", "--json"),
        ("check", str(corpus), "--missed"),
    ):  # fmt: skip
        said = _run(*arguments)
        assert said.strip() and not set(said) & set("\x1b\x07\u202e\u2066"), arguments


def test_what_is_longer_than_is_read_is_said_and_counted(tmp_path: Path) -> None:
    text = "Шахед над Броварами. " + "слово " * 1_000
    assert "not read: the last" in _run("try", text)
    posts = tmp_path / "posts.jsonl"
    posts.write_text(json.dumps({"channel": "one", "id": 1, "time": "2026-11-01T01:00:00Z", "text": text}) + "\n")
    assert "1 longer than is read" in _run("read", str(posts))
