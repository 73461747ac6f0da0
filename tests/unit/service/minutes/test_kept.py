"""Minutes that follow how sensors do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tests.unit.service.minutes.left import left
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.event import Configuration
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.plan.attacks import usual
from tocsin.plan.minutes import Minutes
from tocsin.service.alone import Alone
from tocsin.service.metrics import Metrics
from tocsin.service.minutes.bodies import ConsoleMinutes
from tocsin.service.minutes.fall import fall_of
from tocsin.service.minutes.kept import Kept, kept_of
from tocsin.service.minutes.live import MAKING, Live
from tocsin.service.minutes.settings import MinutesKept
from tocsin.service.minutes.shown import body_of
from tocsin.service.settings import make_settings
from tocsin.simulate.places import invented_zones
from tocsin.warn.policy import Policy

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ZONES = invented_zones(6)
INDEX = ZoneIndex(ZONES)
GROUPS = [usual("drone"), usual("ballistic_missile")]


def radar(name: str, z: int, range_m: float) -> Sensor:
    lat, lon = INDEX.frame.to_geodetic(INDEX.east_m[z], INDEX.north_m[z])
    return Sensor(id=name, kind="radar", lat=float(lat), lon=float(lon), altitude_m=60, range_m=range_m, scan_s=5)


SENSORS = (radar("hill", 0, 60_000), radar("mast", 5, 30_000), Sensor(id="box", kind="adsb", lat=46, lon=8))


def health(**states: str) -> list[SensorHealth]:
    return [SensorHealth(sensor=one.id, state=states.get(one.id, "up")) for one in SENSORS]  # type: ignore[arg-type]


def kept() -> Kept:
    return Kept(Minutes(INDEX, SENSORS, GROUPS, draws=8), SENSORS, Policy())


def test_what_is_left_without_a_sensor_is_what_the_others_would_have_given_alone() -> None:
    found = kept()
    whole = found.left(health())
    assert whole is not None and whole.lost == ()
    assert found.left(health()) is None and found.left(health(box="down")) is None, "nothing changed"
    less = found.left(health(hill="silent"))
    assert less is not None and less.lost == ("hill",)
    alone = Minutes(INDEX, SENSORS[1:], GROUPS, draws=8).promises(Policy())
    for threat, promise in some(alone.items()):
        np.testing.assert_array_equal(less.now[threat].could, promise.could)
        np.testing.assert_array_equal(less.usual[threat].could, whole.now[threat].could)
    assert any((less.now[threat].could < less.usual[threat].could).any() for threat in less.now)
    back = found.left(health())
    assert back is not None
    for threat in back.now:
        np.testing.assert_array_equal(back.now[threat].could, back.usual[threat].could)


def test_who_was_never_heard_gave_nobody_a_minute_and_takes_none_away() -> None:
    found = kept()
    first = found.left(health(hill="unheard"))
    assert first is not None and first.lost == () and fall_of(first, 0.01) is None
    heard = found.left(health())
    assert heard is not None and fall_of(heard, 0.01) is None
    assert any((heard.usual[threat].could > first.usual[threat].could).any() for threat in heard.usual)
    lost = found.left(health(hill="down"))
    assert lost is not None and lost.lost == ("hill",)


shares = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=6, max_size=6)


@tried(60, nightly=1_000)
@given(shares, shares, st.floats(0.01, 0.9))
def test_where_people_fall_by_more_than_the_share_zones_are_named_in_which_they_live(
    before: list[float], after: list[float], share: float
) -> None:
    stood = left(INDEX, before, after, "hill")
    usual_people, now_people = (float(one.sum()) for one in stood.enough("drone"))
    found = fall_of(stood, share)
    assert (found is not None) == (usual_people - now_people > share * usual_people)
    if found is not None:
        for name in some(found.zones):
            z = INDEX.number[name]
            assert not after[z] >= (1 - share) * before[z] and INDEX.population[z] > 0
        fewer = np.subtract(*stood.enough("drone"))[[INDEX.number[name] for name in found.zones]].tolist()
        assert fewer == sorted(fewer, reverse=True), "where most are fewer comes first"
        assert found.people == pytest.approx(usual_people - now_people) and found.lost == 1


def test_officers_read_what_is_usual_and_what_is_now_and_that_only_where_it_differs() -> None:
    stood = left(INDEX, [1.0] * 6, [0.5, *[1.0] * 4, float("nan")], "hill")
    body = msgspec.json.decode(body_of(stood, NOW), type=ConsoleMinutes)
    (drones,) = body.classes
    assert body.lost == ("hill",) and drones.enough_now < drones.enough_usual
    first, *others, last = drones.zones
    assert first.now is not msgspec.UNSET and (first.usual.could, first.now.could) == (1.0, 0.5)
    assert all(one.now is msgspec.UNSET for one in some(others))
    assert last.now is not msgspec.UNSET and last.now.could is None


def live(make: Callable[[], Kept]) -> Live:
    metrics = Metrics()
    return Live(make, lambda: NOW, 0.05, Alone(metrics.listener_failures, metrics.listener_up))


def until(done: Callable[[], bool]) -> float:
    begun_s = time.monotonic()
    while not done():
        assert time.monotonic() - begun_s < 60
        time.sleep(0.005)
    return time.monotonic() - begun_s


def test_nobody_waits_while_it_is_worked_out_and_only_the_newest_word_of_sensors_counts() -> None:
    go = threading.Event()

    def make() -> Kept:
        go.wait()
        return kept()

    one = live(make)
    one.start()
    for k in range(10_000):
        one.hear(health(hill="down") if k else health())
    assert one.body is None and one.missing == MAKING
    go.set()
    until(lambda: one.body is not None)
    assert one.left is not None and one.left.lost == ("hill",)
    one.hear(health())
    until(lambda: one.left is not None and one.left.lost == ())
    one.stop()


@pytest.mark.parametrize("error", [BadSettings("no class 'kite' attacks"), MemoryError()])
def test_what_cannot_be_worked_out_is_said_and_stops_nothing(error: Exception) -> None:
    def make() -> Kept:
        raise error

    one = live(make)
    one.start()
    until(lambda: one.trouble is not None)
    one.hear(health())
    one.stop()
    assert one.left is None and "cannot be worked out" in one.missing


def test_settings_say_against_whom_and_a_class_that_nobody_flies_is_refused() -> None:
    settings = make_settings(zones="z", minutes={"classes": "drone"})
    told = Configuration(id="c", time=NOW, sensors=SENSORS, zones=ZONES)
    assert settings.minutes is not None and not settings.minutes.public
    found = kept_of(settings.minutes, settings, told).left(health())
    assert found is not None and list(found.now) == ["drone"]
    with pytest.raises(BadSettings, match="kite"):
        kept_of(MinutesKept(classes="kite"), settings, told)
