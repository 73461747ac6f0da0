"""What the settings say reaches what it is said of."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.announce.channel import Batch
from tocsin.model.errors import BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.warning import Warning
from tocsin.replay.configuration import configuration_of
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings
from tocsin.simulate.places import invented_zones

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ZONES = invented_zones(3)


def _file(folder: Path, text: str) -> Path:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(ZONES))
    path = folder / "tocsin.toml"
    path.write_text('zones = "zones.geojson"\n' + text)
    return path


def test_the_senders_page_and_contact_are_in_every_cap_message(tmp_path: Path) -> None:
    settings = load_settings(_file(tmp_path, 'web = "https://warnings.example/"\ncontact = "desk@warnings.example"\n'))
    runtime = Runtime(settings, configuration_of(ZONES, (), {}, drill=False, time=NOW), Clock())
    zone, until = ZONES[0].id, NOW + timedelta(minutes=10)
    warning = Warning(id=f"{zone}/1/1/prepare", zone=zone, level="prepare", time=NOW, expires=until)
    runtime.channels.fold(Batch(1, NOW, (warning,)))
    xml = runtime.channels.cap_messages.xml(warning.id)
    assert xml is not None
    assert b"<web>https://warnings.example/</web>" in xml
    assert b"<contact>desk@warnings.example</contact>" in xml


def test_listeners_of_one_address_are_bounded_as_told(tmp_path: Path) -> None:
    settings = load_settings(_file(tmp_path, "[http]\nlisteners_per_address_max = 3\n"))
    runtime = Runtime(settings, configuration_of(ZONES, (), {}, drill=False, time=NOW), Clock())
    assert runtime.channels.page_stream._per_address_max == 3


def test_the_tracker_and_the_forecast_are_told_by_file_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path, "[track]\ncoast_s = 60\nlate_s = 180\n[forecast]\nhorizon_s = 1200\n")
    monkeypatch.setenv("TOCSIN_TRACK__REGISTRATION", "false")
    configuration = configured(load_settings(path))
    # late_s is the default, and so is not worth a word in the journal.
    assert configuration.track == {"coast_s": 60.0, "registration": False}
    assert configuration.forecast == {"horizon_s": 1200.0}
    with pytest.raises(BadSettings, match=r"\[forecast\] cannot be used.*horizon_s"):
        configured(load_settings(_file(tmp_path, "[forecast]\nhorizon_s = 1\n")))


@pytest.mark.parametrize(
    ("holders", "said"),
    [
        ([("source", "hill", ""), ("operator", "duty", "x")], "hill is empty or a word that everybody tries; make one"),
        ([("source", "hill", "test")], "hill is empty or a word that everybody tries; make one with `python -c"),
        ([("source", "hill", "change-me")], "a word that everybody tries"),
        ([("watcher", "w", "0815"), ("operator", "duty", "x")], "the token of w is .* that everybody tries"),
        ([("source", "north-ridge", "North-Ridge2026")], "a word that everybody tries"),
        ([("source", "hill", "x"), ("operator", "duty", "x")], "have the same token"),
        ([("source", "hill", "x"), ("source", "dale", "x")], "have the same token"),
        ([("watcher", "w", "x"), ("operator", "duty", "x")], "have the same token"),
        ([("operator", "duty", "x"), ("operator", "duty", "y")], "two operators are called duty"),
        ([("source", "hill", "x"), ("source", "hill", "y")], "two sources are called hill"),
    ],
)
def test_a_token_is_one_holders_alone_and_no_word_that_everybody_knows(
    tmp_path: Path, holders: list[tuple[str, str, str]], said: str
) -> None:
    text = ""
    for table, name, token in holders:
        kind = 'kind = "http"\n' if table == "source" else ""
        text += f'[[{table}]]\n{kind}id = "{name}"\ntoken_sha256 = "{hashlib.sha256(token.encode()).hexdigest()}"\n'
    with pytest.raises(BadSettings, match=said):
        load_settings(_file(tmp_path, text))
