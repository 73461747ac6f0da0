"""Calibration by hand: forecasts whose error is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile
from tocsin.model.threat import Expected
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.score.reliability import (
    Forecasts,
    bins_of,
    forecasts_by_class,
    forecasts_of,
    pooled,
    read_forecasts,
    reliability,
)
from tocsin.score.truth import FlownObject, Path4, Strike, Truth, path_of

NOW_S = 1_767_225_600.0
END_S = NOW_S + 5_000.0


def _zone(name: str, lat: float) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.1), (20.0, lat + 0.1), (20.0, lat))
    return Zone(id=name, name=name, polygons=((ring,),))


INDEX = ZoneIndex([_zone("a", 50.0), _zone("b", 50.6)])


def _path(name: str, ends_s: float) -> Path4:
    path = tuple((time_of(NOW_S + t), 49.9, 20.05, 300.0) for t in (0.0, ends_s))
    return path_of(FlownObject(object=name, threat="drone", path=path))


STRIKE = Strike(time=time_of(NOW_S + 1_000), lat=50.05, lon=20.05, zone="a", threat="drone", object="d1")
TRUTH = Truth((STRIKE,), (_path("d1", 1_000),))


def _forecasts(*rows: tuple[float, int, float]) -> Forecasts:
    at_s, zone, probability = zip(*rows, strict=True)
    return Forecasts(NOW_S + np.array(at_s), np.array(zone), np.array(probability))


def test_a_forecast_comes_true_when_its_zone_is_struck_within_the_horizon() -> None:
    # 900 s ahead of the strike at 1,000 s: too early, just in time, in time, another zone, at the strike, after it.
    at = ((50, 0), (99, 0), (100, 0), (200, 0), (200, 1), (1_000, 0), (1_001, 0))
    result = reliability(bins_of(_forecasts(*[(*one, 0.35) for one in at]), TRUTH, INDEX, 900.0, END_S))
    (one,) = [row for row in result["bins"] if row["rows"]]
    assert (one["from"], one["rows"], one["struck"]) == (0.3, 7, 2)
    assert result["ece"] == pytest.approx(0.35 - 2 / 7, abs=1e-5)


def test_the_error_is_weighted_by_how_many_forecasts_a_bin_holds() -> None:
    # 8 of 0.01 of which none came true, 2 of 0.5 of which both did: (8 * 0.01 + 2 * 0.5) / 10.
    rows = _forecasts(*[(200.0, 1, 0.01)] * 8, *[(200.0, 0, 0.5)] * 2)
    result = reliability(bins_of(rows, TRUTH, INDEX, 900.0, END_S))
    assert result["ece"] == pytest.approx(0.108)
    assert result["ece_serious"] == pytest.approx(0.5)


def test_a_perfect_forecaster_has_no_error() -> None:
    rows = _forecasts(*[(200.0, 0, 0.25)], *[(200.0, 1, 0.25)] * 3)
    assert reliability(bins_of(rows, TRUTH, INDEX, 900.0, END_S))["ece"] == 0.0


def test_runs_are_pooled_by_their_counts_and_not_by_their_errors() -> None:
    one = bins_of(_forecasts((200.0, 0, 0.25)), TRUTH, INDEX, 900.0, END_S)
    other = bins_of(_forecasts(*[(200.0, 1, 0.25)] * 3), TRUTH, INDEX, 900.0, END_S)
    assert reliability(one)["ece"] == pytest.approx(0.75)
    assert reliability(pooled([one, other]))["ece"] == 0.0


def test_what_the_record_ends_before_is_not_held_against_a_forecast() -> None:
    flying = Truth((STRIKE,), (_path("d1", 1_000), _path("d2", 1_500)))
    rows = _forecasts((200.0, 0, 0.5), (1_200.0, 0, 0.5))

    def kept(truth: Truth, end_s: float) -> int:
        return int(sum(one["rows"] for one in bins_of(rows, truth, INDEX, 900.0, end_s)))

    assert kept(flying, NOW_S + 1_500) == 1
    assert kept(flying, NOW_S + 1_600) == 2, "by then the second one had come down somewhere"
    assert kept(TRUTH, NOW_S + 1_000) == 2


def test_no_forecasts_have_no_error() -> None:
    nothing = forecasts_of([], INDEX)
    assert reliability(bins_of(nothing, TRUTH, INDEX, 900.0, END_S))["ece"] is None


def test_forecasts_in_memory_and_from_a_file_are_the_same(tmp_path: Path) -> None:
    expected = Expected(NOW_S, ("b", "gone"), np.array([0.125, 0.5]), np.array([NOW_S, NOW_S]), ("jet", "drone"))
    path = tmp_path / "forecast.csv"
    path.write_text("time,zone,probability,eta_likely\n2026-01-01T00:00:00Z,b,0.125,x\n2026-01-01T00:00:00Z,gone,1,x\n")
    one, other = forecasts_of([expected], INDEX), read_forecasts(path, INDEX)
    for name in ("at_s", "zone", "probability"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.zone.tolist() == [1]


def test_a_damaged_forecast_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "forecast.csv"
    path.write_text("time,zone,probability,eta_likely\n2026-01-01T00:00:00Z,b,much,x\n")
    with pytest.raises(BadFile, match=":2:"):
        read_forecasts(path, INDEX)


def test_a_forecast_is_of_the_class_that_endangers_the_zone_most() -> None:
    moments = [
        Expected(NOW_S, ("a", "b"), np.array([0.5, 0.25]), np.array([NOW_S, NOW_S]), ("jet", "drone")),
        Expected(NOW_S + 30, ("a",), np.array([0.75]), np.array([NOW_S]), ("drone",)),
    ]
    found = forecasts_by_class(moments, INDEX)
    assert {name: one.probability.tolist() for name, one in found.items()} == {"jet": [0.5], "drone": [0.25, 0.75]}
    assert found["drone"].zone.tolist() == [1, 0]
    assert found["drone"].at_s.tolist() == [NOW_S, NOW_S + 30]
