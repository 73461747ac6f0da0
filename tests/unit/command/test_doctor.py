"""`tocsin doctor`: what is wrong with an installation is found before a night finds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tocsin.command.checkup import Finding, examine
from tocsin.journal import Journal
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.replay import progress
from tocsin.service import warmup
from tocsin.service.secret import kept_secret, secret_path
from tocsin.service.warmup import KERNELS_ABOUT

SQUARE = ((7.0, 46.0), (7.1, 46.0), (7.1, 46.1), (7.0, 46.1), (7.0, 46.0))
HOME = Zone(id="home", name="Home", polygons=((SQUARE,),))
GONE = Zone(id="gone", name="Gone", polygons=((SQUARE,),), valid_to=datetime(2020, 1, 1, tzinfo=UTC))


def found(folder: Path, *zones: Zone) -> dict[str, Finding]:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(zones))
    config = folder / "tocsin.toml"
    config.write_text('zones = "zones.geojson"\n[http]\nport = 0\n[journal]\npath = "journal.db"\n')
    return {one.check: one for one in examine(config)}


@pytest.mark.parametrize(("zones", "why"), [((), "no zone"), ((GONE,), "1 zones, none of which holds now")])
def test_zones_of_which_none_holds_warn_nobody_and_are_no_installation(
    tmp_path: Path, zones: tuple[Zone, ...], why: str
) -> None:
    one = found(tmp_path, *zones)["settings"]
    assert not one.ok
    assert why in one.says
    assert found(tmp_path, HOME)["settings"].ok


def test_the_veils_secret_is_there_whole_and_its_owners_alone(tmp_path: Path) -> None:
    assert "made at the first start" in found(tmp_path, HOME)["secret"].says
    journal = tmp_path / "journal.db"
    Journal.open(journal).close()
    missing = found(tmp_path, HOME)["secret"]
    assert (missing.ok, "is missing beside a journal" in missing.says) == (False, True)
    key = secret_path(journal)
    kept_secret(key)
    assert found(tmp_path, HOME)["secret"].ok
    key.chmod(0o640)
    assert "chmod 600" in found(tmp_path, HOME)["secret"].says
    key.chmod(0o600)
    key.write_bytes(b"half")
    assert "has 4 bytes" in found(tmp_path, HOME)["secret"].says


def test_a_mistake_in_the_settings_is_said_once(tmp_path: Path) -> None:
    config = tmp_path / "tocsin.toml"
    config.write_text('zones = "zones.geojson"\nzonez = 1\n')
    said = [one for one in examine(config) if "zonez" in one.says]
    assert [one.check for one in said] == ["settings"]


def test_whoever_waits_for_kernels_is_shown_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[float] = []

    @contextmanager
    def bar(_text: str) -> Iterator[Callable[[float], None]]:
        yield shown.append

    def compiling(told: Callable[[int], None], *, planner: bool) -> None:
        assert planner
        told(KERNELS_ABOUT // 2)

    monkeypatch.setattr(progress, "share_shown", bar)
    monkeypatch.setattr(warmup, "warm_up", compiling)
    assert next(one.ok for one in examine(None) if one.check == "compiled kernels")
    assert shown == [0.5]


def planned(folder: Path, text: str, *radars: tuple[str, float]) -> dict[str, Finding]:
    """With more settings, and radars by their longitudes."""
    (folder / "zones.geojson").write_bytes(zones_to_geojson([HOME]))
    sensors = [{"id": name, "kind": "radar", "lat": 46.05, "lon": lon, "altitude_m": 600} for name, lon in radars]
    (folder / "sensors.json").write_text(json.dumps(sensors))
    config = folder / "tocsin.toml"
    config.write_text(f'zones = "zones.geojson"\nsensors = "sensors.json"\n{text}\n[http]\nport = 0\n')
    return {one.check: one for one in examine(config)}


def test_a_radar_on_land_that_no_file_holds_is_found_before_it_sees_through_mountains(tmp_path: Path) -> None:
    assert found(tmp_path, HOME)["land"].says == "none is given: radars see over a smooth Earth"
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    empty = planned(tmp_path, 'land = "tiles"', ("hill", 7.05))["land"]
    assert not empty.ok and "no file of elevation there" in empty.says
    np.zeros((1_201, 1_201), ">i2").tofile(tiles / "N46E007.hgt")
    held = planned(tmp_path, 'land = "tiles"', ("hill", 7.05))["land"]
    assert held.ok and held.says.startswith("1 files under all of 1 radars; looking around takes up to 0.")
    bare = planned(tmp_path, 'land = "tiles"', ("hill", 7.05), ("east", 8.5))["land"]
    assert not bare.ok and bare.says.startswith("sensor east: no file in ") and "hill" not in bare.says


def test_minutes_that_cannot_be_worked_out_are_found_before_the_service_is_to_show_them(tmp_path: Path) -> None:
    assert "no [minutes]" in found(tmp_path, HOME)["minutes"].says
    made = planned(tmp_path, '[minutes]\nclasses = "drone,jet"')["minutes"]
    assert made.ok and made.says == "of 1 zones against drone,jet, from everywhere; about 0 MB of memory"
    bad = planned(tmp_path, '[minutes]\nclasses = "kite"')["minutes"]
    assert not bad.ok and "'kite'" in bad.says
