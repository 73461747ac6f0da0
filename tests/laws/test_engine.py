"""Same journal, same warnings: whatever the journal, wherever it is cut, whichever process reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.engine.engine import Engine
from tocsin.model.event import Configuration, Event, OperatorAct, Tick
from tocsin.model.observation import (
    Alert,
    Bearing,
    Impact,
    Launch,
    Plot,
    Position,
    Presence,
    Sighting,
    Status,
)
from tocsin.model.sensor import Sensor
from tocsin.model.wire import event_from_json, to_json
from tocsin.model.zone import Zone

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
LAT, LON = 46.0, 8.0

SENSORS = (
    Sensor(id="radar", kind="radar", lat=LAT, lon=LON, altitude_m=50, range_m=150_000, scan_s=4),
    Sensor(id="ear", kind="acoustic", lat=LAT + 0.1, lon=LON, range_m=5_000),
    Sensor(id="node", kind="presence", lat=LAT, lon=LON + 0.1),
)


def square(number: int) -> Zone:
    south, west = LAT - 0.2 + number // 4 * 0.1, LON - 0.2 + number % 4 * 0.1
    ring = ((west, south), (west + 0.1, south), (west + 0.1, south + 0.1), (west, south + 0.1), (west, south))
    return Zone(id=f"Z{number:02d}", name=f"Zone {number}", population=1_000 * (number + 1), polygons=((ring,),))


ZONES = tuple(square(number) for number in range(16))
FIRST = Configuration(id="first", time=START, sensors=SENSORS, zones=ZONES)

lats = st.floats(LAT - 0.5, LAT + 0.5).map(lambda x: round(x, 4))
lons = st.floats(LON - 0.5, LON + 0.5).map(lambda x: round(x, 4))
ACTIONS: tuple[Literal["raise", "confirm", "cancel", "release"], ...] = ("raise", "confirm", "cancel", "release")
threats = st.sampled_from(["jet", "drone", "cruise_missile", "ballistic_missile", "rocket", "unknown"])
delays = st.sampled_from([0.0, 0.0, 1.0, 20.0, 90.0])


def flying(number: int, at_s: float) -> tuple[float, float]:
    """Where the object of a number is: it flies over the sector and out again."""
    return LAT + 0.4 - 0.002 * (at_s % 400), LON + 0.05 * (number % 3)


@st.composite
def journals(draw: st.DrawFn) -> list[Event]:
    """A configuration, then reports of every kind with ticks between them; time goes on, reports may be late."""
    events: list[Event] = [FIRST]
    at_s = 0.0
    for number in range(draw(st.integers(5, 40))):
        at_s += draw(st.sampled_from([0.1, 0.5, 1.0, 4.0, 30.0]))
        now = START + timedelta(seconds=at_s)
        kind = draw(st.sampled_from(["plot", "plot", "plot", "other", "tick", "tick", "act", "configuration"]))
        said = now - timedelta(seconds=draw(delays))
        common: dict[str, Any] = {"id": f"o{number}", "time": said, "received": now, "source": "s"}
        if kind == "tick":
            events.append(Tick(time=now))
        elif kind == "act":
            action = draw(st.sampled_from(ACTIONS))
            events.append(OperatorAct(id=f"a{number}", time=now, operator="duty", action=action, zones=("Z05", "Z06")))
        elif kind == "configuration" and draw(st.booleans()):
            zones = ZONES[: draw(st.integers(8, 16))]
            events.append(Configuration(id=f"c{number}", time=now, sensors=SENSORS, zones=zones))
        elif kind == "plot":
            lat, lon = flying(draw(st.integers(0, 2)), at_s)
            events.append(Position(**common, lat=lat, lon=lon, altitude_m=900, sigma_m=80))
            azimuth = draw(st.floats(0, 359))
            events.append(Plot(**(common | {"id": f"p{number}"}), sensor="radar", range_m=20_000, azimuth_deg=azimuth))
        else:
            where: dict[str, Any] = {"lat": draw(lats), "lon": draw(lons)}
            others: list[Event] = [
                Sighting(**common, **where, threat="drone", bearing_deg=40.0),
                Bearing(**common, sensor="ear", azimuth_deg=70.0, sigma_deg=5.0),
                Presence(**common, sensor="node", threat="drone"),
                Launch(**common, **where, sigma_m=500.0, threat="rocket", azimuth_deg=200.0),
                Impact(**common, **where, sigma_m=100.0),
                Alert(**common, cap="<alert/>", zones=("Z03",), level="take_cover"),
                Status(**common, sensor="radar", state="down"),
                Status(**common, sensor="radar", state="up"),
                Presence(**common, sensor="nobody"),
            ]
            events.append(draw(st.sampled_from(others)))
    events += [Tick(time=START + timedelta(seconds=at_s + k)) for k in range(1, 4)]
    return events


def effects_of(events: list[Event], cuts: frozenset[int] = frozenset()) -> bytes:
    """All effects as JSON; at each cut the engine is replaced by one restored from its snapshot."""
    engine = Engine()
    lines = []
    for number, event in enumerate(events):
        lines += [to_json(effect) for effect in engine.step(event)]
        if number in cuts:
            engine = Engine.restore(engine.snapshot())
    return b"\n".join(lines)


BOUNDED = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@BOUNDED
@given(journals(), st.data())
def test_a_restart_from_any_snapshot_changes_nothing(events: list[Event], data: st.DataObject) -> None:
    cuts = data.draw(st.frozensets(st.integers(0, len(events) - 1), max_size=4))
    assert effects_of(events, cuts) == effects_of(events)


@BOUNDED
@given(journals())
def test_events_read_back_from_their_json_do_the_same(events: list[Event]) -> None:
    assert effects_of([event_from_json(to_json(event)) for event in events]) == effects_of(events)


CHILD = """
import sys
from tocsin.engine.engine import Engine
from tocsin.model.wire import event_from_json, to_json
engine = Engine()
for line in sys.stdin.buffer:
    if not line.strip():
        engine = Engine()
        continue
    for effect in engine.step(event_from_json(line)):
        sys.stdout.buffer.write(to_json(effect) + b"\\n")
"""


def in_a_process(journals: list[list[Event]], hash_seed: str) -> bytes:
    """Effects of one journal after the other, each through an engine of its own."""
    journal = b"\n\n".join(b"\n".join(map(to_json, events)) for events in journals) + b"\n"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    child = subprocess.run(
        [sys.executable, "-c", CHILD], input=journal, capture_output=True, env=environment, check=True
    )
    return child.stdout


def test_two_processes_do_the_same() -> None:
    drawn: list[list[Event]] = []

    @tried(8, nightly=100, suppress_health_check=[HealthCheck.too_slow])
    @given(journals())
    def draw(events: list[Event]) -> None:
        drawn.append(events)

    draw()
    first = in_a_process(drawn, "1")
    assert first.count(b"\n") >= len(drawn) >= 8
    assert first == in_a_process(drawn, "2")


@BOUNDED
@given(journals())
def test_no_number_in_an_effect_claims_more_than_it_means(events: list[Event]) -> None:
    engine = Engine()
    for event in events:
        for effect in engine.step(event):
            for track in getattr(effect, "tracks", ()):
                if not isinstance(track, str):
                    assert track.probability == round(track.probability, 3)
                    assert track.lat == round(track.lat, 5)
            if hasattr(effect, "eta_likely") and effect.eta_likely is not None:
                assert effect.eta_likely.microsecond == 0
