"""Who is heard, and who is not: nobody counts as seeing before it has shown that it does."""

from __future__ import annotations

import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Plot, Presence, Status
from tocsin.model.sensor import Sensor, SensorKind, State
from tocsin.model.value import time_of
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
