"""Channels of the settings: made, chosen by zones, and one that cannot be made keeps none from starting."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.unit.announce.test_push_recut import zone as cut
from tests.unit.service.test_http import zone
from tocsin.announce.key_making import make
from tocsin.command.surroundings import channels
from tocsin.model.errors import BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.secrets_kept import Secret, secret_at
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings, make_settings
from tocsin.service.troubles import channel_troubles
from tocsin.service.ways_out.made import zones_of

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
ZONES = (zone("home", 46.0), zone("away", 46.5))


def written(folder: Path, *ways: str) -> Path:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(ZONES))
    path = folder / "tocsin.toml"
    path.write_text("\n".join(['zones = "zones.geojson"', *(f"[[channel]]\n{way}" for way in ways)]))
    return path


def hook(name: str, key: str = "hook.key", more: str = "") -> str:
    return f'kind = "webhook"\nid = "{name}"\nurl = "https://hooks.example/{name}"\nkey_files = ["{key}"]\n{more}\n'


def keyed(folder: Path, mode: int = 0o600) -> None:
    (folder / "hook.key").write_text(KEY + "\n")
    (folder / "hook.key").chmod(mode)


def test_a_channel_that_cannot_be_made_is_said_and_the_others_are_there(tmp_path: Path) -> None:
    keyed(tmp_path)
    settings = load_settings(written(tmp_path, hook("lame", "gone.key"), hook("well"), hook("board")))
    runtime = Runtime(settings, configured(settings), Clock())
    assert [one.channel.name for one in runtime.channels.outboxes] == ["well"]
    assert list(runtime.channels.working) == ["well"]
    assert [one.split(":")[0] for one in channel_troubles(runtime, named=True)] == ["channel lame", "channel board"]
    (stranger,) = channel_troubles(runtime, named=False)
    assert stranger.startswith("2 channels") and "lame" not in stranger
    runtime.metrics.measure_channels(runtime.channels.outboxes, runtime.channels.missing)
    text = runtime.metrics.text().decode()
    assert 'tocsin_channel_up{channel="lame"} 0.0' in text and 'tocsin_channel_up{channel="well"} 1.0' in text


def test_a_secret_that_others_can_read_is_refused_and_no_secret_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed(tmp_path, 0o640)
    with pytest.raises(BadSettings, match="chmod 600"):
        secret_at(tmp_path / "hook.key")
    monkeypatch.setenv("HOOK", KEY)
    secret = secret_at(Path("env:HOOK"))
    assert secret.text() == KEY and KEY not in f"{secret!r} {secret}"
    monkeypatch.setenv("HOOK", " \n")
    with pytest.raises(BadSettings, match="environment variable HOOK"):
        secret_at(Path("env:HOOK"))
    assert repr(Secret(b"x")) == "Secret(…)"


def test_paths_of_a_channel_are_of_the_settings_folder_and_the_environment_is_not(tmp_path: Path) -> None:
    (way,) = load_settings(written(tmp_path, hook("well", "env:HOOK"))).channel
    assert list(way.secrets()) == [Path("env:HOOK")]
    (way,) = load_settings(written(tmp_path, hook("well"))).channel
    assert list(way.secrets()) == [tmp_path / "hook.key"]


def test_doctor_names_the_channels_and_what_each_lacks(tmp_path: Path) -> None:
    keyed(tmp_path)
    settings = load_settings(written(tmp_path, hook("well")))
    assert channels(settings, ZONES) == "well (webhook)"
    with pytest.raises(BadSettings, match=r"channel lame: .*gone\.key"):
        channels(load_settings(written(tmp_path, hook("well"), hook("lame", "gone.key"))), ZONES)
    with pytest.raises(BadSettings, match=r"channel well: .*'hme'"):
        channels(load_settings(written(tmp_path, hook("well", more='zones = ["home", "hme"]'))), ZONES)
    with pytest.raises(BadSettings, match=r"channel lame: .*gone\.key.*; channel blind: .*dark\.key"):
        channels(load_settings(written(tmp_path, hook("lame", "gone.key"), hook("blind", "dark.key"))), ZONES)


VAPID = 'kind = "web_push"\nid = "phones"\nvapid_key_file = "other.key"\ncontact = "mailto:duty@city.example"\n'


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (hook("well").replace("https://hooks.example", "https://10.0.0.7"), "private network"),
        (hook("well").replace("https:", "http:"), "not https"),
        (hook("well", "other.key"), "not Ed25519"),
        (VAPID, "holds no P-256 key"),
        (VAPID.replace("other.key", "vapid.key") + 'timezone = "Nowhere/City"\n', "no time zone"),
    ],
)
def test_what_the_service_will_refuse_the_doctor_says_before(tmp_path: Path, way: str, said: str) -> None:
    keyed(tmp_path)
    now = datetime.now(UTC)
    make("vapid", tmp_path, "vapid", subject="", days=1, now=now)
    make("siren" if "vapid" in way else "vapid", tmp_path, "other", subject="", days=1, now=now)
    settings = load_settings(written(tmp_path, way))
    with pytest.raises(BadSettings, match=said):
        channels(settings, ZONES)
    assert said in Runtime(settings, configured(settings), Clock()).channels.missing.popitem()[1]


def test_zones_are_named_by_themselves_or_by_what_they_are_part_of() -> None:
    north = [msgspec.structs.replace(zone(name, 46.0), parent="north") for name in ("a", "b")]
    whole = (*north, zone("c", 47.0))
    assert zones_of((), whole) == (None, [])
    assert zones_of(("north",), whole) == (frozenset({"a", "b"}), [])
    assert zones_of(("c", "south"), whole) == (frozenset({"c"}), ["south"])
    with pytest.raises(BadSettings, match="south"):
        zones_of(("south",), whole)


def test_a_channel_of_a_zone_that_is_re_cut_at_an_hour_tells_of_what_lies_there_from_then_on() -> None:
    hour, later = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    brim, cole = cut("brim", 8.0, 9.0, valid_to=hour), cut("cole", 9.0, 10.0)
    halves = (cut("west", 8.0, 8.4, valid_from=hour, valid_to=later), cut("east", 8.4, 9.0, valid_from=hour))
    again = cut("north-west", 8.0, 8.4, valid_from=later)
    zones = (brim, cole, *halves, again)
    assert zones_of(["brim"], zones)[0] == frozenset({"brim", "west", "east", "north-west"})
    assert zones_of(["cole"], zones)[0] == frozenset({"cole"})


def test_two_channels_of_one_name_and_a_name_that_is_none_are_refused() -> None:
    way = {"kind": "webhook", "id": "well", "url": "https://hooks.example/", "key_files": ["k"]}
    with pytest.raises(BadSettings, match="two channels are called well"):
        make_settings(zones="z", channel=[way, way])
    with pytest.raises(BadSettings, match="channel"):
        make_settings(zones="z", channel=[way | {"id": "Well, well"}])
