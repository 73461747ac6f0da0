"""What the console keeps: the log, notes, and pictures of the last hours; and what it does when it cannot."""

from __future__ import annotations

import stat
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.some import some
from tests.unit.service.console.sky import looks
from tocsin.model.errors import BadValue
from tocsin.model.event import OperatorAct, Tick
from tocsin.model.observation import Status
from tocsin.model.sensor import SensorHealth
from tocsin.model.warning import Warning
from tocsin.service.console import past, store
from tocsin.service.console.kept import LogEntry
from tocsin.service.console.logbook import Logbook
from tocsin.service.console.past import Pictures
from tocsin.service.console.shown import ConsolePicture
from tocsin.service.console.store import Store
from tocsin.service.console.watchfulness import Matter, Watchfulness
from tocsin.service.worker import Decided, Step

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def entry(number: int, kind: str = "warning") -> LogEntry:
    return LogEntry(number=0, time=at(number), kind=kind, who="", state="", text=f"{number}")  # type: ignore[arg-type]


def test_the_log_is_read_page_by_page_newest_first_and_outlives_the_service(tmp_path: Path) -> None:
    kept = Store(tmp_path / "console.db")
    kept.log([entry(number, "act" if number % 3 else "warning") for number in range(25)])
    kept.close()
    kept = Store(tmp_path / "console.db")
    read, after = [], None
    while page := kept.entries(after, 10):
        read += [int(one.text) for one in page]
        after = page[-1].number
    assert read == list(range(24, -1, -1))
    assert [int(one.text) for one in kept.entries(None, 3, ["warning"])] == [24, 21, 18]
    assert kept.times("warning", at(18), 2) == (at(21), at(24))
    assert stat.S_IMODE((tmp_path / "console.db").stat().st_mode) == 0o600


def test_of_a_log_that_is_full_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ENTRIES_MAX", 20)
    monkeypatch.setattr(store, "SPARE", 5)
    kept = Store(tmp_path / "console.db")
    for number in range(100):
        kept.log([entry(number)])
    read = [int(one.text) for one in kept.entries(None, 500)]
    assert read[0] == 99 and 20 <= len(read) <= 25 and read == sorted(read, reverse=True)


def test_a_note_is_added_once_and_never_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(tmp_path / "console.db")
    first = kept.note("desk", "1", "Radar north is being mended.", NOW)
    assert kept.note("desk", "1", "Radar north is being mended.", at(60)) == first
    with pytest.raises(BadValue, match="never changed"):
        kept.note("desk", "1", "It is mended.", at(60))
    kept.note("chief", "1", "It is mended.", at(90))
    assert [(one.who, one.text, one.time) for one in kept.notes(None, 5)] == [
        ("chief", "It is mended.", at(90)),
        ("desk", "Radar north is being mended.", NOW),
    ]
    monkeypatch.setattr(store, "NOTES_MAX", 2)
    with pytest.raises(BadValue, match="2 notes are kept"):
        kept.note("desk", "2", "One more.", NOW)


def test_a_file_that_is_none_of_ours_is_left_as_it_is_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "console.db").write_bytes(b"somebody's diary" * 100)
    kept = Store(tmp_path / "console.db")
    assert kept.trouble is not None and "move it away" in kept.trouble
    kept.log([entry(1)])
    assert len(kept.entries(None, 5)) == 1
    assert (tmp_path / "console.db").read_bytes().startswith(b"somebody's diary")


def picture(seq: int, seconds: float, text: str = "") -> ConsolePicture:
    return ConsolePicture(
        seq=seq, time=at(seconds), now=at(seconds), drill=True, doubtful=False, troubles=(text,), tracks=(), sensors=(),
        zones=(), standing=(), proposals=(), waiting=(), channels=(), feeds=(), decisions=(),
    )  # fmt: skip


def test_the_picture_of_a_time_is_the_newest_that_is_not_after_it(tmp_path: Path) -> None:
    kept = Pictures(tmp_path / "past.db")
    for number in range(10):
        kept.keep(picture(number, 5 * number))
    kept.close()
    kept = Pictures(tmp_path / "past.db")
    assert kept.bounds() == (at(0), at(45), 10)
    found = kept.at(at(22.4))
    assert found is not None and msgspec.json.decode(zlib.decompress(found, wbits=31), type=ConsolePicture).seq == 4
    assert kept.at(at(-1)) is None
    # A clock that is set back begins that part anew.
    kept.keep(picture(10, 31))
    assert kept.bounds() == (at(0), at(31), 8)


