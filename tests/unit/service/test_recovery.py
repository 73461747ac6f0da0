"""A start on a journal that holds what this version cannot read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.requests import Request

from tocsin.journal import Journal
from tocsin.journal.encoded import Encoded
from tocsin.model.errors import JournalError
from tocsin.model.event import Configuration, Event, OperatorAct, Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.http.health import Health
from tocsin.service.recovery import recover
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.troubles import standing_troubles, unready

START = datetime(2026, 1, 1, tzinfo=UTC)
RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
HOME = Zone(id="home", name="Home", population=9_000, polygons=((RING,),))
# What a version that let white space into a source's name acknowledged.
NORTH_HILL = (
    b'{"kind":"impact","id":"i1","time":"2026-01-01T00:00:01Z","source":"north hill",'
    b'"lat":46.05,"lon":8.05,"sigma_m":50}'
)
ASKED = {"type": "http", "method": "GET", "scheme": "http", "path": "/readyz", "query_string": b"", "headers": []}
ASKED |= {"server": ("127.0.0.1", 80)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson([HOME]))
    return make_settings(zones=tmp_path / "zones.geojson", http={"port": 0}, journal={"path": tmp_path / "journal.db"})


def written(settings: Settings, unreadable: bytes, place: int) -> list[Event]:
    """A journal of a configuration, an act and two ticks, with bytes that are no event at a place of it."""
    events: list[Event] = [
        configured(settings),
        OperatorAct(id="a1", time=START, operator="duty", action="raise", zones=("home",)),
        Tick(time=START + timedelta(seconds=2)),
        Tick(time=START + timedelta(seconds=3)),
    ]
    with Journal.open(settings.journal.path) as journal:
        journal.append(events[:place])
        journal.append_encoded([Encoded(1, 0, unreadable)])
        journal.append(events[place:])
    return events


@pytest.mark.parametrize("unreadable", [NORTH_HILL, b'{"kind":"rumour"}', b"\xff\x00", b"[" * 10_000])
def test_what_cannot_be_read_is_kept_told_of_and_passed_over(settings: Settings, unreadable: bytes) -> None:
    events = written(settings, unreadable, 1)
    channels = Runtime(settings, configured(settings), Clock()).channels
    with Journal.open(settings.journal.path) as journal:
        engine, passed_over = recover(journal, channels, snapshot_every_s=10)
        assert [event for _, event in journal.read(pass_over=lambda seq, reason: None)] == events
        assert dict(journal.read_json())[2] == unreadable
        with pytest.raises(JournalError, match=r"event 2 .* cannot be read"):
            list(journal.read())
    assert [warning.zone for warning in engine.standing()] == ["home"]
    assert passed_over.count == 1
    assert passed_over.trouble is not None
    assert "event 2" in passed_over.trouble


def test_two_that_start_on_the_same_journal_know_the_same(settings: Settings) -> None:
    written(settings, NORTH_HILL, 2)
    known = []
    for _ in range(2):
        with Journal.open(settings.journal.path) as journal:
            engine, _ = recover(journal, Runtime(settings, configured(settings), Clock()).channels, snapshot_every_s=10)
            known.append(engine.snapshot())
    assert known[0] == known[1]


@pytest.mark.server
@pytest.mark.parametrize("place", [0, 2])
def test_the_service_starts_on_it_decides_and_says_so(settings: Settings, place: int) -> None:
    written(settings, NORTH_HILL, place)

    async def story() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            await runtime.ticker.tick()
            assert unready(runtime) == []
            (told,) = standing_troubles(runtime, named=False)
            assert f"event {place + 1}" in told
            assert b"tocsin_unreadable_events 1.0" in runtime.metrics.text()
            answer = await Health(runtime).ready(Request(ASKED))
            assert answer.status_code == 200
            assert told.encode()[:40] in answer.body

    asyncio.run(story())


def test_a_journal_whose_configuration_is_lost_is_configured_anew(settings: Settings) -> None:
    with Journal.open(settings.journal.path) as journal:
        journal.append_encoded([Encoded(1, 0, b'{"kind":"configuration","id":"c d"}')])
        journal.append([Tick(time=START)])

    async def story() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            await runtime.ticker.tick()
            assert isinstance(runtime.worker.engine.configuration, Configuration)
            assert unready(runtime) == []

    asyncio.run(story())


def test_a_snapshot_of_another_version_does_not_stand_before_those_that_are_kept(settings: Settings) -> None:
    with Journal.open(settings.journal.path) as journal:
        journal.append([configured(settings), Tick(time=START), Tick(time=START + timedelta(seconds=1))])
        journal.save_snapshot(3, b"another version's")
        channels = Runtime(settings, configured(settings), Clock()).channels
        recover(journal, channels, snapshot_every_s=10)
        found = journal.latest_snapshot()
        assert found is not None
        assert found[0] == 3
        assert found[1] != b"another version's"


def test_a_disk_that_refuses_snapshots_does_not_stop_a_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(seq: int, data: bytes) -> None:
        raise JournalError("the disk is full")

    with Journal.open(settings.journal.path) as journal:
        journal.append([configured(settings), Tick(time=START)])
        monkeypatch.setattr(journal, "save_snapshot", refuses)
        engine, _ = recover(journal, Runtime(settings, configured(settings), Clock()).channels, snapshot_every_s=0)
        assert engine.now == START
