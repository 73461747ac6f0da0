"""The record of a live night: shown, checked, copied while it is written, put back, and played again."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import apsw
import pytest
from typer.testing import CliRunner

from tests.some import some
from tocsin.command.main import app
from tocsin.ingest.files import read_observations
from tocsin.ingest.rejects import Rejects
from tocsin.journal import Journal
from tocsin.journal.reading import Reading
from tocsin.journal.rescue import rescue
from tocsin.model.errors import BadFile, BadSettings, JournalDamaged, TocsinError
from tocsin.model.event import OperatorAct
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Impact
from tocsin.model.warning import Warning
from tocsin.model.wire import effect_from_json
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.person import Person
from tocsin.service.people.store import People
from tocsin.service.people_settings import People as Asked
from tocsin.service.serve import configured, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.worker import Decided

RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
HOME = Zone(id="home", name="Home", population=9_000, polygons=((RING,),))


def impact(name: str) -> Impact:
    return Impact(id=name, time=datetime.now(UTC), source="post", lat=46.05, lon=8.05, sigma_m=50)


def live(settings: Settings) -> list[Warning]:
    """A short night of the real service: something falls, an officer raises and releases; what was warned of."""
    warned: list[Warning] = []

    def watch(decided: Decided) -> None:
        warned.extend(one for one in decided.effects if isinstance(one, Warning))

    async def night() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            runtime.watch("test", watch)
            await runtime.submit([impact("i1")])
            await runtime.ticker.tick()
            for action in ("raise", "cancel"):
                time = datetime.now(UTC)
                act = OperatorAct(id=action, time=time, operator="duty", action=action, zones=("home",))
                await runtime.submit([act])
                await runtime.ticker.tick()

    asyncio.run(night())
    return warned


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Warning]]]:
    folder = tmp_path_factory.mktemp("night")
    (folder / "zones.geojson").write_bytes(zones_to_geojson([HOME]))
    path = folder / "journal.db"
    warned = live(make_settings(zones=folder / "zones.geojson", http={"port": 0}, journal={"path": path}))
    assert next(one.level for one in warned) in ("prepare", "take_cover")
    assert {"take_cover", "all_clear"} <= {one.level for one in warned}
    yield path, warned


def said(*arguments: str | Path) -> dict[str, object]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def refused(kind: type[TocsinError], match: str, *arguments: str | Path) -> None:
    with pytest.raises(kind, match=match):
        CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)


@pytest.mark.server
def test_a_live_night_played_again_warns_of_the_same_at_the_same_times(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    path, warned = night
    summary = said("replay", path, "--out", tmp_path / "run")
    again = [effect_from_json(line) for line in (tmp_path / "run" / "warnings.jsonl").read_bytes().splitlines()]
    assert again == warned
    assert summary["failed"] == 0
    truth = tmp_path / "truth.jsonl"
    cover = next(one for one in warned if one.level == "take_cover")
    at = (cover.time + (warned[-1].time - cover.time) / 2).isoformat()
    truth.write_text(
        json.dumps(
            {"kind": "strike", "time": at, "lat": 46.05, "lon": 8.05, "zone": "home", "threat": "drone", "object": "o"}
        )
        + "\n"
    )
    score = said("score", tmp_path / "run", "--truth", truth, "--zones", tmp_path / "run" / "zones.geojson")
    assert score["strikes"] == 1
    assert score["warned_any"] == 1.0


@pytest.mark.server
def test_what_a_recording_needs_a_journal_holds_itself(night: tuple[Path, list[Warning]], tmp_path: Path) -> None:
    path, _ = night
    refused(BadSettings, "is a journal and holds", "replay", path, "--out", tmp_path, "--zones", path)
    (tmp_path / "o.jsonl").write_text("")
    refused(BadSettings, "needs --sensors and --zones", "replay", tmp_path / "o.jsonl", "--out", tmp_path)


@pytest.mark.server
def test_a_journal_shows_what_it_holds_and_gives_its_observations(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    path, _ = night
    shown = said("journal", "show", path)
    assert shown["events"] == {"act": 2, "configuration": 1, "impact": 1, "tick": 3}
    assert shown["sources"] == {"post": 1}
    assert shown["head"] == shown["last_event"] == 7
    out = tmp_path / "observations.jsonl"
    assert said("journal", "export", path, "--out", out)["observations"] == 1
    with Rejects() as rejects:
        (back,) = read_observations(out, (), rejects)
    assert (back.id, back.source) == ("i1", "post")


@pytest.mark.server
def test_a_backup_of_a_journal_that_is_being_written_is_whole_and_can_be_put_back(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    path, _ = night
    with Journal.open(path) as journal:
        assert said("journal", "backup", path, "--out", tmp_path / "copy")["last_event"] == 7
        before = list(journal.read_json())
    to = tmp_path / "new" / "journal.db"
    assert said("journal", "restore", tmp_path / "copy", "--to", to)["last_event"] == 7
    with Journal.open(to) as restored:
        assert list(restored.read_json()) == before
        assert restored.latest_snapshot() is not None
        assert restored.gap is not None, "what came after the backup is missing, and that is said"
        assert "restored from a backup" in restored.gap.sentence
    refused(BadFile, "is there already", "journal", "restore", tmp_path / "copy", "--to", to)
    refused(BadFile, "is there already", "journal", "backup", path, "--out", tmp_path / "copy")


def test_with_a_journal_goes_what_lies_beside_it_and_comes_back_for_its_owner_alone(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    here = tmp_path / "data"
    here.mkdir()
    said("journal", "restore", _copied(night[0], tmp_path), "--to", here / "journal.db")
    people = People(PeopleFile(here / "people.db"), Asked(), lambda: datetime.now(UTC))
    asyncio.run(people.put(Person(id="officer-1", roles=("operator",), made_at=datetime.now(UTC))))
    token = people.sessions.start("officer-1", by="code", strong=True).token
    # While the service has it open, and it is in the write-ahead log.
    (here / "channels").mkdir()
    for name in ("spotters.db", "sites.db", "past.db", "channels/phones.db"):
        apsw.Connection(str(here / name)).execute("CREATE TABLE IF NOT EXISTS kept (what TEXT)")
    told = said("journal", "backup", here / "journal.db", "--out", tmp_path / "again")
    people.close()
    beside = ["channels/phones.db", "people.db", "sites.db", "spotters.db", "veil.key"]
    assert sorted(some(cast("list[str]", told["beside"]))) == sorted({*beside, "console.db"})
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "again").rglob("*")} == {0}
    there = tmp_path / "there" / "journal.db"
    assert said("journal", "restore", tmp_path / "again", "--to", there)["beside"] == told["beside"]
    assert {(there.parent / name).stat().st_mode & 0o777 for name in beside} == {0o600}
    back = People(PeopleFile(there.with_name("people.db")), Asked(), lambda: datetime.now(UTC))
    assert back.person("officer-1") is not None
    assert back.sessions.by_token(token) is None, "a session that was ended since would open again"
    back.close()


def test_nothing_that_is_there_is_overwritten_and_what_is_damaged_is_named(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    copy = _copied(night[0], tmp_path)
    there = tmp_path / "there"
    there.mkdir()
    (there / "veil.key").write_bytes(b"mine")
    refused(BadFile, "veil.key: is there already", "journal", "restore", copy, "--to", there / "journal.db")
    assert [path.name for path in there.iterdir()] == ["veil.key"] and (there / "veil.key").read_bytes() == b"mine"
    away = tmp_path / "away"
    shutil.copytree(copy, away)
    (away / "people.db").write_bytes(b"no database" * 1_000)
    refused(BadFile, "people.db", "journal", "backup", away / "journal.db", "--out", tmp_path / "never")
    elsewhere = tmp_path / "elsewhere.db"
    apsw.Connection(str(elsewhere)).execute("CREATE TABLE session (x)")
    (away / "people.db").unlink()
    out = tmp_path / "whole"
    said("journal", "backup", away / "journal.db", "--out", out, "--people", elsewhere)
    assert (out / "people.db").stat().st_size == elsewhere.stat().st_size


def _copied(path: Path, folder: Path) -> Path:
    said("journal", "backup", path, "--out", folder / "first")
    return folder / "first"


@pytest.mark.server
def test_a_damaged_backup_is_not_put_back_and_a_damaged_journal_is_one_line_a_problem(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    path, _ = night
    assert said("journal", "check", path) == {"problems": []}
    said("journal", "backup", path, "--out", tmp_path / "copy")
    with apsw.Connection(str(tmp_path / "copy" / "journal.db")) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 3")
    result = CliRunner().invoke(app, ["journal", "check", str(tmp_path / "copy" / "journal.db")])
    assert result.exit_code == 1
    assert result.stdout == "event 3 is damaged\n"
    refused(JournalDamaged, "event 3 is damaged", "journal", "restore", tmp_path / "copy", "--to", tmp_path / "j.db")
    assert not (tmp_path / "j.db").exists()
    # What can be had of a damaged journal is kept, under a name by which nobody takes it for a backup.
    damaged = tmp_path / "copy" / "journal.db"
    refused(JournalDamaged, r"no backup", "journal", "backup", damaged, "--out", tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert (tmp_path / "again.damaged" / "journal.db").is_file()
    refused(BadFile, "is there already", "journal", "backup", damaged, "--out", tmp_path / "again")


@pytest.mark.server
def test_what_is_whole_of_a_damaged_journal_can_be_rescued_and_what_is_missing_is_an_event_of_it(
    night: tuple[Path, list[Warning]], tmp_path: Path
) -> None:
    path, _ = night
    said("journal", "backup", path, "--out", tmp_path / "copy")
    damaged, rescued = tmp_path / "copy" / "journal.db", tmp_path / "rescued.db"
    with apsw.Connection(str(damaged)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq IN (3, 4)")
        db.execute("DELETE FROM events WHERE seq = 7")
        db.execute("INSERT INTO events SELECT 8, key, crc, body, digest, chain FROM events WHERE seq = 6")
    before = damaged.read_bytes()
    result = CliRunner().invoke(app, ["journal", "rescue", str(damaged), "--out", str(rescued), "--json"])
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["events"] == 4
    assert answer["missing"] == ["events 3 to 4: it is damaged", "events 7 to 8: it is missing"]
    assert damaged.read_bytes() == before
    assert said("journal", "check", rescued) == {"problems": []}
    with Reading(path) as whole, Reading(rescued) as reading:
        bodies = dict(whole.read_json())
        found = [body for _, body in reading.read_json()]
    assert [body for body in found if b'"loss"' not in body] == [bodies[seq] for seq in (1, 2, 5, 6)]
    losses = [json.loads(body) for body in found if b'"loss"' in body]
    assert [(one["first"], one["last"]) for one in losses] == [(3, 4), (7, 8)]
    assert found.index(next(body for body in found if b'"loss"' in body)) == 2, "it stands where they stood"
    said("journal", "backup", rescued, "--out", tmp_path / "again")
    refused(BadFile, "is there already", "journal", "rescue", damaged, "--out", rescued)
    assert said("journal", "rescue", path, "--out", tmp_path / "sound.db")["missing"] == []


def test_a_rescue_ends_although_one_number_has_become_absurd(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path) as journal:
        journal.append([impact(f"{number}") for number in range(1, 6)])
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET seq = ? WHERE seq = 3", (2**40,))
    count, holes = rescue(path, tmp_path / "rescued.db")
    assert (count, [hole[:2] for hole in holes]) == (4, [(3, 3), (6, 2**40)])


def test_there_must_be_a_journal(tmp_path: Path) -> None:
    for command in ("show", "check", "upgrade"):
        refused(BadFile, "there is no journal", "journal", command, tmp_path / "none.db")
