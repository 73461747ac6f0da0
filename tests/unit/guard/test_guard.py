"""The second opinion: what holds an all clear, for how long, and who may hold it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame, destination
from tocsin.guard.chains import LOST_S
from tocsin.guard.guard import LONE_S, Guard
from tocsin.model.access import KINDS, Authority
from tocsin.model.event import ActRules, Configuration, KeptZone, Loss, OperatorAct, Tick
from tocsin.model.observation import Alert, AlertPart, Launch, Plot, Position, Presence, Sighting
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.value import time_of
from tocsin.model.wire import unpack
from tocsin.model.zone import Zone

BEGIN_S = 1_772_000_000.0
LAT, LON = 50.0, 20.0
FRAME = LocalFrame(LAT, LON)
RADARS = tuple(
    Sensor(id=name, kind="radar", lat=LAT, lon=LON + aside, altitude_m=200, range_m=150_000, scan_s=5.0)
    for name, aside in (("radar", 0.0), ("other", 0.2))
)
EARS = tuple(
    Sensor(id=f"ear-{k}", kind="presence", lat=LAT + 0.04, lon=LON + 0.05 * k, range_m=4_000, scan_s=2.0)
    for k in range(3)
)


def zone(name: str, east_m: float, north_m: float) -> Zone:
    """A square of four kilometres."""
    corners = [(east_m + x, north_m + y) for x, y in ((-2e3, -2e3), (2e3, -2e3), (2e3, 2e3), (-2e3, 2e3), (-2e3, -2e3))]
    lat, lon = FRAME.to_geodetic([x for x, _ in corners], [y for _, y in corners])
    ring = tuple(zip(lon.tolist(), lat.tolist(), strict=True))
    return Zone(id=name, name=name, population=20_000, polygons=((ring,),))


# A thing from the north at 25 km flies over `near` and on to `south`.
NEAR, SOUTH, FAR = zone("near", 0, 10_000), zone("south", 0, -20_000), zone("far", 120_000, 0)
ZONES = (NEAR, SOUTH, FAR)
NAMES = tuple(one.id for one in ZONES)


def configured(**more: Any) -> Configuration:
    """Two radars, three microphones, three zones; every source trusted."""
    return Configuration(id="c", time=time_of(BEGIN_S), sensors=RADARS + EARS, zones=ZONES, **more)


def flight(
    radars: Sequence[str] = ("radar",), *, first_s: float = 0.0, last_s: float = 200.0, speed_mps: float = 100.0
) -> Iterator[tuple[float, Plot]]:
    """Plots of a thing that flies south from 30 km north of the radar; when they come, seconds."""
    at_s = first_s
    while at_s <= last_s:
        for name in radars:
            site = next(one for one in RADARS if one.id == name)
            lat, lon = FRAME.to_geodetic(0.0, 30_000.0 - speed_mps * at_s)
            east, north = LocalFrame(site.lat, site.lon).to_local(lat, lon)
            yield at_s, plot(f"{name}-{at_s}", name, at_s, float(east), float(north))
        at_s += 5.0


def plot(name: str, sensor: str, at_s: float, east_m: float, north_m: float) -> Plot:
    """A plot at a place in the radar's own frame."""
    return Plot(
        id=name, time=time_of(BEGIN_S + at_s), source=sensor, sensor=sensor, altitude_m=1_000.0,
        range_m=math.hypot(east_m, north_m, 800.0), azimuth_deg=math.degrees(math.atan2(east_m, north_m)) % 360,
    )  # fmt: skip


def heard(
    guard: Guard, events: Iterator[tuple[float, Any]] | list[tuple[float, Any]], until_s: int, since_s: int = 0
) -> Guard:
    """The guard after events and a tick a second until then."""
    waiting = sorted(events, key=lambda one: one[0])
    for second in range(since_s, until_s + 1):
        while waiting and waiting[0][0] <= second:
            guard.hear(waiting.pop(0)[1])
        guard.hear(Tick(time=time_of(BEGIN_S + second)))
    return guard


