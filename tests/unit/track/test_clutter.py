"""What a radar is expected to say: how often it sees, whom it looks at, and how many plots nothing explains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.model.sensor import Sensor
from tocsin.track.bank import HEIGHT_KNOWN, LOOKERS, Bank, empty
from tocsin.track.motion import ARC
from tocsin.track.report_rows import AZIMUTH, PLOT, RANGE, SIGHTING, blank
from tocsin.track.sensors.clutter import cell_of, clutter_log, detection, expected_looks, looked, raised, watched
from tocsin.track.sensors.learned import (
    HEARD,
    LOOK_RATE,
    LOOKS,
    LOOKS_HIT,
    UP,
    WATCHED,
    WATCHED_AT,
    Sensed,
    unlearned,
)  # fmt: skip
from tocsin.track.sensors.sites import Sites, sites_of

Floats = NDArray[np.float64]

FRAME = LocalFrame(48.0, 31.0)
LOW = Sensor(id="low", kind="radar", lat=48.0, lon=31.0, altitude_m=25, range_m=100_000, scan_s=4,
             detection_probability=0.8, false_plots_per_scan=32)  # fmt: skip
HIGH = Sensor(id="high", kind="radar", lat=48.0, lon=31.0, altitude_m=900, range_m=300_000, scan_s=10,
              detection_probability=0.9)  # fmt: skip
EAR = Sensor(id="ear", kind="presence", lat=48.0, lon=31.0, range_m=4_000, detection_probability=0.5)
SENSORS = (LOW, EAR, HIGH)


def world() -> tuple[Sites, Sensed]:
    sites = sites_of(SENSORS, FRAME, 1)
    sensed = unlearned(sites)
    sensed.state[:, HEARD] = 0.0
    return sites, sensed


def at(north_m: float, height_m: float, sigma_m: float | None = None) -> Bank:
    """One track to the north, level; its height measured to a sigma, or not at all."""
    bank = empty(1)
    bank.tally[0], bank.mu[0, 0] = 1, 1.0
    bank.h[0, :, 0] = height_m
    if sigma_m is not None:
        bank.life[0, HEIGHT_KNOWN], bank.hp[0, :, 0] = 1.0, sigma_m**2
    return bank


def plot(range_m: float, azimuth_deg: float, sensor: int = 0, kind: int = PLOT) -> Floats:
    row = np.array(blank(0.0, kind, sensor, "x"))
    row[RANGE], row[AZIMUTH] = range_m, math.radians(azimuth_deg)
    return row


def test_how_often_a_radar_sees_is_what_it_declares_until_fifty_looks_weigh_as_much() -> None:
    sites, sensed = world()
    assert detection(sites, sensed, 0) == pytest.approx(0.8)
    assert detection(sites, sensed, 1) == pytest.approx(0.5), "of a microphone nothing is learned"
    sensed.state[0, [LOOKS, LOOKS_HIT]] = 50.0, 20.0
    assert detection(sites, sensed, 0) == pytest.approx((0.8 * 50 + 20) / 100)
    sensed.state[0, [LOOKS, LOOKS_HIT]] = 1e6, 0.0
    assert detection(sites, sensed, 0) == 0.3, "one that sees less is no help against a track"
    sensed.state[0, [LOOKS, LOOKS_HIT]] = 1e6, 1e6
    assert detection(sites, sensed, 0) == 0.99


def test_a_radar_should_see_what_is_in_reach_and_above_its_horizon_while_it_works_and_is_heard() -> None:
    sites, sensed = world()
    low, high = -math.log(1 - 0.8) / 4, -math.log(1 - 0.9) / 10

    def expected(bank: Bank, north_m: float, when: float = 0.0) -> float:
        return expected_looks(bank, 0, sites, sensed, when, 0.0, north_m, -1)

    # 4,121 m of horizon per root of a metre: 25 m of mast and 100 m of height are 61.8 km; 900 m and 100 m 164.8 km.
    assert expected(at(61_000, 100.0), 61_000.0) == pytest.approx(low + high)
    assert expected(at(62_500, 100.0), 62_500.0) == pytest.approx(high)
    assert expected(at(164_000, 100.0), 164_000.0) == pytest.approx(high)
    assert expected(at(165_500, 100.0), 165_500.0) == 0.0
    # High up its reach decides.
    assert expected(at(99_000, 9_000.0), 99_000.0) == pytest.approx(low + high)
    assert expected(at(101_000, 9_000.0), 101_000.0) == pytest.approx(high)
    # A radar is silent after three turns; one that is said to be down looks at nothing.
    assert expected(at(50_000, 9_000.0), 50_000.0, 12.0) == pytest.approx(low + high)
    assert expected(at(50_000, 9_000.0), 50_000.0, 12.5) == pytest.approx(high)
    assert expected(at(50_000, 9_000.0), 50_000.0, 30.5) == 0.0
    sensed.state[1, UP] = 0.0
    assert expected(at(50_000, 9_000.0), 50_000.0) == pytest.approx(low)


def test_only_looks_that_would_see_it_even_where_it_is_lowest_tell_how_well_a_radar_sees() -> None:
    sites, sensed = world()

    def lookers(bank: Bank, north_m: float) -> int:
        expected_looks(bank, 0, sites, sensed, 0.0, 0.0, north_m, -1)
        return int(bank.life[0, LOOKERS])

    # Of a height that nobody measured 60 m are sure: 52.5 km and 155.5 km.
    assert lookers(at(52_000, 9_000.0), 52_000.0) == 0b11
    assert lookers(at(53_000, 9_000.0), 53_000.0) == 0b10
    # Of a measured one what is left two sigma below it: 200 m at 78.8 km.
    assert lookers(at(78_000, 1_000.0, 400.0), 78_000.0) == 0b11
    assert lookers(at(79_500, 1_000.0, 400.0), 79_500.0) == 0b10
    arc = at(99_000, 50.0, 1.0)
    arc.mu[0], arc.h[0, 1, 0] = 0.0, 40_000.0
    arc.mu[0, ARC] = 1.0
    assert lookers(arc, 99_000.0) == 0b11, "what falls is as high as it falls from"


def test_looks_and_hits_are_counted_for_those_that_look_and_for_whoever_hit() -> None:
    sites, sensed = world()
    bank = at(50_000, 9_000.0)
    bank.life[0, LOOKERS] = 0b11
    looked(bank, 0, sites, sensed, 2, 0.75, 8.0)
    assert sensed.state[:, LOOKS].tolist() == [2.0, 0.8]
    assert sensed.state[:, LOOKS_HIT].tolist() == [0.0, 0.75]
    bank.life[0, LOOKERS] = 0b01
    looked(bank, 0, sites, sensed, 2, 0.5, 4.0)
    assert sensed.state[:, LOOKS].tolist() == [3.0, 0.8]
    assert sensed.state[:, LOOKS_HIT].tolist() == [0.0, 0.75], "who should not see it, and does, says nothing"


def test_a_track_seen_far_out_is_believed_above_the_horizon_of_who_sees_it() -> None:
    sites, _ = world()
    h = np.array([[100.0, 0.0], [0.0, 0.0]])
    raised(h, sites, plot(99_000.0, 0.0))
    assert h[0, 0] == pytest.approx((99_000 / 4_121 - 5.0) ** 2)
    before = h.copy()
    raised(h, sites, plot(40_000.0, 0.0))
    assert h.tolist() == before.tolist(), "never lower than it was believed"
    raised(h, sites, plot(150_000.0, 0.0))
    assert h[0, 0] == pytest.approx((100_000 / 4_121 - 5.0) ** 2), "nothing is seen beyond the reach"
    for row in (plot(99_000.0, 0.0, sensor=1), plot(99_000.0, 0.0, kind=SIGHTING)):
        level = np.zeros((2, 2))
        raised(level, sites, row)
        assert not some(level).any()


def test_cells_of_a_coverage_are_four_rings_of_one_area_and_eight_sectors_that_begin_at_north() -> None:
    sites, _ = world()
    assert [cell_of(plot(100_000 * math.sqrt(part), 1.0), sites) // 8 for part in (0.24, 0.26, 0.51, 0.76, 1.2)] == [
        0, 1, 2, 3, 3,
    ]  # fmt: skip
    assert [cell_of(plot(1_000.0, azimuth), sites) for azimuth in (0.0, 44.9, 45.1, 359.9, 360.0)] == [0, 0, 1, 7, 0]
    every = {cell_of(plot(100_000 * math.sqrt(ring), sector), sites) for ring in (0.1, 0.3, 0.6, 0.9)
             for sector in range(0, 360, 45)}  # fmt: skip
    assert every == set(range(32))


def test_false_plots_are_as_dense_as_declared_until_two_scans_of_what_is_seen_weigh_as_much() -> None:
    sites, sensed = world()
    area = math.pi * 100_000.0**2 / 32
    here, there = plot(30_000.0, 10.0), plot(30_000.0, 200.0)
    assert clutter_log(here, sites, sensed) == pytest.approx(math.log(1.0 / area))
    sensed.state[0, WATCHED], sensed.cells[0, cell_of(here, sites)] = 8.0, 48.0
    assert clutter_log(here, sites, sensed) == pytest.approx(math.log((2 + 48) / (10 * area)))
    assert clutter_log(there, sites, sensed) == pytest.approx(math.log(2 / (10 * area)))
    assert clutter_log(plot(0.0, 0.0, sensor=1), sites, sensed) == pytest.approx(math.log(sites.clutter[1]))


def test_what_is_learned_of_clutter_fades_over_two_minutes_and_of_sight_over_ten() -> None:
    sites, sensed = world()
    sensed.cells[0, 5], sensed.state[0, [LOOKS, LOOKS_HIT, WATCHED]] = 40.0, [60.0, 30.0, 20.0]
    sensed.cells[1, 5] = 7.0
    assert watched(sites, sensed, 0, 1_000.0) == 0.0, "at first nothing has passed"
    assert (sensed.cells[0, 5], sensed.state[0, WATCHED_AT]) == (40.0, 1_000.0)
    assert watched(sites, sensed, 0, 1_008.0) == 8.0
    fade = math.exp(-8 / 120)
    assert sensed.cells[0, 5] == pytest.approx(40 * fade)
    assert sensed.state[0, WATCHED] == pytest.approx(20 * fade + 2)
    fade = math.exp(-8 / 600)
    assert sensed.state[0, [LOOKS, LOOKS_HIT]].tolist() == pytest.approx([60 * fade, 30 * fade])
    rate = -math.log(1 - (40 + 30 * fade) / (50 + 60 * fade)) / 4
    assert sensed.state[0, LOOK_RATE] == pytest.approx(rate)
    assert sensed.cells[1, 5] == 7.0
    assert watched(sites, sensed, 0, 1_004.0) == 0.0, "what comes late lets no time pass"
    assert watched(sites, sensed, 0, 2_008.0) == 1_000.0
    assert sensed.state[0, WATCHED] < 3.1, "a radar that was silent has not watched"


def test_a_radar_of_which_nothing_is_learned_works_and_looks_as_it_declares() -> None:
    sites = sites_of(SENSORS, FRAME, 1)
    sensed = unlearned(sites)
    assert sensed.state[:, UP].tolist() == [1.0, 1.0]
    assert np.all(some(sensed.state[:, [HEARD, WATCHED_AT]] == -np.inf))
    assert sensed.state[:, LOOK_RATE] == pytest.approx([-math.log(0.2) / 4, -math.log(0.1) / 10])
    sigma = np.sqrt(np.diag(sensed.cov))
    assert sigma[:3] == pytest.approx([3 * sites.sigma_range[0], 3 * sites.sigma_azimuth[0], 1.0])
