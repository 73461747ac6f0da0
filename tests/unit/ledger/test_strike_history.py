"""Past strikes in the forecast's prior: the older the less, never more than all else, and off until it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.some import some
from tests.tried import tried
from tests.unit.ledger.test_nights import INDEX, ZONES, incident
from tocsin.forecast.prior import prior_of
from tocsin.forecast.settings import ForecastSettings
from tocsin.ledger.decision import Merge
from tocsin.ledger.incidents import standing_incidents
from tocsin.ledger.opening import opened
from tocsin.ledger.strike_history import history_of
from tocsin.model.errors import TocsinError
from tocsin.model.value import seconds_of
from tocsin.service.serve import configured
from tocsin.service.settings import Settings
from tocsin.service.strike_history import StrikeHistory, read_history

NOW = datetime(2026, 6, 2, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_strike_counts_half_after_its_half_life_and_the_same_all_day_long() -> None:
    fell = [incident(NOW.replace(hour=0) - 30 * DAY, released=True), incident(NOW.replace(hour=1), released=True)]
    found = history_of(fell, INDEX, seconds_of(NOW), 30)
    assert found.weights == {"a": 1.5}
    assert history_of(fell, INDEX, seconds_of(NOW.replace(hour=23)), 30) == found


def test_what_nobody_released_what_was_a_drill_and_what_has_no_place_says_nothing() -> None:
    fell = [
        incident(NOW), incident(NOW, released=True, drill=True), incident(NOW, released=True, sigma_m=20_000),
        replace(incident(NOW, released=True), place=None), incident(NOW, released=True, lon=0.6),
        incident(NOW, released=True, lon=0.9),
    ]  # fmt: skip
    found = history_of(fell, INDEX, seconds_of(NOW), 30)
    assert (found.weights, found.used) == ({"c": 1.0}, 1)
    assert found.left_out == {
        "not released": 1, "a drill": 1, "no place that is known well enough": 2, "outside every zone": 1,
    }  # fmt: skip


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=40))
@tried(40, 500)
def test_however_many_past_strikes_weigh_no_more_than_all_else_together(lons: list[float]) -> None:
    fell = [incident(NOW - k * DAY, released=True, lon=lon) for k, lon in enumerate(lons)]
    weights = history_of(fell, INDEX, seconds_of(NOW), 365).weights
    before = prior_of(INDEX, ForecastSettings())
    after = prior_of(INDEX, ForecastSettings(past_strikes=weights))
    # Rounded weights may add a hair.
    assert some(after >= before / 2 - 1e-3).all()
    struck = [name in weights for name in INDEX.number]
    assert np.sum(after[struck]) >= np.sum(before[struck]) - 1e-12


def _settings(tmp_path: Path, **more: object) -> Settings:
    zones = tmp_path / "zones.geojson"
    zones.write_text(ZONES)
    return Settings.model_validate({"zones": zones, **more})


def test_a_configuration_holds_past_strikes_so_that_a_replay_decides_the_same(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    now = datetime.now(UTC)
    first, again = (
        incident(now - 3 * DAY, released=True),
        incident(now - 3 * DAY + timedelta(minutes=1), released=True, lon=0.11),
    )
    with opened(path, make=True) as store:
        store.append([first, again, Merge(id="m", recorded=now, by="desk", into=first.incident, of=(again.incident,))])
        assert [one.incident for one in standing_incidents(store)] == [first.incident]
    assert "past_strikes" not in configured(_settings(tmp_path)).forecast
    asked = _settings(
        tmp_path, strike_history={"ledger": path, "half_life_days": 10}, forecast={"past_strikes": {"b": 2.0}}
    )
    told = configured(asked).forecast["past_strikes"]
    assert list(told) == ["a", "b"]
    assert 0.8 < told["a"] < 1.0
    assert told["b"] == 2.0


def test_a_ledger_that_cannot_be_read_costs_the_forecast_its_memory_and_nobody_the_warning(tmp_path: Path) -> None:
    settings = _settings(tmp_path, strike_history={"ledger": str(tmp_path / "none.db")})
    assert "past_strikes" not in configured(settings).forecast
    with pytest.raises(TocsinError, match="no ledger"):
        read_history(StrikeHistory(ledger=str(tmp_path / "none.db")), INDEX.zones, NOW)
