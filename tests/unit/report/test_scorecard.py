"""The scorecard says what was missed, and why."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from rich.console import Console

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.report.scorecard import print_scorecard
from tocsin.score.score import score_warnings
from tocsin.score.sightings import sightings_of
from tocsin.score.truth import Strike, Truth

RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
INDEX = ZoneIndex([Zone(id="a", name="A", population=10, polygons=((RING,),))])
NOTHING = sightings_of(np.empty((0, 7)), INDEX)


def _printed(result: dict[str, Any]) -> str:
    text = io.StringIO()
    print_scorecard(result, Console(file=text, width=120))
    return text.getvalue()


def test_misses_are_counted_by_their_reason() -> None:
    strikes = tuple(Strike(time=time_of(1_767_225_600.0 + k), lat=50.05, lon=20.05, zone="a") for k in (1, 2))
    result = score_warnings([], NOTHING, Truth(strikes, ()), INDEX)
    assert "Missed: 2 never tracked" in _printed(result)


def test_a_night_without_a_strike_has_a_scorecard_without_misses() -> None:
    text = _printed(score_warnings([], NOTHING, Truth((), ()), INDEX))
    assert "strikes in a zone" in text
    assert "Missed" not in text


def test_the_calibration_error_is_shown_where_there_are_forecasts() -> None:
    result = score_warnings([], NOTHING, Truth((), ()), INDEX)
    assert "calibration" not in _printed(result)
    assert "0.042" in _printed(result | {"reliability": {"ece": 0.042, "ece_serious": None}})
