"""`tocsin spotters`, beside a service or without one."""

from __future__ import annotations

import json
import re
import secrets
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadSettings, BadValue
from tocsin.service.spotters.store import Posts


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('zones = "zones.geojson"\n[journal]\npath = "journal.db"\n[spotters]\n')
    return path


def said(config: Path, *words: str) -> str:
    ran = CliRunner().invoke(app, ["spotters", *words, "--config", str(config)])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_card_joins_one_device_which_is_listed_revoked_and_erased(config: Path) -> None:
    out = config.parent / "cards"
    lines = said(config, "invite", "--count", "2", "--url", "https://alarm.example", "--out", str(out)).splitlines()
    found = [re.fullmatch(r"(post-\w{4})  until \S+Z  https://alarm\.example/spotter#(\S+)", line) for line in lines]
    (first, code), (second, _) = [one.groups() for one in found if one is not None]
    assert sorted(path.name for path in out.iterdir()) == sorted([f"{first}.svg", f"{second}.svg"])
    assert (out / f"{first}.svg").read_text().startswith("<svg")
    posts = Posts(config.parent / "spotters.db", 10)
    assert posts.join(code, secrets.token_urlsafe(32), time.time())
    posts.close()
    listed = {one["name"]: one for one in json.loads(said(config, "list", "--json"))}
    assert (listed[first]["since_s"] is None, listed[second]["since_s"] is None) == (False, True)
    said(config, "revoke", first)
    assert re.search(rf"{first} +revoked", said(config, "list"))
    assert re.search(rf"{second} +invited", said(config, "list"))
    assert "erased 2 posts" in said(config, "erase", "--yes")
    assert json.loads(said(config, "list", "--json")) == []


def test_what_is_wrong_says_what_to_do(config: Path) -> None:
    with pytest.raises(BadSettings, match="give --url"):
        said(config, "invite")
    with pytest.raises(BadValue, match="no post post-0000"):
        said(config, "revoke", "post-0000")
    config.write_text('zones = "zones.geojson"\n')
    with pytest.raises(BadSettings, match=r"has no \[spotters\]"):
        said(config, "list")


def test_without_a_folder_the_code_is_drawn(config: Path) -> None:
    assert re.search("[▀▄█]", said(config, "invite", "--url", "https://alarm.example"))