def levels(guard: Guard, at_s: float) -> dict[str, str]:
    """The level below which each doubtful zone must not stand."""
    return {name: doubt.level for name, doubt in guard.doubts(BEGIN_S + at_s, NAMES).items()}


def test_where_nothing_was_seen_nothing_is_held() -> None:
    assert levels(heard(Guard(configured()), [], 100), 100) == {}


def test_what_flies_towards_a_zone_holds_its_all_clear_and_nearly_there_its_cover() -> None:
    assert levels(heard(Guard(configured()), flight(), 60), 60) == {"near": "prepare", "south": "prepare"}
    assert levels(heard(Guard(configured()), flight(), 160), 160)["near"] == "take_cover"


def test_two_plots_are_nothing_and_a_plane_that_says_who_it_is_is_no_threat() -> None:
    assert levels(heard(Guard(configured()), flight(last_s=5), 6), 6) == {}
    said = []
    for at_s, one in flight():
        lat, lon = (float(part) for part in FRAME.to_geodetic(0.0, 30_000.0 - 100.0 * at_s))
        fields: dict[str, Any] = {"source": "adsb", "icao24": "abcdef", "cooperative": True}
        said.append((at_s, Position(id=f"a{at_s}", time=one.time, lat=lat, lon=lon, **fields)))
    assert levels(heard(Guard(configured()), [*flight(), *said], 60), 60) == {}


@pytest.mark.parametrize(("late_s", "more_m"), [(1.5, 450.0), (4.0, 1_200.0)])
@pytest.mark.parametrize(("off_m", "held"), [(-20.0, False), (20.0, True)])
def test_what_a_radar_sees_is_the_plane_that_says_who_it_is_as_far_as_either_may_be_wrong(
    late_s: float, more_m: float, off_m: float, held: bool
) -> None:
    """Half a kilometre, three sigmas of the plot, and 300 m for each second between the two."""
    radar = with_defaults(RADARS[0])
    events: list[tuple[float, Any]] = []
    for at_s in (0.0, 5.0, 10.0, 15.0):
        north_m = 20_000.0 - 100.0 * at_s
        across_m = math.hypot(north_m, 800.0) * math.radians(radar.sigma_azimuth_deg or 0.0)
        aside_m = 500.0 + 3.0 * math.hypot(radar.sigma_range_m or 0.0, across_m) + more_m + off_m
        lat, lon = (float(part) for part in FRAME.to_geodetic(aside_m, north_m))
        said = time_of(BEGIN_S + at_s - late_s)
        fields: dict[str, Any] = {"source": "adsb", "icao24": "abcdef", "cooperative": True}
        events.append((at_s, Position(id=f"a{at_s}", time=said, lat=lat, lon=lon, **fields)))
        events.append((at_s, plot(f"p{at_s}", "radar", at_s, 0.0, north_m)))
    assert ("near" in levels(heard(Guard(configured()), events, 16), 16)) == held


@pytest.mark.parametrize(("ago_s", "held"), [(6.0, False), (7.0, True)])
def test_a_plane_that_has_not_said_where_it_is_for_six_seconds_speaks_for_nothing(ago_s: float, held: bool) -> None:
    events: list[tuple[float, Any]] = []
    for at_s in (0.0, 5.0, 10.0, 15.0):
        lat, lon = (float(part) for part in FRAME.to_geodetic(0.0, 20_000.0 - 100.0 * at_s))
        fields: dict[str, Any] = {"source": "adsb", "icao24": "abcdef", "cooperative": True}
        events.append((at_s, Position(id=f"a{at_s}", time=time_of(BEGIN_S + at_s - ago_s), lat=lat, lon=lon, **fields)))
        events.append((at_s, plot(f"p{at_s}", "radar", at_s, 0.0, 20_000.0 - 100.0 * at_s)))
    assert ("near" in levels(heard(Guard(configured()), events, 16), 16)) == held


