"""`tocsin doctor` on people, shelters and sites: who could not act tonight is found today."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.tokens import digest
from tocsin.command.checkup_people import shelters, sign_in, sites
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.zone import Zone
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.opening import people_of
from tocsin.service.people.person import Credentials, Person
from tocsin.service.settings import Settings, make_settings

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
RING = ((7.0, 46.0), (7.1, 46.0), (7.1, 46.1), (7.0, 46.1), (7.0, 46.0))
HOME = Zone(id="home", name="Home", polygons=((RING,),))
SITE = """
[[site]]
id = "school-7"
kind = "school"
name = "School 7"
lat = 46.05
lon = 7.05
seconds_to_shelter = 60
"""


def settings(folder: Path, **more: Any) -> Settings:
    return make_settings(**{"zones": "z", "journal": {"path": folder / "journal.db"}} | more)


def put(told: Settings, folder: Path, **people: tuple[tuple[str, ...], Credentials]) -> None:
    store = people_of(told, PeopleFile(folder / "people.db"), lambda: NOW)
    for name, (roles, kept) in people.items():
        asyncio.run(store.put(Person(id=name, roles=roles, made_at=NOW), kept))  # type: ignore[arg-type]
    store.close()


def test_a_service_where_nobody_is_an_administrator_is_told_of(tmp_path: Path) -> None:
    told = settings(tmp_path)
    assert "people add" in sign_in(told)
    put(told, tmp_path, officer=(("operator",), Credentials(invitation="x", invited_until=1e12)))
    with pytest.raises(BadFile, match="nobody is an administrator"):
        sign_in(told)
    put(told, tmp_path, chief=(("admin",), Credentials(password="x", totp="x")))
    assert "2 people" in sign_in(told)


def test_who_would_sign_in_tonight_and_could_do_nothing_is_named(tmp_path: Path) -> None:
    told = settings(tmp_path)
    weak = Credentials(password="x")
    put(told, tmp_path, chief=(("admin",), Credentials(password="x", totp="x")), eyes=(("auditor",), weak))
    put(told, tmp_path, walker=(("spotter",), weak))
    with pytest.raises(BadFile, match=r"^eyes: with a password alone"):
        sign_in(told)
    assert "3 people" in sign_in(settings(tmp_path, people={"second_factor": "offered"}))
    store = people_of(told, PeopleFile(tmp_path / "people.db"), lambda: NOW)
    store.file.submit(lambda db: db.execute("INSERT INTO passkey VALUES ('k', 'eyes', '')") and None).result()
    store.close()
    assert "3 people" in sign_in(told)


def test_a_file_of_people_that_others_can_read_or_nobody_can_is_said(tmp_path: Path) -> None:
    told = settings(tmp_path)
    put(told, tmp_path, chief=(("admin",), Credentials(password="x", totp="x")))
    (tmp_path / "people.db").chmod(0o644)
    with pytest.raises(BadFile, match="chmod 600"):
        sign_in(told)
    (tmp_path / "people.db").write_bytes(b"no database" * 1_000)
    (tmp_path / "people.db").chmod(0o600)
    with pytest.raises(BadFile, match="restore it"):
        sign_in(told)


def test_shelters_that_were_written_the_wrong_way_round_are_said(tmp_path: Path) -> None:
    path = tmp_path / "shelters.geojson"

    def entered(*places: tuple[float, float]) -> str:
        features = [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": {"name": "Cellar"}}
            for place in places
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return shelters(settings(tmp_path, shelters={"path": path}), [HOME])

    assert entered() == "0 shelters, 0 of them outside the zones"
    assert entered((7.05, 46.05), (7.06, 46.05), (9.0, 46.0)) == "3 shelters, 1 of them outside the zones"
    with pytest.raises(BadFile, match="lon before lat"):
        entered((46.05, 7.05))
    path.write_text("{")
    with pytest.raises(BadFile, match="no shelters file"):
        shelters(settings(tmp_path, shelters={"path": path}), [HOME])
    assert "none are shown" in shelters(settings(tmp_path), [HOME])


def test_a_sites_file_that_cannot_be_used_and_words_that_others_can_write_are_said(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(SITE + SITE.replace("school-7", "school-8") + f'token_sha256 = "{digest("school-8")}"\n')
    told = settings(tmp_path, sites=path)
    assert sites(told, [HOME]).startswith("2 sites; 1 have no token")
    (tmp_path / "sites.db").touch(mode=0o600)
    assert sites(told, [HOME]).startswith("2 sites")
    (tmp_path / "sites.db").chmod(0o666)
    with pytest.raises(BadFile, match="chmod 600"):
        sites(told, [HOME])
    path.write_text(SITE.replace("46.05", "7.05"))
    with pytest.raises(BadSettings, match="none of the zones"):
        sites(told, [HOME])
    assert "none are looked after" in sites(settings(tmp_path), [HOME])
