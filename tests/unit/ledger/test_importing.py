"""What comes into the ledger: notes with times and figures in words, and the impacts of a live journal."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.ledger.conftest import NewStore
from tocsin.command.main import app
from tocsin.ingest.rejects import Rejects
from tocsin.journal import Journal
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.formats.journal import incident_of
from tocsin.ledger.importing import import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.opening import opened
from tocsin.ledger.record import record_bytes
from tocsin.ledger.sqlite import SqliteStore
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.event import Configuration, Tick
from tocsin.model.identity import identity_of_report
from tocsin.model.observation import Impact

NOW = datetime(2026, 6, 9, 9, tzinfo=UTC)
NOTES = """
recorded = 2026-06-09T09:00:00Z
by = "desk"
zone = "Asia/Damascus"

[[incident]]
incident = "raid"
when = "overnight Sunday to Monday"
published = 2026-06-08T08:00:00Z
place = { lat = 33, lon = 36, sigma_m = 20000 }

[[claim]]
incident = "raid"
measure = "injured"
figure = "at least five"
chain = ["clinic", "agency"]
published = 2026-06-08T08:00:00Z
personal = { witness = "the night nurse" }

[[claim]]
incident = "raid"
measure = "injured"
figure = "a few"
chain = ["clinic"]
published = 2026-06-08T08:00:00Z

[[claim]]
incident = "raid"
measure = "injured"
chain = ["clinic"]
when = "whenever"
published = 2026-06-08T08:00:00Z

