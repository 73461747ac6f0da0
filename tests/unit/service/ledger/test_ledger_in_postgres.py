"""The service shows a ledger that lives in PostgreSQL, writes impacts into it, and outlives the database's absence."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.postgres import Server, postgres_server
from tests.unit.service.ledger.raids import raids
from tests.unit.service.test_incidents import decided, impact
from tests.unit.service.test_operators import served, settings_in, until
from tocsin.ledger.opening import opened
from tocsin.ledger.sqlite import SqliteStore
from tocsin.model.errors import BadFile, BadSettings
from tocsin.service import incidents as incidents_module
from tocsin.service.incidents import Incidents
from tocsin.service.ledger import desk
from tocsin.service.settings import load_settings, make_settings
from tocsin.service.troubles import standing_troubles

BELOW = "/v1/console/ledger"


def filled(server: Server, folder: Path) -> None:
    """The tutorial's ledger, in the database."""
    with SqliteStore(raids(folder)) as store, opened(server.address, make=True) as there:
        there.append(list(store.read()))


@pytest.mark.server
def test_officers_read_and_decide_on_a_ledger_in_postgres_and_its_absence_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "AGAIN_S", 1)

    async def story(server: Server) -> None:
        settings = settings_in(tmp_path, drill=False, ledger={"database": server.address, "public": True})
        async with served(settings) as house:
            status, found = await house.get(f"{BELOW}/incidents")
            assert (status, found["found"]) == (200, 2)
            assert (await house.get("/v1/incidents", None))[1]["withheld"] == 2
            await asyncio.to_thread(server.stop)
            assert (await house.get(f"{BELOW}/incidents/aleppo-airport"))[0] == 503
            assert any("the ledger is not shown" in one for one in standing_troubles(house.runtime, named=False))
            assert (await house.get("/v1/warnings", None))[0] == 200
            await asyncio.to_thread(server.start)

            async def again() -> bool:
                return house.runtime.ledger.trouble is None

            await until(again)
            assert (await house.get(f"{BELOW}/incidents/aleppo-airport"))[0] == 200

    with postgres_server() as server:
        filled(server, tmp_path)
        asyncio.run(story(server))


def test_an_impact_that_met_no_database_is_written_once_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents_module, "AGAIN_S", 0.0)
    with postgres_server() as server:
        incidents = Incidents(lambda: server.address, b"journal", drill=False)
        incidents.hear(decided(impact("1")))
        server.stop()
        with pytest.raises(BadFile):
            incidents.hear(decided(impact("2")))
        server.start()
        incidents.hear(decided(impact("3")))
        incidents.close()
        with opened(server.address) as store:
            assert store.counts() == {"incident": 3}


def test_a_database_that_is_away_is_not_asked_at_every_tick() -> None:
    asked = []

    def place() -> str:
        asked.append(1)
        return "postgresql://nobody@127.0.0.1:1/none"

    incidents = Incidents(place, b"journal", drill=False)
    with pytest.raises(BadFile):
        incidents.hear(decided(impact("1")))
    incidents.hear(decided(impact("2")))
    assert len(asked) == 1


def test_the_password_of_a_database_is_never_in_the_settings_themselves(tmp_path: Path) -> None:
    for address in ("postgresql://me:hidden@db/ledger", "postgresql://me@db/ledger?password=hidden"):
        with pytest.raises(BadSettings, match="password_file"):
            make_settings(zones="z", ledger={"database": address})
    with pytest.raises(BadSettings, match="two ledgers"):
        make_settings(zones="z", ledger={"database": "postgresql://me@db/ledger", "path": "ledger.db"})
    (tmp_path / "db.password").write_text("hid/den@ 1\n")
    (tmp_path / "db.password").chmod(0o600)
    table = '[ledger]\ndatabase = "postgresql://me@db/ledger"\npassword_file = "db.password"\n'
    (tmp_path / "tocsin.toml").write_text(f'zones = "z"\n{table}')
    settings = load_settings(tmp_path / "tocsin.toml")
    assert settings.ledger is not None
    assert settings.ledger.place() == "postgresql://me:hid%2Fden%40%201@db/ledger"
    (tmp_path / "db.password").unlink()
    with pytest.raises(BadFile, match="password"):
        settings.ledger.place()
