"""Hospitals, schools, airports: how each stands, what it says of itself, and who may know."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.tokens import digest, token
from tests.unit.service.test_operators import House, officer, served, settings_in, until
from tests.unit.service.test_plain import NOW, board, cover, page, zone
from tocsin.announce.board import Board
from tocsin.model.errors import BadFile, BadSettings, BadValue
from tocsin.model.warning import ZoneState
from tocsin.service.http.sites import WRONG_BURST
from tocsin.service.settings import Settings, make_settings
from tocsin.service.sites.sites import Sites
from tocsin.service.sites.status import Said, Statuses, status_of
from tocsin.service.ways_out.made import zones_of

FILE = f"""
[[site]]
id = "field"
kind = "airport"
name = "Home <Field>"
lat = 46.05
lon = 8.05
seconds_to_shelter = 240
contact = "tower, 112"
token_sha256 = "{digest("field")}"

[[site]]
id = "school-7"
kind = "school"
name = "School 7"
lat = 46.05
lon = 8.05
seconds_to_shelter = 60
token_sha256 = "{digest("school-7")}"
"""


def with_sites(folder: Path, text: str = FILE, **more: Any) -> Settings:
    (folder / "sites.toml").write_text(text)
    return settings_in(folder, sites=folder / "sites.toml", **more)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("lat = 46.05", "lat = 8"), "none of the zones"),
        (('id = "school-7"', 'id = "field"'), "two sites are called field"),
        ((digest("school-7"), digest("field")), "another's token"),
        ((digest("school-7"), digest("desk")), "another's token"),
        (("seconds_to_shelter = 60", "seconds_to_shelter = -1"), "seconds_to_shelter"),
        (('kind = "school"', 'kind = "castle"'), "kind"),
        (("[[site]]", "[[site]"), "cannot be read"),
    ],
)  # fmt: skip
def test_a_sites_file_that_is_wrong_says_where(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    settings = with_sites(tmp_path, FILE.replace(*change))
    with pytest.raises((BadSettings, BadFile), match=why):
        Sites(settings, _board_of(settings))


def _board_of(settings: Settings) -> Board:
    from tocsin.replay.configuration import read_zones

    return Board(read_zones(settings.zones), drill=True)


def test_a_site_on_a_border_stands_as_the_graver_zone_and_its_people_leave_in_time_for_the_earliest(
    tmp_path: Path,
) -> None:
    (tmp_path / "sites.toml").write_text(FILE.replace("46.05", "34.1").replace("8.05", "36.1"))
    settings = make_settings(zones="z", sites=tmp_path / "sites.toml", journal={"path": tmp_path / "journal.db"})
    soon = NOW + timedelta(seconds=200)
    shown = board(
        cover("brim", "prepare", eta_earliest=soon), cover("shire", eta_earliest=soon + timedelta(seconds=90))
    )
    sites = Sites(settings, shown)
    stands = sites.shown(sites.all["school-7"], NOW).stands
    assert (stands.level, stands.eta_earliest, stands.degraded) == ("take_cover", soon, False)
    assert stands.leave_by == soon - timedelta(seconds=60)
    assert sites.shown(sites.all["field"], NOW).stands.leave_by == soon - timedelta(seconds=240)
    # Blind in one zone of several, or all of the picture old: no calm.
    blind = Sites(settings, board(ZoneState(zone="brim", degraded=True)))
    assert blind.shown(blind.all["field"], NOW).stands.degraded
    late = NOW + timedelta(minutes=1)
    assert sites.shown(sites.all["field"], late).stands.degraded


def test_its_own_page_says_when_to_leave_and_only_of_public_sites_how_they_fare(tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text(FILE.replace("46.05", "34.1").replace("8.05", "36.1"))
    settings = make_settings(zones="z", sites=tmp_path / "sites.toml", journal={"path": tmp_path / "journal.db"})
    shown = board(cover("brim", eta_earliest=NOW + timedelta(seconds=200)))
    sites = Sites(settings, shown)
    for site in sites.all:
        said = Said("out_of_service", until=NOW + timedelta(hours=2), note="no <runway>")
        asyncio.run(sites.statuses.put(site, status_of(said, "desk", NOW)))
    school, field, others = (
        page(shown, sites=sites, **asked) for asked in ({"site": "school-7"}, {"site": "field"}, {})
    )
    assert "Set out for shelter by 03:06:25 UTC: the last of you need 60 seconds." in school
    assert "Set out for shelter now: the last of you need 240 seconds." in field
    assert "Home &lt;Field&gt;" in field and "no &lt;runway&gt;" in field
    listed = "<bdi>Home &lt;Field&gt;</bdi>: Out of service."
    assert listed in others and listed in school and "School 7</bdi>: " not in school


def test_what_a_site_said_ends_by_itself_and_outlives_a_restart_until_the_file_names_it_no_longer(
    tmp_path: Path,
) -> None:
    settings = with_sites(tmp_path)
    sites = Sites(settings, _board_of(settings)).all
    kept = Statuses(tmp_path / "sites.db", sites)
    asyncio.run(kept.put("field", status_of(Said("sheltering", until=NOW + timedelta(hours=1)), "site:field", NOW)))
    again = Statuses(tmp_path / "sites.db", sites)
    found = again.of("field", NOW)
    assert found is not None and (found.state, found.by) == ("sheltering", "site:field")
    assert again.of("field", NOW + timedelta(hours=1)) is None
    assert again.of("school-7", NOW) is None
    assert Statuses(tmp_path / "sites.db", {"school-7": sites["school-7"]}).of("field", NOW) is None
    assert (tmp_path / "sites.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "said",
    [
        Said("open", since=NOW + timedelta(hours=1)),
        Said("open", until=NOW),
        Said("open", until=NOW + timedelta(days=400)),
        Said("open", since=datetime(2026, 3, 1)),  # noqa: DTZ001
    ],
)
def test_a_status_of_another_time_is_refused(said: Said) -> None:
    with pytest.raises(BadValue):
        status_of(said, "desk", NOW)


def test_a_channel_may_be_for_a_site() -> None:
    zones = [zone("home", parent="valley"), zone("away")]
    assert zones_of(("site:field",), zones, {"field": ("home",)}) == (frozenset({"home"}), [])
    assert zones_of(("site:gone", "away"), zones, {"field": ("home",)}) == (frozenset({"away"}), ["site:gone"])


async def say(
    house: House, who: str | None, site: str, *, as_a: str = "application/json", **said: Any
) -> tuple[int, Any]:
    headers = {"content-type": as_a} | ({} if who is None else {"authorization": f"Bearer {token(who)}"})
    async with house.session.put(f"/v1/sites/{site}/status", json=said, headers=headers) as response:
        return response.status, await response.json(content_type=None)


@pytest.mark.server
def test_a_site_says_itself_how_it_fares_officers_see_all_and_strangers_what_is_public(tmp_path: Path) -> None:
    desks = [officer("desk"), officer("away-desk", zones=["away"]), officer("live-desk", worlds="live")]

    async def story() -> None:
        async with served(with_sites(tmp_path, operator=desks)) as house:
            closed = {"state": "out_of_service", "note": "drones over the runway"}
            assert (await say(house, "field", "field", **closed))[0] == 200
            assert (await say(house, "school-7", "field", state="open"))[0] == 401
            assert (await say(house, None, "field", state="open"))[0] == 401
            for stranger in ("away-desk", "live-desk"):
                assert (await say(house, stranger, "field", state="open"))[0] == 403
            assert (await say(house, "desk", "school-7", state="sheltering"))[0] == 200
            assert (await say(house, "desk", "nowhere", state="open"))[0] == 404
            assert (await say(house, "field", "field", state="burning"))[0] == 400
            assert (await say(house, "field", "field", state="open", note="x" * 5_000))[0] == 413
            assert (await say(house, "field", "field", as_a="text/plain", state="open"))[0] == 415
            _, found = await house.get("/v1/sites", None)
            (field,) = found["sites"]
            assert (field["id"], field["state"], field["note"]) == ("field", "out_of_service", "drones over the runway")
            assert "contact" not in field and "tower" not in await house.text("/v1/sites")
            assert (await house.get("/v1/sites/school-7", None))[0] == 404
            assert (await house.get("/v1/sites/school-7", "school-7"))[1]["state"] == "sheltering"
            assert (await house.get("/v1/sites/school-7", "desk"))[0] == 200
            assert (await house.get("/v1/console/sites", "field"))[0] == 401
            await house.act("desk", id="1", action="raise", level="take_cover", zones=["home"])
            await until(lambda: house.stands("home", "take_cover"))
            _, found = await house.get("/v1/console/sites")
            assert [(one["id"], one["stands"]["level"], one["by"]) for one in found["sites"]] == [
                ("field", "take_cover", "site:field"), ("school-7", "take_cover", "desk"),
            ]  # fmt: skip
            assert found["sites"][0]["contact"] == "tower, 112"
            # What officers say is on record as whatever they do.
            entries = (await house.runtime.people.audit.page(None, 500)).entries
            assert [(one.who, one.about, one.by, one.detail) for one in entries if one.what == "site.status"] == [
                ("desk", "school-7", "token", "sheltering"),
            ]  # fmt: skip
            # A poster's address leads to the page about the place; a site's token is nobody's guess.
            assert "Home &lt;Field&gt;" in await house.text("/site/field")
            for _ in range(8):
                assert (await house.get("/v1/sites/field", "field"))[0] == 200
            assert house.runtime.metrics.wrong_tokens._value.get() == 0

    asyncio.run(story())


@pytest.mark.server
def test_whoever_tries_tokens_at_a_site_waits_and_the_site_itself_does_not(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(with_sites(tmp_path)) as house:
            # Another site's own token is no guess at the door, but it is not this site's.
            tried = [(await house.get("/v1/sites/school-7", "field"))[0] for _ in range(WRONG_BURST + 2)]
            assert tried == [404] * WRONG_BURST + [429] * 2
            assert (await say(house, "field", "school-7", state="open"))[0] == 429
            assert (await house.get("/v1/sites/school-7", "school-7"))[0] == 200
            assert (await house.get("/v1/sites/school-7", "desk"))[0] == 200
            assert (await house.get("/v1/sites/school-7", None))[0] == 404

    asyncio.run(story())


@pytest.mark.server
def test_requests_with_a_sites_token_are_counted_as_everybodys_are(tmp_path: Path) -> None:
    async def story() -> None:
        slow = {"port": 0, "requests_per_address_per_s": 1, "trusted_proxies": []}
        async with served(with_sites(tmp_path, http=slow)) as house:
            said = await asyncio.gather(*(house.get("/v1/sites/field", "field") for _ in range(20)))
            assert {status for status, _ in said} == {200, 429}
            assert {(await house.get("/v1/sites/field", "desk"))[0] for _ in range(20)} == {200}
            assert house.runtime.metrics.wrong_tokens._value.get() == 0

    asyncio.run(story())
