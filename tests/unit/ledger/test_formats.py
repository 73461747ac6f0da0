"""Other people's tables as incidents and claims: what they say, whose word it is, and what cannot be used."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.some import some
from tocsin.command.ledger import LEDGER
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.table_files import sealed_connection
from tocsin.ledger.alert import Alert
from tocsin.ledger.claim import Claim
from tocsin.ledger.exporting import export_file
from tocsin.ledger.formats import parquet, parquet_rows
from tocsin.ledger.importing import FORMATS, import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.opening import opened
from tocsin.ledger.record import Record, record_json
from tocsin.ledger.source import Source
from tocsin.ledger.wire import AnyRecord
from tocsin.model.errors import BadFile, BadSettings

GED = (
    "id,dyad_name,source_office,where_prec,where_coordinates,latitude,longitude,date_prec,date_start,date_end,"
    "deaths_civilians,best,high,low\n"
)
ACLED = (
    "event_id_cnty,event_date,time_precision,sub_event_type,location,latitude,longitude,geo_precision,source,notes,"
    "fatalities\n"
)
ATTACKS = (
    "time_start,time_end,model,launch_place,target,launched,destroyed,not_reach_goal,num_hit_location,affected region,"
    "source\n"
)


def read(form: str, path: Path, text: str) -> tuple[list[Record], Rejects]:
    path.write_text(text, encoding="utf-8")
    rejects = Rejects()
    records = [record for row in import_module(FORMATS[form]).read(path, rejects) for record in row.records]
    assert rejects.account.balanced
    return records, rejects


def claims_of(records: list[Record]) -> dict[str, str]:
    """What is said of what -> how many."""
    return {f"{one.measure} {one.subject}".strip(): str(one.figure) for one in records if isinstance(one, Claim)}


def test_an_event_of_ucdp_is_an_incident_and_its_estimates_are_one_range_and_no_mean(tmp_path: Path) -> None:
    row = '17,"A - B",Agency,2,Aleppo airport,36.18,37.22,1,2026-05-04 00:00:00.000,2026-05-04 00:00:00.000,4,7,9,5\n'
    records, rejects = read("ucdp", tmp_path / "ged.csv", GED + row + row.replace("36.18", "136.18") + "18,too,few\n")
    incident = some([one for one in records if isinstance(one, Incident)])[0]
    assert incident.place is not None
    assert (incident.place.name, incident.place.sigma_m) == ("Aleppo airport", 12_500.0)
    assert incident.window.begin.isoformat() == "2026-05-04T00:00:00+00:00"
    assert claims_of(records) == {"killed": "5 to 9", "killed civilians": "4"}
    assert {one.chain for one in records if isinstance(one, Claim)} == {("ucdp-ged",)}
    assert rejects.account.rejected == 2


def test_one_source_of_acled_is_the_origin_of_its_figure_and_of_two_acled_itself(tmp_path: Path) -> None:
    rows = [
        'SYR1,04 May 2026,1,Air/drone strike,Aleppo,36.2,37.2,1,SOHR,"nine people, it says",9',
        "SYR2,2026-05-05,2,Shelling/artillery/missile attack,Homs,34.7,36.7,3,SOHR; SANA,,2",
        "SYR3,2026-05-05,1,Air/drone strike,Homs,34.7,36.7,1,SANA,,0",
        "SYR4,2026-05-05,1,Peaceful protest,Homs,34.7,36.7,1,SANA,,0",
        "SYR5,yesterday,1,Air/drone strike,Homs,34.7,36.7,1,SANA,,1",
    ]
    records, rejects = read("acled", tmp_path / "acled.csv", ACLED + "\n".join(rows))
    assert [one.chain for one in records if isinstance(one, Claim)] == [("SOHR", "acled"), ("acled",)]
    assert [one.source for one in records if isinstance(one, Source)] == ["SOHR", "acled", "SANA"]
    assert rejects.passed_over == {"Peaceful protest": 1}
    assert "a day such as" in next(iter(rejects.counts))
    assert "nobody reported any" in next(iter(rejects.left_out))


def test_a_night_of_the_missile_archive_is_kyivs_and_each_figure_its_pages_claim(tmp_path: Path) -> None:
    rows = [
        "2026-06-06 18:00,2026-06-07 8:30,X-101/X-555 and Kalibr,Kursk oblast,Ukraine,40.0,30,,3.0,"
        "\"['Kyiv', 'Kyiv oblast']\",kpszsu/posts/1",
        "2026-06-05,2026-06-05 ,Unknown UAV,,south,,5,,,,PvKPivden/posts/2",
        "2026-06-05,2026-06-04,Unknown UAV,,south,1,5,,,,PvKPivden/posts/2",
        "2026-06-05,2026-06-05,Unknown UAV,,south,many,5,,,,PvKPivden/posts/2",
        "2026-06-05,2026-06-05,Unknown UAV,,south,1,5,,,[],PvKPivden/posts/2",
        "2026-06-05,2026-06-05,Unknown UAV,,south,1,5,,,everywhere,PvKPivden/posts/2",
    ]
    records, rejects = read("missile-attacks", tmp_path / "a.csv", ATTACKS + "\n".join(rows))
    first, second = [one for one in records if isinstance(one, Incident)][:2]
    assert (first.window.begin.hour, first.threat, first.struck) == (15, "cruise_missile", "Ukraine")
    assert second.window.end is not None
    assert (second.window.end - second.window.begin).total_seconds() == 86_400
    assert claims_of([one for one in records if isinstance(one, Claim) and one.incident == first.incident]) == {
        "launched": "40", "interception": "30", "strikes places hit": "3", "damage Kyiv": "None",
        "damage Kyiv oblast": "None",
    }  # fmt: skip
    assert {one.chain for one in records if isinstance(one, Claim)} == {
        ("kpszsu", "missile-attacks"), ("PvKPivden", "missile-attacks"),
    }  # fmt: skip
    assert rejects.account.rejected == 3
    assert rejects.left_out == {"launched is empty": 1}


def test_alerts_know_their_relay_their_places_and_an_end_that_nobody_told(tmp_path: Path) -> None:
    official = "oblast,raion,hromada,level,started_at,finished_at,source\n"
    row = "Odeska oblast,Odeskyi raion,,raion,2022-05-04 15:00:00+00:00,2022-05-04 15:30:00+00:00,official\n"
    records, rejects = read(
        "alert-intervals",
        tmp_path / "o.csv",
        official + row + row.replace("15:30", "14:30") + row.replace("+00:00,o", ",o"),
    )
    alert = some([one for one in records if isinstance(one, Alert)])[0]
    assert (alert.source, alert.region, alert.places) == ("ua-official", "Odeska oblast", ("Odeskyi raion",))
    assert rejects.account.rejected == 2
    volunteers = "region,started_at,finished_at,naive\n"
    row = "Odeska oblast,2022-05-04 15:00:00+00:00,2022-05-04 15:30:00+00:00,True\n"
    records, _ = read("alert-intervals", tmp_path / "v.csv", volunteers + row + row.replace("True", "False"))
    assert [one.window.end is None for one in records if isinstance(one, Alert)] == [True, False]


def test_zones_of_israels_archives_stand_as_they_were_written(tmp_path: Path) -> None:
    table = "data,date,time,alertDate,category,category_desc,matrix_id,rid\n"
    row = '"חיפה - כרמל, הדר ועיר תחתית",24.07.2014,17:05:26,2014-07-24T17:05:00,1,rockets,1,1\n'
    records, rejects = read("oref-alerts", tmp_path / "o.csv", table + row + row.replace("24.07", "24/07"))
    alert = some([one for one in records if isinstance(one, Alert)])[0]
    assert alert.places == ("חיפה - כרמל, הדר ועיר תחתית",)
    assert alert.window.begin.hour == 14
    assert rejects.total == 1
    events = '[{"id":"1","cat":1,"title":"t","cities":["a","b, c"],"savedAt":"2026-03-07T20:31:34+02:00"},{"id":2}]'
    records, rejects = read("oref-alerts", tmp_path / "e.json", events)
    assert [one.places for one in records if isinstance(one, Alert)] == [("a", "b, c")]
    assert rejects.account.rejected == 1


def test_a_table_kept_by_hand_needs_a_time_and_a_source_and_gives_the_same_records_every_time(tmp_path: Path) -> None:
    text = (
        "begin,end,place,lat,lon,sigma_m,struck,measure,incident,source,low,published,unread\n"
        "2026-05-04T00:00:00Z,2026-05-04T06:00:00Z,Aleppo,36.18,37.22,2000,the airport,,,,,,x\n"
        ",,,,,,,killed,aleppo-1,sohr,9,2026-05-05T08:00:00Z,\n"
        ",,,,,,,killed,aleppo-1,sohr,nine,2026-05-05T08:00:00Z,\n"
        ",,,,,,,,,,,,only this\n"
    )
    records, rejects = read("csv", tmp_path / "hand.csv", text)
    assert [type(one) for one in records] == [Incident, Claim]
    assert claims_of(records) == {"killed": "at least 9"}
    assert rejects.account.rejected == 2
    assert [record_json(one) for one in read("csv", tmp_path / "again.csv", text)[0]] == [
        record_json(one) for one in records
    ]


def test_other_peoples_columns_are_found_by_their_hxl_tags(tmp_path: Path) -> None:
    text = (
        "Began,Latitude,Longitude,Uncertainty,What\n#date+start,#geo +lat,#geo+lon,#geo+precision,#event+target\n"
        "2026-05-04T00:00:00Z,36.18,37.22,500,a bridge\n"
    )
    records, rejects = read("hxl", tmp_path / "t.csv", text)
    incident = some([one for one in records if isinstance(one, Incident)])[0]
    assert (incident.struck, incident.place.sigma_m) == ("a bridge", 500.0)
    assert rejects.account == (2, 1, 0, 1)
    with pytest.raises(BadFile, match="no column begin"):
        read("hxl", tmp_path / "u.csv", "Began,What\n2026-05-04T00:00:00Z,a bridge\n")


@pytest.mark.parametrize(
    ("form", "text"),
    [("geojson", "[]"), ("geojson", "{"), ("csv", "a,b\n1,2\n"), ("oref-alerts", "[{]"), ("ucdp", "id\n1\n"),
     ("acled", ""), ("missile-attacks", "a\n"), ("alert-intervals", "PAR1nonsense"), ("parquet", "PAR1nonsense")],
)  # fmt: skip
def test_a_file_of_another_form_is_refused_in_a_sentence(tmp_path: Path, form: str, text: str) -> None:
    with pytest.raises(BadFile) as refused:
        read(form, tmp_path / "file", text)
    assert "\n" not in str(refused.value)
    with pytest.raises(BadFile):
        list(import_module(FORMATS[form]).read(tmp_path / "none", Rejects()))


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [('{"type":"Polygon"}', "no point"), ('{"type":"Point","coordinates":[1]}', "not longitude"), ("7", "no point"),
     ('{"type":"Point","coordinates":[1,"x"]}', "lat")],
)  # fmt: skip
def test_a_feature_that_is_no_incident_costs_itself_alone(tmp_path: Path, geometry: str, reason: str) -> None:
    good = '{"type":"Feature","geometry":null,"properties":{"begin":"2026-05-04T00:00:00Z"}}'
    bad = good.replace("null", geometry)
    text = f'{{"type":"FeatureCollection","features":[{bad},{good},{{"properties":[]}},3]}}'
    records, rejects = read("geojson", tmp_path / "f.geojson", text)
    assert len(records) == 1
    assert rejects.account.rejected == 3
    assert any(reason in one for one in rejects.counts)


def test_what_is_exported_for_others_holds_no_witness_and_what_is_private_is_the_owners_alone(tmp_path: Path) -> None:
    table = tmp_path / "in.jsonl"
    table.write_text(
        '{"record":"incident","id":"i/1","recorded":"2026-05-04T00:00:00Z","by":"desk","incident":"i",'
        '"window":{"begin":"2026-05-04T00:00:00Z"},"personal":{"salt":"%s","witness":"A. B."}}\n' % ("0" * 32)
    )
    with opened(str(tmp_path / LEDGER), make=True) as store:
        assert import_file(store, table, "jsonl", Rejects())["kept"] == 1
        for form in ("jsonl", "csv", "hxl", "geojson", "parquet"):
            out = tmp_path / f"out.{form}"
            out.touch(0o644)
            assert export_file(store, out, form) == 1
            assert b"A. B." not in out.read_bytes()
            assert export_file(store, out, form, private=True) == 1
            assert form == "parquet" or b"A. B." in out.read_bytes()
            assert out.stat().st_mode & 0o077 == 0
        with pytest.raises(BadSettings, match="import only"):
            export_file(store, out, "ucdp")
        with pytest.raises(BadSettings, match="no kind"):
            export_file(store, out, "csv", kinds=("rumour",))
        with pytest.raises(BadFile, match="cannot be written"):
            export_file(store, tmp_path / "no" / "where", "csv")


def test_a_table_with_more_rows_than_are_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records, _ = read("csv", tmp_path / "t.csv", "begin\n2026-05-04T00:00:00Z\n2026-05-05T00:00:00Z\n")
    path = tmp_path / "t.parquet"
    with path.open("wb") as file:
        assert parquet.write(records, file) == 2
    monkeypatch.setattr(parquet_rows, "ROWS_MAX", 2)
    assert len(list(parquet.read(path, Rejects()))) == 2
    monkeypatch.setattr(parquet_rows, "ROWS_MAX", 1)
    with pytest.raises(BadFile, match="2 rows in 1 groups; up to 1 are read"):
        list(parquet.read(path, Rejects()))
    with sealed_connection() as connection:
        connection.execute("COPY (SELECT 1 AS unknown) TO $path (FORMAT parquet)", {"path": str(path)})
    with pytest.raises(BadFile, match="none of the columns"):
        list(parquet.read(path, Rejects()))


def test_a_small_table_of_parquet_that_would_become_a_large_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    path, rejects = tmp_path / "t.parquet", Rejects()
    few = "SELECT 'claim' AS record, 'c' || i AS id, repeat('a', 1_000_001) AS words FROM range(3) t(i)"
    duckdb.sql(f"COPY ({few}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    assert path.stat().st_size < 5_000
    assert list(parquet.read(path, rejects)) == []
    assert rejects.counts == {"a row longer than … bytes": 3}
    monkeypatch.setattr(parquet_rows, "TEXT_BYTES_MAX", 2_000_000)
    with pytest.raises(BadFile, match="bytes of texts; cut it into parts"):
        list(parquet.read(path, Rejects()))
    monkeypatch.setattr("tocsin.ingest.parquet_files.CHUNK_BYTES_MAX", 1_000_000)
    with pytest.raises(BadFile, match="write it in smaller row groups"):
        list(parquet.read(path, Rejects()))
    duckdb.sql(f"COPY (SELECT 'claim' AS record FROM range(1_000_000)) TO '{path}' (FORMAT parquet)")
    with pytest.raises(BadFile, match="1,000,000 rows stand in"):
        list(parquet.read(path, Rejects()))
    duckdb.sql(f"COPY (SELECT 'claim' AS record, [1] AS words) TO '{path}' (FORMAT parquet)")
    with pytest.raises(BadFile, match=r"has INTEGER\[\] in its column words"):
        list(parquet.read(path, Rejects()))


@pytest.mark.parametrize(
    ("begin", "reason"),
    [
        # Whose clock it is by, nobody says: this machine's time zone must not decide it.
        ("TIMESTAMP '2026-05-03 02:00:00'", "TIMESTAMP WITH TIME ZONE"),
        ("TIMESTAMP '-infinity'", "no time"),
        ("TIMESTAMPTZ 'infinity'", "no time"),
        ("TIMESTAMPTZ '-infinity'", "no time"),
    ],
)
def test_a_time_of_parquet_that_could_be_any_costs_its_row(tmp_path: Path, begin: str, reason: str) -> None:
    import duckdb

    path = tmp_path / "a.parquet"
    duckdb.sql(f"COPY (SELECT 'i' AS incident, {begin} AS begin) TO '{path}' (FORMAT parquet)")
    rejects = Rejects()
    with opened(str(tmp_path / "l.db"), make=True) as store:
        assert import_file(store, path, "parquet", rejects)["rejected"] == 1
    assert reason in next(iter(rejects.counts))


@pytest.mark.parametrize("private", [True, False])
def test_an_export_that_the_disk_refuses_leaves_the_one_before_it_whole(tmp_path: Path, private: bool) -> None:
    def refused(records: object) -> Iterator[AnyRecord]:
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    out = tmp_path / "ledger.jsonl"
    out.write_text("the one before\n")
    with opened(str(tmp_path / "l.db"), make=True) as store:
        with pytest.raises(BadFile, match="No space left"):
            export_file(store, out, "jsonl", private=private, progress=refused)
        assert out.read_text() == "the one before\n"
        assert [one.name for one in tmp_path.glob("ledger.jsonl*")] == ["ledger.jsonl"]
        export_file(store, out, "jsonl", private=private)
        assert out.read_text() == ""
        assert stat.S_IMODE(out.stat().st_mode) == (0o600 if private else 0o644)
        assert export_file(store, Path("/dev/null"), "jsonl", private=private) == 0
        assert Path("/dev/null").is_char_device()


def test_a_folder_is_no_table_of_parquet(tmp_path: Path) -> None:
    import duckdb

    duckdb.sql(f"COPY (SELECT 'i' AS incident) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    with pytest.raises(BadFile, match="is a folder"):
        list(parquet.read(tmp_path, Rejects()))


@pytest.mark.parametrize(
    ("start", "last", "begin", "end", "change"),
    [
        ("2024-10-27 03:50", "2024-10-27 03:10", "00:50", "01:10", "03:10 of 2024-10-27 was there twice"),
        ("2024-10-27 02:30", "2024-10-27 03:30", "23:30", "01:30", "03:30 of 2024-10-27 was there twice"),
        ("2024-03-31 03:30", "2024-03-31 04:10", "00:30", "01:10", "03:30 of 2024-03-31 was not there"),
        ("2024-03-31", "2024-03-31", "22:00", "21:00", ""),
    ],
)
def test_an_attack_while_clocks_were_changed_is_kept_and_spans_what_may_be_meant(
    tmp_path: Path, start: str, last: str, begin: str, end: str, change: str
) -> None:
    records, _ = read(
        "missile-attacks", tmp_path / "a.csv", f"{ATTACKS}{start},{last},Kalibr,sea,Odesa,5,3,,,,kpszsu\n"
    )
    (window,) = [one.window for one in records if isinstance(one, Incident)]
    assert window.end is not None
    assert (f"{window.begin:%H:%M}", f"{window.end:%H:%M}") == (begin, end)
    assert change in window.rule
    assert window.rule.endswith("all of it") == (not change)


def test_an_alert_for_nowhere_and_one_that_ends_before_it_begins_say_so(tmp_path: Path) -> None:
    oref = 'data,date,time,category_desc,rid\n"",27.10.2024,01:30:00,x,1\nA,27.10.2024,01:30:00,x,2\n'
    records, rejects = read("oref-alerts", tmp_path / "a.csv", oref)
    assert list(rejects.counts) == ["it names no zone"]
    (told,) = [one for one in records if isinstance(one, Alert)]
    assert "was there twice" in told.window.rule
    events = '[{"id": "1", "title": "x", "cities": [" "], "savedAt": "2024-01-01T00:00:00Z"}]'
    assert list(read("oref-alerts", tmp_path / "b.json", events)[1].counts) == ["it names no zone"]
    late = "region,started_at,finished_at,naive\nKyiv,2024-03-31 00:30:00+00:00,2024-03-31 00:10:00+00:00,False\n"
    _, rejects = read("alert-intervals", tmp_path / "c.csv", late)
    assert "it ends before it begins" in next(iter(rejects.counts))
