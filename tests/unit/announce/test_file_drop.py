"""Warnings as files in a folder: whole, the same again and again, and nothing in them that is not for everybody."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.some import some
from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.file_drop import FileDrop, prune, write_files
from tocsin.announce.forms.camf import Provider, around
from tocsin.announce.forms.files import FILE_FORMS, Wanted, files_of
from tocsin.model.errors import BadSettings
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.words.catalogue import catalogue_in, languages
from tocsin.words.english import DRILL

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ZONES = {
    f"z{n}": Zone(
        id=f"z{n}",
        name={"en": f"Town {n}", "uk": f"Місто {n}"},
        population=n,
        codes={} if n == 3 else {"SAME": (f"00000{n}",)},
        polygons=((((n, 0), (n + 1, 0), (n + 1, 1), (n, 0)),),),
    )
    for n in range(4)
}
ALL = Wanted(FILE_FORMS, languages(), provider=Provider(231, 1))


def warning(zone: str, **changed: Any) -> PublicWarning:
    fields: dict[str, Any] = {
        "id": f"{zone}/1/1/take_cover",
        "zone": zone,
        "level": "take_cover",
        "time": NOW,
        "expires": NOW + timedelta(minutes=20),
        "eta_earliest": NOW + timedelta(minutes=3),
        "eta_likely": NOW + timedelta(minutes=5),
        "probability": 0.4321,
        "reason": "radar R-17 sees track t-99",
        "tracks": ("t-99",),
    }
    return public_warning(Warning(**(fields | changed)))


def tell(
    folder: Path, warnings: Sequence[PublicWarning], wanted: Wanted = ALL, memory: str = "none"
) -> dict[str, bytes]:
    kept = folder.parent / f"{folder.name}.{memory}.json"
    if memory == "none":
        kept.unlink(missing_ok=True)
    asyncio.run(FileDrop("drop", folder, ZONES, wanted, kept).send(str(folder), warnings))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_warnings_of_a_tick_that_say_the_same_share_a_file(tmp_path: Path) -> None:
    told = [warning("z0"), warning("z1"), warning("z2", level="all_clear", id="z2/1/2/all_clear")]
    found = tell(tmp_path, told, Wanted(("sms",), ("en", "uk")))
    assert len(found) == 4
    english = sorted(text.decode() for name, text in found.items() if name.endswith(".en.sms.txt"))
    assert english[0].startswith("All clear: Town 2.")
    assert english[1].startswith("Take cover now: Town 1 and Town 0. ")


def test_warnings_told_again_change_no_file(tmp_path: Path) -> None:
    once = tell(tmp_path, [warning("z0"), warning("z1", drill=True)])
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}
    assert tell(tmp_path, [warning("z0"), warning("z1", drill=True)]) == once
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times


def test_what_stands_after_a_restart_is_in_no_new_file_and_what_follows_is(tmp_path: Path) -> None:
    form = Wanted(("sms",))
    # Two moments, two files; after a restart both are told in one.
    first, second = warning("z0"), warning("z1", time=NOW + timedelta(seconds=9))
    tell(tmp_path, [first], form, "kept")
    once = tell(tmp_path, [second], form, "kept")
    assert len(once) == 2
    assert tell(tmp_path, [first, second], form, "kept") == once
    # Whoever transmits takes them away; a renewal and an end are told, and so is another record's warning of that id.
    for path in tmp_path.iterdir():
        path.unlink()
    assert tell(tmp_path, [first, second], form, "kept") == {}
    end = warning("z0", level="all_clear", id="z0/1/2/all_clear", time=NOW + timedelta(minutes=1))
    assert len(tell(tmp_path, [end, second], form, "kept")) == 1
    assert len(tell(tmp_path, [warning("z1", time=NOW + timedelta(days=1))], form, "kept")) == 2
    # What cannot be read is told once more.
    (tmp_path.parent / f"{tmp_path.name}.kept.json").write_bytes(b"{")
    assert len(tell(tmp_path, [second], form, "kept")) == 3


def test_the_names_of_files_sort_by_time(tmp_path: Path) -> None:
    later = warning("z0", level="all_clear", time=NOW + timedelta(minutes=9), id="z0/1/2/all_clear")
    tell(tmp_path, [later], Wanted(("sms",)))
    tell(tmp_path, [warning("z0")], Wanted(("sms",)))
    assert [name.split("-")[1] for name in sorted(path.name for path in tmp_path.iterdir())] == [
        "take_cover",
        "all_clear",
    ]


def test_of_two_warnings_about_one_zone_only_the_newer_is_told(tmp_path: Path) -> None:
    found = tell(tmp_path, [warning("z0"), warning("z0", level="all_clear", id="z0/1/2/all_clear")], Wanted(("sms",)))
    assert [text.decode()[:9] for text in found.values()] == ["All clear"]


def test_the_folder_keeps_the_newest_of_our_files_and_all_of_others(tmp_path: Path) -> None:
    (tmp_path / "0000-others.txt").write_text("theirs")
    for minute in range(5):
        told = warning("z0", time=NOW + timedelta(minutes=minute), id=f"z0/1/{minute}/take_cover")
        write_files(tmp_path, files_of([told], ZONES, Wanted(("sms",))).files)
    prune(tmp_path, 2)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert [name[:15] for name in kept] == ["0000-others.txt", "20260301T030300", "20260301T030400"]


def test_a_folder_that_refuses_raises_and_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        tell(tmp_path, [warning("z0")])
    assert list(tmp_path.iterdir()) == []


def test_a_drill_stands_first_in_every_text_and_in_every_name(tmp_path: Path) -> None:
    found = tell(tmp_path, [warning("z0", drill=True), warning("z1", drill=True, level="all_clear")])
    assert len(found) > 2 * len(languages())
    assert all("-drill-" in name for name in some(found))
    for name, content in found.items():
        language, form = name.split(".")[1], name.split(".")[2]
        if language in languages() and name.endswith(".txt") and form not in ("sms", "cell"):
            assert content.decode().startswith(catalogue_in(language).say(DRILL)), name
        if name.endswith(".same.txt"):
            assert "-DMO-" in content.decode()
        if name.endswith(".camf.txt"):
            assert int(content[:2], 16) >> 6 == 0, "A1 is Test"
    assert any(name.endswith(".sms.txt") for name in some(found))


def test_no_form_holds_a_track_a_sensor_a_reason_or_a_probability(tmp_path: Path) -> None:
    found = tell(tmp_path, [warning("z0"), warning("z3", level="prepare")])
    assert {name.split(".", 1)[1].rsplit(".", 1)[1] for name in found} == {"txt", "wav", "pages"}
    for content in some(found.values()):
        assert not any(secret in content for secret in (b"R-17", b"t-99", b"0.43", b"radar"))


def test_a_zone_without_a_code_is_left_out_of_same_and_said() -> None:
    made = files_of([warning("z0"), warning("z3")], ZONES, Wanted(("same",)))
    (header,) = [text.decode() for name, text in made.files.items() if name.endswith(".txt")]
    assert header == "ZCZC-CIV-CDW-000000+0030-0600300-TOCSIN  -\n"
    assert made.left_out == ("SAME cannot name 1 zones such as z3: they have no `codes` of SAME, six digits each",)
    assert files_of([warning("z3")], ZONES, Wanted(("same",))).files == {}


def test_a_zone_that_a_form_cannot_tell_of_stops_no_other() -> None:
    half = ((((-90.0, -80.0), (90.0, -80.0), (90.0, 80.0), (-90.0, -80.0)),),)
    zones = ZONES | {
        "odd": Zone(id="odd", name="Odd", codes={"SAME": ("000007", "12-456")}, polygons=ZONES["z0"].polygons),
        "half": Zone(id="half", name="Half a world", codes={"SAME": ("000008",)}, polygons=half),
    }
    told = [warning("odd"), warning("half"), warning("z0"), warning("gone")]
    made = files_of(told, zones, Wanted(("same", "camf"), provider=Provider(1, 1)))
    texts = {name.split(".")[1]: text.decode() for name, text in made.files.items() if name.endswith(".txt")}
    assert "-000008-000000+" in texts["same"]
    assert [line.split()[1] for line in texts["camf"].splitlines()] == ["odd", "z0"]
    assert [one.split(":")[0] for one in made.left_out] == [
        "SAME cannot name 2 zones such as odd", "CAMF cannot name half", "CAMF cannot name gone",
    ]  # fmt: skip


def test_what_takes_long_is_worked_out_before_the_first_warning(tmp_path: Path) -> None:
    around.cache_clear()

    async def a_moment() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(FileDrop("drop", tmp_path, ZONES, ALL, tmp_path / "told.json").work(), 5)

    asyncio.run(a_moment())
    assert around.cache_info().currsize == len(ZONES)
    tell(tmp_path, [warning("z0")])
    assert around.cache_info().misses == len(ZONES)


def test_the_sound_opens_and_ends_three_times_and_an_all_clear_has_no_attention_signal() -> None:
    def seconds(level: str) -> float:
        made = files_of([warning("z0", level=level)], ZONES, Wanted(("same",)))
        (sound,) = [content for name, content in made.files.items() if name.endswith(".wav")]
        with wave.open(io.BytesIO(sound)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
            return file.getnframes() / file.getframerate()

    burst = (16 + len("ZCZC-CIV-CDW-000000+0030-0600300-TOCSIN  -")) * 8 / (3125 / 6)
    end = (16 + 4) * 8 / (3125 / 6)
    assert seconds("all_clear") == pytest.approx(3 * burst + 3 * end + 7, abs=0.01)
    assert seconds("take_cover") == pytest.approx(3 * burst + 3 * end + 7 + 9, abs=0.01)


def test_more_places_than_a_header_holds_make_more_headers() -> None:
    zone = Zone(id="z", name="Z", codes={"SAME": tuple(f"{n:06d}" for n in range(70))}, polygons=ZONES["z0"].polygons)
    made = files_of([warning("z")], {"z": zone}, Wanted(("same",)))
    headers = next(text for name, text in made.files.items() if name.endswith(".txt")).decode().splitlines()
    assert [header.count("-") - 5 for header in headers] == [31, 31, 8]
    assert len([name for name in made.files if name.endswith(".wav")]) == 3


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"languages": ("xx",)}, "no texts in language"),
        ({"station": "wxyz-fm"}, "eight capitals"),
        ({"forms": ("camf",)}, "who warns"),
    ],
)
def test_what_cannot_be_made_is_refused_at_birth(changed: dict[str, Any], match: str) -> None:
    with pytest.raises(BadSettings, match=match):
        Wanted(**({"forms": ("sms",)} | changed))
