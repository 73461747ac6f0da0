"""A night in a journal against the ledger: what the public page says, and what it leaves out."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tests.small_raid import write_raid
from tests.some import some
from tocsin.announce.delivery import Happened
from tocsin.command.main import app
from tocsin.engine.engine import Engine
from tocsin.ingest.files import read_observations
from tocsin.ingest.rejects import Rejects
from tocsin.journal import Journal
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.incident import Incident
from tocsin.ledger.night_figures import UNSEEN
from tocsin.ledger.opening import opened
from tocsin.ledger.record import Personal, Record, salt
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.window import Place, Window
from tocsin.model.effect import Effect
from tocsin.model.event import Event
from tocsin.model.value import EPOCH
from tocsin.replay.configuration import configuration_of, read_policy, read_sensors, read_zones
from tocsin.replay.journal import replay_journal
from tocsin.replay.offline import Offline
from tocsin.score.truth import Truth, read_truth
from tocsin.service.delivery_trail import trail_path

WITNESS = "A. Witness"


class _Kept(Engine):
    """An engine that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def step(self, event: Event) -> list[Effect]:
        self.events.append(event)
        return super().step(event)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """The journal of a small live raid, and what fell in it."""
    folder = tmp_path_factory.mktemp("night")
    ran = CliRunner().invoke(app, ["simulate", str(write_raid(folder)), "--seed", "1", "--out", str(folder / "raid")])
    assert ran.exit_code == 0, ran.output
    raid = folder / "raid"
    engine = _Kept()
    zones, sensors = read_zones(raid / "zones.geojson"), read_sensors(raid / "sensors.json")

    observations = list(read_observations(raid / "observations.jsonl", sensors, Rejects()))
    told = configuration_of(
        zones, sensors, read_policy("default"), drill=False, time=observations[0].received_at - timedelta(seconds=1)
    )
    assert list(Offline(told, engine=engine).run(observations))
    path = folder / "journal.db"
    with Journal.open(path) as journal:
        journal.append(engine.events)
    return path, read_truth(raid / "truth.jsonl")


def _records(truth: Truth) -> list[Record]:
    records: list[Record] = [
        Source(
            id="s/w", recorded=truth.strikes[0].time, by="desk", source="w-1", kind="witness",
            names=(SourceName(text=WITNESS),),
        ),
        Source(
            id="s/o", recorded=truth.strikes[0].time, by="desk", source="observatory",
            names=(SourceName(text="The Observatory"),), kind="observatory",
        ),
    ]  # fmt: skip
    # One more, which nobody has released.
    for number, strike in enumerate([truth.strikes[0], *truth.strikes]):
        name = f"fell-{number}"
        records.append(
            Incident(
                id=name, recorded=strike.time, by="desk", incident=name, struck="a bridge <b>", released=number == 0,
                place=Place(lat=strike.lat, lon=strike.lon, sigma_m=30, name="by the river"),
                window=Window(begin=strike.time, end=strike.time), personal=Personal(salt=salt(), recorder=WITNESS),
            )
        )  # fmt: skip
        records += [
            Claim(
                id=f"{name}/{source}", recorded=strike.time, by="desk", incident=name, measure="injured",
                chain=(source,), published=strike.time, figure=Figure(low=low, high=low),
                url=f"https://example.org/{source}",
                personal=Personal(salt=salt(), witness=WITNESS),
            )
            for source, low in (("observatory", 5), ("w-1", 7), ("neighbour.of.mine", 6))
        ]  # fmt: skip
    return records


def _report(folder: Path, night: tuple[Path, Truth], *more: str) -> tuple[dict[str, Any], str]:
    _, truth = night
    with opened(str(folder / "ledger.db"), make=True) as store:
        store.append(_records(truth))
    command = ["ledger", "report", "--ledger", str(folder / "ledger.db"), "--out", str(folder), "--json", *more]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0, ran.output
    found = json.loads(next(line for line in ran.output.splitlines() if line.startswith("{")))
    return found, (folder / "report.html").read_text()


def test_the_public_page_says_who_was_warned_and_names_no_witness_and_no_sensor(
    night: tuple[Path, Truth], tmp_path: Path
) -> None:
    found, page = _report(tmp_path, night, "--journal", str(night[0]))
    strikes = some(night[1].strikes)
    total = found["total"]
    assert sum(total["incidents"].values()) + sum(found["left_out"].values()) == len(strikes) + 1
    assert total["covers"]["hit"] >= 1
    assert list(found["by_policy"]) == ["default"]
    assert list(found["by_night"]) == ["2025-12-31"]
    for text in (page, json.dumps(found, ensure_ascii=False)):
        assert WITNESS not in text
        assert "radar" not in text
        assert "fell-1" not in text
        assert "w-1" not in text
        assert "neighbour.of.mine" not in text
    assert "a witness" in page
    assert "The Observatory" in page
    assert "a bridge &lt;b&gt;" in page
    assert "<script" not in page
    assert found["withheld"] == len(strikes)


def test_without_a_night_the_page_holds_what_was_released_alone(night: tuple[Path, Truth], tmp_path: Path) -> None:
    found, page = _report(tmp_path, night)
    assert found["by_night"] == {}
    assert [one["incident"] for one in found["released"]] == ["fell-0"]
    said = found["released"][0]["findings"][0]["statements"]
    assert {one["source"] for one in said} == {
        "The Observatory", "a witness", "a source that is not described",
    }  # fmt: skip
    assert {url for one in said for heard in one["published"] if (url := heard["url"])} == {
        "https://example.org/observatory"
    }
    assert "Incidents released: 1" in page
    assert CliRunner().invoke(app, ["ledger", "report", "--ledger", str(tmp_path / "ledger.db")]).exit_code != 0


def test_operators_read_which_sensors_had_seen_it_in_a_file_of_their_own(
    night: tuple[Path, Truth], tmp_path: Path
) -> None:
    path = tmp_path / "journal.db"
    shutil.copytree(night[0].parent, tmp_path, dirs_exist_ok=True)
    _, open_page = _report(tmp_path, night, "--journal", str(path))
    (tmp_path / "report.html").chmod(0o644)
    warned = [one["id"] for one in _warnings(path, tmp_path) if one["level"] == "take_cover"]
    begun = EPOCH + timedelta(days=365)
    lines = [
        Happened(time=begun, channel="siren", stage="queued", warnings=tuple(some(warned)), recipients=1),
        Happened(time=begun, channel="siren", stage="accepted", warnings=tuple(warned), recipient=0),
    ]
    trail_path(path).write_bytes(msgspec.json.Encoder().encode_lines(lines))
    found, page = _report(tmp_path, night, "--journal", str(path), "--private")
    assert "FOR OPERATORS ONLY" in page
    assert "By sensor" not in open_page
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600
    seen = found["by_sensor"].keys() - {UNSEEN}
    assert seen <= {one.id for one in read_sensors(night[0].parent / "raid" / "sensors.json")}
    assert all(name in page for name in some(sorted(seen)))
    assert list(found["by_channel"]) == ["siren"]
    assert sum(found["by_channel"]["siren"]["incidents"].values()) >= 1
    assert "hear one channel alone" in page


def _warnings(journal: Path, folder: Path) -> list[dict[str, Any]]:
    replay_journal(journal, folder / "again")
    return [json.loads(line) for line in (folder / "again" / "warnings.jsonl").read_text().splitlines()]
