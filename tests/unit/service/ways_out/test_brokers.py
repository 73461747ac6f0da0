"""What the settings say of brokers and sirens, and the channels made of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.service.ways_out.test_made import written
from tocsin.announce.key_making import make
from tocsin.model.errors import BadSettings
from tocsin.model.value import time_of
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings, make_settings
from tocsin.service.troubles import channel_troubles

MQTT = 'kind = "mqtt"\nid = "broker"\nhost = "broker.example"\nhome_assistant = ["home"]\n'
SIRENS = 'kind = "sirens"\nid = "sirens"\nhost = "broker.example"\nkey_file = "keys/live.key"\n'
SIREN = '[[channel.siren]]\nid = "school"\nzones = ["home"]\nkey = "keys/school.pub"\n'


def keyed(folder: Path) -> None:
    for name in ("live", "school"):
        make("siren", folder / "keys", name, subject="", days=1, now=time_of(0))
    (folder / "password").write_text("correct horse\n")
    (folder / "password").chmod(0o600)


def test_a_broker_and_sirens_of_the_settings_are_made_and_not_connected_is_a_trouble(tmp_path: Path) -> None:
    keyed(tmp_path)
    secret = 'user = "tocsin"\npassword_file = "password"\n'
    settings = load_settings(written(tmp_path, MQTT + secret, SIRENS + SIREN))
    runtime = Runtime(settings, configured(settings), Clock())
    assert list(runtime.channels.working) == ["broker", "sirens"]
    assert sorted(runtime.channels.silent) == ["broker", "sirens"]
    assert [one.split(":")[0] for one in channel_troubles(runtime, named=True)] == ["channel broker", "channel sirens"]
    assert "correct horse" not in repr(vars(runtime.channels.working["broker"])) + repr(settings)
    runtime.metrics.measure_channels(runtime.channels.outboxes, runtime.channels.silent)
    assert 'tocsin_channel_up{channel="sirens"} 0.0' in runtime.metrics.text().decode()


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (MQTT.replace('["home"]', '["hme"]'), "hme"),
        (SIRENS + SIREN.replace('["home"]', '["hme"]'), "hme"),
        (SIRENS.replace("live.key", "school.pub") + SIREN, "chmod|private"),
        (SIRENS + 'worlds = "drills"\n' + SIREN, "no siren would sound"),
        (MQTT + 'ca = "gone.crt"\n', "TLS"),
    ],
)
def test_a_broker_or_siren_that_cannot_be_is_said(tmp_path: Path, way: str, said: str) -> None:
    keyed(tmp_path)
    settings = load_settings(written(tmp_path, way))
    channels = Runtime(settings, configured(settings), Clock()).channels
    (trouble,) = channels.missing.values()
    assert any(part in trouble for part in said.split("|")), trouble


@pytest.mark.parametrize(
    "way",
    [
        MQTT + 'key_file = "keys/other.key"\n',
        SIRENS.replace("live.key", "other.key") + SIREN,
        SIRENS + SIREN.replace("school.pub", "other.pub"),
    ],
)
def test_a_key_of_another_kind_is_found_by_the_doctor(tmp_path: Path, way: str) -> None:
    keyed(tmp_path)
    make("vapid", tmp_path / "keys", "other", subject="", days=1, now=datetime.now(UTC))
    load_settings(written(tmp_path, SIRENS + SIREN)).channel[0].check()
    with pytest.raises(BadSettings, match="Ed25519"):
        load_settings(written(tmp_path, way)).channel[0].check()


def test_two_sirens_of_one_name_are_refused() -> None:
    siren = {"id": "school", "zones": ["home"], "key": "k"}
    way = {"kind": "sirens", "id": "sirens", "host": "h", "key_file": "k", "siren": [siren, siren]}
    with pytest.raises(BadSettings, match="two sirens are called school"):
        make_settings(zones="z", channel=[way])
