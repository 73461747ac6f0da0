"""The engine takes what comes: early, late, unknown, out of order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.engine.engine import Engine
from tocsin.model.access import Authority
from tocsin.model.effect import Degraded, Effect, Picture, Refused
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.event import Configuration, OperatorAct, Tick
from tocsin.model.incident import Incident
from tocsin.model.observation import Alert, Impact, Launch, Plot, Presence, Sighting, Status
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.track.transponders import Transponders

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
RADAR = Sensor(id="radar", kind="radar", lat=46.0, lon=8.0, altitude_m=100, range_m=100_000, scan_s=4)


def zone(name: str, south: float, west: float, **more: object) -> Zone:
    ring = ((west, south), (west + 0.1, south), (west + 0.1, south + 0.1), (west, south + 0.1), (west, south))
    return Zone(id=name, name=name, population=10_000, polygons=((ring,),), **more)  # type: ignore[arg-type]


HOME, AWAY = zone("home", 46.0, 8.0), zone("away", 46.5, 8.0)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def started(**more: object) -> Engine:
    engine = Engine()
    engine.step(Configuration(id="c", time=START, sensors=(RADAR,), zones=(HOME, AWAY), **more))  # type: ignore[arg-type]
    return engine


def warnings(effects: list[Effect], name: str) -> list[Warning]:
    return [effect for effect in effects if isinstance(effect, Warning) and effect.zone == name]


def test_nothing_can_be_decided_before_a_configuration() -> None:
    with pytest.raises(BadRecord, match="configuration"):
        Engine().step(Tick(time=START))
    with pytest.raises(BadRecord, match="configuration"):
        Engine().snapshot()


def test_time_never_goes_back() -> None:
    engine = started()
    engine.step(Tick(time=after(10)))
    (refused,) = engine.step(Tick(time=after(5)))
    assert isinstance(refused, Refused)
    assert "backwards" in refused.reason
    assert engine.now == after(10)


def test_something_that_fell_sends_its_zone_to_cover_and_opens_an_incident() -> None:
    engine = started()
    (incident,) = engine.step(Impact(id="i", time=after(1), lat=46.05, lon=8.05, sigma_m=100))
    assert isinstance(incident, Incident)
    assert incident.zone == "home"
    effects = engine.step(Tick(time=after(2)))
    assert [warning.level for warning in warnings(effects, "home")] == ["take_cover"]
    assert not warnings(effects, "away")


def test_a_launch_alone_warns_the_zones_it_points_at() -> None:
    engine = started()
    engine.step(Launch(id="l", time=after(1), lat=46.3, lon=8.05, sigma_m=500, threat="rocket", azimuth_deg=180))
    assert warnings(engine.step(Tick(time=after(1.5))), "home")


def test_an_unknown_sensor_is_refused_with_its_name() -> None:
    (refused,) = started().step(Presence(id="p", time=after(1), sensor="nobody"))
    assert isinstance(refused, Refused)
    assert "nobody" in refused.reason


def test_a_fast_clock_cannot_report_from_the_future() -> None:
    engine = started()
    plot = Plot(id="p", time=after(3_600), received=after(1), sensor="radar", range_m=10_000, azimuth_deg=0)
    assert engine.step(plot) == []
    assert isinstance(engine.step(Tick(time=after(2)))[-1], Picture)


def test_a_sensor_that_is_down_makes_its_zones_blind_and_coming_back_lifts_it() -> None:
    engine = started()
    engine.step(Plot(id="p", time=after(1), sensor="radar", range_m=90_000, azimuth_deg=200))
    engine.step(Tick(time=after(2)))
    engine.step(Status(id="s", time=after(3), sensor="radar", state="down"))
    degraded = [effect for effect in engine.step(Tick(time=after(4))) if isinstance(effect, Degraded)]
    assert "home" in degraded[0].zones
    engine.step(Status(id="t", time=after(5), sensor="radar", state="up"))
    engine.step(Plot(id="q", time=after(5), sensor="radar", range_m=90_000, azimuth_deg=200))
    lifted = [effect for effect in engine.step(Tick(time=after(6))) if isinstance(effect, Degraded)]
    assert lifted[-1].zones == ()


def degraded(effects: list[Effect]) -> Degraded:
    (found,) = [effect for effect in effects if isinstance(effect, Degraded)]
    return found


def test_every_zone_is_blind_from_the_first_tick_until_its_sensor_is_heard_and_a_restart_forgets_nothing() -> None:
    engine = started()
    first = degraded(engine.step(Tick(time=after(1))))
    assert first.zones == ("home", "away")
    assert [sensor.state for sensor in first.sensors] == ["unheard"]
    picture = engine.picture()
    assert picture is not None
    assert [state.degraded for state in picture.zones] == [True, True]
    restarted = Engine.restore(engine.snapshot())
    assert not [effect for effect in restarted.step(Tick(time=after(1.5))) if isinstance(effect, Degraded)]
    engine.step(Plot(id="p", time=after(2), sensor="radar", range_m=90_000, azimuth_deg=200))
    assert degraded(engine.step(Tick(time=after(3)))).zones == ()
    again = Engine.restore(engine.snapshot())
    assert not [effect for effect in again.step(Tick(time=after(4))) if isinstance(effect, Degraded)]


def test_what_a_removed_sensor_watched_is_blind_and_operators_are_told_for_a_day() -> None:
    engine = started()
    engine.step(Plot(id="p", time=after(1), sensor="radar", range_m=90_000, azimuth_deg=200))
    assert not [effect for effect in engine.step(Tick(time=after(2))) if isinstance(effect, Degraded)]
    engine.step(Configuration(id="d", time=after(3), sensors=(), zones=(HOME, AWAY)))
    engine = Engine.restore(engine.snapshot())
    found = degraded(engine.step(Tick(time=after(4))))
    assert found.zones == ("home", "away")
    assert [(sensor.sensor, sensor.state) for sensor in found.sensors] == [("radar", "removed")]
    assert "removed" in found.reason
    picture = engine.picture()
    assert picture is not None
    assert "removed" in (picture.zones[0].degraded_reason or "")
    later = degraded(engine.step(Tick(time=after(4 + 86_400))))
    assert later.sensors == ()
    assert later.zones == ("home", "away")
    engine.step(Configuration(id="e", time=after(90_000), sensors=(RADAR,), zones=(HOME, AWAY)))
    assert [one.state for one in degraded(engine.step(Tick(time=after(90_001)))).sensors] == ["unheard"]


@pytest.mark.parametrize(("seconds", "told"), [(86_399.0, ["radar"]), (86_400.0, [])])
def test_operators_are_told_of_a_removed_sensor_for_a_day_to_the_second(seconds: float, told: list[str]) -> None:
    engine = started()
    engine.step(Tick(time=after(1)))
    engine.step(Configuration(id="d", time=after(1), sensors=(), zones=(HOME, AWAY)))
    engine.step(Tick(time=after(2)))
    effects = [one for one in engine.step(Tick(time=after(1 + seconds))) if isinstance(one, Degraded)]
    assert [[sensor.sensor for sensor in one.sensors] for one in effects] == ([[]] if not told else [])
    assert degraded(Engine.restore(started().snapshot()).step(Tick(time=after(1)))).reason == (
        "1 of 1 sensors in trouble; 2 zones may be blind, 2 of them not yet seen or not watched at all"
    )


def test_a_sensor_that_is_back_in_the_file_is_removed_no_more() -> None:
    engine = started()
    for second, sensors in ((2, ()), (4, (RADAR,))):
        engine.step(Configuration(id=f"c{second}", time=after(second), sensors=sensors, zones=(HOME, AWAY)))
        told = degraded(engine.step(Tick(time=after(second + 1))))
        assert [(one.sensor, one.state) for one in told.sensors] == [("radar", "unheard" if sensors else "removed")]


def test_a_tick_of_the_same_time_is_no_step_back() -> None:
    engine = started()
    for _ in range(2):
        assert isinstance(engine.step(Tick(time=after(10)))[-1], Picture)


def test_what_was_understood_of_an_alert_and_what_not_is_told_with_it() -> None:
    alert = Alert(id="n", time=after(1), source="north", cap="", noted=("odd",), unused=("lost", "gone"))
    told = started().step(alert)
    assert [(one.id, one.source, one.reason, one.used) for one in told if isinstance(one, Refused)] == [
        ("n", "north", "odd", True), ("n", "north", "lost", False), ("n", "north", "gone", False),
    ]  # fmt: skip


def test_no_transponder_is_believed_of_a_track_that_sent_people_to_cover_at_the_last_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Collection[str]] = []
    believed = Transponders.believed

    def listening(self: Transponders, now_s: float, tracks: Sequence[Track], called: Collection[str]) -> Any:
        heard.append(called)
        return believed(self, now_s, tracks, called)

    monkeypatch.setattr(Transponders, "believed", listening)
    engine, called = started(), []
    engine.step(Launch(id="l", time=after(1), lat=46.3, lon=8.05, sigma_m=500, threat="rocket", azimuth_deg=180))
    for second in range(1, 5):
        engine.step(Tick(time=after(second)))
        assert engine.moment is not None
        called.append(engine.moment.decision.called)
        engine = Engine.restore(engine.snapshot())
    assert len(called[0]) == 1
    assert heard == [frozenset(), *called[:-1]]


def test_an_operator_may_raise_and_cancel() -> None:
    engine = started()
    engine.step(OperatorAct(id="a", time=after(1), operator="duty", action="raise", zones=("away",)))
    assert [w.level for w in warnings(engine.step(Tick(time=after(2))), "away")] == ["take_cover"]
    engine.step(OperatorAct(id="b", time=after(3), operator="duty", action="cancel", zones=("away",)))
    assert [w.level for w in warnings(engine.step(Tick(time=after(4))), "away")] == ["all_clear"]


def test_a_policy_that_is_none_leaves_the_old_one_in_force() -> None:
    engine = started()
    engine.step(OperatorAct(id="a", time=after(1), operator="duty", action="raise", zones=("home",)))
    engine.step(Tick(time=after(2)))
    (refused,) = engine.step(Configuration(id="d", time=after(3), zones=(HOME,), policy={"nonsense": 1}))
    assert isinstance(refused, Refused)
    assert [warning.zone for warning in engine.standing()] == ["home"]


def test_a_reconfiguration_keeps_warnings_that_stand() -> None:
    engine = started()
    engine.step(OperatorAct(id="a", time=after(1), operator="duty", action="raise", zones=("home",)))
    engine.step(Tick(time=after(2)))
    engine.step(Configuration(id="d", time=after(3), sensors=(RADAR,), zones=(HOME,)))
    assert [warning.zone for warning in engine.standing()] == ["home"]


def test_outlines_change_when_their_time_comes() -> None:
    old = zone("town", 46.0, 8.0, valid_to=after(60))
    new = zone("town", 46.1, 8.0, valid_from=after(60))
    engine = Engine()
    engine.step(Configuration(id="c", time=START, sensors=(RADAR,), zones=(old, new)))
    (before,) = engine.step(Impact(id="i", time=after(1), lat=46.15, lon=8.05, sigma_m=50))
    engine.step(Tick(time=after(61)))
    (later,) = engine.step(Impact(id="j", time=after(62), lat=46.15, lon=8.05, sigma_m=50))
    assert isinstance(before, Incident)
    assert isinstance(later, Incident)
    assert (before.zone, later.zone) == (None, "town")


def test_a_drill_is_marked_in_every_warning() -> None:
    engine = started(drill=True)
    engine.step(Impact(id="i", time=after(1), lat=46.05, lon=8.05, sigma_m=100))
    told = warnings(engine.step(Tick(time=after(2))), "home")
    assert [warning.drill for warning in told] == [True]


def test_what_the_tracker_and_the_forecast_are_told_holds_from_the_configuration_on_and_through_a_snapshot() -> None:
    told = {"track": {"tracks_max": 50}, "forecast": {"horizon_s": 120.0}}
    for engine in (started(**told), Engine.restore(started(**told).snapshot())):
        assert engine._state is not None
        assert engine._state.tracker.settings.tracks_max == 50
        assert engine._state.forecaster._settings.horizon_s == 120.0
    plain = started()
    plain.step(Configuration(id="c2", time=after(1), sensors=(RADAR,), zones=(HOME, AWAY), track={"coast_s": 30.0}))
    assert plain._state is not None
    assert plain._state.tracker.settings.coast_s == 30.0


@pytest.mark.parametrize("told", [{"track": {"coast": 1.0}}, {"forecast": {"horizon_s": 1.0}}])
def test_a_table_that_cannot_be_used_is_refused_and_what_stood_goes_on(told: dict[str, Any]) -> None:
    with pytest.raises(BadSettings, match=r"coast|horizon_s"):
        started(**told)
    engine = started()
    (refused,) = engine.step(Configuration(id="c2", time=after(1), sensors=(RADAR,), zones=(HOME, AWAY), **told))
    assert isinstance(refused, Refused)
    assert engine.configuration is not None
    assert engine.configuration.id == "c"


def test_a_launch_forgotten_for_a_newer_one_is_named_in_the_newer_ones_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.engine.observations.LAUNCHES_MAX", 2)
    engine = started()
    told = [
        engine.step(Launch(id=f"l{k}", time=after(k), source="net", lat=46.5, lon=8.0, sigma_m=500)) for k in range(4)
    ]
    assert told[:2] == [[], []]
    for effects, forgotten in zip(told[2:], ("l0", "l1"), strict=True):
        (noted,) = effects
        assert isinstance(noted, Refused) and noted.used
        assert noted.reason == f"2 launches are kept at a time; the oldest one is forgotten for it: {forgotten}"


@pytest.mark.parametrize(("seconds", "kept"), [(900.0, 1), (900.1, 0)])
def test_a_launch_is_kept_for_the_longest_flight_that_it_can_announce(
    monkeypatch: pytest.MonkeyPatch, seconds: float, kept: int
) -> None:
    monkeypatch.setattr("tocsin.engine.observations.LAUNCHES_MAX", 2)
    engine = started()
    for name in ("older", "old"):
        engine.step(Launch(id=name, time=START, source="net", lat=46.5, lon=8.0, sigma_m=500))
    engine.step(Tick(time=after(seconds)))
    told = engine.step(Launch(id="new", time=after(seconds), source="net", lat=46.5, lon=8.0, sigma_m=500))
    assert len(told) == kept, "what is forgotten for it"


def test_an_incident_says_what_fell_and_where() -> None:
    engine = started(drill=True)
    near = Impact(id="i", time=after(1), lat=46.05, lon=8.05, sigma_m=70, threat="drone")
    (incident,) = engine.step(near)
    assert incident == Incident(
        id="i", time=after(1), lat=46.05, lon=8.05, sigma_m=70, threat="drone", zone="home", drill=True
    )
    (incident,) = engine.step(Impact(id="j", time=after(1), lat=46.3, lon=8.05, sigma_m=70))
    assert isinstance(incident, Incident)
    assert (incident.threat, incident.zone) == ("unknown", None)


@pytest.mark.parametrize(("at_s", "zones"), [(59.9, {"home", "old"}), (60.0, {"home", "new"}), (60.1, {"home", "new"})])
def test_an_outline_holds_to_the_second_it_was_given(at_s: float, zones: set[str]) -> None:
    old, new = zone("old", 46.2, 8.0, valid_to=after(60)), zone("new", 46.2, 8.0, valid_from=after(60))
    engine = Engine()
    engine.step(Configuration(id="c", time=START, sensors=(RADAR,), zones=(HOME, old, new)))
    engine.step(OperatorAct(id="a", time=after(1), operator="duty", action="raise", zones=("old",)))
    engine.step(Tick(time=after(2)))
    effects = engine.step(Tick(time=after(at_s)))
    picture = engine.picture()
    assert picture is not None and {state.zone for state in picture.zones} == zones
    # What stood where the outline ceased is ended, once, and shown as it was left.
    ended = [one.level for one in warnings(effects, "old")]
    left = [state.level for one in effects if isinstance(one, Picture) for state in one.zones if state.zone == "old"]
    assert (ended, left) == ([], []) if "old" in zones else (["all_clear"], ["none"])
    assert not warnings(engine.step(Tick(time=after(61.2))), "old") or "old" in zones


@pytest.mark.parametrize(("down_s", "ended_at_s"), [(30.0, 2.0), (1_600.0, 1_602.0)])
def test_what_a_change_between_drill_and_live_ends_after_a_stop_is_still_news_when_it_is_told(
    down_s: float, ended_at_s: float
) -> None:
    engine = started(drill=True)
    engine.step(OperatorAct(id="a", time=after(1), operator="duty", action="raise", zones=("home",)))
    engine.step(Tick(time=after(2)))
    again = after(2 + down_s)
    live = Configuration(id="d", time=again, sensors=(RADAR,), zones=(HOME,))
    (end,) = warnings(engine.step(live), "home")
    assert (end.level, end.drill, end.time) == ("all_clear", True, after(ended_at_s))
    assert end.expires > again


def test_zones_that_end_between_configuration_and_first_tick_end_at_that_tick() -> None:
    old = zone("old", 46.2, 8.0, valid_to=after(60))
    engine = Engine()
    engine.step(Configuration(id="c", time=START, sensors=(RADAR,), zones=(HOME, old)))
    again = Engine.restore(engine.snapshot())
    for one in (engine, again):
        one.step(Tick(time=after(60)))
        picture = one.picture()
        assert picture is not None and [state.zone for state in picture.zones] == ["home"]


def test_confirmations_that_are_left_out_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.forecast.reported.LATE_PER_VOICE_MAX", 1)
    engine = started(sources=(Authority(id="early"), Authority(id="late"), Authority(id="first")))

    def said(source: str, at_s: float, lat: float) -> Sighting:
        return Sighting(id=source, time=after(at_s), source=source, via=source, lat=lat, lon=8.0, received=after(70))

    for one in (said("early", 60, 46.2), said("first", 61, 46.21), said("late", 50, 46.19)):
        assert engine.step(one) == []
    told = [effect for effect in engine.step(Tick(time=after(71))) if isinstance(effect, Refused)]
    assert [(one.id, one.used) for one in told] == [("late", True)]
    assert told[0].reason == "1 of the reports that it confirms are left out: 1 of one voice wait to be weighed"
