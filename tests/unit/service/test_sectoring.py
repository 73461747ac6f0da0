"""A machine of one sector: it decides over the whole country's zones, and shows and says its own alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.journal import Journal
from tocsin.model.errors import BadSettings
from tocsin.model.event import Event, OperatorAct, Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.sectors.cut import Cut, cut_to_json
from tocsin.service.clock import Clock
from tocsin.service.recovery import recover
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import Settings, make_settings
from tocsin.simulate.places import invented_zones

START = datetime(2026, 1, 1, tzinfo=UTC)
TOWNS = invented_zones(4)
NORTH, SOUTH = ("town-1", "town-2"), ("town-3", "town-4")


def settings_of(folder: Path, sector: str, cut: Cut) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(TOWNS))
    (folder / "sectors.json").write_bytes(cut_to_json(cut))
    cluster = {"servers": ["nats://127.0.0.1:4222"], "node": "a", "twins": ["a"], "sectors": folder / "sectors.json"}
    return make_settings(
        sector=sector,
        zones=folder / "zones.geojson",
        http={"port": 0},
        journal={"path": folder / f"{sector}.db"},
        cluster=cluster,
    )


def test_what_is_told_after_a_restart_is_of_its_own_zones(tmp_path: Path) -> None:
    cut = Cut(sectors={"north": NORTH, "south": SOUTH})
    told = {}
    for sector in cut.sectors:
        settings = settings_of(tmp_path, sector, cut)
        runtime = Runtime(settings, configured(settings), Clock())
        everywhere = tuple(zone.id for zone in TOWNS)
        events: list[Event] = [
            configured(settings),
            OperatorAct(id="a1", time=START, operator="duty", action="raise", zones=everywhere),
            Tick(time=START + timedelta(seconds=2)),
        ]
        with Journal.open(settings.journal.path) as journal:
            journal.append(events)
            engine, _ = recover(journal, runtime.channels, snapshot_every_s=10, said=runtime.sector.ours.effects)
        # The engine weighs the whole country; people are told of the zones that are decided here, and shown no others.
        assert {one.zone for one in engine.standing()} == set(everywhere)
        assert {one.zone for one in runtime.sector.ours.orders(engine.orders()).standing} == set(cut.sectors[sector])
        told[sector] = {state.zone for state in runtime.channels.board.warned()}
        assert set(runtime.index.number) == set(cut.sectors[sector])
    assert told == {"north": set(NORTH), "south": set(SOUTH)}


@pytest.mark.parametrize(
    ("sectors", "said"),
    [
        ({"south": SOUTH, "rest": NORTH}, "no sector 'north'"),
        ({"north": NORTH}, "town-3 is in no sector"),
        ({"north": NORTH, "south": (*SOUTH, "town-9")}, "town-9, which the zones file has not"),
    ],
)
def test_a_cut_that_does_not_fit_is_refused_at_the_start(
    tmp_path: Path, sectors: dict[str, tuple[str, ...]], said: str
) -> None:
    settings = settings_of(tmp_path, "north", Cut(sectors=sectors))
    with pytest.raises(BadSettings, match=said):
        Runtime(settings, configured(settings), Clock())
