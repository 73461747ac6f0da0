"""Who is heard, and who is not: nobody counts as seeing before it has shown that it does."""

from __future__ import annotations

import msgspec
import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Plot, Presence, Status
from tocsin.model.sensor import Sensor, SensorKind, State
from tocsin.model.value import time_of
from tocsin.track.sensors.health import Watch
from tocsin.track.sensors.learned import unlearned
from tocsin.track.sensors.sites import sites_of
from tocsin.track.tracker import Tracker

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)
RADAR = Sensor(id="radar", kind="radar", lat=48.0, lon=31.0, scan_s=4)
EAR = Sensor(id="ear", kind="presence", lat=48.1, lon=31.0)


def plot(at_s: float, clock_s: float = 0.0) -> Plot:
    return Plot(
        id=f"p{at_s}", time=time_of(START_S + at_s + clock_s), received=time_of(START_S + at_s), sensor="radar",
        range_m=90_000, azimuth_deg=200,
    )  # fmt: skip


def heard(at_s: float) -> Presence:
    return Presence(id=f"h{at_s}", time=time_of(START_S + at_s), sensor="ear")


def said(at_s: float, sensor: str, state: str = "up") -> Status:
    return Status(id=f"s{sensor}{at_s}", time=time_of(START_S + at_s), sensor=sensor, state=state)  # type: ignore[arg-type]


def states(tracker: Tracker, at_s: float) -> dict[str, State]:
    tracker.advance(START_S + at_s)
    return {one.sensor: one.state for one in tracker.health(START_S + at_s)}


@pytest.mark.parametrize("kind", ["radar", "acoustic", "presence", "spotter", "adsb"])
def test_whoever_was_never_heard_is_not_up_however_long_it_lasts(kind: SensorKind) -> None:
    tracker = Tracker([Sensor(id="one", kind=kind, lat=48.0, lon=31.0)], FRAME)
    assert {states(tracker, at_s)["one"] for at_s in (0, 1, 60, 86_400)} == {"unheard"}


def test_a_radar_is_up_from_its_first_plot_and_its_word_alone_proves_nothing() -> None:
    tracker = Tracker([RADAR], FRAME)
    tracker.observe(said(1, "radar"))
    assert states(tracker, 2)["radar"] == "unheard"
    tracker.observe(plot(3))
    assert states(tracker, 4)["radar"] == "up"
    for at_s in range(5, 60, 5):
        tracker.observe(said(at_s, "radar"))
    assert states(tracker, 60)["radar"] == "silent"


def test_a_microphone_is_up_from_its_first_sign_and_its_silence_says_nothing() -> None:
    for sign in (heard(5), said(5, "ear")):
        tracker = Tracker([EAR], FRAME)
        tracker.observe(sign)
        assert [states(tracker, at_s)["ear"] for at_s in (6, 600, 86_400)] == ["up", "up", "up"]


def test_a_microphone_that_sends_heartbeats_is_silent_when_three_are_missing() -> None:
    tracker = Tracker([EAR], FRAME)
    for at_s in range(0, 601, 60):
        tracker.observe(said(at_s, "ear"))
    assert [states(tracker, at_s)["ear"] for at_s in (601, 779, 781)] == ["up", "up", "silent"]
    tracker.observe(heard(800))
    assert states(tracker, 801)["ear"] == "up"


def test_an_outage_is_no_heartbeat() -> None:
    tracker = Tracker([EAR], FRAME)
    for at_s in range(0, 601, 60):
        tracker.observe(said(at_s, "ear"))
    tracker.observe(said(660, "ear", "down"))
    assert states(tracker, 661)["ear"] == "down"
    tracker.observe(said(9_000, "ear"))
    assert [states(tracker, at_s)["ear"] for at_s in (9_179, 9_181)] == ["up", "silent"]