def test_pictures_are_bounded_in_bytes_and_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Pictures(tmp_path / "past.db", bytes_max=30_000)
    for number in range(200):
        # Random enough that it cannot be squeezed.
        kept.keep(picture(number, number, "".join(chr(33 + (number * k * k) % 89) for k in range(1_000))))
    first, last, count = kept.bounds()
    assert last == at(199) and first is not None and first > at(0) and 5 < count < 200
    assert (tmp_path / "past.db").stat().st_size < 100_000
    monkeypatch.setattr(past, "KEPT_S", 10.0)
    kept.keep(picture(200, 200))
    assert kept.bounds()[0] == at(190)


def warning(zone: str, level: str, revision: int, seconds: float) -> Warning:
    return Warning(
        id=f"{zone}/1/{revision}/{level}", zone=zone, level=level, time=at(seconds), expires=at(seconds + 300),  # type: ignore[arg-type]
        tracks=("T1",), reason="1 drone (T1)", drill=True,
    )  # fmt: skip


def decided(seconds: float, *effects: Warning, states: tuple[str, ...] = ("up",), **more: object) -> Decided:
    sensors = tuple(SensorHealth(sensor=f"s{n}", state=state) for n, state in enumerate(states))  # type: ignore[arg-type]
    return Decided((Step(1, Tick(time=at(seconds)), effects, 0.0),), sensors, **more)  # type: ignore[arg-type]


def test_the_log_tells_what_changes_and_not_what_is_renewed() -> None:
    book = Logbook([], drill=True)
    begun = decided(0, whole=(warning("home", "prepare", 1, -60),))
    assert book.entries(begun) == []
    assert book.entries(decided(0.5, warning("home", "prepare", 2, 0.5))) == []
    covered = [warning(zone, "take_cover", 2, 1) for zone in ("home", "away")]
    (one,) = book.entries(decided(1, *covered))
    assert (one.kind, one.state, one.zones, one.zone_count, one.who) == (
        "warning",
        "take_cover",
        ("home", "away"),
        2,
        "T1",
    )
    assert book.entries(decided(2, *(warning(zone, "take_cover", 3, 2) for zone in ("home", "away")))) == []
    (one,) = book.entries(decided(3, states=("silent",)))
    assert (one.kind, one.who, one.state, one.text) == ("sensor", "s0", "silent", "was up")
    assert book.entries(decided(4, states=("silent",))) == []
    assert book.entries(decided(5, states=("up",))) == [], "it comes and goes"
    assert [one.state for one in book.entries(decided(63, states=("up",)))] == ["up"]
    act = OperatorAct(id="1", time=at(5), operator="desk", action="raise", zones=("home",), reason="three posts")
    (one,) = book.entries(Decided((Step(1, act, (), 0.0), *decided(5).steps), ()))
    assert (one.kind, one.who, one.state, one.act, one.text) == ("act", "desk", "raise", "1", "take_cover: three posts")


def test_when_a_sensor_was_heard_is_known_of_sensors_and_of_nobody_else() -> None:
    book = Logbook([], drill=True)
    told = [
        Step(1, Status(id=f"{name}-{seconds}", source="x", sensor=name, time=at(seconds), state="up"), (), 0.0)
        for name, seconds in (("s0", 3), ("s0", 1), ("stranger", 2))
    ]
    book.entries(Decided((*told, *decided(5).steps), decided(5).sensors))
    assert book.heard == {"s0": at(3)}


def test_a_raid_is_told_in_a_few_lines(tmp_path: Path) -> None:
    book = Logbook([], drill=True)
    found = [one for _, each in looks(tmp_path, 20) for one in book.entries(each)]
    assert some(found)[0].kind == "service"
    assert {one.state for one in found if one.kind == "warning"} == {"prepare", "take_cover"}
    assert len(found) < 10 and book.heard.keys() == {"radar-1"}


def test_a_channel_that_comes_and_goes_is_one_trouble_until_it_is_well_for_a_while() -> None:
    watch, ward = Watchfulness(), ("channel", "ward")
    bad: dict[Matter, str] = {ward: "no answer"}  # type: ignore[dict-item]
    told = [one for second in range(0, 20, 2) for one in watch.changes(bad if second % 4 else {}, float(second))]
    assert told == [("channel", "ward", "trouble", "no answer")]
    assert list(watch.changes({}, 40.0)) == []
    assert list(watch.changes({}, 48.0)) == [("channel", "ward", "up", "it was: no answer")]
    assert list(watch.changes(bad, 49.0)) == [("channel", "ward", "trouble", "no answer")]
