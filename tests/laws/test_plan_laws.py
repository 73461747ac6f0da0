"""What holds of every network: more sensors never give fewer minutes, and a loss leaves what the others give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tocsin.earth.elevation import Elevation
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import Sensor, SensorKind
from tocsin.plan.attacks import usual
from tocsin.plan.coverage import Sight
from tocsin.plan.minutes import Minutes
from tocsin.plan.promise import promise_of
from tocsin.simulate.places import invented_zones
from tocsin.simulate.threats import Threats
from tocsin.warn.policy import Policy

INDEX = ZoneIndex(invented_zones(4))
GROUPS = (usual("drone"), usual("jet"), usual("rocket"), Threats(kind="drone", route="valley", reach_m=160_000))
KINDS: tuple[SensorKind, ...] = ("radar", "presence", "spotter")
# Hills a kilometre apart, over all the towns.
HILLS = Elevation(
    (300 * np.sin(np.arange(60)[:, None]) * np.cos(np.arange(60)[None]) + 300).astype(np.float32), 48.0, 6.8, 0.04, 0.04
)


@st.composite
def networks(draw: st.DrawFn) -> list[Sensor]:
    """One to six sensors about the towns."""
    places = st.tuples(st.sampled_from(KINDS), st.floats(46.4, 47.6), st.floats(7.2, 8.8), st.floats(0, 900))
    found = draw(st.lists(places, min_size=1, max_size=6))
    return [
        Sensor(id=f"s{k}", kind=kind, lat=lat, lon=lon, altitude_m=up) for k, (kind, lat, lon, up) in enumerate(found)
    ]


def plan(sensors: list[Sensor], elevation: Elevation | None = None) -> Minutes:
    return Minutes(INDEX, sensors, GROUPS, elevation=elevation, draws=6)


@tried(3, 200)
@given(networks(), st.sampled_from([None, HILLS]), st.data())
def test_a_loss_leaves_to_the_last_bit_what_the_others_would_have_given_alone(
    sensors: list[Sensor], elevation: Elevation | None, data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.sampled_from([sensor.id for sensor in sensors])))
    whole = plan(sensors, elevation)
    before = whole.firm_s()
    whole.lose(lost)
    alone = plan([sensor for sensor in sensors if sensor.id not in lost], elevation).firm_s()
    after = whole.firm_s()
    whole.lose(lost)
    whole.restore(lost)
    again = whole.firm_s()
    for threat in some(before):
        assert np.array_equal(after[threat], alone[threat], equal_nan=True)
        assert np.array_equal(again[threat], before[threat], equal_nan=True)


@tried(3, 200)
@given(networks(), st.data())
def test_what_is_promised_after_losses_is_what_the_others_alone_would_promise(
    sensors: list[Sensor], data: st.DataObject
) -> None:
    whole, names = plan(sensors), [sensor.id for sensor in sensors]
    whole.promises(Policy())
    for _ in range(2):
        whole.restore(names)
        lost = data.draw(st.sets(st.sampled_from(names)))
        whole.lose(lost)
        # Looked at between, or not.
        if data.draw(st.booleans()):
            whole.firm_s()
        policy = data.draw(st.sampled_from([Policy(), Policy(delivery_s=90.0)]))
        alone = plan([sensor for sensor in sensors if sensor.id not in lost]).promises(policy)
        for threat, one in some(whole.promises(policy).items()):
            for columns in (
                (one, alone[threat]),
                (one.tracked, alone[threat].tracked),
                (one.covered, alone[threat].covered),
            ):
                for name in type(columns[0]).__dataclass_fields__:
                    first, second = (getattr(column, name) for column in columns)
                    assert name in ("tracked", "covered") or np.array_equal(first, second, equal_nan=True)


@tried(3, 200)
@given(networks(), st.sampled_from([None, HILLS]))
def test_another_sensor_never_takes_minutes_away(sensors: list[Sensor], elevation: Elevation | None) -> None:
    more, fewer = plan(sensors, elevation).firm_s(), plan(sensors[1:], elevation).firm_s()
    for threat in some(more):
        known = np.isfinite(more[threat])
        assert np.all(some(more[threat][known] >= fewer[threat][known]))


@tried(20, 500)
@given(networks(), st.floats(10, 5_000), st.floats(1, 3_000))
def test_what_flies_higher_is_seen_by_no_fewer_radars(sensors: list[Sensor], height_m: float, more_m: float) -> None:
    radars = [sensor for sensor in sensors if sensor.kind == "radar"]
    sight = Sight(radars, INDEX.frame)
    lat, lon = INDEX.frame.to_geodetic(INDEX.east_m, INDEX.north_m)
    low, high = (sight.at("jet", one, lat, lon).by for one in (height_m, height_m + more_m))
    # Far inside a radar's reach the few kilometres of height do not matter; at its very end slant range does.
    near = np.hypot(INDEX.east_m, INDEX.north_m) < 100_000
    assert np.all(some(high[near] >= low[near]))


@tried(50, 1_000)
@given(
    st.lists(st.floats(0, 4_000, width=32), min_size=1, max_size=40),
    st.floats(0, 600),
    st.sampled_from(["drone", "jet", "ballistic_missile"]),
)
def test_times_are_in_order_and_shares_are_shares(firm: list[float], shelter_s: float, threat: str) -> None:
    made = promise_of(threat, np.array([firm], np.float32), np.array([shelter_s]), Policy())  # type: ignore[arg-type]
    for times in (made.tracked, made.covered):
        assert 0 <= times.worst_s[0] <= times.least_s[0] <= times.median_s[0] <= times.most_s[0] <= max(firm)
    assert 0 <= made.inside[0] <= made.could[0] + 1e-12 <= 1 + 1e-9
    assert made.noticed[0] == np.mean(np.array(firm, np.float32) > 0)
