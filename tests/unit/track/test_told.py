"""What channels tell as tracks: coarse, late, in any order, and only ever shown."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import ChannelReport
from tocsin.model.told import Place, Spot, Told
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.track.told import (
    COASTED_S,
    GONE_S,
    PER_LINE_MAX,
    PER_VOICE_MAX,
    PER_VOICE_S,
    TRACKS_MAX,
    ToldTracks,
)
from tocsin.track.told_motion import Mark, at, path

BEGIN_S = 1_772_000_000.0
FRAME = LocalFrame(50.0, 20.0)


def spot(east_m: float, north_m: float, weight: float = 1.0, sigma_m: float = 1_500.0) -> Spot:
    lat, lon = (float(part) for part in FRAME.to_geodetic(east_m, north_m))
    return Spot(name="there", lat=lat, lon=lon, sigma_m=sigma_m, weight=weight)


def line(name: str, at_s: float, *spots: Spot, role: Any = "over", **fields: Any) -> ChannelReport:
    """A line about one thing, of two minutes before it was posted."""
    own = {key: fields.pop(key) for key in ("edited", "channel") if key in fields}
    usual: dict[str, Any] = {"stage": "in_flight", "threat": "drone", "delay_s": 120.0}
    told = Told(**usual | {"places": (Place(role=role, spots=spots),)} | fields)
    what: dict[str, Any] = {"channel": "c"} | own
    return ChannelReport(id=name, time=time_of(BEGIN_S + at_s), text=name, told=(told,), **what)


def shown(tracks: ToldTracks, at_s: float, held: tuple[Track, ...] = ()) -> list[tuple[float, float, Track]]:
    """(east, north, track) of every track at a time."""
    found = tracks.advance(BEGIN_S + at_s, held)
    places = [FRAME.to_local(one.lat, one.lon) for one in found]
    return [(float(east), float(north), one) for (east, north), one in zip(places, found, strict=True)]


def northwards(count: int = 5, every_s: float = 120.0, voices: str = "abc") -> tuple[ToldTracks, float]:
    """A drone that flies north at 50 m/s, told of every two minutes by each voice in turn; when the last was posted."""
    tracks, last_s = ToldTracks(FRAME), 0.0
    for k in range(count):
        last_s = k * every_s + 120.0
        tracks.note(line(f"{k}", last_s, spot(0.0, 50.0 * every_s * k)), voices[k % len(voices)])
    return tracks, last_s


def test_a_drone_is_shown_where_it_is_by_now_and_not_where_the_last_line_saw_it() -> None:
    tracks, last_s = northwards()
    ((east, north, track),) = shown(tracks, last_s)
    assert abs(north - 50.0 * last_s) < 4_000 and abs(east) < 3_000
    assert track.status == "confirmed" and track.sensors == 3
    assert abs(track.speed_mps - 50) < 15 and min(track.heading_deg, 360 - track.heading_deg) < 20
    later = shown(tracks, last_s + 240)[0][2]
    assert later.sigma_m > track.sigma_m


def test_one_voice_makes_no_confirmed_track_and_silence_ends_it() -> None:
    tracks, last_s = northwards(voices="a")
    assert [track.status for _, _, track in shown(tracks, last_s)] == ["tentative"]
    tracks, last_s = northwards()
    assert [track.status for _, _, track in shown(tracks, last_s + COASTED_S + 1)] == ["coasted"]
    assert not shown(tracks, last_s + GONE_S + 1)


def test_lines_may_come_in_any_order() -> None:
    said = [line(f"{k}", 120.0 * k + 120, spot(0.0, 6_000.0 * k)) for k in range(4)]
    ends = []
    for order in ((0, 1, 2, 3), (0, 2, 1, 3)):
        tracks = ToldTracks(FRAME)
        for k in order:
            tracks.note(said[k], "abcd"[k])
        ((_, north, _),) = shown(tracks, 500.0)
        ends.append(north)
    assert ends[0] == pytest.approx(ends[1], abs=2_500)


def test_an_ambiguous_name_goes_to_the_track_that_it_fits_and_begins_none() -> None:
    tracks = ToldTracks(FRAME)
    either = (spot(300_000.0, 0.0, weight=0.45), spot(0.0, 6_000.0, weight=0.45))
    tracks.note(line("x", 120.0, *either), "a")
    assert not shown(tracks, 130.0)
    tracks.note(line("1", 130.0, spot(0.0, 0.0), heading_deg=0.0, heading_sigma_deg=20.0), "a")
    tracks.note(line("2", 250.0, *either), "b")
    ((_, north, track),) = shown(tracks, 250.0)
    assert track.sensors == 2 and north > 6_000


def test_one_more_is_another() -> None:
    tracks = ToldTracks(FRAME)
    tracks.note(line("1", 120.0, spot(0.0, 0.0)), "a")
    tracks.note(line("2", 150.0, spot(1_000.0, 0.0), further=True), "a")
    assert len(shown(tracks, 160.0)) == 2


@pytest.mark.parametrize(("voices", "left"), [("b", 1), ("bc", 0), ("a", 1)])
def test_what_several_told_is_gone_by_two_voices_and_not_by_one(voices: str, left: int) -> None:
    tracks, last_s = northwards()
    for k, voice in enumerate(voices):
        tracks.note(line(f"g{k}", last_s + 10, spot(0.0, 24_000.0), stage="gone"), voice)
    assert len(shown(tracks, last_s + 20)) == left


def test_an_edit_takes_its_post_back_and_no_other_channels_of_that_number() -> None:
    tracks = ToldTracks(FRAME)
    tracks.note(line("1", 120.0, spot(0.0, 0.0)), "a")
    tracks.note(line("1", 120.0, spot(90_000.0, 0.0), channel="d"), "d")
    tracks.note(line("1", 130.0, spot(0.0, 60_000.0), edited=True), "a")
    places = sorted((round(east, -4), round(north, -4)) for east, north, _ in some(shown(tracks, 140.0)))
    assert places == [(0, 60_000), (90_000, 0)]


def test_what_sensors_hold_is_not_shown_twice() -> None:
    tracks, last_s = northwards()
    ((_, _, track),) = shown(tracks, last_s)
    assert not shown(tracks, last_s, (track,))
    far = Track(
        id="T000001", time=track.time, lat=51.5, lon=20.0, altitude_m=300, speed_mps=50, heading_deg=0, sigma_m=100,
        threat="drone", probability=1.0, status="confirmed", sensors=1, updated=track.time,
    )  # fmt: skip
    assert shown(tracks, last_s, (far,))


def held_drone(at_s: float, east_m: float = 0.0) -> Track:
    """What sensors hold of a drone that flies north at 50 m/s."""
    lat, lon = (float(part) for part in FRAME.to_geodetic(east_m, 50.0 * at_s))
    now = time_of(BEGIN_S + at_s)
    return Track(
        id=f"T{east_m:06.0f}", time=now, lat=lat, lon=lon, altitude_m=0, speed_mps=50, heading_deg=0, sigma_m=50,
        threat="drone", probability=1.0, status="confirmed", sensors=2, updated=now,
    )  # fmt: skip


def beside_sensors(late_s: float, *beside_m: float, voice: str = "slow") -> ToldTracks:
    """An hour of a channel that is so much later than it says, beside sensors that hold what it tells of."""
    tracks = ToldTracks(FRAME)
    for second in range(0, 3_600, 10):
        tracks.advance(BEGIN_S + second, tuple(held_drone(second, east_m) for east_m in (0.0, *beside_m)))
        if second % 60 == 0:
            # Of where it was two minutes and what it is late before.
            was_m = 50.0 * (second - 120.0 - late_s)
            tracks.note(line(f"{second}", second, spot(0.0, was_m)), voice)
    return tracks


@pytest.mark.parametrize("late_s", [0.0, 80.0, -60.0])
def test_how_late_a_channel_is_shows_beside_what_sensors_hold(late_s: float) -> None:
    learned = beside_sensors(late_s).reputes.of("slow").late_s
    assert abs(learned - late_s) < 20


def test_where_two_fly_side_by_side_nothing_is_learned_of_whose_delay_it_is() -> None:
    assert math.isnan(beside_sensors(80.0, 1_000.0).reputes.of("slow").late_s)


def test_where_sensors_hold_nothing_or_have_just_begun_no_place_was_passed() -> None:
    reputes = ToldTracks(FRAME).reputes
    assert reputes.passed_s(0.0, 0.0, 2_500.0, "drone") is None
    reputes.note(BEGIN_S, [held_drone(0.0)], FRAME)
    assert reputes.passed_s(0.0, 0.0, 2_500.0, "drone") is None


def test_an_object_that_sensors_held_or_another_channel_told_bears_a_channel_out_and_none_does_not() -> None:
    tracks = beside_sensors(0.0)
    tracks.note(line("far", 3_590.0, spot(80_000.0, 0.0)), "slow")
    tracks.note(line("also", 3_592.0, spot(-80_000.0, 0.0)), "slow")
    tracks.note(line("too", 3_594.0, spot(-80_000.0, 300.0)), "other")
    tracks.advance(BEGIN_S + 3_594.0 + GONE_S, ())
    slow, other = tracks.reputes.of("slow"), tracks.reputes.of("other")
    assert (round(slow.objects), round(slow.borne_out)) == (3, 1)
    assert (other.objects, other.borne_out) == (0.0, 0.0), "an echo is nobody's second word"
    assert ToldTracks.load(tracks.dump(), FRAME).reputes.known() == tracks.reputes.known()


def test_there_are_never_more_tracks_than_may_be() -> None:
    tracks = ToldTracks(FRAME)
    for k in range(TRACKS_MAX + 20):
        tracks.note(line(f"{k}", 120.0 + k, spot(60_000.0 * (k % 15), 60_000.0 * (k // 15))), "ab"[k % 2])
    assert len(shown(tracks, 400.0)) == TRACKS_MAX


def a_hundred_towns(row: int, at_s: float, **fields: Any) -> ChannelReport:
    """A line that names a hundred places, none near another's of another row."""
    one = line(f"{row}", at_s, spot(0.0, 0.0))
    places = tuple(Place(role="over", spots=(spot(60_000.0 * (row - 5), 10_000.0 * (k - 50)),)) for k in range(100))
    return msgspec.structs.replace(one, told=(msgspec.structs.replace(one.told[0], places=places, **fields),))