@pytest.mark.parametrize(("many", "why"), [(499, "something that was seen may come"), (500, "the radars that watched")])
def test_a_radar_that_floods_is_left_out_and_counts_as_silent(many: int, why: str) -> None:
    noise = [
        (at - 0.5, plot(f"n{at}-{k}", "radar", at - 0.5, 90e3, 0.0)) for at in range(5, 80, 5) for k in range(many)
    ]
    things = sorted([*noise, *flight(last_s=75)], key=lambda one: one[0])
    # What comes after the first 500 between two ticks is not looked at, and the radar was not heard then.
    assert heard(Guard(configured()), things, 76).doubts(BEGIN_S + 76, NAMES)["near"].why.startswith(why)


def test_of_launches_and_posts_the_newest_four_hundred_are_kept_each_for_its_time() -> None:
    guard = Guard(configured())
    for k in range(450):
        at = time_of(BEGIN_S + k / 1_000)
        told: dict[str, Any] = {"time": at, "lat": LAT, "lon": LON, "source": f"s{k % 90}"}
        guard.hear(Launch(id=f"l{k}", threat="rocket", sigma_m=500, **told))
        guard.hear(Sighting(id=f"s{k}", threat="drone", **told))
    guard.hear(Tick(time=time_of(BEGIN_S + 1)))
    for kind, last_s in (("launches", 600.0), ("posts", 360.0)):
        rows = unpack(guard.dump())[0][kind]
        assert len(rows) == 400 and rows[0][0] == pytest.approx(BEGIN_S + 0.05, abs=1e-4)
        for at_s, many in ((last_s, 400), (last_s + 1, 0)):
            later = Guard.load(guard.dump(), configured())
            later.hear(Tick(time=time_of(BEGIN_S + at_s)))
            assert len(unpack(later.dump())[0][kind]) == many


def clutter(radars: Sequence[str], last_s: int) -> list[tuple[float, Plot]]:
    """Plots of nothing: one of each radar every five seconds, where no chain can come of them."""
    return [
        (float(at), plot(f"{name}-c{at}", name, at, 90e3 * math.sin(at), 90e3 * math.cos(at)))
        for at in range(0, last_s, 5)
        for name in radars
    ]


def test_after_its_last_sighting_a_thing_holds_until_it_would_have_come_and_never_longer_than_the_bound() -> None:
    last = 101 + int(LOST_S)
    seen = [*flight(last_s=100), *clutter(("radar",), last)]
    guard = heard(Guard(configured()), seen, 260)
    assert set(levels(guard, 260)) == {"south"}
    assert levels(heard(guard, [one for one in seen if one[0] > 260], last, since_s=261), last) == {}


def test_what_climbs_fast_out_of_sight_holds_until_it_would_have_come_down() -> None:
    climbs = [(float(at), plot(f"m{at}", "radar", at, 0.0, 140e3 - 500.0 * at)) for at in range(0, 31, 5)]
    seen = [*climbs, *clutter(("radar",), 420)]
    guard = heard(Guard(configured()), seen, 240)
    assert set(levels(guard, 240)) == {"near", "south"}
    assert levels(heard(guard, [one for one in seen if one[0] > 240], 420, since_s=241), 420) == {}


@pytest.mark.parametrize(("down", "held"), [(1, True), (2, False)])
def test_of_two_that_climb_out_of_sight_the_one_that_is_not_seen_to_come_down_holds(down: int, held: bool) -> None:
    seen = [*clutter(("radar",), 300)]
    for k in range(2):
        seen += [(at, plot(f"u{k}{at}", "radar", at, 4e3 * k, 140e3 - 500.0 * at)) for at in (0.0, 5.0, 10.0, 15.0)]
    for k in range(down):
        seen += [
            (at, plot(f"d{k}{at}", "radar", at, 4e3 * k, 20e3 - 600.0 * (at - 180))) for at in (180.0, 185.0, 190.0)
        ]
    assert ("near" in levels(heard(Guard(configured()), sorted(seen, key=lambda one: one[0]), 260), 260)) == held


