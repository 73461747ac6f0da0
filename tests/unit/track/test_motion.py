"""Motion models: turns at their rate, whatever the speed, and only as sharp as lift lets them be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.track.motion import RIGHT, TURN_RATE, VEER_LEFT, step, turn
from tocsin.track.state import VE_VE, VN_VN


@pytest.mark.parametrize("model", [RIGHT, VEER_LEFT])
@pytest.mark.parametrize("speed_mps", [50.0, 250.0])
def test_a_turn_changes_the_heading_at_its_rate_and_keeps_the_speed(model: int, speed_mps: float) -> None:
    x, p = np.array([0.0, 0.0, 0.0, speed_mps]), np.zeros(10)
    step(model, x, p, 4.0, turn(TURN_RATE[model], 4.0))
    assert math.hypot(x[2], x[3]) == pytest.approx(speed_mps)
    assert math.atan2(x[2], x[3]) == pytest.approx(4.0 * TURN_RATE[model])


def test_who_flies_slowly_cannot_turn_sharply() -> None:
    spread = []
    for speed_mps in (50.0, 200.0):
        p = np.zeros(10)
        step(RIGHT, np.array([0.0, 0.0, 0.0, speed_mps]), p, 2.0, turn(TURN_RATE[RIGHT], 2.0))
        spread.append(p[VE_VE] + p[VN_VN])
    assert spread[0] == pytest.approx(spread[1] / 16.0, rel=0.01)
