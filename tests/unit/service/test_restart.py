"""A start with other settings than before: whatever was changed in them holds from the first decision on."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tocsin.journal import Journal
from tocsin.model.access import Authority
from tocsin.model.event import ActRules, Configuration
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.masking import PARTS as KEPT
from tocsin.model.masking import RAYS, RINGS, Masking, text_of
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.recovery import differs
from tocsin.service.serve import configured, running
from tocsin.service.settings import Settings, make_settings
from tocsin.twins.guarded import Guarded

RADAR = Sensor(id="radar", kind="radar", lat=46.0, lon=8.0, range_m=100_000)


def zone(name: str, south: float) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name=name.title(), population=9_000, polygons=((ring,),))


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings with the files they name; `zones` and `sensors` are what stands in these."""
    (folder / "zones.geojson").write_bytes(zones_to_geojson(more.pop("zones", [zone("home", 46.0)])))
    (folder / "sensors.json").write_bytes(b"[" + b",".join(map(to_json, more.pop("sensors", [RADAR]))) + b"]")
    if "land" in more:
        # A plain at the level of the sea, all around the radar.
        more["land"] = folder / more["land"]
        more["land"].mkdir(exist_ok=True)
        np.zeros((1_201, 1_201), ">i2").tofile(more["land"] / "N46E008.hgt")
    return make_settings(
        zones=folder / "zones.geojson",
        sensors=folder / "sensors.json",
        http={"port": 0},
        journal={"path": folder / "journal.db"},
        **more,
    )


SOURCE = {"kind": "http", "id": "hill", "token_sha256": 64 * "1"}
# What an operator may change between two starts, by the part of the configuration that it changes.
CHANGES: dict[str, dict[str, Any]] = {
    "sensors": {"sensors": [msgspec.structs.replace(RADAR, range_m=90_000)]},
    "zones": {"zones": [zone("home", 46.0), zone("away", 46.5)]},
    "policy": {"policy": "cautious"},
    "drill": {"drill": True},
    "sources": {"source": [SOURCE]},
    "track": {"track": {"coast_s": 61}},
    "forecast": {"forecast": {"horizon_s": 1_300}},
    "acts": {"acts": {"second_person": ["cancel"]}},
    "sight": {"land": "land"},
    "masking": {"land": "land"},
}
PARTS = set(Configuration.__struct_fields__) - {"id", "time"}


@pytest.mark.server
@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_part_that_was_changed_holds_after_a_restart_and_is_journalled_once(tmp_path: Path, part: str) -> None:
    async def held(settings: Settings) -> Any:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            await runtime.ticker.tick()
            assert runtime.worker.engine.configuration is not None
            return getattr(runtime.worker.engine.configuration, part)

    async def story() -> None:
        settings = settings_in(tmp_path)
        before = await held(settings)
        other = settings_in(tmp_path, **CHANGES[part])
        wanted = getattr(configured(other), part)
        assert wanted != before
        assert await held(other) == wanted
        assert await held(other) == wanted

    asyncio.run(story())
    with Journal.open(tmp_path / "journal.db") as journal:
        assert sum(isinstance(event, Configuration) for _, event in journal.read()) == 2


def test_an_engine_is_told_anew_when_any_part_differs_and_only_then(tmp_path: Path) -> None:
    engine = Guarded()
    first = configured(settings_in(tmp_path))
    assert differs(engine, first)
    engine.step(first)
    assert not differs(engine, msgspec.structs.replace(first, id="other", time=first.time + timedelta(days=1)))
    others: dict[str, Any] = {
        "sensors": (),
        "zones": (zone("home", 46.00001),),
        "policy": first.policy | {"extra": 1},
        "drill": not first.drill,
        "sources": (Authority(id="hill", per_second_max=2.0),),
        "track": {"registration": False},
        "forecast": {"horizon_s": 1_201.0},
        "acts": ActRules(waits_s=301.0),
        "sight": {"radar": ()},
        "masking": {"radar": Masking(reach_m=1.0, cells=text_of(np.zeros((RAYS, RINGS, KEPT), np.uint8)))},
    }
    assert set(others) == PARTS
    for part, other in others.items():
        assert differs(engine, msgspec.structs.replace(first, **{part: other})), part


@pytest.mark.server
def test_kernels_are_loaded_while_the_journal_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, loading, opened = threading.Event(), threading.Event(), Journal.open
    met: list[bool] = []

    def read(path: Path, **how: Any) -> Journal:
        reading.set()
        met.append(loading.wait(10))
        return opened(path, **how)

    def warm() -> None:
        loading.set()
        met.append(reading.wait(10))

    async def story() -> None:
        settings = settings_in(tmp_path)
        async with running(settings, configured(settings), Clock(), ticking=False, warm=warm):
            assert met == [True, True]

    monkeypatch.setattr(Journal, "open", read)
    asyncio.run(story())


@pytest.mark.server
def test_where_kernels_cannot_be_loaded_the_journal_is_free_for_the_next_start(tmp_path: Path) -> None:
    def warm() -> None:
        raise RuntimeError("no room for kernels")

    async def story() -> None:
        settings = settings_in(tmp_path)
        with pytest.raises(RuntimeError, match="no room for kernels"):
            async with running(settings, configured(settings), Clock(), ticking=False, warm=warm):
                pass

    asyncio.run(story())
    with Journal.open(tmp_path / "journal.db") as journal:
        assert journal.last_seq == 0
