"""Warnings become CAP messages, and no message takes back what it does not mean to."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from tests.some import some
from tocsin.announce.cap_archive import Archive
from tocsin.cap.check import check
from tocsin.cap.read import read_cap
from tocsin.cap.write import Author, Issuer
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", sender_name="Example & Sons", languages=("en", "de", "ar"))


@pytest.fixture
def archive() -> Archive:
    return Archive(ISSUER)


def test_zones_warned_in_the_same_moment_share_a_message(archive: Archive, warn: Callable[..., Warning]) -> None:
    made = archive.apply([warn("z0"), warn("z1"), warn("z2", "prepare")])
    assert [[w.zone for w in message.warnings] for message in made] == [["z0", "z1"], ["z2"]]
    assert all(message.kind == "Alert" and not message.references for message in some(made))


def test_an_update_repeats_what_still_stands_for_the_others(archive: Archive, warn: Callable[..., Warning]) -> None:
    (first,) = archive.apply([warn("z0"), warn("z1"), warn("z2")])
    second, over = archive.apply([warn("z1", "all_clear", 2, 60, replaces="z1/1/1/take_cover")])
    assert second.kind == "Update" and len(second.references) == 1 and first.identifier in second.references[0]
    assert {w.zone: w.level for w in second.warnings} == {"z0": "take_cover", "z2": "take_cover"}
    assert (over.kind, over.references, [w.id for w in over.warnings]) == ("Alert", (), ["z1/1/2/all_clear"])


def test_what_rises_is_an_alert_of_its_own_that_takes_nothing_back(
    archive: Archive, warn: Callable[..., Warning]
) -> None:
    (first,) = archive.apply([warn(f"z{number}", "prepare") for number in range(3)])
    (alert,) = archive.apply([warn("z1", "take_cover", 2, 60, replaces="z1/1/1/prepare")])
    assert (alert.kind, alert.references, [w.zone for w in alert.warnings]) == ("Alert", (), ["z1"])
    (update,) = archive.apply([warn("z0", "prepare", 2, 90, replaces="z0/1/1/prepare")])
    # From now on the cover of z1 stands in the alert alone.
    assert first.identifier in update.references[0] and [w.zone for w in update.warnings] == ["z0", "z2"]


def test_zones_that_change_together_share_a_message_whatever_message_spoke_for_them(
    archive: Archive, warn: Callable[..., Warning]
) -> None:
    for number in range(6):
        archive.apply([warn(f"z{number}", at_s=number)])
    (update,) = archive.apply([warn(f"z{n}", "take_cover", 2, 60, replaces=f"z{n}/1/1/take_cover") for n in range(6)])
    assert len(update.references) == 6 and len(update.warnings) == 6


def test_whoever_missed_a_message_between_is_told_that_what_he_has_is_over(
    archive: Archive, warn: Callable[..., Warning]
) -> None:
    (first,) = archive.apply([warn("z0"), warn("z1")])
    (second,) = archive.apply([warn("z0", "take_cover", 2, 60)])
    (third, _) = archive.apply([warn("z1", "all_clear", 2, 90, replaces="z1/1/1/take_cover")])
    assert [reference.split(",")[1] for reference in third.references] == [first.identifier, second.identifier]
    # By then nobody believes the first any more.
    (later,) = archive.apply([warn("z0", "take_cover", 3, 620)])
    assert [reference.split(",")[1] for reference in later.references] == [second.identifier, third.identifier]


def test_what_has_a_forecast_above_one_half_is_likely_and_the_rest_possible(
    archive: Archive, zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    unsure = msgspec.structs.replace(warn("z1"), probability=0.2)
    (message,) = archive.apply([warn("z0"), unsure])
    infos = read_cap(Author(ISSUER, zones).xml(message)).infos
    told = {area.description: info.certainty for info in infos if info.language == "en" for area in info.areas}
    assert told == {"Town 0": "Likely", "Town 1": "Possible"}


def test_the_last_all_clear_is_a_cancel(archive: Archive, warn: Callable[..., Warning]) -> None:
    archive.apply([warn("z0"), warn("z1")])
    archive.apply([warn("z0", "all_clear", 2, 60, replaces="z0/1/1/take_cover")])
    (last,) = archive.apply([warn("z1", "all_clear", 2, 90, replaces="z1/1/1/take_cover")])
    assert last.kind == "Cancel" and [w.zone for w in last.warnings] == ["z1"]


def test_a_warning_that_lapses_says_that_no_all_clear_follows_and_no_other_does(
    archive: Archive, zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    lapsing = msgspec.structs.replace(warn("z0", "prepare"), lapses=True)
    messages = archive.apply([lapsing, warn("z1", "prepare"), warn("z2")])
    read = [info for message in messages for info in read_cap(Author(ISSUER, zones).xml(message)).infos]
    said = {
        area.description: "no all clear will follow" in info.headline
        for info in read
        if info.language == "en"
        for area in info.areas
    }
    assert said == {"Town 0": True, "Town 1": False, "Town 2": False}


def test_a_lapsed_warning_is_not_repeated(archive: Archive, warn: Callable[..., Warning]) -> None:
    archive.apply([warn("z0"), warn("z1")])
    (second,) = archive.apply([warn("z1", "take_cover", 2, 700, replaces="z1/1/1/take_cover")])
    assert [w.zone for w in second.warnings] == ["z1"]


def test_a_message_is_never_a_whole_country(warn: Callable[..., Warning]) -> None:
    archive = Archive(ISSUER, zones_max=2)
    assert [len(m.warnings) for m in archive.apply([warn(f"z{n}") for n in range(5)])] == [2, 2, 1]


def test_the_last_messages_are_kept_and_those_in_force(warn: Callable[..., Warning]) -> None:
    archive = Archive(ISSUER, kept_max=2)
    (first,) = archive.apply([warn("z0")])
    for number in range(1, 4):
        archive.apply([warn(f"z{number}")])
    assert len(archive) == 2 and first not in archive.messages
    assert archive.find(first.identifier) is first and archive.find("z0/1/1/take_cover") is first
    assert archive.current[0] is first
    (update,) = archive.apply([warn("z0", "all_clear", 2, 60, replaces="z0/1/1/take_cover")])
    assert update.kind == "Cancel" and archive.find("z0/1/2/all_clear") is update
    assert archive.find(first.identifier) is None and archive.find("z0/1/1/take_cover") is None


def test_a_dump_goes_on_where_it_stopped(
    archive: Archive, warn: Callable[..., Warning], zones: tuple[Zone, ...]
) -> None:
    archive.apply([warn("z0"), warn("z1")])
    twin = Archive.load(archive.dump(), ISSUER)
    later = [warn("z0", "all_clear", 2, 60, replaces="z0/1/1/take_cover")]
    author = Author(ISSUER, zones)
    assert [author.xml(m) for m in archive.apply(later)] == [author.xml(m) for m in twin.apply(later)]
    assert twin.dump() == archive.dump()
    with pytest.raises(BadRecord, match="not a dump"):
        Archive.load(b"\x00nonsense", ISSUER)


def test_a_drill_says_so_in_every_language(
    archive: Archive, warn: Callable[..., Warning], zones: tuple[Zone, ...]
) -> None:
    author = Author(ISSUER, zones)
    (message,) = archive.apply([warn("z0"), warn("z1")])
    xml = author.xml(message)
    assert check(xml, profile="tocsin") == []
    read = read_cap(xml)
    assert read.status == "Exercise" and [info.language for info in read.infos] == ["en", "de", "ar"]
    for info, mark in zip(read.infos, ("DRILL", "ÜBUNG", "تدريب"), strict=True):
        assert mark in info.headline and mark in info.description and mark in info.event
    assert [area.description for area in read.infos[1].areas] == ["Stadt 0", "Stadt 1"]
    assert read.infos[0].areas[0].geocodes == (("tocsin-zone", "z0"),)
    assert all(49 < lat < 51 and 9 < lon < 11 for lat, lon in some(read.infos[0].areas[0].polygons[0]))


def test_the_real_thing_does_not_say_drill(
    archive: Archive, warn: Callable[..., Warning], zones: tuple[Zone, ...]
) -> None:
    real = msgspec.structs.replace(warn("z0"), drill=False)
    (message,) = archive.apply([real])
    xml = Author(ISSUER, zones).xml(message)
    assert read_cap(xml).status == "Actual" and b"DRILL" not in xml and check(xml, profile="tocsin") == []


def test_no_message_holds_a_track_a_sensor_or_a_reason(
    archive: Archive, warn: Callable[..., Warning], zones: tuple[Zone, ...]
) -> None:
    author = Author(ISSUER, zones)
    xml = b"".join(author.xml(message) for message in archive.apply([warn("z0")]))
    for secret in (b"T17", b"north-hill", b"0.87"):
        assert secret not in xml and secret not in archive.dump()


@pytest.mark.parametrize("sender", ["a b", "a,b", "a<b", "a&b", ""])
def test_a_sender_that_would_break_references_is_refused(sender: str, zones: tuple[Zone, ...]) -> None:
    with pytest.raises((msgspec.ValidationError, ValueError)):
        Author(Issuer(sender=sender), zones)


def test_a_language_without_texts_is_refused_with_the_ones_there_are(zones: tuple[Zone, ...]) -> None:
    with pytest.raises(BadSettings, match="choose from en, ar, de, es, fa, fr, he, ru, tr, uk"):
        Author(Issuer(sender="x", languages=("tlh",)), zones)


def test_warnings_told_again_make_no_message(archive: Archive, warn: Callable[..., Warning]) -> None:
    archive.apply([warn("z0"), warn("z1")])
    archive.apply([warn("z0", revision=2, at_s=30, replaces="z0/1/1/take_cover")])
    before = archive.messages
    assert archive.apply([warn("z0", revision=2, at_s=30, replaces="z0/1/1/take_cover"), warn("z1")]) == []
    assert archive.messages == before


def test_an_all_clear_whose_warning_went_missing_here_still_ends_the_alert_before_it(
    archive: Archive, warn: Callable[..., Warning]
) -> None:
    (alert,) = archive.apply([warn("z0")])
    (cancel,) = archive.apply([warn("z0", "all_clear", revision=3, at_s=60, replaces="z0/1/2/take_cover")])
    assert cancel.kind == "Cancel" and alert.identifier in cancel.references[0]


def test_a_zone_that_began_anew_is_not_repeated_by_its_old_family(
    archive: Archive, warn: Callable[..., Warning]
) -> None:
    archive.apply([warn("z0"), warn("z1")])
    (anew,) = archive.apply([warn("z1", "prepare", 2, 700)])
    # A word on z0 that went missing here and is told again late: by its time, the old word on z1 would still stand.
    (update,) = archive.apply([warn("z0", revision=2, at_s=300, replaces="z0/1/1/take_cover")])
    assert (anew.kind, update.kind) == ("Alert", "Alert")
    assert [one.id for one in update.warnings] == ["z0/1/2/take_cover"]


@pytest.mark.parametrize(("at_s", "told"), [(599, ["z0", "z1"]), (600, ["z0"])])
def test_what_has_just_expired_is_not_repeated(
    archive: Archive, warn: Callable[..., Warning], at_s: float, told: list[str]
) -> None:
    archive.apply([warn("z0"), warn("z1")])
    (update,) = archive.apply([warn("z0", revision=2, at_s=at_s, replaces="z0/1/1/take_cover")])
    assert [one.zone for one in update.warnings] == told
    assert update.sent == warn("z0", at_s=at_s).time


@pytest.mark.parametrize(("at_s", "kind"), [(599, "Update"), (600, "Alert")])
def test_a_word_on_a_zone_takes_the_place_of_what_still_stands_there(
    archive: Archive, warn: Callable[..., Warning], at_s: float, kind: str
) -> None:
    archive.apply([warn("z0")])
    (second,) = archive.apply([warn("z0", revision=2, at_s=at_s)])
    assert (second.kind, len(second.references)) == (kind, int(kind == "Update"))
    ended = warn("z0", "all_clear", 3, at_s + 1, replaces=second.warnings[0].id)
    (cancel,) = archive.apply([ended])
    (anew,) = archive.apply([warn("z0", revision=4, at_s=at_s + 2)])
    assert (cancel.kind, anew.kind, anew.references) == ("Cancel", "Alert", ())


def test_a_message_is_named_after_its_second_and_all_it_says(archive: Archive, warn: Callable[..., Warning]) -> None:
    (first,) = archive.apply([warn("z0")])
    (twin,) = Archive(ISSUER).apply([warn("z0")])
    (other,) = Archive(ISSUER).apply([warn("z1")])
    (elsewhere,) = Archive(Issuer(sender="other.example")).apply([warn("z0")])
    assert first.identifier.startswith("20260301T030000Z-")
    assert first.identifier == twin.identifier
    assert len({first.identifier, other.identifier, elsewhere.identifier}) == 3
    (update,) = archive.apply([warn("z0", revision=2, at_s=30)])
    assert update.references == (f"warnings.example,{first.identifier},2026-03-01T03:00:00-00:00",)
