"""Where the gate draws its lines: in space, in time, in rate; each from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tests.unit.model.test_access import one_of_each
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.admission import BEYOND, OLD_S, Gate, OverRate
from tocsin.ingest.authorities import DEFAULTS, authority_from_table
from tocsin.ingest.country import FAR_M, NEAR_M, OUTSIDE_M
from tocsin.ingest.rate import Allowance
from tocsin.model.access import KINDS, Authority, Circle
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Alert, Impact, Plot, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import SENT_AHEAD_S, time_of
from tocsin.model.zone import Zone

NOW = time_of(1_767_225_600.0)
EARTH = Geod(ellps="WGS84")


def refusal(authority: Authority, one: Any) -> str:
    """Why it is refused; empty: it is not."""
    try:
        Gate((authority,), ()).admit(one, authority.id, NOW, relays=False)
    except BadRecord as error:
        return str(error)
    return ""


def at(lat: float, lon: float) -> Sighting:
    return Sighting(id="x", time=NOW, lat=lat, lon=lon)


@given(
    st.floats(-80, 80), st.floats(-180, 180), st.floats(1_000, 200_000), st.floats(0, 360),
    st.sampled_from((0.0, 0.5, 0.99, 1.01, 2.0)),
)  # fmt: skip
def test_a_place_is_in_an_area_when_it_is_as_near_on_earth_as_the_radius_says(
    lat: float, lon: float, radius_m: float, bearing_deg: float, part: float
) -> None:
    authority = Authority(id="s", area=(Circle(lat=lat, lon=lon, radius_m=radius_m),))
    there_lon, there_lat, _ = EARTH.fwd(lon, lat, bearing_deg, radius_m * part)
    assert bool(refusal(authority, at(there_lat, there_lon))) == (part > 1)


def test_one_of_several_areas_is_enough() -> None:
    authority = Authority(id="s", area=(Circle(lat=10, lon=10, radius_m=1_000), Circle(lat=20, lon=20, radius_m=1_000)))
    assert refusal(authority, at(10, 10)) == refusal(authority, at(20, 20)) == ""
    assert "outside" in refusal(authority, at(15, 15))


@pytest.mark.parametrize(
    ("kind", "late_s"),
    [*((kind, {"impact": 86_400, "alert": 604_800}.get(kind, 900)) for kind in KINDS)],
)
def test_each_kind_is_too_old_when_it_can_change_no_warning_any_more_and_not_before(kind: str, late_s: float) -> None:
    authority = Authority(id="s", kinds=KINDS, sensors=("*",))
    one = one_of_each("s")[kind]  # type: ignore[index]
    for early_s, said in ((0.001, "too old"), (0.0, ""), (-late_s, "")):
        told = refusal(authority, msgspec.structs.replace(one, time=NOW - timedelta(seconds=late_s + early_s)))
        assert (said in told, bool(told)) == (True, bool(said))
    assert len(KINDS) == 10 and OLD_S == 900


def test_a_sender_s_clock_may_be_a_minute_ahead() -> None:
    for ahead_s, said in ((SENT_AHEAD_S, ""), (SENT_AHEAD_S + 0.001, "in the future")):
        told = refusal(Authority(id="s"), Sighting(id="x", time=NOW + timedelta(seconds=ahead_s), lat=1, lon=1))
        assert (said in told, bool(told)) == (True, bool(said))
    assert SENT_AHEAD_S == 60


def test_who_sends_too_much_is_told_when_he_may_send_again() -> None:
    gate = Gate((Authority(id="s", per_second_max=0.5),), ())

    def wait_s(later_s: float) -> float | None:
        try:
            gate.admit(msgspec.structs.replace(at(1, 1), time=NOW), "s", NOW + timedelta(seconds=later_s), relays=False)
        except OverRate as over:
            return over.wait_s
        return None

    assert [wait_s(0) for _ in range(5)] == [None] * 5
    assert wait_s(0) == 2.0
    assert wait_s(0.5) == 1.5
    assert wait_s(1.999) == pytest.approx(0.001, abs=1e-6)
    assert wait_s(2) is None
    assert wait_s(2) == 2.0
    # Whoever waited as long as he was told is not refused for a rounding.
    assert wait_s(4) is None


def test_the_rarest_source_may_send_one_at_a_time() -> None:
    gate = Gate((Authority(id="s", per_second_max=0.01),), ())
    gate.admit(at(1, 1), "s", NOW, relays=False)
    with pytest.raises(OverRate):
        gate.admit(at(1, 1), "s", NOW + timedelta(seconds=99), relays=False)
    gate.admit(at(1, 1), "s", NOW + timedelta(seconds=100), relays=False)


def test_an_allowance_takes_whole_ones_and_a_clock_that_goes_back_gives_and_takes_nothing() -> None:
    allowance = Allowance(1.0, 2.0)
    assert allowance.take(5, 100.0) == 2
    assert allowance.take(5, 100.9) == 0
    assert allowance.take(5, 50.0) == 0
    assert allowance.take(5, 50.1) == 1
    assert not allowance.take_all(1, 50.5)
    assert allowance.wait_s() == pytest.approx(0.6)
    assert allowance.take_all(1, 51.2)
    patient = Allowance(1.0, 2.0)
    assert not patient.take_all(3, 0.0)
    assert patient.take_all(2, 0.0), "what was refused has cost nothing"
    assert patient.wait_s() == 1.0


@pytest.mark.parametrize(("range_m", "asked"), [(100_000 * BEYOND, False), (100_000 * BEYOND + 1, True)])
def test_a_radar_may_see_a_fifth_farther_than_it_declares(range_m: float, asked: bool) -> None:
    gate = Gate(None, [Sensor(id="r", kind="radar", lat=1, lon=1, range_m=100_000)])
    plot = Plot(id="p", time=NOW, sensor="r", range_m=range_m, azimuth_deg=1)
    assert (gate.remark(plot) is not None) == asked
    assert BEYOND == 1.2


RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
HERE = ZoneIndex([Zone(id="z", name="Z", polygons=((RING,),))])


def asked(lat: float, lon: float, index: ZoneIndex = HERE) -> str:
    impact = Impact(id="i", time=NOW, lat=lat, lon=lon, sigma_m=50)
    return Gate(None, (), index).remark(impact) or ""


def north(metres: float) -> tuple[float, float]:
    """A place so far north of the zone."""
    lon, lat, _ = EARTH.fwd(20.05, 50.1, 0.0, metres)
    return float(lat), float(lon)


def test_a_place_a_thousand_kilometres_from_every_zone_is_asked_about() -> None:
    assert asked(50.05, 20.05) == asked(*north(OUTSIDE_M * 0.99)) == ""
    assert "more than 1,000 km from every zone" in asked(*north(OUTSIDE_M * 1.01))
    # What has no place of its own is not asked where it is.
    assert Gate(None, (), HERE).remark(Alert(id="a", time=NOW, cap="x")) is None
    assert asked(-50.0, 20.0, ZoneIndex([])) == ""


def test_numbers_that_hit_a_zone_only_when_exchanged_are_asked_about() -> None:
    for metres, exchanged in ((0.0, True), (NEAR_M * 0.9, True), (NEAR_M * 1.2, False)):
        lat, lon = north(metres)
        assert ("are lat and lon exchanged?" in asked(lon, lat)) == exchanged
        assert asked(lat, lon) == ""
    # Where a place is itself near the zones, nobody asks: by both readings it lies here.
    square = ZoneIndex(
        [Zone(id="z", name="Z", polygons=((((20.0, 21.0), (20.1, 21.0), (20.1, 21.1), (20.0, 21.0)),),))]
    )
    assert asked(20.05, 21.05, square) == ""
    assert FAR_M == 200_000


def test_an_alert_comes_from_a_sender_for_whom_its_source_may_speak() -> None:
    alert = Alert(id="a", time=NOW, source="s", cap="x", sender="desk@near.example")
    for senders, passes in (((), True), (("*@near.example",), True), (("desk@far.example", "x"), False)):
        gate = Gate((Authority(id="s", kinds=("alert",), senders=senders),), ())
        if passes:
            gate.check_sender(alert)
        else:
            with pytest.raises(BadRecord, match="may not bring alerts of desk@near"):
                gate.check_sender(alert)
    Gate(None, ()).check_sender(alert)


# What each way in may do of itself: kinds, highest alert, whether its positions count as a sensor's, whether it may
# speak for an aircraft, whether it names others, and how many a second.
WAYS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...], bool, bool, float]] = {
    "http": (("sighting",), "none", (), False, False, 1.0),
    "asterix": (("bearing", "plot", "position", "status"), "none", ("position",), False, True, 5_000.0),
    "readsb": (("position",), "none", (), True, False, 500.0),
    "sbs": (("position",), "none", (), True, False, 500.0),
    "beast": (("position",), "none", (), True, False, 500.0),
    "remote_id": (("position",), "none", (), False, False, 100.0),
    "channel": (("report",), "none", (), False, False, 100.0),
    "telegram": (("report",), "none", (), False, False, 100.0),
    "mqtt": (("sighting",), "none", (), False, False, 1.0),
    "cap": (("alert",), "prepare", (), False, False, 100.0),
}


@pytest.mark.parametrize("kind", sorted(DEFAULTS))
def test_each_way_in_may_of_itself_do_so_much_and_no_more(kind: str) -> None:
    one = authority_from_table({"id": "s", "kind": kind})
    assert (one.kinds, one.alerts, one.measures, one.identifies, one.relays, one.per_second_max) == WAYS[kind]
    assert (one.vouches, one.alone, one.area, one.senders) == (False, (), (), ())


@pytest.mark.parametrize(
    ("more", "per_second"),
    [
        ({"sensors": ["r"]}, 500.0), ({"kinds": ["impact"], "measures": ["impact"]}, 500.0),
        ({"kinds": ["impact"]}, 1.0),
        ({"kinds": ["alert"]}, 100.0), ({"kinds": ["alert"], "sensors": ["r"]}, 500.0),
        ({"kinds": ["report"]}, 100.0), ({"kinds": ["report"], "per_second_max": 2}, 2.0),
        ({"sensors": ["r"], "per_second_max": 2}, 2.0),
    ],
)  # fmt: skip
def test_whoever_speaks_for_sensors_or_brings_alerts_or_lines_may_send_more(
    more: dict[str, Any], per_second: float
) -> None:
    assert authority_from_table({"id": "s"} | more).per_second_max == per_second


def test_a_declared_post_with_a_token_of_its_own_needs_nobody_s_leave_to_speak_for_itself() -> None:
    posts = [Sensor(id=name, kind="spotter", lat=1, lon=1) for name in ("post-7", "post-8")]
    gate = Gate((Authority(id="post-7", relays=True),), posts)
    assert gate.admit(at(1, 1), "post-7", NOW, relays=False).source == "post-7"
    with pytest.raises(BadRecord, match="may not speak for post-8"):
        gate.admit(msgspec.structs.replace(at(1, 1), source="post-8"), "post-7", NOW, relays=True)
