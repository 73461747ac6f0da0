"""`kind = "static"` in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.service.ways_out.test_made import written
from tocsin.announce.static_files import StaticFiles
from tocsin.model.errors import BadSettings
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings

FILES = 'kind = "static"\nid = "files"\npath = "www"\n'


def test_files_go_to_the_folder_that_is_named_below_the_settings_and_link_to_where_they_are_served(
    tmp_path: Path,
) -> None:
    settings = load_settings(written(tmp_path, FILES + 'url = "https://static.example"\n'))
    (outbox,) = Runtime(settings, configured(settings), Clock()).channels.outboxes
    assert isinstance(outbox.channel, StaticFiles)
    assert outbox.channel.recipients == (str(tmp_path / "www"),)
    assert outbox.channel._url == "https://static.example"


@pytest.mark.parametrize("more", ['zones = ["home"]', 'levels = ["take_cover"]', 'worlds = "live"'])
def test_files_of_some_zones_only_are_refused_because_they_show_all(more: str, tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, FILES + more))
    runtime = Runtime(settings, configured(settings), Clock())
    assert "show all that is public" in runtime.channels.missing["files"]


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    for url in ("ftp://static.example", "https://static.example/"):
        with pytest.raises(BadSettings, match="url"):
            load_settings(written(tmp_path, FILES + f'url = "{url}"\n'))