[[claim]]
incident = "raid"
measure = "hurt"
chain = ["clinic"]
published = 2026-06-08T08:00:00Z
"""


def test_notes_become_records_and_a_table_that_cannot_be_used_costs_itself_only(
    new_store: NewStore, tmp_path: Path
) -> None:
    path = tmp_path / "notes.toml"
    path.write_text(NOTES)
    with new_store() as store:
        with Rejects(tmp_path / "rejected") as rejects:
            done = import_file(store, path, "notes", rejects)
        assert done == {"kept": 3, "rejected": 2, "passed_over": 0, "records": {"new": 3, "known": 0}}
        incident, claim, unresolved = store.read()
        assert isinstance(incident, Incident)
        assert incident.window.begin == datetime(2026, 6, 7, 16, tzinfo=UTC)
        assert isinstance(claim, Claim)
        assert claim.figure == Figure(low=5)
        assert claim.personal is not None
        # When that was no rule knows: it is kept as it was said, and that is told.
        assert isinstance(unresolved, Claim)
        assert (unresolved.said_when, unresolved.window) == ("whenever", None)
        assert [one for one in rejects.noticed if "no rule knows when 'whenever' is" in one]
        again = import_file(store, path, "notes", Rejects())
        assert again["records"] == {"new": 0, "known": 3}
    reasons = [json.loads(line)["reason"] for line in (tmp_path / "rejected").read_text().splitlines()]
    assert [any(said in reason for reason in reasons) for said in ("figure is 'a few'", "measure is 'hurt'")] == [
        True
    ] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("[[raid]]", "tables of notes are"), ("x = ", "cannot be read"), ("claim = 5", "tables of notes")],
)
def test_a_file_that_holds_no_notes_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "notes.toml"
    path.write_text(text)
    with SqliteStore(None) as store, pytest.raises(BadFile, match=said):
        import_file(store, path, "notes", Rejects())


def test_a_format_that_nobody_knows_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with SqliteStore(None) as store, pytest.raises(BadSettings, match="notes"):
        import_file(store, tmp_path / "x", "telepathy", Rejects())


def test_an_impact_in_the_live_journal_opens_an_incident_and_who_reported_it_is_not_published(
    new_store: NewStore, tmp_path: Path
) -> None:
    path = tmp_path / "journal.db"
    impact = Impact(id="7", source="post-7F3K", time=NOW, received=NOW + timedelta(seconds=9), lat=50.4, lon=30.5,
                    sigma_m=300, threat="drone")  # fmt: skip
    with Journal.open(path) as journal:
        journal.append([Configuration(id="c", time=NOW, zones=()), Tick(time=NOW), impact])
        journal.append([Configuration(id="d", time=NOW, zones=(), drill=True)])
        journal.append([Impact(id="8", source="post-7F3K", time=NOW, lat=50, lon=30, sigma_m=300)])
    with new_store() as store:
        done = import_file(store, path, "journal", Rejects())
        assert done == {"kept": 2, "rejected": 0, "passed_over": 3, "records": {"new": 2, "known": 0}}
        live, drill = store.read()
        assert isinstance(live, Incident)
        assert isinstance(drill, Incident)
        assert (live.drill, drill.drill) == (False, True)
        assert (live.window.begin, live.threat, live.origin) == (NOW, "drone", "impact")
        assert live.recorded == NOW + timedelta(seconds=9)
        assert b"7F3K" not in record_bytes(live)
        assert live.personal is not None
        assert live.personal.witness == "post-7F3K"
        assert import_file(store, path, "journal", Rejects())["records"] == {"new": 0, "known": 2}


def test_nobody_finds_out_who_reported_an_impact_by_trying_names_against_what_it_is_called(tmp_path: Path) -> None:
    impact = Impact(id="1", source="post-7F3K", time=NOW, lat=50, lon=30, sigma_m=300)
    said = identity_of_report(impact).encode()
    one, other = (incident_of(impact, bytes([number]) * 16, drill=False) for number in (1, 2))
    assert one.incident != other.incident
    assert hashlib.sha256(said).hexdigest()[:20] not in record_bytes(one).decode()


def _ledger(*told: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["ledger", *told])
    said = ran.output if ran.exception is None or isinstance(ran.exception, SystemExit) else str(ran.exception)
    return ran.exit_code, said


def test_what_a_person_decides_is_kept_and_can_be_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = NOTES.split("[[claim]]")[0] + 'struck = "an oil depot"\n'
    Path("notes.toml").write_text(
        first + "[[incident]]" + first.partition("[[incident]]")[2].replace('"raid"', '"attack"')
    )
    assert _ledger("import", "notes.toml", "--format", "notes")[0] == 0
    assert "incidents attack and raid: 0.0 km apart" in _ledger("propose")[1]
    status, merge = _ledger("merge", "raid", "attack", "--reason", "one crater")
    assert status == 0
    assert "one incident already, under raid; nothing is changed" in _ledger("merge", "attack", "raid")[1]
    assert "are one incident by a merge" in _ledger("apart", "attack", "raid")[1]
    # The id of each decision stands where a person reads what came of it.
    assert merge.strip() in _ledger("show", "attack")[1] and merge.strip() in _ledger("show")[1]
    assert "merged   attack" in _ledger("show", "attack")[1]
    assert json.loads(_ledger("show", "attack", "--json")[1])["name"] == "raid"
    assert _ledger("undo", merge.strip())[0] == 0
    assert "merged" not in _ledger("show", "attack")[1]
    assert _ledger("apart", "raid", "attack")[0] == 0
    assert "attack" not in _ledger("propose")[1]
    assert _ledger("check") == (0, "nothing is wrong with 5 records\n")
    assert "of which there is no record" in _ledger("merge", "raid", "nowhere")[1]
    assert "holds nothing of nowhere" in _ledger("show", "nowhere")[1]
    assert "there is no ledger at none.db" in _ledger("show", "--ledger", "none.db")[1]


def test_claims_that_are_split_off_stand_at_a_new_incident_until_that_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.toml").write_text(NOTES.replace("[[claim]]", '[[claim]]\nid = "c"', 1))
    _ledger("import", "notes.toml", "--format", "notes")

    def claims(of: str) -> list[str]:
        return [one["id"] for one in json.loads(_ledger("show", of, "--json")[1])["claims"]]

    before, wrong = json.loads(_ledger("show", "raid", "--json")[1]), _ledger("check")
    status, said = _ledger("split", "second", "c", "--reason", "an hour later")
    assert status == 0
    second = json.loads(_ledger("show", "second", "--json")[1])
    assert claims("second") == ["c"] and "c" not in claims("raid")
    known = ("place", "window", "struck")
    assert [second["incident"].get(name) for name in known] == [before["incident"].get(name) for name in known]
    assert not second["incident"].get("released")
    assert _ledger("check") == wrong
    assert _ledger("undo", said.split()[-1])[0] == 0
    assert claims("raid") == [one["id"] for one in before["claims"]]
    assert "is about nothing, which is no record here" in _ledger("split", "second", "nothing")[1]
    assert "which is no claim" in _ledger("split", "raid", said.split()[0])[1]
    assert "import it first" in _ledger("split", "third", said.split()[0])[1]


def test_what_is_redacted_is_gone_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.toml").write_text(NOTES.replace("[[claim]]", '[[claim]]\nid = "c"', 1))
    _ledger("import", "notes.toml", "--format", "notes")

    def found() -> bool:
        return any(b"the night nurse" in path.read_bytes() for path in tmp_path.glob("ledger.db*"))

    assert found()
    assert "night nurse" not in _ledger("show", "raid")[1] + _ledger("show", "raid", "--json")[1]
    status, redaction = _ledger("redact", "c", "--reason", "asked for")
    assert status == 0
    assert not found()
    assert "what that took out is gone" in _ledger("undo", redaction.strip())[1]
    assert _ledger("import", "notes.toml", "--format", "notes")[0] == 0
    assert not found()


def test_no_file_erases_what_the_ledger_holds_and_one_that_brings_what_was_erased_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.toml").write_text(NOTES.replace("[[claim]]", '[[claim]]\nid = "c"', 1))
    _ledger("import", "notes.toml", "--format", "notes")
    _ledger("export", "--out", "before.jsonl", "--format", "jsonl", "--private")
    _ledger("redact", "c", "--reason", "asked for")
    _ledger("export", "--out", "after.jsonl", "--format", "jsonl")
    # Elsewhere the same claim is whole, and stays so.
    _ledger("import", "before.jsonl", "--format", "jsonl", "--ledger", "other.db")
    status, said = _ledger("import", "after.jsonl", "--format", "jsonl", "--ledger", "other.db")
    assert status == 0 and "1 rejected" in said and "would erase the personal parts of c for good" in said
    assert b"the night nurse" in b"".join(path.read_bytes() for path in tmp_path.glob("other.db*"))
    assert "0 rejected" in _ledger("import", "after.jsonl", "--format", "jsonl", "--ledger", "third.db")[1]


def test_notes_from_the_beginning_and_the_end_of_the_calendar_cost_themselves_only(tmp_path: Path) -> None:
    path = tmp_path / "notes.toml"
    path.write_text(
        'recorded = 2026-05-30T09:00:00Z\nby = "desk"\n'
        '[[incident]]\nincident = "a"\nzone = "America/New_York"\nwhen = "last night"\n'
        "published = 0001-01-01T00:30:00Z\n"
        '[[incident]]\nincident = "b"\nzone = "Asia/Damascus"\nwhen = "tonight"\npublished = 9999-12-31T23:30:00Z\n'
        '[[incident]]\nincident = "c"\nzone = "Asia/Damascus"\nwhen = "2026-05-29"\n'
        "published = 2026-05-30T09:00:00Z\n"
        '[[incident]]\nincident = "d"\nzone = 5\nwhen = "2026-05-29"\npublished = 2026-05-30T09:00:00Z\n'
    )
    rejects = Rejects()
    with SqliteStore(None) as store:
        found = import_file(store, path, "notes", rejects)
    assert (found["kept"], found["rejected"]) == (1, 3)
    assert [one for one in rejects.counts if "there is no such time" in one]
    assert [one for one in rejects.counts if "give a time zone such as Asia/Damascus" in one]


DECIDED = """
[[merge]]
what = "source"
into = "clinic"
of = ["ward"]

