"""An impact that the running service decides upon opens an incident in the ledger, as the journal would."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from tocsin.ingest.rejects import Rejects
from tocsin.journal import Journal
from tocsin.ledger.importing import import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.opening import opened
from tocsin.model.errors import BadFile
from tocsin.model.event import Configuration, Event, Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Impact
from tocsin.service import incidents as incidents_module
from tocsin.service.clock import Clock
from tocsin.service.incidents import Incidents
from tocsin.service.serve import configured, running
from tocsin.service.settings import make_settings
from tocsin.service.worker import Decided, Step
from tocsin.simulate.places import invented_zones

NOW = datetime(2026, 6, 9, 9, tzinfo=UTC)


def impact(name: str) -> Impact:
    return Impact(id=name, source="post-7F3K", time=NOW, lat=50.4, lon=30.5, sigma_m=300)


def decided(*events: Event) -> Decided:
    return Decided(tuple(Step(seq, event, (), 0.0) for seq, event in enumerate((*events, Tick(time=NOW)), 1)), ())


def test_what_is_written_live_is_what_the_journal_gives_afterwards(tmp_path: Path) -> None:
    drill = Configuration(id="c", time=NOW, zones=(), drill=True)
    with Journal.open(tmp_path / "journal.db") as journal:
        journal.append([Configuration(id="b", time=NOW, zones=()), impact("1"), drill, impact("2")])
        incidents = Incidents(partial(str, tmp_path / "ledger.db"), journal.journal_id, drill=False)
    incidents.hear(decided())
    assert not (tmp_path / "ledger.db").exists()
    incidents.hear(decided(impact("1"), drill, impact("2")))
    incidents.close()
    with opened(str(tmp_path / "ledger.db")) as store:
        kept = [one for one in store.read() if isinstance(one, Incident)]
        assert [one.drill for one in kept] == [False, True]
        done = import_file(store, tmp_path / "journal.db", "journal", Rejects())
        assert done["records"] == {"new": 0, "known": 2}


def test_what_could_not_be_written_is_written_once_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents_module, "AGAIN_S", 0.0)
    folder = tmp_path / "not-there"
    incidents = Incidents(partial(str, folder / "ledger.db"), b"journal", drill=False)
    with pytest.raises(BadFile):
        incidents.hear(decided(impact("1")))
    folder.mkdir()
    incidents.hear(decided())
    incidents.close()
    with opened(str(folder / "ledger.db")) as store:
        assert store.counts() == {"incident": 1}


def test_what_was_left_out_while_the_disk_refused_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents_module, "WAITING_MAX", 2)
    monkeypatch.setattr(incidents_module, "AGAIN_S", 0.0)
    folder = tmp_path / "not-there"
    incidents = Incidents(partial(str, folder / "ledger.db"), b"journal", drill=False)
    with pytest.raises(BadFile):
        incidents.hear(decided(impact("1"), impact("2"), impact("3")))
    folder.mkdir()
    with capture_logs() as logs:
        incidents.hear(decided())
        incidents.hear(decided())
    incidents.close()
    assert [(one["event"], one["number"]) for one in logs] == [("incidents are missing in the ledger", 1)]
    with opened(str(folder / "ledger.db")) as store:
        assert store.counts() == {"incident": 2}


@pytest.mark.server
def test_an_impact_that_the_service_takes_opens_an_incident(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(3)))
    places = {"journal": {"path": tmp_path / "journal.db"}, "ledger": {"path": tmp_path / "ledger.db"}}
    settings = make_settings(zones=tmp_path / "zones.geojson", drill=True, **places)

    async def story() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            now = runtime.clock.now()
            await runtime.submit([msgspec.structs.replace(impact("1"), time=now)])
            await runtime.ticker.tick()

    asyncio.run(story())
    with opened(str(tmp_path / "ledger.db")) as store:
        (kept,) = store.read()
    assert isinstance(kept, Incident)
    assert kept.drill
    assert kept.origin == "impact"


def test_without_the_table_no_ledger_is_written_and_with_it_the_path_has_a_default() -> None:
    assert make_settings(zones="zones.geojson").ledger is None
    settings = make_settings(zones="zones.geojson", ledger={})
    assert settings.ledger is not None
    assert settings.ledger.path == Path("ledger.db")
