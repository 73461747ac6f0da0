"""The public picture."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import msgspec
import pytest
import shapely

from tests.some import some
from tocsin.announce import bodies
from tocsin.announce.board import STALE_AFTER, Board
from tocsin.announce.channel import Batch
from tocsin.announce.veil import PUBLIC_REASON, Veil
from tocsin.model.effect import Degraded, Picture, Refused
from tocsin.model.sensor import SensorHealth
from tocsin.model.warning import Warning, ZoneState
from tocsin.model.zone import Zone

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def board(zones: tuple[Zone, ...]) -> Board:
    return Board(zones, drill=True)


def state(board: Board, now: datetime = NOW) -> bodies.State:
    return msgspec.json.decode(board.state_json(now), type=bodies.State)


def test_before_the_first_picture_nothing_is_claimed(board: Board) -> None:
    first = state(board)
    assert first.picture_at is None and first.degraded and first.seq == 0 and first.drill
    assert [zone.level for zone in first.zones] == ["none"] * 6


def test_a_warning_shows_at_once_and_the_picture_has_the_last_word(board: Board, warn: Callable[..., Warning]) -> None:
    board.apply(7, [warn("z2")])
    assert board.take_changed() == ("z2",) and board.picture_at is None
    shown = state(board).zones[2]
    assert (shown.level, shown.since, shown.warning) == ("take_cover", NOW, "z2/1/1/take_cover")
    later = ZoneState(zone="z2", level="take_cover", since=NOW, eta_likely=NOW, drill=True)
    board.apply(8, [warn("z2"), Picture(time=NOW, zones=(later,))])
    assert state(board).zones[2] == bodies.PublicZone(**msgspec.structs.asdict(later))


def test_what_did_not_change_is_not_sent_again(board: Board, warn: Callable[..., Warning]) -> None:
    board.apply(1, [warn("z1"), warn("z0")])
    assert board.take_changed() == ("z0", "z1")
    board.apply(2, [warn("z1")])
    assert board.take_changed() == ()
    board.apply(3, [warn("z4"), warn("z3")])
    assert board.take_changed() == ("z3", "z4")


def test_a_zone_that_stands_down_leaves_the_list_of_warnings(board: Board, warn: Callable[..., Warning]) -> None:
    board.apply(1, [warn("z1"), warn("z3")])
    board.apply(2, [Picture(time=NOW, zones=(ZoneState(zone="z1", drill=True),))])
    listed = msgspec.json.decode(board.warnings_json(), type=bodies.Warnings)
    assert [warning.zone for warning in listed.warnings] == ["z3"]


def test_an_old_picture_is_no_picture(board: Board) -> None:
    board.apply(1, [Picture(time=NOW)])
    assert not state(board, NOW + STALE_AFTER).degraded
    assert state(board, NOW + STALE_AFTER + timedelta(seconds=1)).degraded


def blind(*zones: str) -> Degraded:
    sensor = SensorHealth(sensor="north-hill", state="down")
    return Degraded(time=NOW, sensors=(sensor,), zones=zones, reason="north-hill is silent")


def test_blind_zones_say_so_until_somebody_sees_again(board: Board) -> None:
    board.apply(1, [Picture(time=NOW), blind("z1", "z2")])
    assert board.take_changed() == ("z1", "z2")
    assert [zone.degraded for zone in state(board).zones] == [False, True, True, False, False, False]
    assert state(board).degraded
    board.apply(2, [blind("z2")])
    assert [zone.degraded for zone in state(board).zones] == [False, False, True, False, False, False]
    board.apply(3, [blind()])
    assert not state(board).degraded


def test_where_the_public_is_not_told_of_blind_zones_an_old_picture_is_told_all_the_same(
    zones: tuple[Zone, ...],
) -> None:
    board = Board(zones, drill=True, public_degraded=False)
    hidden = ZoneState(zone="z1", degraded=True, degraded_reason="no sight", drill=True)
    board.apply(1, [Picture(time=NOW, zones=(hidden,)), blind("z1")])
    assert not state(board).degraded and not any(zone.degraded for zone in some(state(board).zones))
    assert state(board, NOW + timedelta(minutes=1)).degraded


def test_no_body_names_a_track_a_sensor_a_probability_or_a_reason(board: Board, warn: Callable[..., Warning]) -> None:
    board.apply(
        1,
        [
            Picture(time=NOW),
            warn("z1"),
            blind("z2"),
            Refused(id="o1", source="spotter-9", reason="too old"),
        ],
    )
    everything = b"".join(
        (
            board.state_json(NOW),
            board.zones_json(["z1", "z2"], NOW),
            board.pulse_json(NOW),
            board.at_json(50.05, 10.15, NOW),
            board.warnings_json(),
            board.outlines_geojson(),
        )
    )
    for secret in (b"T17", b"north-hill", b"0.873", b"probability", b'"reason"', b"spotter-9", b"tracks"):
        assert secret not in everything


def test_a_point_is_in_the_zone_that_holds_it(board: Board) -> None:
    here = msgspec.json.decode(board.at_json(50.05, 10.15, NOW), type=bodies.Here)
    assert [zone.zone for zone in here.zones] == ["z1"]
    assert msgspec.json.decode(board.at_json(0, 0, NOW), type=bodies.Here).zones == ()


def test_every_body_is_what_its_type_says(board: Board, warn: Callable[..., Warning]) -> None:
    board.apply(3, [Picture(time=NOW), warn("z1")])
    msgspec.json.decode(board.pulse_json(NOW), type=bodies.Pulse, strict=True)
    changed = msgspec.json.decode(board.zones_json(("z1",), NOW), type=bodies.ZonesChange, strict=True)
    assert changed.seq == 3 and changed.zones[0].zone == "z1"
    outlines = msgspec.json.decode(board.outlines_geojson(), type=bodies.Outlines, strict=True)
    assert [outline.properties.id for outline in outlines.features] == [f"z{n}" for n in range(6)]


def test_neighbours_on_the_simplified_map_still_touch_and_do_not_overlap(zones: tuple[Zone, ...]) -> None:
    board = Board(zones, drill=True)
    outlines = msgspec.json.decode(board.outlines_geojson())["features"]
    shapes = [shapely.geometry.shape(outline["geometry"]) for outline in outlines]
    for west, east in pairwise(shapes):
        assert west.touches(east) and west.intersection(east).length > 0.09
    assert board.outlines_geojson() == Board(zones, drill=False).outlines_geojson()


def test_a_zone_nobody_drew_is_shown_all_the_same(board: Board, warn: Callable[..., Warning]) -> None:
    board.apply(1, [warn("unknown-town")])
    assert state(board).zones[-1].zone == "unknown-town"


def test_a_picture_is_old_after_fifteen_seconds_and_the_next_one_is_fresh(board: Board) -> None:
    for number in range(3):
        at = NOW + timedelta(minutes=number)
        board.apply(number, [Picture(time=at)])
        assert state(board, at).picture_at == at
        assert not state(board, at + timedelta(seconds=15)).degraded
        assert state(board, at + timedelta(seconds=15, microseconds=1)).degraded


def test_a_whole_picture_has_the_last_word_on_where_we_are_blind(board: Board) -> None:
    board.fold(Batch(1, NOW, (Picture(time=NOW), blind("z1"))))
    told = (Picture(time=NOW, zones=(ZoneState(zone="z2", degraded=True, drill=True),)),)
    board.fold(Batch(2, NOW, told))
    assert [zone.zone for zone in state(board).zones if zone.degraded] == ["z1", "z2"]
    # The word that it sees again went missing: the states of every zone say so.
    states = tuple(ZoneState(zone=f"z{n}", degraded=n == 2, drill=True) for n in range(6))
    board.fold(Batch(3, NOW, (Picture(time=NOW, zones=states),), whole=True))
    assert [zone.zone for zone in state(board).zones if zone.degraded] == ["z2"]


def test_a_zone_that_has_left_the_file_is_shown_until_its_warning_has_ended(
    board: Board, warn: Callable[..., Warning]
) -> None:
    board.apply(1, [warn("gone"), warn("z1")])
    assert [zone.zone for zone in state(board).zones if zone.level != "none"] == ["z1", "gone"]
    ended = tuple(ZoneState(zone=name, drill=True) for name in ("gone", "z1"))
    board.apply(2, [Picture(time=NOW, zones=ended)])
    assert [zone.zone for zone in state(board).zones] == [f"z{n}" for n in range(6)]
    assert "gone" not in board.take_changed()
    board.apply(3, [warn("gone", "prepare", 2)])
    assert state(board).zones[-1].level == "prepare"


def test_what_a_warning_says_is_what_the_zone_shows(board: Board, warn: Callable[..., Warning]) -> None:
    one = msgspec.structs.replace(
        warn("z1"), eta_likely=NOW + timedelta(minutes=4), public_reason="Gas: shut windows", drill=False
    )
    board.apply(1, [one])
    shown = state(board).zones[1]
    for name in ("level", "expires", "eta_earliest", "eta_likely", "threat", "drill", "public_reason"):
        assert getattr(shown, name) == getattr(one, name), name
    assert (shown.since, shown.warning) == (one.time, one.id)


def test_a_level_stands_since_it_was_first_told(board: Board, warn: Callable[..., Warning]) -> None:
    since = []
    for revision, level in enumerate(("prepare", "prepare", "take_cover", "take_cover", "all_clear")):
        board.apply(revision, [warn("z1", level, revision, at_s=60 * revision)])
        told = state(board).zones[1].since
        assert told is not None
        since.append((told - NOW).total_seconds())
    assert since == [0, 0, 120, 120, 240]


def test_an_outline_that_does_not_hold_now_holds_nobody(zones: tuple[Zone, ...]) -> None:
    later = msgspec.structs.replace(zones[1], valid_from=NOW + timedelta(hours=1))
    board = Board((zones[0], later), drill=True)

    def here(now: datetime) -> list[str]:
        return [zone.zone for zone in msgspec.json.decode(board.at_json(50.05, 10.15, now), type=bodies.Here).zones]

    assert here(NOW) == []
    assert here(NOW + timedelta(hours=1)) == ["z1"]


class OneMore:
    """Stands in for a veil: calls z5 blind wherever anything is."""

    def over(self, blind: Collection[str]) -> frozenset[str]:
        return frozenset(blind) | ({"z5"} if blind else set())


def test_where_the_public_is_told_of_blindness_is_what_the_veil_shows_in_the_same_words_everywhere(
    zones: tuple[Zone, ...],
) -> None:
    board = Board(zones, drill=True, veil=cast("Veil", OneMore()))
    hidden = ZoneState(zone="z1", degraded=True, degraded_reason="radar north-hill is silent", drill=True)
    board.apply(1, [Picture(time=NOW, zones=(hidden,)), blind("z2")])
    told = {zone.zone: zone.degraded_reason for zone in state(board).zones if zone.degraded}
    assert told == dict.fromkeys(("z1", "z2", "z5"), PUBLIC_REASON)
    board.apply(2, [Picture(time=NOW, zones=(ZoneState(zone="z1", drill=True),)), blind()])
    assert [zone.degraded_reason for zone in state(board).zones] == [None] * 6


def test_zones_are_told_in_the_order_of_their_file(zones: tuple[Zone, ...], warn: Callable[..., Warning]) -> None:
    board = Board(zones[::-1], drill=True)
    board.apply(1, [warn("z1"), warn("z4"), warn("z0")])
    assert board.take_changed() == ("z4", "z1", "z0")
    listed = msgspec.json.decode(board.warnings_json(), type=bodies.Warnings)
    assert [warning.zone for warning in listed.warnings] == ["z4", "z1", "z0"]
    assert [zone.zone for zone in state(board).zones] == [f"z{n}" for n in (5, 4, 3, 2, 1, 0)]


def test_another_cut_of_the_zones_is_told_by_another_name_in_the_state_and_in_the_outlines(
    zones: tuple[Zone, ...],
) -> None:
    def cut_of(some_zones: tuple[Zone, ...]) -> str:
        board = Board(some_zones, drill=True)
        told = msgspec.json.decode(board.state_json(NOW))["cut"]
        assert told == msgspec.json.decode(board.some_json([some_zones[0].id], NOW))["cut"]
        assert told == msgspec.json.decode(board.outlines_geojson())["cut"]
        return str(told)

    first, *others = zones
    ring = first.polygons[0][0]
    moved = msgspec.structs.replace(first, polygons=((tuple((lon + 0.01, lat) for lon, lat in ring),),))
    cuts = [zones, zones[::-1], tuple(others), (moved, *others), (msgspec.structs.replace(first, name="New"), *others)]
    assert len({cut_of(one) for one in cuts}) == len(cuts)
    assert cut_of(zones) == cut_of(tuple(zones))


def test_less_warning_time_is_said_of_the_zones_it_is_told_of_until_it_is_told_of_them_no_more(board: Board) -> None:
    board.apply(7, [Picture(time=NOW, zones=(ZoneState(zone="z1", degraded=True, drill=True),))])
    board.take_changed()
    board.say_less_time(frozenset({"z1", "gone"}))
    assert board.take_changed() == ("z1",)
    shown = {one.zone: one for one in state(board).zones}
    assert shown["z1"].less_time is True and shown["z1"].degraded
    assert shown["z2"].less_time is msgspec.UNSET and board.zone_json("gone") is None
    board.apply(8, [Picture(time=NOW, zones=(ZoneState(zone="z1", level="all_clear", drill=True),))])
    assert state(board).zones[1].less_time is True, "whatever else is said of it"
    board.say_less_time(frozenset())
    assert b"less_time" not in board.state_json(NOW)
