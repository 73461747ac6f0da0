"""The report that began this project: two raids, one observatory under two names, an official through an agency."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.some import some
from tocsin.command.main import app
from tocsin.ledger.case import Book, Case
from tocsin.ledger.claim import Figure
from tocsin.ledger.opening import opened

PAGE = Path(__file__).resolve().parents[3] / "docs" / "tutorial" / "who-says-what.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.S | re.M)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Command of the tutorial -> what it printed, all of them run in order in an empty folder."""
    folder = tmp_path_factory.mktemp("raids")
    (toml,) = _blocks("toml")
    found: dict[str, str] = {"folder": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("raids.toml").write_text(toml)
        for line in some([line for block in _blocks("bash") for line in block.splitlines()]):
            ran = CliRunner().invoke(app, shlex.split(line)[1:])
            assert ran.exit_code == 0, f"{line}\n{ran.output}"
            found[line] = ran.output
    return found


def case(printed: dict[str, str], name: str) -> Case:
    with opened(f"{printed['folder']}/raids.db") as store:
        found = Book(store).case(name)
    assert found is not None
    return found


def finding(case: Case, measure: str) -> Any:
    (found,) = (one for one in case.findings if one.measure == measure)
    return found


def test_the_same_notes_twice_change_nothing(printed: dict[str, str]) -> None:
    first, again = _imports(printed)
    assert "17 rows kept, 0 rejected" in first
    assert "0 new records in raids.db, 17 were there already" in again


def _imports(printed: dict[str, str]) -> tuple[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(printed["folder"])
        command = ["ledger", "import", "raids.toml", "--format", "notes", "--ledger"]
        fresh = CliRunner().invoke(app, [*command, "fresh.db"]).output
        return fresh, CliRunner().invoke(app, [*command, "raids.db"]).output


def test_two_incidents_with_their_windows_resolved(printed: dict[str, str]) -> None:
    damascus, aleppo = case(printed, "damascus-air-defence"), case(printed, "aleppo-airport")
    window = damascus.incident.window
    assert (window.begin, window.end) == (datetime(2023, 5, 28, 16, tzinfo=UTC), datetime(2023, 5, 29, 3, tzinfo=UTC))
    assert window.said == "overnight Sunday to Monday"
    window = aleppo.incident.window
    assert (window.begin, window.end) == (datetime(2023, 4, 30, 21, tzinfo=UTC), datetime(2023, 5, 10, 21, tzinfo=UTC))


def test_one_observatory_under_two_names_is_one_voice_and_the_ministry_contradicts_it(printed: dict[str, str]) -> None:
    injured = finding(case(printed, "damascus-air-defence"), "injured")
    assert {one.voice: str(one.figure) for one in injured.statements} == {"sohr": "5", "defence-ministry": "0"}
    (observatory,) = (one for one in injured.statements if one.voice == "sohr")
    assert len(observatory.claims) == len(observatory.echoes) == 1
    assert injured.agreed is None
    assert injured.span == Figure(low=0, high=5)
    assert [one.why for one in injured.contradictions] == ["0 against 5"]
    killed = finding(case(printed, "aleppo-airport"), "killed")
    assert [str(one.figure) for one in killed.statements] == ["9"]
    assert killed.agreed is None


def test_the_statement_is_attributed_through_its_chain(printed: dict[str, str]) -> None:
    shown = printed["tocsin ledger show damascus-air-defence --ledger raids.db"]
    assert "Rudaw quoting Syrian Arab News Agency quoting Syrian Ministry of Defence" in shown
    assert "contradiction: Syrian Ministry of Defence and Syrian Observatory for Human Rights, 0 against 5" in shown
    assert "the first report quoting Syrian Observatory for Human Rights (as OSDH)" in shown


def test_the_outage_has_a_beginning_and_no_end_that_anybody_made_up(printed: dict[str, str]) -> None:
    outage = finding(case(printed, "aleppo-airport"), "outage")
    assert outage.subject == "Aleppo airport"
    assert [one.window.end for one in outage.statements[0].claims] == [None]
    assert "no end known" in printed["tocsin ledger show aleppo-airport --ledger raids.db"]


def test_hundreds_are_two_hundred_or_more_and_stay_apart(printed: dict[str, str]) -> None:
    strikes = finding(case(printed, "damascus-air-defence"), "strikes")
    assert strikes.subject == "in Syria since 2011"
    assert str(strikes.span) == "at least 200"


def test_nothing_that_is_printed_is_an_average_or_a_sum(printed: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(printed["folder"])
        shown = CliRunner().invoke(app, ["ledger", "show", "damascus-air-defence", "--ledger", "raids.db", "--json"])
    figures = re.findall(r'"(?:low|high)":(\d+)', shown.output)
    assert json.loads(shown.output)["name"] == "damascus-air-defence"
    assert set(some(figures)) == {"0", "5", "200"}
