"""What a message says of each level, word for word, and where and how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
import shapely
from lxml import etree

from tests.unit.conftest import NOW
from tocsin.announce.cap_archive import Archive
from tocsin.cap.write import CORNERS_MAX, Author, Issuer, polygon_texts
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", languages=("en", "de"))


def written(zones: tuple[Zone, ...], *warnings: Warning) -> list[etree._Element]:
    """The alerts that tell of some warnings."""
    author = Author(ISSUER, zones)
    return [etree.fromstring(author.xml(message)) for message in Archive(ISSUER).apply(warnings)]


def said(parent: etree._Element, *path: str) -> list[str]:
    """The texts at a path of names, in order."""
    return [one.text or "" for one in parent.iterfind("/".join(f"{{*}}{name}" for name in path))]


# OASIS CAP-v1.2, 3.2.2: the words themselves, since sirens, phones and radios act by them.
WORDS: dict[Level, tuple[str, str, str, str]] = {
    "prepare": ("Prepare", "Expected", "Severe", "Possible"),
    "take_cover": ("Shelter", "Immediate", "Extreme", "Likely"),
    "all_clear": ("AllClear", "Past", "Minor", "Observed"),
}


@pytest.mark.parametrize("level", WORDS)
@pytest.mark.parametrize("drill", [False, True])
def test_each_level_has_its_response_urgency_severity_and_certainty(
    zones: tuple[Zone, ...], warn: Callable[..., Warning], level: Level, drill: bool
) -> None:
    # Nothing forecasts it: somebody asked for it.
    (alert,) = written(zones, msgspec.structs.replace(warn("z0", level), drill=drill, probability=0.0))
    assert said(alert, "status") == ["Exercise" if drill else "Actual"]
    assert (said(alert, "msgType"), said(alert, "scope")) == (["Alert"], ["Public"])
    for info in alert.iterfind("{*}info"):
        names = ("responseType", "urgency", "severity", "certainty")
        assert tuple(said(info, name) for name in names) == tuple([word] for word in WORDS[level])
        assert said(info, "category") == ["Safety", "Security"]
        assert said(info, "parameter", "value") == [level]
    assert len(said(alert, "info", "urgency")) == 2


def test_the_gravest_comes_first_and_zones_of_different_levels_share_no_block(
    zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    archive, author = Archive(ISSUER), Author(ISSUER, zones)
    archive.apply([warn(f"z{number}") for number in range(3)])
    update, over = archive.apply(
        [
            warn("z0", "all_clear", 2, 60, replaces="z0/1/1/take_cover"),
            warn("z1", "prepare", 2, 60, replaces="z1/1/1/take_cover"),
        ]
    )
    told = [
        (said(info, "parameter", "value"), said(info, "area", "geocode", "value"))
        for message in (update, over)
        for info in etree.fromstring(author.xml(message)).iterfind("{*}info")
    ]
    wanted = [(["take_cover"], ["z2"]), (["prepare"], ["z1"]), (["all_clear"], ["z0"])]
    assert told == [one for one in wanted for _ in ISSUER.languages]
    assert (update.level, update.kind) == ("take_cover", "Update")


def test_a_drill_and_the_real_thing_never_share_a_message(
    zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    real = msgspec.structs.replace(warn("z1"), drill=False)
    alerts = written(zones, warn("z0"), real, warn("z2"))
    told = {tuple(said(one, "info", "area", "geocode", "value")[:2]): said(one, "status") for one in alerts}
    assert told == {("z0", "z2"): ["Exercise"], ("z1", "z1"): ["Actual"]}


@pytest.mark.parametrize(
    "other", [{"expires": NOW + timedelta(minutes=9)}, {"public_reason": "gas"}, {"lapses": True}, {"probability": 0.2}]
)
def test_zones_that_are_told_something_else_have_a_block_of_their_own(
    zones: tuple[Zone, ...], warn: Callable[..., Warning], other: dict[str, object]
) -> None:
    alerts = written(zones, warn("z0"), msgspec.structs.replace(warn("z1"), **other), warn("z2"))
    blocks = {tuple(said(info, "area", "geocode", "value")) for alert in alerts for info in alert.iterfind("{*}info")}
    assert blocks == {("z0", "z2"), ("z1",)}


def test_zones_warned_within_a_minute_share_a_block_and_so_there_are_few(
    zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    later = msgspec.structs.replace(warn("z1"), expires=NOW + timedelta(minutes=9, seconds=1))
    (alert,) = written(zones, warn("z0"), later)
    assert said(alert, "info", "expires") == ["2026-03-01T03:10:00-00:00"] * len(ISSUER.languages)


def test_a_message_never_ends_before_its_warning_and_begins_when_it_was_sent(
    zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    one = warn("z0")
    for micros in (0, 1, 999_999):
        expires = one.time + timedelta(minutes=10, microseconds=micros)
        (alert,) = written(zones, msgspec.structs.replace(one, expires=expires))
        assert said(alert, "info", "expires")[0] == f"2026-03-01T03:1{int(micros > 0)}:00-00:00"
        assert said(alert, "sent") == said(alert, "info", "effective")[:1] == ["2026-03-01T03:00:00-00:00"]


def test_the_onset_is_the_earliest_arrival_of_all_and_an_all_clear_has_none(
    zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    late = msgspec.structs.replace(warn("z1"), eta_earliest=NOW + timedelta(minutes=3))
    unknown = msgspec.structs.replace(warn("z2"), eta_earliest=None)
    (alert,) = written(zones, late, warn("z0"), unknown)
    assert said(alert, "info", "onset") == ["2026-03-01T03:02:00-00:00"] * 2
    (alert,) = written(zones, unknown)
    assert said(alert, "info", "onset") == []
    ended = msgspec.structs.replace(warn("z0", "all_clear"), eta_earliest=NOW + timedelta(minutes=3))
    (alert,) = written(zones, ended)
    assert said(alert, "info", "onset") == []
    beyond = msgspec.structs.replace(warn("z0"), eta_earliest=NOW + timedelta(minutes=11))
    (alert,) = written(zones, beyond)
    assert said(alert, "info", "onset") == []


def test_an_outline_is_latitude_before_longitude_closed_and_never_of_more_than_a_hundred_corners(
    zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    (alert,) = written(zones, warn("z1"))
    corners = said(alert, "info", "area", "polygon")[0].split()
    assert corners[0] == corners[-1]
    points = {tuple(map(float, corner.split(","))) for corner in corners}
    assert points == {(50.0, 10.1), (50.0, 10.2), (50.1, 10.2), (50.1, 10.1)}
    (round_town,) = polygon_texts(shapely.Point(10.0, 50.0).buffer(0.2, quad_segs=500))
    assert 20 < len(round_town.split()) <= CORNERS_MAX == 100
