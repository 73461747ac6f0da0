"""A restart between any two events changes nothing, nor does a configuration that asks for what holds already.

One short night with everything in it that an engine may have to remember; cut at every event.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.some import some
from tests.unit.engine.test_engine import AWAY, HOME, START, after, zone
from tocsin.engine.engine import Engine
from tocsin.model.access import Authority
from tocsin.model.effect import Degraded, Picture, Refused
from tocsin.model.event import ActRules, Configuration, Event, OperatorAct, Tick
from tocsin.model.incident import Incident
from tocsin.model.observation import Alert, Impact, Launch, Plot, Position, Sighting, Status
from tocsin.model.sensor import Sensor
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json

FAR, SHORE = zone("far", 46.3, 8.3), zone("shore", 46.0, 8.6)
RADARS = tuple(
    Sensor(id=name, kind="radar", lat=46.0, lon=lon, altitude_m=100, range_m=100_000, scan_s=1)
    for name, lon in (("radar", 8.0), ("west", 7.6))
)
SOURCES = (
    Authority(id="net", kinds=("plot", "status", "launch", "impact"), sensors=("*",), measures=("launch", "impact")),
    Authority(id="post-1"),
    Authority(id="post-2"),
    Authority(id="receiver", kinds=("position",), identifies=True),
    Authority(id="north", kinds=("alert",), alerts="take_cover"),
)
FIRST: dict[str, Any] = {
    "sensors": RADARS,
    "zones": (HOME, AWAY, FAR, SHORE),
    "sources": SOURCES,
    "acts": ActRules(second_person=("cancel", "drill"), waits_s=8.0),
}


def plot(name: str, at_s: float, east_m: float, north_m: float, height_m: float) -> Plot:
    """What the first radar sees there."""
    azimuth_deg = math.degrees(math.atan2(east_m, north_m)) % 360
    return Plot(
        id=f"{name}/{at_s}", time=after(at_s), source="net", sensor="radar", altitude_m=height_m,
        range_m=math.hypot(east_m, north_m), azimuth_deg=azimuth_deg,
    )  # fmt: skip


def act(at_s: float, action: Any, zone: str = "home", **more: Any) -> OperatorAct:
    fields: dict[str, Any] = {"operator": "desk", "zones": () if action == "approve" else (zone,)}
    return OperatorAct(id=f"a{at_s}", time=after(at_s), action=action, **fields | more)


def said(at_s: float, source: str, lat: float) -> Sighting:
    return Sighting(id=source, time=after(at_s), source=source, lat=lat, lon=8.35, threat="drone")


def night() -> list[Event]:
    events: dict[float, Event] = {
        2.1: Launch(id="l", time=after(2), source="net", lat=46.05, lon=8.2, sigma_m=500, azimuth_deg=270),
        4.1: Impact(id="i", time=after(4), source="net", lat=46.05, lon=8.65, sigma_m=50),
        6.1: Alert(
            id="n", time=after(6), source="north", cap="", zones=("away",), level="take_cover", expires=after(21)
        ),
        8.1: act(8.1, "raise"),
        10.1: act(10.1, "cancel"),
        12.1: said(12.1, "post-1", 46.31),
        14.1: act(14.1, "approve", act="a10.1", act_of="desk", operator="chief"),
        16.1: said(16.1, "post-2", 46.33),
        18.1: act(18.1, "cancel", "away"),
        24.1: Status(id="d", time=after(24), source="net", sensor="west", state="down"),
        28.1: Configuration(id="d", time=after(28), **FIRST | {"sensors": RADARS[:1]}),
        34.1: act(34.1, "raise", "far", level="prepare", lasts_s=6.0),
    }  # fmt: skip
    for second in range(22):
        events[second + 0.2] = plot("drone", second + 0.2, 2_000.0, 26_000.0 - 60.0 * second, 400.0)
        events[second + 0.3] = plot("airliner", second + 0.3, -30_000.0 - 220.0 * second, -60_000.0, 10_500.0)
        lon = 8.0 - (30_000.0 + 220.0 * second) / 78_200.0
        events[second + 0.4] = Position(
            id=f"p{second}", time=after(second + 0.4), source="receiver", lat=46.0 - 60_000 / 111_150, lon=lon,
            altitude_m=10_500, icao24="4b1234", cooperative=True, speed_mps=220.0, heading_deg=270.0,
        )  # fmt: skip
    events |= {float(second): Tick(time=after(second)) for second in range(1, 44)}
    return [Configuration(id="c", time=START, **FIRST), *(events[at_s] for at_s in sorted(events))]


def effects(events: list[Event], between: Callable[[Engine], Engine] = lambda engine: engine) -> list[list[bytes]]:
    """What each event gives, when something is done to the engine after every one."""
    engine, told = Engine(), []
    for event in events:
        told.append([to_json(effect) for effect in engine.step(event)])
        engine = between(engine)
    return told


def test_the_night_has_everything_in_it() -> None:
    engine = Engine()
    steps = [engine.step(event) for event in night()]
    told = [effect for effects in steps for effect in effects]
    # Warnings before whatever can wait, and the picture last.
    rank = {Refused: 0, Incident: 0, Warning: 1, Degraded: 2, Picture: 3}
    assert all(
        [rank[type(one)] for one in effects] == sorted(rank[type(one)] for one in effects) for effects in some(steps)
    )
    warned = {(one.zone, one.level) for one in told if isinstance(one, Warning)}
    assert {(zone, "take_cover") for zone in ("home", "away", "far", "shore")} < warned
    assert ("away", "prepare") in warned and ("home", "prepare") in warned
    assert {type(one) for one in told} == {Warning, Picture, Degraded, Refused, Incident}
    assert len({track.id for one in told if isinstance(one, Picture) for track in one.tracks}) >= 2


def test_a_restart_after_every_event_changes_nothing() -> None:
    events = night()
    assert effects(events, lambda engine: Engine.restore(engine.snapshot())) == effects(events)


def test_a_configuration_that_asks_for_what_holds_already_changes_nothing_however_often_it_comes() -> None:
    def again(engine: Engine) -> Engine:
        assert engine.configuration is not None
        known = engine.snapshot()
        (picture,) = engine.step(engine.configuration)
        assert engine.snapshot() == known
        assert isinstance(picture, Picture) and [state.zone for state in picture.zones] == [
            "home",
            "away",
            "far",
            "shore",
        ]
        return engine

    events = night()
    assert effects(events, again) == effects(events)
