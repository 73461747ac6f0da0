"""The coarse gate: what the fine one would take is near, and what is far away is not looked at."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.track.associate.gate import Look, circle_of, near
from tocsin.track.bank import CONFIRMED, STATUS, TAKEN, TENTATIVE, TIME, Bank, empty
from tocsin.track.likelihood import GATE
from tocsin.track.motion import ARC, CRUISE
from tocsin.track.report_rows import TIME as ROW_TIME
from tocsin.track.report_rows import WIDTH
from tocsin.track.sensors.measure import ACROSS, ALONG, MEASUREMENT, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.state import E_E, N_N, VE_VE, VN_VN

Floats = NDArray[np.float64]


def slow(status: int = CONFIRMED, model: int = CRUISE) -> Bank:
    """One drone that flies east at 20 m/s, known to 100 m and to 1 m/s, at 100 s."""
    bank = empty(1)
    bank.tally[TAKEN], bank.tag[0, STATUS], bank.life[0, TIME] = 1, status, 100.0
    bank.mu[0, model], bank.x[0, model] = 1.0, [5_000.0, 7_000.0, 20.0, 0.0]
    bank.p[0, model, [E_E, N_N]], bank.p[0, model, [VE_VE, VN_VN]] = 100.0**2, 1.0
    return bank


def look(*places: tuple[float, float], at_s: float = 101.0, free: float = 1.0) -> Look:
    """Reports at these places, good to 100 m each way."""
    rows, z = np.full((len(places), WIDTH), np.nan), np.zeros((len(places), MEASUREMENT))
    rows[:, ROW_TIME] = at_s
    z[:, [Z_EAST, Z_NORTH]] = places
    z[:, U_NORTH], z[:, [ALONG, ACROSS]] = 1.0, 100.0**2
    n = len(places)
    return Look(rows, z, np.argsort(z[:, Z_EAST]), np.zeros(n), np.full(n, free), np.ones(n))


@pytest.mark.parametrize("azimuth_deg", range(0, 360, 30))
def test_no_report_inside_the_fine_gate_lies_outside_the_coarse_circle(azimuth_deg: int) -> None:
    # Both errors together are 141 m, and the fine gate is five sigma wide.
    sigma_m = math.hypot(100.0, 100.0)
    assert math.sqrt(GATE) == 5.0
    angle = math.radians(azimuth_deg)

    def found(off_m: float) -> int:
        place = 5_020.0 + off_m * math.sin(angle), 7_000.0 + off_m * math.cos(angle)
        count, seen = near(CONFIRMED, slow(), look(place), 2_500.0**2)
        return int(seen.rows[:count].sum())

    assert [found(sigmas * sigma_m) for sigmas in (0.0, 2.6, 4.0, 4.99)] == [1, 1, 1, 1]
    assert found(5.5 * sigma_m) == 0, "what is farther costs nothing"


def test_the_circle_grows_with_what_a_track_may_do_meanwhile() -> None:
    circle = np.empty(3)
    for dt in (0.5, 6.0, -0.4):
        circle_of(slow(), 0, dt, 50.0**2, circle)
        var = 100.0**2 + 0.5 * dt**2 + 50.0**2 + 500.0 * abs(dt) ** 3
        assert circle.tolist() == pytest.approx(
            [5_000.0 + 20.0 * dt, 7_000.0, 5.0 * math.sqrt(var) + 1.5 * 20.0 + 15.0 * dt**2]
        )
    # Of what may fall from space two sigma of a speed that nobody knows, not three and a half.
    bank = slow(model=ARC)
    bank.p[0, ARC, [VE_VE, VN_VN]] = 1_200.0**2
    circle_of(bank, 0, 10.0, 0.0, circle)
    var = 100.0**2 + 0.16 * 12_000.0**2 + 500.0 * 1_000.0
    assert circle[2] == pytest.approx(5.0 * math.sqrt(var) + 30.0 + 1_500.0)
    # A model that is next to impossible places it, and does not widen it.
    bank = slow()
    bank.mu[0, [CRUISE, ARC]] = 0.9995, 0.0005
    bank.x[0, ARC], bank.p[0, ARC, [E_E, N_N]] = bank.x[0, CRUISE], 1e12
    circle_of(bank, 0, 1.0, 0.0, circle)
    assert circle[2] < 1_000.0


def test_the_nearest_of_all_reports_in_the_circle_is_the_one_a_track_is_carried_to() -> None:
    places = [(5_300.0, 7_000.0), (5_020.0, 6_900.0), (4_500.0, 7_000.0), (9_000.0, 7_000.0), (5_020.0, 7_200.0)]
    count, seen = near(CONFIRMED, slow(), look(*places), 2_500.0**2)
    assert count == 1
    assert (int(seen.nearest[0]), int(seen.rows[0]), int(seen.who[0])) == (1, 4, 0)


def test_only_tracks_of_the_status_asked_for_and_reports_that_nothing_explains_are_looked_at() -> None:
    here = (5_020.0, 7_000.0)
    assert near(CONFIRMED, slow(TENTATIVE), look(here), 1.0)[0] == 0
    assert near(TENTATIVE, slow(TENTATIVE), look(here), 1.0)[0] == 1
    assert near(CONFIRMED, slow(), look(here, free=0.01), 1.0)[0] == 0
    assert near(CONFIRMED, slow(), look(here, free=0.02), 1.0)[0] == 1
