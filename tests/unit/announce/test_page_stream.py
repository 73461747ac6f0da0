"""What the live page is told, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.page_stream import PageStream
from tocsin.model.effect import Picture
from tocsin.model.warning import Warning, ZoneState
from tocsin.model.zone import Zone

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


class Heard(PageStream):
    """A stream that keeps what it would send."""

    def __init__(self, board: Board) -> None:
        super().__init__(board, lambda: NOW, listeners_max=1)
        self.events: list[tuple[str, bytes]] = []

    def publish(self, event: str, data: bytes, seq: int | None = None) -> None:
        self.events.append((event, data))


@pytest.fixture
def board(zones: tuple[Zone, ...]) -> Board:
    return Board(zones, drill=True)


def test_the_changes_of_a_tick_are_one_event(board: Board, warn: Callable[..., Warning]) -> None:
    stream = Heard(board)
    for channel in (board, stream):
        channel.fold(Batch(1, NOW, (warn("z1"), warn("z3"), Picture(time=NOW))))
    ((event, data),) = stream.events
    assert event == "zones" and data.count(b"take_cover") >= 2


def test_what_is_told_again_changes_nothing(board: Board, warn: Callable[..., Warning]) -> None:
    stream = Heard(board)
    for _ in range(2):
        for channel in (board, stream):
            channel.fold(Batch(1, NOW, (warn("z1"), Picture(time=NOW))))
    assert len(stream.events) == 1


def test_a_whole_batch_is_a_fresh_state_for_everybody(board: Board) -> None:
    stream = Heard(board)
    states = (ZoneState(zone="z1", level="prepare", drill=True),)
    for channel in (board, stream):
        channel.fold(Batch(1, NOW, (Picture(time=NOW, zones=states),), whole=True))
    ((event, data),) = stream.events
    assert event == "state" and b'"level":"prepare"' in data


def test_a_board_that_fails_in_the_middle_does_not_look_fresh(
    board: Board, warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch
) -> None:
    board.fold(Batch(1, NOW, (Picture(time=NOW),)))
    monkeypatch.setattr(board, "_put", lambda state: 1 / 0)
    later = NOW.replace(minute=5)
    with pytest.raises(ZeroDivisionError):
        board.fold(Batch(2, later, (warn("z1"), Picture(time=later))))
    assert board.picture_at == NOW and board.seq == 1
