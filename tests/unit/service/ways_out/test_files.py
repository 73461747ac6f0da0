"""`kind = "files"` in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.service.ways_out.test_made import written
from tocsin.announce.file_drop import FileDrop
from tocsin.model.errors import BadSettings
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings

FILES = 'kind = "files"\nid = "transmitter"\nfolder = "out"\n'


def made(folder: Path, more: str) -> Runtime:
    settings = load_settings(written(folder, FILES + more))
    return Runtime(settings, configured(settings), Clock())


def test_the_folder_lies_below_the_settings_and_the_languages_are_those_of_cap(tmp_path: Path) -> None:
    (outbox,) = made(tmp_path, 'forms = ["sms", "camf"]\ncamf_country = 231\n').channels.outboxes
    assert isinstance(outbox.channel, FileDrop)
    assert outbox.channel.recipients == (str(tmp_path / "out"),)
    assert outbox.channel._wanted.languages == ("en",)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('languages = ["xx"]', "no texts in language 'xx'"),
        ('timezone = "Nowhere/City"', "no time zone 'Nowhere/City'"),
        ('station = "wxyz-fm"', "eight capitals"),
        ('forms = ["camf"]', "CAMF needs to know who warns"),
    ],
)
def test_what_cannot_be_made_is_said_before_the_first_warning(more: str, why: str, tmp_path: Path) -> None:
    runtime = made(tmp_path, more)
    assert why in runtime.channels.missing["transmitter"]
    with pytest.raises(BadSettings, match=why):
        runtime.settings.channel[0].check()
