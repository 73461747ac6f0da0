"""What radars, microphones, spotters and receivers report of one thing that flies."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.earth.physics import SOUND_MPS
from tocsin.earth.sight import horizon_m
from tocsin.model.observation import Bearing, Plot
from tocsin.model.threat import ThreatClass
from tocsin.simulate.field import Field, field_of
from tocsin.simulate.flight import Flight
from tocsin.simulate.listening import heard
from tocsin.simulate.places import invented_zones
from tocsin.simulate.radar import false_plots, radar_plots
from tocsin.simulate.receiving import broadcasts
from tocsin.simulate.scenario import Fault, Reports, Scenario, Sensors
from tocsin.simulate.siting import Station, stations_of
from tocsin.simulate.watching import sighted

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
    assert all(abs(plot["altitude_m"] - 5_000) < 10 for plot in plots)
    silent = straight(field, (-40_000, 40_000), 9_000, 5_000, threat="civil")
    assert all("icao24" not in plot.fields for plot in radar_plots(radar, silent, field, 1))


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
