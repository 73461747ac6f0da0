"""A restart lets no guesser go on and shuts no officer out; and the file tells nobody from where they come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.signed_in import put
from tests.some import some
from tests.tried import tried
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.people.administration import Administration
from tocsin.service.people.bans import Bans
from tocsin.service.people.bans_kept import WRITTEN_MAX, kept_bans
from tocsin.service.people.door import From, Refused
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.opening import people_of
from tocsin.service.serve import configured, running
from tocsin.service.settings import make_settings
from tocsin.simulate.places import invented_zones

SECRET = bytes(range(32))
DESK, STRANGER = "192.0.2.1", "198.51.100.1"


class Service:
    """One that is restarted: its clock begins anew, the machine's goes on."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.at, self.passed_s = path, datetime(2026, 3, 1, 3, 0, tzinfo=UTC), 0.0
        self.start()

    def start(self) -> None:
        self.people = people_of(make_settings(zones="z"), PeopleFile(self.path), lambda: self.at)
        self.passed_s = 0.0
        self.bans = kept_bans(self.people, SECRET, lambda: self.passed_s)

    def restart(self) -> None:
        self.people.close()
        self.start()

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed_s += seconds


def test_who_waits_goes_on_waiting_after_a_restart_and_no_longer(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    for _ in range(5):
        service.bans.failed("officer-1", STRANGER)
    service.later(100)
    service.restart()
    assert service.bans.left_s("officer-1", STRANGER) == 200
    # And the next time twice as long: what came before is not forgotten either.
    service.later(250)
    begun: list[tuple[str, float]] = []
    while not begun:
        begun = service.bans.failed("officer-1", STRANGER)
    assert dict(begun)["name there"] == 600
    service.people.close()


def test_an_officer_is_known_at_his_desk_after_a_restart_whatever_strangers_do(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    service.bans.succeeded("officer-1", DESK)
    service.restart()
    for place in range(60):
        service.bans.failed("officer-1", f"203.0.113.{place}")
    service.restart()
    assert service.bans.left_s("officer-1", STRANGER) > 0
    assert service.bans.left_s("officer-1", DESK) == 0 and service.bans.is_known("officer-1", DESK)
    # A month later he is a stranger there, however often the service was restarted.
    service.later(16 * 86_400)
    service.restart()
    assert service.bans.is_known("officer-1", DESK)
    service.later(15 * 86_400)
    assert not service.bans.is_known("officer-1", DESK)
    service.restart()
    assert not service.bans.is_known("officer-1", DESK)
    service.people.close()


def test_whoever_is_reset_begins_anew(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    service.bans.succeeded("officer-1", DESK)
    for place in range(60):
        service.bans.failed("officer-1", f"203.0.113.{place}")
    for forget in some(service.people.on_reset):
        forget("Officer-1")
    service.restart()
    assert service.bans.left_s("officer-1", STRANGER) == 0 and not service.bans.is_known("officer-1", DESK)
    service.people.close()


def test_whoever_is_reset_from_the_command_line_begins_anew_in_the_service_that_runs(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    asyncio.run(put(service.people, "officer-1", "operator"))
    asyncio.run(put(service.people, "officer-2", "operator"))
    for place in range(60):
        for name in ("officer-1", "officer-2"):
            service.bans.failed(name, f"203.0.113.{place}")
    elsewhere = people_of(make_settings(zones="z"), PeopleFile(tmp_path / "people.db"), lambda: service.at)
    person = elsewhere.person("officer-1")
    assert person is not None
    asyncio.run(Administration(elsewhere).invite(person, by="user root", where="command line"))
    elsewhere.close()
    asyncio.run(service.people.tend())
    assert service.bans.left_s("officer-1", STRANGER) == 0 and service.bans.left_s("officer-2", STRANGER) > 0
    service.people.close()


def test_a_clock_that_was_set_while_the_service_was_down_makes_no_ban_longer(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    for _ in range(5):
        service.bans.failed("officer-1", STRANGER)
    service.people.close()
    service.at -= timedelta(days=400)
    service.start()
    assert 0 < service.bans.left_s("officer-1", STRANGER) <= 7_200
    service.people.close()


def test_the_file_tells_no_address_and_no_name_that_is_nobodys(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    service.bans.succeeded("officer-1", DESK)
    service.bans.failed("hunter2", STRANGER, somebodys=False)
    service.people.close()
    held = b"".join(path.read_bytes() for path in some(list(tmp_path.iterdir())))
    assert not any(text in held for text in some([DESK.encode(), STRANGER.encode(), b"hunter2"]))
    service.start()
    # The address is counted; the word that may be a password is not there even as a hash.
    assert {key[0] for key in service.bans.counted} == {"address"}
    service.people.close()


def test_a_flood_of_failures_is_written_in_bounded_pieces_and_not_where_the_disk_refuses(tmp_path: Path) -> None:
    service = Service(tmp_path / "people.db")
    for place in range(WRITTEN_MAX):
        service.bans.failed("officer-1", f"2001:db8:{place:x}::")
    (keep,) = service.people.on_tend
    left = len(service.bans.changed)
    keep()
    assert len(service.bans.changed) == left - WRITTEN_MAX
    service.people.file._waiting.append(lambda db: None)
    keep()
    assert len(service.bans.changed) == left - WRITTEN_MAX
    service.people.close()


@pytest.mark.server
def test_the_service_itself_goes_on_refusing_whom_it_refused_before_it_was_restarted(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(3)))
    settings = make_settings(
        zones=tmp_path / "zones.geojson", drill=True, http={"port": 0}, journal={"path": tmp_path / "journal.db"}
    )

    async def story() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            await put(runtime.people, "officer-1", "operator")
            for _ in range(5):
                await runtime.door.admit("officer-1", "wrong", "", From(STRANGER))
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            found = await runtime.door.admit("officer-1", "wrong", "", From(STRANGER))
            assert isinstance(found, Refused) and found.status == 429

    asyncio.run(story())


class Restarted(RuleBasedStateMachine):
    """Whatever happens in whichever order: a service that is restarted bans whom one bans that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.service = Service(None)
        self.other = Bans(lambda: self.since_s)
        self.since_s = 0.0

    @rule(name=st.sampled_from(["a", "b"]), address=st.sampled_from([DESK, STRANGER, ""]), times=st.integers(1, 30))
    def fails(self, name: str, address: str, times: int) -> None:
        for _ in range(times):
            assert self.service.bans.failed(name, address) == self.other.failed(name, address)

    @rule(name=st.sampled_from(["a", "b"]), address=st.sampled_from([DESK, STRANGER, ""]))
    def succeeds(self, name: str, address: str) -> None:
        for bans in (self.service.bans, self.other):
            bans.succeeded(name, address)

    @rule(seconds=st.sampled_from([1, 200, 1_000, 10_000, 90_000]))
    def passes(self, seconds: int) -> None:
        self.service.later(seconds)
        self.since_s += seconds

    @rule()
    def restarts(self) -> None:
        # The file is in memory: what the next start reads is what was written of it.
        (keep,) = self.service.people.on_tend
        keep()
        self.service.passed_s = 0.0
        self.service.people.on_tend.clear()
        self.service.people.on_reset.pop()
        self.service.bans = kept_bans(self.service.people, SECRET, lambda: self.service.passed_s)

    @invariant()
    def they_agree(self) -> None:
        for name in ("a", "b"):
            for address in (DESK, STRANGER, ""):
                here, there = (bans.left_s(name, address) for bans in (self.service.bans, self.other))
                assert abs(max(here, 0.0) - max(there, 0.0)) < 0.01

    def teardown(self) -> None:
        self.service.people.close()


TestRestarted = Restarted.TestCase
TestRestarted.settings = tried(20, nightly=300, stateful_step_count=20)
