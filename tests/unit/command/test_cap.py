"""`tocsin cap` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ALERT = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n<identifier>a</identifier>\n</alert>'


def test_check_prints_one_line_per_problem_and_exits_1(tmp_path: Path) -> None:
    path = tmp_path / "alert.xml"
    path.write_bytes(ALERT)
    result = CliRunner().invoke(app, ["cap", "check", "--schema-only", str(path)])
    assert result.exit_code == 1 and result.stdout == f"{path}:1: alert has no sender\n"
    result = CliRunner().invoke(app, ["cap", "check", "--json", str(path)])
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "files": {str(path): [{"line": 1, "what": "alert has no sender"}]},
        "problems": 1,
    }


def test_check_of_a_good_message_says_nothing_and_exits_0(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    from tocsin.announce.cap_archive import Archive
    from tocsin.cap.write import Author, Issuer

    issuer = Issuer(sender="warnings.example")
    path = tmp_path / "alert.xml"
    path.write_bytes(Author(issuer, zones).xml(Archive(issuer).apply([warn("z0")])[0]))
    result = CliRunner().invoke(app, ["cap", "check", "--profile", "tocsin", str(path)])
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "alert.xml"
    path.write_bytes(ALERT)
    result = CliRunner().invoke(app, ["cap", "check", str(tmp_path / "missing.xml"), str(path), str(tmp_path)])
    assert result.exit_code == 1
    assert [line.partition(": ")[0] for line in result.stdout.splitlines()] == [
        f"{tmp_path / 'missing.xml'}:0", f"{path}:1", f"{tmp_path}:0"
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["check", "verify"])
def test_help_shows_an_example(command: str) -> None:
    assert "Example" in CliRunner().invoke(app, ["cap", command, "--help"]).stdout


def _alert(identifier: str, **changed: str) -> str:
    """A message without a fault, as one element."""
    fields = {"identifier": identifier, "msgType": "Alert", **changed}
    return (
        f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{fields["identifier"]}</identifier>'
        "<sender>warnings.example</sender><sent>2026-03-01T03:00:00-00:00</sent><status>Actual</status>"
        f"<msgType>{fields['msgType']}</msgType><scope>Public</scope></alert>"
    )


def _atom(*entries: str) -> str:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{body}</feed>'


def _check(*words: object) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["cap", "check", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout.splitlines()


def test_a_feed_of_links_is_read_with_the_messages_that_lie_beside_it(tmp_path: Path) -> None:
    links = ["https://w.example/cap/a%20b.xml", "/cap/b.xml", "c.xml", "https://w.example/cap/gone.xml"]
    feed = tmp_path / "feed.atom"
    feed.write_text(_atom(*(f'<link type="application/cap+xml" href="{link}"/>' for link in links)))
    nothing = "0: no message was checked: it only links to 4, none of which lies beside it"
    status, lines = _check(feed)
    assert status == 1 and lines == [f"{feed}:{nothing}; save them there, or give their files"]
    (tmp_path / "cap").mkdir()
    (tmp_path / "cap" / "a b.xml").write_text(_alert("a"))
    (tmp_path / "cap" / "b.xml").write_text(_alert("b", msgType="Cry"))
    (tmp_path / "c.xml").write_text("<nothing/>")
    status, lines = _check(feed)
    assert status == 1
    assert lines[0].endswith("of 4 that it links to, 3 lie beside it and 1 were not looked at")
    assert [line.split(":")[0] for line in lines[1:]] == [str(tmp_path / "cap" / "b.xml"), str(tmp_path / "c.xml")]


def test_rss_with_enclosures_beside_it_is_read(tmp_path: Path) -> None:
    item = '<item><title>t</title><enclosure url="http://w.example/x/a.cap" type="application/cap+xml"/></item>'
    (tmp_path / "f.rss").write_text(f'<rss version="2.0"><channel>{item}</channel></rss>')
    (tmp_path / "a.cap").write_text(_alert("a", msgType="Cry"))
    status, lines = _check(tmp_path / "f.rss")
    assert status == 1 and lines[1].startswith(f"{tmp_path / 'a.cap'}:1: ")


@pytest.mark.parametrize(
    "link", ["../../secret.xml", "file:///%s", "..%2Fsecret.xml", "http://[", "\\\\h\\x.xml", "/" * 1500]
)
def test_a_link_leads_nowhere_else_on_this_machine(tmp_path: Path, link: str) -> None:
    (tmp_path / "secret.xml").write_text("<nothing/>")
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "f.atom").write_text(_atom(f'<link type="application/cap+xml" href="{link}"/>'))
    _, lines = _check(folder / "f.atom")
    assert len(lines) == 1 and "secret.xml" not in lines[0]


def test_many_messages_of_one_file_are_each_named(tmp_path: Path) -> None:
    messages = (_alert("a"), _alert("b", msgType="Cry"), _alert("c", msgType="Cry"))
    feed = tmp_path / "f.atom"
    feed.write_text(_atom(*(f'<content type="text/xml">{message}</content>' for message in messages)))
    status, lines = _check(feed)
    assert status == 1
    assert [line.split(": ")[1] for line in lines] == ["b", "c", "3 messages in it, 2 problems"]
    answer = json.loads("".join(_check("--json", feed)[1]))
    assert answer["problems"] == 2 and answer["notes"][str(feed)].startswith("3 messages")


def test_an_alert_that_is_no_cap_is_mentioned_beside_one_that_is(tmp_path: Path) -> None:
    stranger = _alert("x").replace("cap:1.2", "cap:1.3")
    feed = tmp_path / "f.atom"
    feed.write_text(_atom(f"<content>{_alert('a')}</content>", f"<content>{stranger}</content>", "<title>n</title>"))
    status, lines = _check(feed)
    assert status == 1
    assert any("none of CAP 1.0, 1.1 and 1.2" in line for line in lines)
    assert any("links to none" in line for line in lines)


def test_an_empty_feed_is_a_feed_and_a_page_is_none(tmp_path: Path) -> None:
    (tmp_path / "e.atom").write_text(_atom())
    assert _check(tmp_path / "e.atom")[0] == 0
    for body in ("<html><body/></html>", "{}", "", "PK\x03\x04", '{"type":"FeatureCollection","features":[]}'):
        (tmp_path / "x").write_text(body)
        assert _check(tmp_path / "x")[0] == 1
