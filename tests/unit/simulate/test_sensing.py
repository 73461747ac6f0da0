"""What radars, microphones, spotters and receivers report of one thing that flies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.earth.physics import SOUND_MPS
from tocsin.earth.sight import horizon_m
from tocsin.model.errors import BadValue
from tocsin.model.observation import Bearing, Plot, Status
from tocsin.model.threat import ThreatClass
from tocsin.simulate.bursts import bursts, within
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field, field_of
from tocsin.simulate.flight import Flight
from tocsin.simulate.listening import heard
from tocsin.simulate.places import invented_zones
from tocsin.simulate.radar import false_plots, radar_plots
from tocsin.simulate.receiving import broadcasts
from tocsin.simulate.scenario import Fault, Reports, Scenario, Sensors
from tocsin.simulate.siting import Station, stations_of
from tocsin.simulate.watching import sighted
from tocsin.simulate.world import simulate

Identity = tuple[str | None, str | None, str | None] | None
ZONES = invented_zones(10)
START = datetime(2026, 1, 1, tzinfo=UTC)


def world(*groups: Sensors, faults: tuple[Fault, ...] = ()) -> tuple[Field, tuple[Station, ...]]:
    scenario = Scenario(name="t", start=START, duration_s=600.0, sensors=groups, faults=faults)
    field = field_of(scenario, ZONES, 1)
    return field, stations_of(scenario, field, 1)


def straight(
    field: Field,
    east_m: tuple[float, float],
    north_m: float,
    altitude_m: float,
    threat: ThreatClass = "drone",
    identity: Identity = None,
) -> Flight:
    east = np.linspace(*east_m, 301)
    lat, lon = field.frame.to_geodetic(east, np.full(301, north_m))
    return Flight(
        "one",
        threat,
        np.linspace(0, 600, 301),
        lat,
        lon,
        np.full(301, altitude_m),
        identity,
    )


RADAR = Sensors(
    name="r", kind="radar", distance_m=(0, 1), mast_m=30, range_m=100_000, scan_s=4, detection_probability=1.0,
    sigma_range_m=40, sigma_azimuth_deg=0.1, delay_s=1, ceiling_m=20_000,
)  # fmt: skip


def test_a_radar_stamps_each_plot_when_its_beam_passes() -> None:
    field, (radar,) = world(RADAR)
    plots = list(radar_plots(radar, straight(field, (-40_000, 40_000), 9_000, 2_000), field, 1))
    assert len(plots) == pytest.approx(150, abs=2)
    for plot in plots:
        beam_deg = 360 * ((plot.time_s / 4 - radar.phase) % 1)
        assert abs((beam_deg - plot.fields["azimuth_deg"] + 180) % 360 - 180) < 0.6


def test_a_radar_errs_as_much_as_it_declares() -> None:
    field, (radar,) = world(RADAR)
    flight = straight(field, (-40_000, 40_000), 9_000, 2_000)
    range_errors, azimuth_errors = [], []
    for seed in range(6):
        for plot in radar_plots(radar, flight, field, seed):
            reach, azimuth, _ = radar.polar(flight.ecef_at(np.array([plot.time_s])))
            range_errors.append(plot.fields["range_m"] - reach[0])
            azimuth_errors.append((plot.fields["azimuth_deg"] - azimuth[0] + 180) % 360 - 180)
    assert np.std(range_errors) == pytest.approx(40, rel=0.1)
    assert np.std(azimuth_errors) == pytest.approx(0.1, rel=0.1)
    assert abs(np.mean(range_errors)) < 6


def test_a_radar_sees_nothing_below_its_horizon() -> None:
    field, (radar,) = world(RADAR)
    flight = straight(field, (-60_000, 60_000), 1_000, 60)
    seen = [plot.fields["range_m"] for plot in radar_plots(radar, flight, field, 1)]
    limit_m = float(horizon_m(radar.place_m[2], 60.0))
    assert max(seen) < limit_m + 200
    # A drone of this height is well inside the reach of 55 km: the horizon, not the echo, is what hides it.
    assert limit_m < 0.55 * 100_000


def test_a_radar_that_asks_gets_the_address_of_those_who_answer() -> None:
    asks = Sensors(name="s", kind="radar", distance_m=(0, 1), mast_m=30, secondary=True)
    field, (radar,) = world(asks)
    flight = straight(field, (-40_000, 40_000), 9_000, 5_000, threat="civil", identity=("abc123", "TEST1", "1234"))
    plots = [plot.fields for plot in radar_plots(radar, flight, field, 1)]
    assert {plot["icao24"] for plot in plots} == {"abc123"}
    assert all(abs(plot["altitude_m"] - 5_000) < 10 for plot in some(plots))
    silent = straight(field, (-40_000, 40_000), 9_000, 5_000, threat="civil")
    assert all("icao24" not in plot.fields for plot in some(radar_plots(radar, silent, field, 1)))


def test_false_plots_come_as_often_as_declared_and_more_in_a_flood() -> None:
    noisy = Sensors(name="n", kind="radar", scan_s=5, false_plots_per_scan=10, range_m=100_000)
    _, (radar,) = world(noisy)
    assert len(list(false_plots(radar, 3_600, 1))) == pytest.approx(7_200, rel=0.05)
    flood = Fault(kind="flood", group="n", at_s=0.0, lasts_s=360.0, factor=11.0)
    _, (radar,) = world(noisy, faults=(flood,))
    assert len(list(false_plots(radar, 3_600, 1))) == pytest.approx(14_400, rel=0.05)


def test_a_microphone_hears_the_past() -> None:
    ear = Sensors(name="m", kind="acoustic", distance_m=(0, 1), detection_probability=1.0, sigma_azimuth_deg=0.01)
    field, (station,) = world(ear)
    flight = straight(field, (-15_000, 15_000), 1_500, 300)
    heard_of = list(heard([station], flight, field, 1))
    assert len(heard_of) > 10
    for draft in heard_of:
        assert draft.kind is Bearing
        # At the moment of hearing the drone is ahead of where it is heard: by its speed times the sound's way.
        sent_s = np.linspace(draft.time_s - 13, draft.time_s, 2_000)
        away, then, _ = station.polar(flight.ecef_at(sent_s))
        k = int(np.argmin(np.abs(sent_s + away / SOUND_MPS - draft.time_s)))
        assert abs((then[k] - draft.fields["azimuth_deg"] + 180) % 360 - 180) < 0.5
        assert away[k] <= 4_100
        assert draft.received_s > draft.time_s
    assert any(
        abs(
            (draft.fields["azimuth_deg"] - station.polar(flight.ecef_at(np.array([draft.time_s])))[1][0] + 180) % 360
            - 180
        )
        > 5
        for draft in heard_of
    )


def test_spotters_report_late_and_roughly() -> None:
    people = Sensors(name="p", kind="spotter", place="mesh", spacing_m=3_000, distance_m=(0, 30_000), wrong_class=0.3)
    field, stations = world(people)
    drafts = [
        draft
        for number in range(8)
        for draft in sighted(
            stations, straight(field, (-20_000, 20_000), 3_000.0 * number - 12_000, 300), field, Reports(), number
        )
    ]
    assert len(drafts) > 60
    late_s = [draft.received_s - draft.time_s for draft in drafts]
    assert 20 < float(np.median(late_s)) < 90
    wrong = np.mean([draft.fields["threat"] != "drone" for draft in drafts])
    assert 0.12 < wrong < 0.5


def test_people_do_not_report_airliners() -> None:
    field, stations = world(Sensors(name="p", kind="spotter", place="mesh", spacing_m=3_000))
    flight = straight(field, (-20_000, 20_000), 0, 3_000, threat="civil")
    assert not list(sighted(stations, flight, field, Reports(night=False), 1))


def test_a_message_two_receivers_hear_is_told_once() -> None:
    field, stations = world(Sensors(name="a", kind="adsb", count=2, mast_m=30, scan_s=2, detection_probability=1.0))
    flight = straight(field, (-40_000, 40_000), 3_000, 6_000, threat="civil", identity=("abc123", "TEST1", "1234"))
    told = list(broadcasts(stations, flight, field, 1))
    assert len(told) == pytest.approx(300, abs=2)
    frame = LocalFrame(float(flight.lat[0]), float(flight.lon[0]))
    east, _ = frame.to_local(told[150].fields["lat"], told[150].fields["lon"])
    assert float(east) == pytest.approx(80_000 * told[150].time_s / 600, abs=120)


def test_a_silent_sensor_comes_back() -> None:
    fault = Fault(kind="silent", group="r", at_s=100.0, lasts_s=200.0)
    field, (radar,) = world(RADAR, faults=(fault,))
    times = [draft.time_s for draft in radar_plots(radar, straight(field, (-40_000, 40_000), 9_000, 2_000), field, 1)]
    assert not [time for time in times if 100 <= time < 300]
    assert max(times) > 590
    assert Plot is next(radar_plots(radar, straight(field, (-40_000, 40_000), 9_000, 2_000), field, 1)).kind


def test_a_radar_noisier_than_it_declares_errs_that_much_more() -> None:
    errors = {}
    for factor in (1.0, 3.0):
        field, (radar,) = world(msgspec.structs.replace(RADAR, noise_factor=factor))
        assert (radar.sensor.sigma_range_m, radar.sensor.sigma_azimuth_deg) == (40, 0.1)
        flight = straight(field, (-40_000, 40_000), 9_000, 2_000)
        plots = list(radar_plots(radar, flight, field, 1))
        true_m = radar.polar(flight.ecef_at(np.array([plot.time_s for plot in plots])))[0]
        errors[factor] = np.std([plot.fields["range_m"] for plot in plots] - true_m)
    assert errors[3.0] / errors[1.0] == pytest.approx(3.0, rel=0.05)


def test_gaps_take_their_share_of_the_scans_in_bursts() -> None:
    field, stations = world(msgspec.structs.replace(RADAR, count=40, gap_share=0.3, gap_s=20.0))
    flight = straight(field, (-40_000, 40_000), 9_000, 2_000)
    whole = 40 * 150
    seen = [np.array([plot.time_s for plot in radar_plots(one, flight, field, 1)]) for one in stations]
    assert sum(map(len, seen)) / whole == pytest.approx(0.7, abs=0.08)
    # Missed scans come several at once: fewer breaks than as many single misses would make.
    breaks = sum(int((np.diff(times) > 6).sum()) for times in seen)
    assert 0 < breaks < 0.5 * (whole - sum(map(len, seen)))


MIC = Sensors(name="m", kind="acoustic", distance_m=(0, 1), scan_s=2, detection_probability=1.0, wrong_class=0.0)


def test_who_errs_in_bursts_is_right_between_them() -> None:
    field, (microphone,) = world(msgspec.structs.replace(MIC, err_share=0.5, err_s=60.0))
    flight = straight(field, (-3_000, 3_000), 500, 300)
    reports = list(heard([microphone], flight, field, 1))
    errs = microphone.errs(np.array([report.time_s for report in reports]))
    assert 0 < errs.sum() < len(reports)
    assert [report.fields["threat"] != "drone" for report in reports] == errs.tolist()


def test_a_microphone_that_reports_an_event_once_says_no_more_of_it_for_a_while() -> None:
    field, (microphone,) = world(msgspec.structs.replace(MIC, again_s=60.0))
    times = np.array(
        [report.time_s for report in heard([microphone], straight(field, (-3_000, 3_000), 500, 300), field, 1)]
    )
    assert len(times) > 3
    assert np.diff(times).min() >= 60.0


def test_who_is_not_announced_is_unheard_until_it_hears() -> None:
    quiet = Scenario(
        name="t", start=START, duration_s=60.0, sensors=(MIC, msgspec.structs.replace(MIC, name="n", announced=False))
    )
    assert [one.sensor for one in simulate(quiet, ZONES, 1).observations if isinstance(one, Status)] == ["m-1"]


@pytest.mark.parametrize(
    ("group", "says"),
    [({"kind": "spotter", "gap_share": 0.2}, "no gaps"), ({"kind": "radar", "err_share": 0.2}, "only people")],
)
def test_faults_that_a_kind_cannot_have_are_refused(group: dict[str, Any], says: str) -> None:
    with pytest.raises(BadValue, match=says):
        Sensors(name="x", **group)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(5, 200), st.integers(0, 2**40))
def test_bursts_are_apart_in_order_and_take_about_their_share(share: float, mean_s: float, seed: int) -> None:
    lasts_s = 4_000 * mean_s
    spans = bursts(share, mean_s, lasts_s, stream(seed, "bursts"))
    assert some(spans[:, 1] > spans[:, 0]).all()
    assert some(spans[1:, 0] > spans[:-1, 1]).all()
    times = np.linspace(0, lasts_s, 20_001)
    inside = within(spans, times)
    assert inside.mean() == pytest.approx(share, abs=0.12)
    few = times[::997]
    assert within(spans, few).tolist() == [bool(((spans[:, 0] <= at) & (at < spans[:, 1])).any()) for at in few]
