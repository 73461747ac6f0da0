"""The country on paper rests on what is: octets are those that the board writes, and its page says the same."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.some import some
from tocsin.announce.board import Board
from tocsin.bench import scale
from tocsin.bench.traffic import country_zones

PAGE = Path(__file__).resolve().parents[3] / "docs/why/scale.md"


def test_octets_of_the_model_are_those_that_are_sent() -> None:
    now = datetime(2026, 3, 1, 3, 0, 0, 1, tzinfo=UTC)
    zones = country_zones()
    board = Board(zones, drill=True)
    board.picture_at = now
    # Of 1,449 zones, as the model has them.
    state = sum(len(board.zone_json(zone.id) or b"") + 1 for zone in zones) * 1_449 / len(zones)
    assert 0.8 < state / scale.STATE_BYTES < 1.25
    assert 0.8 < len(board.pulse_json(now)) / scale.PULSE_BYTES < 1.25


def test_the_page_says_what_the_model_says() -> None:
    text = PAGE.read_text()
    for name, value in some(asdict(scale.needs(scale.Country())).items()):
        assert f"| `{name}` | {value:,.1f} |" in text


def test_twice_the_people_take_twice_of_what_people_take_and_no_more_of_the_engine() -> None:
    one, two = (scale.needs(scale.Country(listeners=listeners)) for listeners in (1e6, 2e6))
    assert two.engine_cores == one.engine_cores
    assert two.stream_cores == 2 * one.stream_cores and two.push_cores == 2 * one.push_cores