def test_what_declares_otherwise_is_watched_as_it_declares() -> None:
    quiet = Sensor(id="radar", kind="radar", lat=48.0, lon=31.0, scan_s=4, speaks="event")
    loud = Sensor(id="ear", kind="presence", lat=48.1, lon=31.0, speaks="always")
    tracker = Tracker([quiet, loud], FRAME)
    tracker.observe(said(1, "radar"))
    tracker.observe(heard(1))
    assert states(tracker, 2) == {"radar": "up", "ear": "up"}
    assert states(tracker, 120) == {"radar": "up", "ear": "silent"}


@pytest.mark.parametrize("wrong_s", [-3_600.0, 3_600.0])
def test_a_radar_whose_clock_has_its_plots_refused_sees_nothing_until_it_is_mended(wrong_s: float) -> None:
    tracker = Tracker([RADAR], FRAME)
    for at_s in range(20):
        tracker.observe(plot(at_s))
    assert states(tracker, 20)["radar"] == "up"
    for at_s in range(20, 40):
        assert tracker.observe(plot(at_s, wrong_s)) is not None
    assert states(tracker, 40)["radar"] == "clock"
    for at_s in range(40, 60):
        assert tracker.observe(plot(at_s)) is None
    assert states(tracker, 60)["radar"] == "up"


def test_a_radar_of_which_nothing_was_ever_taken_is_said_to_have_a_wrong_clock() -> None:
    tracker = Tracker([RADAR], FRAME)
    tracker.advance(START_S)
    assert tracker.observe(plot(1, -3_600.0)) is not None
    assert states(tracker, 2)["radar"] == "clock"


def test_what_was_heard_is_remembered_over_a_restart_and_another_list_of_sensors() -> None:
    tracker = Tracker([RADAR, EAR], FRAME)
    tracker.observe(plot(1))
    tracker.observe(heard(1))
    tracker.advance(START_S + 2)
    assert states(Tracker.load(tracker.dump(), [RADAR, EAR], FRAME), 3) == {"radar": "up", "ear": "up"}
    other = Sensor(id="new", kind="presence", lat=48.2, lon=31.0)
    assert states(Tracker.load(tracker.dump(), [other, EAR], FRAME), 3) == {"new": "unheard", "ear": "up"}


def reports(tracker: Tracker, sensor: str, count: int, since_s: float, until_s: float) -> None:
    """So many, evenly; of a radar all from elsewhere than the one before."""
    for k in range(count):
        at_s = since_s + (until_s - since_s) * k / count
        one = heard(at_s) if sensor == "ear" else plot(at_s)
        assert tracker.observe(msgspec.structs.replace(one, id=f"{sensor}/{at_s}", sensor=sensor)) is None


@pytest.mark.parametrize(("in_a_minute", "state"), [(300, "up"), (302, "flooded")])
def test_a_microphone_that_says_more_than_five_things_a_second_is_flooded(in_a_minute: int, state: State) -> None:
    tracker = Tracker([EAR], FRAME)
    start_s = 60.0 - START_S % 60
    reports(tracker, "ear", in_a_minute, start_s, start_s + 59.9)
    assert states(tracker, start_s + 59.95)["ear"] == state
    # It counts through the next minute, whether anything is heard in that or not, and no longer.
    assert states(tracker, start_s + 60.5)["ear"] == state
    tracker.observe(heard(start_s + 61))
    assert [states(tracker, start_s + at_s)["ear"] for at_s in (62, 119, 121)] == [state, state, "up"]


@pytest.mark.parametrize(("in_a_minute", "state"), [(9_000, "up"), (9_010, "flooded")])
def test_a_radar_is_flooded_by_ten_times_its_false_plots_and_five_hundred_targets_a_turn(
    in_a_minute: int, state: State
) -> None:
    # A turn of 4 s, 10 false plots: 600 a turn, 9,000 a minute.
    watch = Watch([msgspec.structs.replace(RADAR, false_plots_per_scan=10)])
    for k in range(in_a_minute):
        watch.heard(0, 6_000.0 + k * 59.0 / in_a_minute, 6_000.0 + k * 59.0 / in_a_minute)
    sites = sites_of([RADAR], FRAME, 0)
    assert watch.health(6_059.5, unlearned(sites), sites)[0].state == state


