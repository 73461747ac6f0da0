"""Posts come as JSON lines, as Telegram's export and as feeds; whatever is none is counted with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tocsin.ingest.files import read_observations
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.text.post import Post
from tocsin.ingest.text.posts import read_posts
from tocsin.model.errors import BadFile
from tocsin.model.observation import ChannelReport

TEXT = "Шахед над Броварами"


def _read(path: Path) -> tuple[list[Post], Rejects]:
    rejects = Rejects()
    posts = list(read_posts(path, rejects))
    assert rejects.account.balanced and rejects.account.used == len(posts)
    return posts, rejects


def test_json_lines_are_posts_and_what_is_none_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    good = {"kind": "report", "id": 7, "channel": "one", "time": "2026-11-01T01:00:00Z", "text": TEXT, "reply_to": 6}
    rows = [good, good | {"time": "2026-11-01T01:00:00"}, good | {"text": 5}, good | {"kind": "plot"}, {"id": "x"}]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n{not json\n")
    posts, rejects = _read(path)
    assert posts == [Post("one", "7", 1793494800.0, TEXT, "6")]
    assert rejects.total == 4 and sum(rejects.passed_over.values()) == 1


def test_a_telegram_export_is_read_with_its_links_its_replies_and_its_edits(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    messages = [
        {"id": 1, "type": "service", "date": "2026-11-01T03:00:00", "action": "pin_message"},
        {
            "id": 2,
            "type": "message",
            "date_unixtime": "1793494800",
            "text": ["Шахед над ", {"type": "bold", "text": "Броварами"}],
        },
        {
            "id": 3,
            "type": "message",
            "date_unixtime": "1793494860",
            "text": "Мінус",
            "reply_to_message_id": 2,
            "edited_unixtime": "1793494870",
        },
        {"id": 4, "type": "message", "date_unixtime": "1793494900", "text": "", "photo": "photos/1.jpg"},
        {"id": 5, "type": "message", "date_unixtime": "soon", "text": "Чисто"},
        {"id": "six", "type": "message", "text": "Чисто"},
    ]
    path.write_text(
        json.dumps({"name": "one", "type": "public_channel", "id": 9, "messages": messages}, ensure_ascii=False)
    )
    posts, rejects = _read(path)
    assert posts == [Post("one", "2", 1793494800.0, TEXT), Post("one", "3", 1793494860.0, "Мінус", "2", True)]
    assert rejects.total == 2 and sum(rejects.passed_over.values()) == 2


@pytest.mark.parametrize("time", [10**400, "1e400", "nan"])
def test_a_time_that_is_none_costs_its_message_only(time: object, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    good = {"id": 2, "date_unixtime": "1793494800", "text": TEXT}
    path.write_text(json.dumps({"name": "one", "messages": [good | {"id": 1, "date_unixtime": time}, good]}))
    posts, rejects = _read(path)
    assert [post.id for post in posts] == ["2"] and rejects.total == 1


def test_an_export_of_all_chats_keeps_them_apart(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    message = {"id": 1, "type": "message", "date_unixtime": "1793494800", "text": TEXT}
    chats = [{"name": name, "id": at, "messages": [message]} for at, name in enumerate(("one", "two"))]
    path.write_text(json.dumps({"about": "", "chats": {"about": "", "list": chats}}))
    posts, _ = _read(path)
    assert [post.channel for post in posts] == ["one", "two"]


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>one</title>
<item><guid>a/1</guid><pubDate>Sun, 01 Nov 2026 01:00:00 +0000</pubDate>
<description>&lt;b&gt;Шахед&lt;/b&gt; над&amp;nbsp;Броварами&lt;br/&gt;Чисто</description></item>
<item><guid>a/2</guid><description>Чисто</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>one</title>
<entry><id>a/1</id><updated>2026-11-01T01:00:00Z</updated>
<content type="html">Шахед над Броварами</content></entry></feed>"""


def test_a_feed_is_read_without_its_markup(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS)
    posts, rejects = _read(path)
    assert posts == [Post("one", "a/1", 1793494800.0, "Шахед над\u00a0Броварами\nЧисто")] and rejects.total == 1
    path.write_text(ATOM)
    assert _read(path)[0] == [Post("one", "a/1", 1793494800.0, TEXT)]


@pytest.mark.parametrize("time", ["Sun, 01 Nov 2026 01:00:00 +9999999999999", "Sun, 01 Nov 99999999999 01:00:00 GMT"])
def test_an_entry_of_a_time_beyond_all_calendars_costs_itself_only(time: str, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS.replace("Sun, 01 Nov 2026 01:00:00 +0000", time))
    posts, rejects = _read(path)
    assert posts == [] and rejects.total == 2


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>none</body></html>",
        b"\x89PNG",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>",
        b'{"messages": 5}',
        b"[]",
    ],
)
def test_what_is_no_file_of_posts_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(BadFile):
        _read(path)


def test_an_export_and_a_feed_are_observations_in_order_of_time_for_a_replay(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    messages = [
        {"id": number, "type": "message", "date_unixtime": str(1_793_494_800 + at_s), "text": text} | more
        for number, at_s, text, more in (
            (8, 60, "Ще один шахед", {"reply_to_message_id": 7}),
            (7, 0, TEXT, {"edited_unixtime": "1793494900"}),
        )
    ]  # fmt: skip
    path.write_text(json.dumps({"name": "One  channel", "type": "public_channel", "id": 1, "messages": messages}))
    rejects = Rejects()
    first, second = read_observations(path, (), rejects)
    assert isinstance(first, ChannelReport) and isinstance(second, ChannelReport)
    assert (first.id, first.source, first.channel, first.text, first.edited) == (
        "7", "One-channel", "One  channel", TEXT, True,
    )  # fmt: skip
    assert (second.id, second.reply_to, second.edited) == ("8", "7", False)
    assert rejects.account.balanced and rejects.account.used == 2
    feed = tmp_path / "feed.rss"
    feed.write_text(
        "<rss><channel><title>m</title><item><guid>https://a.example/1</guid><description>x</description>"
        "<pubDate>Sun, 01 Nov 2026 01:00:00 GMT</pubDate></item></channel></rss>"
    )
    (one,) = read_observations(feed, (), Rejects())
    assert len(one.id) == 24 and one.source == "m"
