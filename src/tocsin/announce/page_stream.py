"""The live page's stream at /v1/events: every change of the board, and a pulse that says how old the picture is.

Order, retries and bounds are those of `broadcast`: a listener gets `state` first and then every change, or, where it
could not keep up or a change went missing here, another `state`. A pulse goes with each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tocsin.announce.board import Board
from tocsin.announce.broadcast import Broadcast, event_bytes
from tocsin.announce.channel import Batch
from tocsin.announce.quality import Quality, done, exempt, todo


class PageStream(Broadcast):
    """Streams a board; fold it after the board."""

    name = "page_stream"
    quality = Quality(
        one_batch=done("test_the_changes_of_a_tick_are_one_event"),
        order=done("test_every_listener_hears_the_state_it_joined_at_and_then_every_number_once"),
        idempotent=done("test_what_is_told_again_changes_nothing"),
        bounded=done("test_a_listener_that_stops_reading_is_cut_off_and_delays_nobody"),
        stands_alone=done("test_a_listener_that_always_raises_stops_nothing_and_is_said_once"),
        retries=exempt("a page that was away connects again and gets a fresh state"),
        deadline=exempt("every zone is told with its expiry, and the page counts it down"),
        receipts=exempt("a stream to everybody knows no readers; the pulse shows them that it lives"),
        restart=done("test_a_restart_shows_the_same_warnings_and_messages"),
        drill=done("test_a_drill_is_marked_on_the_page_and_in_its_title"),
        private=done("test_nothing_public_names_a_source_a_reason_or_a_track"),
        blindness=done("test_an_all_clear_where_we_may_be_blind_is_not_shown_as_one"),
        languages=done("test_the_page_speaks_the_readers_language_from_right_to_left_where_it_is_written_so"),
        proof=todo("the stream itself is not signed; whoever serves it over TLS proves who they are"),
    )

    def __init__(
        self,
        board: Board,
        now: Callable[[], datetime],
        *,
        listeners_max: int,
        listeners_per_address_max: int | None = None,
    ) -> None:
        super().__init__(
            lambda: (board.seq, board.state_json(now())),
            # Only a pulse says that the line lives; who joins need not wait for the next one.
            beside=lambda: event_bytes("pulse", board.pulse_json(now())),
            listeners_max=listeners_max,
            listeners_per_address_max=listeners_per_address_max,
        )
        self._board = board

    def fold(self, batch: Batch) -> None:
        """Tell what changed on the board; everything where something may have been missed."""
        changed = self._board.take_changed()
        if batch.whole:
            self.publish("state", self._board.state_json(batch.now), batch.seq)
        elif changed:
            self.publish("zones", self._board.zones_json(changed, batch.now), batch.seq)

    def pulse(self, now: datetime) -> None:
        """Say that the line is alive, and how old the picture is."""
        self.publish("pulse", self._board.pulse_json(now))