def test_a_receiver_of_transponders_is_never_flooded() -> None:
    adsb = Sensor(id="adsb", kind="adsb", lat=48.0, lon=31.0)
    watch, sites = Watch([adsb]), sites_of([adsb], FRAME, 0)
    for k in range(20_000):
        watch.heard(0, 6_000.0 + k / 400, 6_000.0 + k / 400)
    assert watch.health(6_059.5, unlearned(sites), sites)[0].state == "up"


@pytest.mark.parametrize(("scan_s", "delay_s", "silent_s"), [(4.0, 0.0, 30.0), (10.0, 0.0, 40.0), (10.0, 7.0, 47.0)])
def test_a_radar_is_silent_after_four_turns_and_at_least_half_a_minute(
    scan_s: float, delay_s: float, silent_s: float
) -> None:
    one = msgspec.structs.replace(RADAR, scan_s=scan_s, delay_s=delay_s)
    watch, sites = Watch([one]), sites_of([one], FRAME, 0)
    watch.heard(0, 100.0, 100.0)
    found = [watch.health(100.0 + at_s, unlearned(sites), sites)[0].state for at_s in (silent_s, silent_s + 0.1)]
    assert found == ["up", "silent"]


def test_of_several_faults_the_gravest_is_told() -> None:
    watch, sites = Watch([RADAR]), sites_of([RADAR], FRAME, 0)

    def state(at_s: float) -> State:
        return watch.health(at_s, unlearned(sites), sites)[0].state

    for k in range(8_000):
        watch.heard(0, 6_000.0 + k / 150, 6_000.0 + k / 150)
    assert state(6_055.0) == "flooded"
    assert state(6_085.0) == "silent"
    for _ in range(7):
        watch.refused(0)
    assert state(6_085.0) == "clock"
    watch.said(0, "down", 6_086.0)
    assert state(6_086.0) == "down"
    watch.said(0, "up", 6_087.0)
    assert state(6_087.0) == "clock"


def test_how_late_reports_come_is_the_mean_of_the_last_twenty_or_so() -> None:
    watch, sites = Watch([RADAR]), sites_of([RADAR], FRAME, 0)
    assert watch.health(0.0, unlearned(sites), sites)[0].delay_s is None
    watch.heard(0, 100.0, 103.0)
    assert watch.health(103.0, unlearned(sites), sites)[0].delay_s == 3.0
    watch.heard(0, 104.0, 109.0)
    found = watch.health(109.0, unlearned(sites), sites)[0]
    assert found.delay_s == pytest.approx(3.0 + 0.05 * 2.0)
    assert found.reports == 2


def test_most_of_the_last_ten_reports_refused_are_a_wrong_clock_and_a_few_are_not() -> None:
    watch, sites = Watch([RADAR]), sites_of([RADAR], FRAME, 0)
    watch.heard(0, 100.0, 100.0)
    for refused, state in enumerate(["up"] * 6 + ["clock"], 1):
        watch.refused(0)
        assert watch.health(101.0, unlearned(sites), sites)[0].state == state, refused
    watch.heard(0, 102.0, 102.0)
    assert watch.health(102.0, unlearned(sites), sites)[0].state == "up"


def test_an_outage_between_two_heartbeats_makes_the_time_between_two_no_more_than_half_as_long_again() -> None:
    watch, sites = Watch([EAR]), sites_of([EAR], FRAME, 0)

    def silent(at_s: float) -> bool:
        return watch.health(at_s, unlearned(sites), sites)[0].state == "silent"

    for at_s in (0.0, 60.0, 120.0, 1_120.0):
        watch.said(0, "up", at_s)
    # 60 s, then a quarter of the way to three times as long: 90 s, and three of those.
    assert not silent(1_120.0 + 269.0) and silent(1_120.0 + 271.0)
    quick = Watch([EAR])
    for at_s in (0.0, 2.0, 4.0):
        quick.said(0, "up", at_s)
    found = [quick.health(4.0 + at_s, unlearned(sites), sites)[0].state for at_s in (29.0, 31.0)]
    assert found == ["up", "silent"], "nobody is missed within half a minute"