[[split]]
into = "other"
claims = ["c"]

[[apart]]
one = "raid"
other = "other"

[[undo]]
of = "c"

[[redaction]]
of = "c"
"""


def _with_decisions() -> None:
    text = NOTES.replace("[[claim]]", '[[claim]]\nid = "c"', 1)
    Path("notes.toml").write_text(text.replace("place = {", "released = true\nplace = {", 1) + DECIDED)
    _ledger("import", "notes.toml", "--format", "notes", "--ledger", "theirs.db")
    _ledger("export", "--out", "theirs.jsonl", "--format", "jsonl", "--ledger", "theirs.db")


def test_what_only_a_person_here_may_decide_no_file_from_outside_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _with_decisions()
    Path("mine.toml").write_text(
        '[[source]]\nsource = "mayor"\nnames = ["M"]\nby = "desk"\nrecorded = 2026-06-09T09:00:00Z'
    )
    _ledger("import", "mine.toml", "--format", "notes")
    status, said = _ledger("import", "theirs.jsonl", "--format", "jsonl", "--json")
    found = json.loads(said)
    assert (status, found["kept"], found["rejected"]) == (0, 2, 6)
    reasons = " ".join(found["reasons"])
    for what in (
        "a merge is for",
        "a split is for",
        "an apart is for",
        "an undo is for",
        "a redaction is for",
        "would show",
    ):
        assert what in reasons, reasons
    with opened(str(tmp_path / "ledger.db")) as store:
        assert store.counts() == {"claim": 2, "source": 1}
    assert json.loads(_ledger("import", "theirs.jsonl", "--format", "jsonl", "--decisions", "--json")[1])["kept"] == 8
    # What is here already changes nothing, and is rejected no more.
    assert json.loads(_ledger("import", "theirs.jsonl", "--format", "jsonl", "--json")[1])["rejected"] == 0


def test_an_empty_ledger_becomes_what_the_file_is_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _with_decisions()
    status, said = _ledger("import", "theirs.jsonl", "--format", "jsonl", "--ledger", "new.db")
    assert (status, "8 rows kept, 0 rejected" in said) == (0, True)
    assert "the ledger was empty: 6 decisions of the file count here" in said
    _ledger("export", "--out", "again.jsonl", "--format", "jsonl", "--ledger", "new.db")
    assert Path("again.jsonl").read_bytes() == Path("theirs.jsonl").read_bytes()


def test_no_file_from_outside_takes_an_incident_from_the_public_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _with_decisions()
    _ledger("import", "notes.toml", "--format", "notes")
    later = json.loads(Path("theirs.jsonl").read_text().splitlines()[0])
    later |= {"id": "later", "recorded": "2026-07-01T00:00:00Z", "released": False}
    Path("later.jsonl").write_text(json.dumps(later))
    status, said = _ledger("import", "later.jsonl", "--format", "jsonl")
    assert (status, "would take 'raid' from the public page" in said) == (1, True)


def test_an_export_for_others_calls_no_witness_by_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    header = 'recorded = 2026-06-09T09:00:00Z\nby = "desk"\n'
    claim = '[[claim]]\nincident = "raid"\nmeasure = "damage"\npublished = 2026-06-08T08:00:00Z\n'
    Path("notes.toml").write_text(
        header
        + '[[source]]\nid = "s-maria"\nsource = "maria"\nkind = "witness"\nnames = ["Maria of Lane 9"]\n'
        + 'about = "Maria, a nurse"\n'
        + '[[source]]\nsource = "w-1"\nkind = "outlet"\nnames = ["Channel W1"]\nechoes = "maria"\n'
        + '[[source]]\nsource = "nurse-m"\nkind = "witness"\nnames = ["Nurse M."]\n'
        + f'{claim}chain = ["maria", "w-1"]\nurl = "https://example.org/maria"\n{claim}chain = ["w-1"]\nurl = "https://example.org/w1"\n'
        + '[[merge]]\nwhat = "source"\ninto = "maria"\nof = ["nurse-m"]\nreason = "Maria told us so"\n'
        + '[[undo]]\nof = "s-maria"\nreason = "Maria asked"\n'
    )
    assert "0 rejected" in _ledger("import", "notes.toml", "--format", "notes")[1]
    for form in ("jsonl", "csv", "geojson", "hxl"):
        for out in ("a", "b"):
            _ledger("export", "--out", out, "--format", form)
        found = Path("a").read_text()
        assert found == Path("b").read_text()
        assert "aria" not in found and "urse" not in found, form
        assert "https://example.org/w1" in found
    _ledger("export", "--out", "a", "--format", "jsonl")
    records = [json.loads(line) for line in Path("a").read_text().splitlines()]
    maria, nurse = (one["source"] for one in records if one["record"] == "source" and one["source"] != "w-1")
    assert [one["chain"] for one in records if one["record"] == "claim"] == [[maria, "w-1"], ["w-1"]]
    assert [(one["into"], one["of"]) for one in records if one["record"] == "merge"] == [(maria, [nurse])]
    assert [one["of"] for one in records if one["record"] == "undo"] == [records[0]["id"]]
    _ledger("export", "--out", "own", "--format", "jsonl", "--private")
    assert "Maria of Lane 9" in Path("own").read_text()