def test_whoever_names_every_town_draws_a_few_and_leaves_room_for_others() -> None:
    tracks = ToldTracks(FRAME)
    tracks.note(a_hundred_towns(0, 120.0), "a")
    assert len(shown(tracks, 121.0)) == PER_LINE_MAX
    for row in range(1, 12):
        tracks.note(a_hundred_towns(row, 120.0 + row), "a")
    assert len(shown(tracks, 132.0)) == PER_VOICE_MAX
    tracks = ToldTracks.load(tracks.dump(), FRAME)
    tracks.note(a_hundred_towns(12, 133.0), "a")
    assert len(shown(tracks, 134.0)) == PER_VOICE_MAX, "a restart gives nobody more"
    tracks.note(line("b", 135.0, spot(900_000.0, 0.0)), "b")
    assert len(shown(tracks, 136.0)) == PER_VOICE_MAX + 1
    late_s = 140.0 + PER_VOICE_S
    tracks.note(line("later", late_s, spot(-900_000.0, 0.0)), "a")
    assert len(shown(tracks, late_s)) == PER_VOICE_MAX + 2


def test_who_calls_every_town_clear_ends_a_few_of_what_he_told() -> None:
    tracks = ToldTracks(FRAME)
    tracks.note(a_hundred_towns(0, 120.0), "a")
    tracks.note(a_hundred_towns(1, 121.0), "a")
    tracks.note(a_hundred_towns(0, 122.0, stage="gone"), "a")
    assert len(shown(tracks, 123.0)) == PER_LINE_MAX
    assert all(one.id > f"R{PER_LINE_MAX:06d}" for _, _, one in some(shown(tracks, 123.0)))


def test_a_path_s_doubt_grows_with_time_either_way_and_stays_a_doubt() -> None:
    marks = [
        Mark(BEGIN_S + 120.0 * k, 60.0, BEGIN_S + 120.0 * k, 0.0, 6_000.0 * k, 1_500.0, False, math.nan, math.nan,
             "a", f"{k}")
        for k in range(4)
    ]  # fmt: skip
    state = path(marks, 50.0)
    for off_s in (-300.0, -60.0, 60.0, 300.0, 900.0):
        moved = at(state, state.at_s + off_s, 50.0)
        assert np.linalg.eigvalsh(moved.cov).min() > 0
        if off_s > 0:
            assert np.trace(moved.cov[:2, :2]) > np.trace(state.cov[:2, :2])
