"""Neighbours' alerts through a replay, from the CAP message to the warning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.ingest.cap_texts import A, B, area, info, message
from tocsin.model.access import Authority
from tocsin.model.effect import Refused
from tocsin.model.event import Configuration
from tocsin.model.observation import Alert, Observation, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.replay.offline import Offline

BEGIN = datetime(2026, 3, 1, 3, tzinfo=UTC)


def _zone(name: str, west: float) -> Zone:
    ring = ((west, 50.0), (west + 0.2, 50.0), (west + 0.2, 50.2), (west, 50.2), (west, 50.0))
    return Zone(id=name, name=name, population=1_000, polygons=((ring,),))


ZONES = (_zone("A", 30.0), _zone("B", 30.3))
RADAR = Sensor(id="r1", kind="radar", lat=50.1, lon=29.0, range_m=300_000, scan_s=5)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def written(minutes: float) -> str:
    return at(minutes).isoformat()


def alert(cap: str, minutes: float = 0.0, *, source: str = "neighbour", came: float | None = None) -> Alert:
    return Alert(
        id=f"{source}-{minutes}",
        time=at(minutes),
        received=at(minutes if came is None else came),
        source=source,
        cap=cap,
    )


def until(minutes: float) -> Sighting:
    """A person far away says something: the recording goes on until then."""
    return Sighting(id=f"k{minutes}", time=at(minutes), source="x", lat=45.0, lon=20.0)


def played(
    *observations: Observation, tick_s: float = 1.0, **fields: Any
) -> tuple[list[tuple[str, str, float]], list[str], dict[str, int]]:
    """(zone, new level, minutes) of every change; reasons of refusals; counts."""
    offline = Offline(Configuration(id="c", time=BEGIN, sensors=(RADAR,), zones=ZONES, **fields), tick_s=tick_s)
    levels: dict[str, str] = {}
    changes: list[tuple[str, str, float]] = []
    refused: list[str] = []
    for effect in offline.run(observations):
        if isinstance(effect, Warning) and levels.get(effect.zone) != effect.level:
            levels[effect.zone] = effect.level
            changes.append((effect.zone, effect.level, round((effect.time - BEGIN).total_seconds() / 60, 1)))
        elif isinstance(effect, Refused):
            refused.append(effect.reason)
    return changes, refused, offline.counts


COVER = ("A", "take_cover", 0.0)
REFERENCE = f"n@example.org,n1,{written(0)}"


def test_a_late_older_message_and_one_that_has_expired_change_nothing() -> None:
    newer = message(
        info(expires=written(60)), identifier="n2", kind="Update", references=f"n@example.org,n1,{written(-60)}"
    )
    older = message(info(expires=written(-1)), sent=written(-60))
    changes, refused, _ = played(alert(newer), until(1), alert(older, -60, came=2), until(30))
    assert changes == [COVER] and refused == ["it had ended when it came"]
    expired = message(info(expires=written(4)), identifier="n2", kind="Update", sent=written(5), references=REFERENCE)
    assert played(alert(message(info(expires=written(60)))), alert(expired, 5), until(8))[0] == [COVER]


def test_one_neighbours_end_is_not_anothers() -> None:
    cancel = message(
        kind="Cancel",
        identifier="x9",
        sender="x@example.org",
        sent=written(2),
        references=f"x@example.org,x1,{written(-60)}",
    )
    assert played(alert(message()), alert(cancel, 2, source="south"), until(8))[0] == [COVER]


def test_an_alert_of_five_hours_holds_for_five_hours() -> None:
    changes, *_ = played(alert(message(info(expires=written(300)))), until(299), until(302), tick_s=10.0)
    assert changes[:2] == [("A", "take_cover", 0.2), ("A", "prepare", 300.0)]


def test_an_alert_told_late_holds_until_its_end() -> None:
    assert played(alert(message(info(expires=written(180)), sent=written(-90)), -90, came=0), until(2))[0] == [COVER]


@pytest.mark.parametrize("infos", ["", info(""), info(event="End of alert")])
def test_a_cancel_without_info_or_area_or_in_other_words_ends_what_it_names(infos: str) -> None:
    cancel = message(infos, kind="Cancel", identifier="n2", sent=written(2), references=REFERENCE)
    changes, *_ = played(alert(message()), alert(cancel, 2), until(8))
    assert [(zone, level) for zone, level, _ in changes] == [("A", "take_cover"), ("A", "prepare"), ("A", "all_clear")]
    assert changes[1][2] == 2.0


def test_an_update_that_moves_an_alert_moves_the_warning() -> None:
    moved = message(info(area(B)), kind="Update", identifier="n2", sent=written(2), references=REFERENCE)
    changes, *_ = played(alert(message()), alert(moved, 2), until(8))
    assert {("B", "take_cover"), ("A", "all_clear")} <= {(zone, level) for zone, level, _ in changes}


def test_the_sound_part_is_warned_and_the_bad_part_counted() -> None:
    changes, refused, counts = played(alert(message(info(area(A, "50.02,30.32 50.18,30.48")))), until(0.3))
    assert changes == [COVER] and "polygon of 2 points" in refused[0] and counts["used"] == 2


@pytest.mark.parametrize("areas", ["", area(codes=[("EMMA_ID", "UA001")])])
def test_an_alert_that_cannot_be_placed_is_never_counted_as_used(areas: str) -> None:
    changes, refused, counts = played(alert(message(info(areas))), until(0.3))
    assert changes == [] and "could not be placed" in refused[0]
    assert counts == {"used": 1, "duplicate": 0, "conflict": 0, "refused": 1}


def test_a_source_raises_what_it_may_and_no_more() -> None:
    rights = Authority(id="neighbour", kinds=("alert",), alerts="prepare")
    changes, refused, _ = played(alert(message()), alert(message(), 1.0), sources=(rights,))
    assert changes == [("A", "prepare", 0.0)] and "may raise prepare" in refused[0]