def test_no_radar_lets_go_of_what_another_saw_climb_out_of_sight() -> None:
    seen = [*clutter(("radar", "other"), 300)]
    seen += [(at, plot(f"u{at}", "radar", at, 0.0, 140e3 - 500.0 * at)) for at in (0.0, 5.0, 10.0, 15.0)]
    seen += [(at, plot(f"d{at}", "other", at, -14e3, 20e3 - 600.0 * (at - 180))) for at in (180.0, 185.0, 190.0)]
    assert "near" in levels(heard(Guard(configured()), sorted(seen, key=lambda one: one[0]), 260), 260)


def test_a_plot_nearer_than_it_can_lie_below_the_radar_is_taken_as_it_is() -> None:
    low = Plot(id="l", time=time_of(BEGIN_S), source="radar", sensor="radar", altitude_m=1.0, range_m=50, azimuth_deg=0)
    assert levels(heard(Guard(configured()), [(0.0, low)], 5), 5) == {}


@pytest.mark.parametrize(("radars", "held"), [(("radar",), False), (("radar", "other"), True)])
def test_one_sensor_alone_holds_a_zone_for_half_an_hour_and_two_for_as_long_as_they_see(
    radars: tuple[str, ...], held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.guard.guard.LONE_S", 100.0)
    assert LONE_S == 1_800.0
    guard, found = Guard(configured()), {}
    circling = [(at, plot(f"{name}{at}", name, at, *place(name, at))) for at in range(0, 300, 5) for name in radars]
    for second in range(300):
        while circling and circling[0][0] <= second:
            guard.hear(circling.pop(0)[1])
        guard.hear(Tick(time=time_of(BEGIN_S + second)))
        found[second] = "near" in guard.doubts(BEGIN_S + second, ("near",))
    assert found[60]
    assert found[299] == held


def place(radar: str, at_s: float) -> tuple[float, float]:
    """Of a thing that circles over `near`, in a radar's own frame."""
    lat, lon = FRAME.to_geodetic(6e3 * math.sin(at_s / 60), 10e3 + 6e3 * math.cos(at_s / 60))
    site = next(one for one in RADARS if one.id == radar)
    east, north = LocalFrame(site.lat, site.lon).to_local(lat, lon)
    return float(east), float(north)


def test_a_source_that_may_not_speak_for_the_radar_holds_nothing() -> None:
    mute = configured(sources=(Authority(id="radar", kinds=KINDS),))
    assert levels(heard(Guard(mute), flight(), 60), 60) == {}
    may = configured(sources=(Authority(id="radar", kinds=KINDS, sensors=("radar",)),))
    assert set(levels(heard(Guard(may), flight(), 60), 60)) == {"near", "south"}


def test_a_launch_holds_what_it_may_reach_until_it_must_have_come_down() -> None:
    lat, lon = destination(LAT, LON, 180, 40_000)
    launch = Launch(id="l", time=time_of(BEGIN_S), source="s", lat=float(lat), lon=float(lon), sigma_m=500,
                    threat="rocket", azimuth_deg=0.0)  # fmt: skip
    guard = heard(Guard(configured()), [(0.0, launch)], 100)
    assert set(levels(guard, 100)) == {"near", "south"}
    assert set(levels(heard(guard, [], 150, since_s=101), 150)) == {"near"}
    assert levels(heard(guard, [], 190, since_s=151), 190) == {}


def test_what_three_microphones_hear_holds_the_zones_beside_them_for_a_minute() -> None:
    said = [
        (
            10.0 + k,
            Presence(id=f"{k}", time=time_of(BEGIN_S + 10 + k), source=f"ear-{k}", sensor=f"ear-{k}", threat="drone"),
        )
        for k in range(3)
    ]
    assert levels(heard(Guard(configured()), said[:2], 20), 20) == {}
    guard = heard(Guard(configured()), said, 20)
    assert set(levels(guard, 20)) == {"near"}
    assert levels(heard(guard, [], 80, since_s=21), 80) == {}


def test_a_radar_that_falls_silent_holds_what_it_alone_watched_for_ten_minutes() -> None:
    guard = heard(Guard(configured()), clutter(("radar",), 60), 70)
    assert levels(guard, 70) == {}
    assert "near" in levels(heard(guard, [], 100, since_s=71), 100)
    assert levels(heard(guard, [], 700, since_s=101), 700) == {}
    both = sorted([*clutter(("radar",), 60), *clutter(("other",), 100)], key=lambda one: one[0])
    assert levels(heard(Guard(configured()), both, 100), 100) == {}


def act(action: Any, at_s: float, **more: Any) -> tuple[float, OperatorAct]:
    """An operator's act on `near`."""
    fields = {"id": f"{action}-{at_s}", "operator": "anna", "zones": ("near",)} | more
    return at_s, OperatorAct(time=time_of(BEGIN_S + at_s), action=action, **fields)


def test_a_raise_holds_its_level_until_it_ends_is_released_or_cancelled() -> None:
    raised = act("raise", 5.0, level="prepare", lasts_s=100.0)
    guard = heard(Guard(configured()), [raised, act("raise", 6.0, lasts_s=50.0)], 10)
    assert levels(guard, 10) == {"near": "take_cover"}
    assert levels(guard, 60) == {"near": "prepare"}
    assert levels(guard, 106) == {}
    for end in ("release", "cancel"):
        assert levels(heard(Guard(configured()), [raised, act(end, 8.0)], 20), 20) == {}


def test_a_cancel_is_the_operators_decision_whatever_is_seen_and_what_comes_later_is_held_again() -> None:
    guard = heard(Guard(configured()), [*flight(), act("cancel", 60.0)], 60)
    assert set(levels(guard, 60)) == {"south"}
    assert set(levels(heard(guard, flight(first_s=65), 61, since_s=61), 61)) == {"near", "south"}


def test_a_cancel_that_waits_for_a_second_person_lets_nothing_out_until_he_approves() -> None:
    rules = ActRules(second_person=("cancel",))
    approve = act("approve", 20.0, operator="omar", zones=(), act="cancel-10.0", act_of="anna")
    events = [act("raise", 5.0), act("cancel", 10.0)]
    assert levels(heard(Guard(configured(acts=rules)), events, 15), 15) == {"near": "take_cover"}
    assert levels(heard(Guard(configured(acts=rules)), [*events, approve], 25), 25) == {}


def test_a_wide_cancel_waits_for_a_second_person_and_a_narrow_one_does_not() -> None:
    rules = ActRules(second_person=("wide",), wide_zones=1)
    both = {"zones": ("near", "south")}
    events = [act("raise", 4.0), act("raise", 5.0, zones=("south",))]
    wide, narrow = act("cancel", 10.0, **both), act("cancel", 10.0)
    assert set(levels(heard(Guard(configured(acts=rules)), [*events, wide], 15), 15)) == {"near", "south"}
    assert set(levels(heard(Guard(configured(acts=rules)), [*events, narrow], 15), 15)) == {"south"}
    wide_raise = act("raise", 4.0, **both)
    assert levels(heard(Guard(configured(acts=rules)), [wide_raise], 303), 303) != {}
    assert levels(heard(Guard(configured(acts=rules)), [wide_raise], 305), 305) == {}


def test_a_raise_of_a_drill_ends_with_the_drill() -> None:
    guard = heard(Guard(configured(drill=True)), [act("raise", 5.0)], 10)
    guard.hear(configured(drill=True))
    assert levels(guard, 10) == {"near": "take_cover"}
    guard.hear(configured(drill=False))
    assert levels(guard, 10) == {}


def alert(name: str, at_s: float, level: Any, **more: Any) -> tuple[float, Alert]:
    """A neighbour's message about `near`."""
    part = AlertPart(level=level, zones=("near",), expires=time_of(BEGIN_S + 500))
    fields: dict[str, Any] = {"parts": (part,), "sender": "s"} | more
    at = time_of(BEGIN_S + at_s)
    return at_s, Alert(id=name, time=at, sent=at, source="n", cap="<alert/>", identifier=name, **fields)


def test_a_neighbours_alert_holds_until_it_expires_or_its_sender_ends_it() -> None:
    one = alert("1", 1.0, "take_cover")
    guard = heard(Guard(configured()), [one], 5)
    assert (levels(guard, 5), levels(guard, 501)) == ({"near": "take_cover"}, {})
    assert levels(heard(Guard(configured()), [one, alert("2", 3.0, "all_clear")], 5), 5) == {}
    over = alert("3", 3.0, "prepare", message="Cancel", ends=("1",), parts=())
    assert levels(heard(Guard(configured()), [one, over], 5), 5) == {}
    other = alert("4", 3.0, "all_clear", sender="t")
    assert levels(heard(Guard(configured()), [one, other], 5), 5) == {"near": "take_cover"}


@pytest.mark.parametrize("over", ["Cancel", "all clear"])
def test_an_end_that_overtakes_its_alert_ends_it_and_a_later_alert_holds_again(over: str) -> None:
    """Over two lines what was sent later may come first."""
    more: dict[str, Any] = {"message": "Cancel", "ends": ("1",), "parts": ()} if over == "Cancel" else {}
    end = alert("2", 3.0, "all_clear", **more)
    _, one = alert("1", 1.0, "take_cover", received=time_of(BEGIN_S + 4))
    _, again = alert("1", 4.0, "take_cover")
    _, other = alert("1", 1.0, "take_cover", sender="t")
    guard = heard(Guard(configured()), [end, (4.0, one)], 5)
    assert levels(guard, 5) == {}
    guard = Guard.load(guard.dump(), configured())
    assert set(levels(heard(guard, [(6.0, again)], 7), 7).values()) == {"take_cover"}
    assert set(levels(heard(Guard(configured()), [end, (4.0, other)], 5), 5).values()) == {"take_cover"}


def test_what_stood_before_a_loss_is_held_until_an_operator_releases_it() -> None:
    loss = Loss(
        id="l", time=time_of(BEGIN_S), first=1, zones=(KeptZone(zone="near", level="take_cover"), KeptZone(zone="far"))
    )
    guard = heard(Guard(configured()), [(0.0, loss)], 10)
    assert levels(guard, 10) == {"near": "take_cover"}
    assert levels(heard(guard, [act("release", 11.0)], 12, since_s=11), 12) == {}


@pytest.mark.parametrize("at_s", [0, 23, 60, 150])
def test_a_guard_that_was_put_down_and_taken_up_goes_on_as_if_it_had_not_been(at_s: int) -> None:
    whole, cut = Guard(configured()), Guard(configured())
    events = sorted([*flight(("radar", "other")), act("raise", 22.0)], key=lambda one: one[0])
    looked = []
    for second in range(180):
        now: list[Any] = [one for when, one in events if second - 1 < when <= second]
        for one in [*now, Tick(time=time_of(BEGIN_S + second))]:
            whole.hear(one)
            cut.hear(one)
        if second == at_s:
            cut = Guard.load(cut.dump(), configured())
        looked.append((whole.doubts(BEGIN_S + second, NAMES), cut.doubts(BEGIN_S + second, NAMES)))
    assert all(one == other for one, other in some(looked))
    assert whole.dump() == cut.dump()


def test_zones_that_are_re_cut_are_held_as_they_are_cut_now() -> None:
    later = time_of(BEGIN_S) + timedelta(seconds=30)
    old = Zone(id="old", name="old", polygons=NEAR.polygons, valid_to=later)
    new = Zone(id="new", name="new", polygons=NEAR.polygons, valid_from=later)
    guard = heard(Guard(Configuration(id="c", time=time_of(BEGIN_S), sensors=RADARS, zones=(old, new))), flight(), 60)
    assert set(guard.doubts(BEGIN_S + 60, ("old", "new"))) == {"new"}
