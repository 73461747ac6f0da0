from __future__ import annotations

from typing import Any

import pytest

from tocsin.cap.write import certainty_of
from tocsin.model.value import time_of
from tocsin.model.warning import Warning


def told(level: Any, probability: float) -> Warning:
    at = time_of(1_767_225_600.0)
    return Warning(id=f"z/1/1/{level}", zone="z", level=level, time=at, expires=at, reason="r", probability=probability)


@pytest.mark.parametrize("level", ["prepare", "take_cover"])
@pytest.mark.parametrize(("probability", "certainty"), [(0.01, "Possible"), (0.5, "Possible"), (0.51, "Likely")])
def test_a_forecast_is_likely_only_above_one_half(level: str, probability: float, certainty: str) -> None:
    assert certainty_of(told(level, probability)) == certainty


def test_cover_that_people_ask_for_and_no_forecast_is_likely() -> None:
    assert certainty_of(told("take_cover", 0.0)) == "Likely"
    assert certainty_of(told("prepare", 0.0)) == "Possible"


def test_only_what_is_over_was_observed() -> None:
    assert certainty_of(told("all_clear", 0.0)) == "Observed"
