"""Every part of a new configuration holds from then on, and through a restart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.engine.test_engine import HOME, START, after, started, warnings, zone
from tests.unit.engine.test_restart import FIRST, RADARS, SOURCES, act, plot
from tocsin.engine.engine import Engine
from tocsin.model.effect import Picture, Refused
from tocsin.model.event import ActRules, Configuration, Event, Tick
from tocsin.model.masking import LEAST, NEVER, RAYS, RINGS, SURE, Masking, text_of
from tocsin.model.masking import PARTS as PARTS_KEPT
from tocsin.model.observation import Alert, Impact, Launch, Status
from tocsin.model.sensor import Sensor
from tocsin.model.warning import Warning

FAR = FIRST["zones"][2]


def probe(engine: Engine) -> dict[str, Any]:
    """What an engine does in the twelve seconds after `START + 10`, each entry for one part of the configuration."""
    events: list[Event] = [
        Status(id="s", time=after(10.1), source="net", sensor="south", state="up"),
        Impact(id="i", time=after(10.2), source="net", lat=46.05, lon=8.05, sigma_m=50),
        Alert(id="n", time=after(10.3), source="north", cap="", zones=("away",), level="take_cover"),
        act(10.4, "raise", "far"),
        act(10.5, "cancel", "far"),
    ]
    # Seen once, and never again by a radar that should.
    events.append(plot("once", 11.05, 50_000.0, -50_000.0, 3_000.0))
    for second in range(11, 22):
        events.append(plot("one", second + 0.1, 3_000.0, 60_000.0 - 200.0 * second, 3_000.0))
        events.append(plot("two", second + 0.2, -30_000.0, 70_000.0 - 200.0 * second, 3_000.0))
        events.append(Tick(time=after(second + 0.5)))
    told = [(number, effect) for number, event in enumerate(events) for effect in engine.step(event)]

    def refused(event: int) -> list[str]:
        return [effect.reason for number, effect in told if number == event and isinstance(effect, Refused)]

    pictures = [effect for _, effect in told if isinstance(effect, Picture)]
    assert engine.moment is not None
    outlook = engine.moment.outlook
    return {
        "sensors": refused(0),
        "zones": [effect.zone for _, effect in told if isinstance(effect, Warning) and effect.zone == "new"],
        "policy": [effect.expires for _, effect in told if isinstance(effect, Warning) and effect.zone == "home"],
        "drill": {effect.drill for _, effect in told if isinstance(effect, Warning)},
        "sources": refused(2),
        "track": max(len(picture.tracks) for picture in pictures),
        "forecast": round(float(outlook.probability.sum()), 6),
        "acts": len(engine.orders().waiting),
        "sight": sorted(engine.moment.blind),
        "masking": sum(track.lat < 46.0 for track in pictures[-1].tracks),
    }


NEW = zone("new", 46.02, 8.02)
# Nothing is seen anywhere, however high it flies.
CELLS = np.zeros((RAYS, RINGS, PARTS_KEPT), np.uint8)
CELLS[..., SURE], CELLS[..., LEAST] = NEVER, NEVER - 1
HIDDEN = Masking(reach_m=100_000.0, cells=text_of(CELLS))
PARTS: dict[str, Any] = {
    "sensors": (
        *RADARS,
        Sensor(id="south", kind="radar", lat=45.9, lon=8.0, altitude_m=100, range_m=100_000, scan_s=1),
    ),
    "zones": (*FIRST["zones"], NEW),
    "policy": {"valid_s": 100.0, "renew_s": 10.0},
    "drill": True,
    "sources": SOURCES[:-1],
    "track": {"tracks_max": 1},
    "forecast": {"horizon_s": 120.0},
    "acts": ActRules(),
    "sight": {radar.id: () for radar in RADARS},
    "masking": {radar.id: HIDDEN for radar in RADARS},
}
BEFORE = FIRST | {"acts": ActRules(second_person=("cancel",), waits_s=60.0)}


def configured(*fields: dict[str, Any]) -> Engine:
    """An engine that was given one configuration after another."""
    engine = Engine()
    for number, more in enumerate(fields):
        engine.step(Configuration(id=f"c{number}", time=after(number), **more))
        engine.step(Tick(time=after(number + 0.5)))
    return engine


def test_every_part_of_a_configuration_is_tried() -> None:
    assert set(PARTS) == set(Configuration.__struct_fields__) - {"id", "time"}


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_part_of_the_configuration_holds_from_then_on_and_after_a_restart(part: str) -> None:
    changed = BEFORE | {part: PARTS[part]}
    wanted = probe(configured(changed))[part]
    assert wanted != probe(configured(BEFORE))[part], "the probe does not show it"
    assert probe(configured(BEFORE, changed))[part] == wanted
    assert probe(Engine.restore(configured(BEFORE, changed).snapshot()))[part] == wanted
    assert probe(configured(changed, BEFORE))[part] == probe(configured(BEFORE))[part], "and back"


def test_what_is_tracked_stays_where_it_is_when_a_sector_grows() -> None:
    engine = configured(BEFORE)
    places = []
    for second in range(1, 20):
        if second == 15:
            grown = (*FIRST["zones"], zone("remote", 48.5, 12.0))
            engine.step(Configuration(id="grown", time=after(second), **BEFORE | {"zones": grown}))
            engine = Engine.restore(engine.snapshot())
        engine.step(plot("one", second + 0.1, 3_000.0, 60_000.0, 3_000.0))
        picture = engine.step(Tick(time=after(second + 0.5)))[-1]
        assert isinstance(picture, Picture)
        places += [(track.lat, track.lon) for track in picture.tracks]
    assert len(places) > 12
    # What stands still is seen within a hundred metres, before and after.
    assert np.ptp([lat for lat, _ in places[5:]]) < 0.001 and np.ptp([lon for _, lon in places[5:]]) < 0.0015


def test_a_launch_outlives_a_new_configuration() -> None:
    engine = started()
    engine.step(Launch(id="l", time=after(1), lat=46.3, lon=8.05, sigma_m=500, threat="rocket", azimuth_deg=180))
    engine.step(Configuration(id="d", time=after(2), sensors=(), zones=(HOME,)))
    assert [one.level for one in warnings(engine.step(Tick(time=after(3))), "home")] == ["take_cover"]


def lost_over(blind: bool) -> float:
    """How much a drone endangers two minutes after it was last seen, when the only radar went on seeing, or did not."""
    engine, tracked = Engine(), set()
    engine.step(Configuration(id="c", time=START, **FIRST | {"sensors": RADARS[:1]}))
    for second in range(1, 200):
        if second < 60:
            engine.step(plot("drone", second + 0.1, 2_000.0, 16_000.0 - 50.0 * second, 400.0))
        if second < 60 or not blind:
            engine.step(plot("airliner", second + 0.2, -60_000.0 + 220.0 * second, 60_000.0, 10_500.0))
        if second == 60 and blind:
            engine.step(Status(id="down", time=after(60.3), source="net", sensor="radar", state="down"))
        engine.step(Tick(time=after(second + 0.5)))
        assert engine.moment is not None
        if second == 59:
            tracked = {track.id for track in engine.moment.tracks if track.heading_deg > 150.0}
    outlook = engine.moment.outlook
    assert tracked and bool(engine.moment.blind) == blind
    mine = [outlook.tracks[number] in tracked for number in outlook.track]
    return float(outlook.probability[mine].sum())


def test_a_drone_lost_where_we_are_blind_endangers_more_than_one_lost_in_full_view() -> None:
    assert lost_over(blind=True) > 1.5 * lost_over(blind=False)
