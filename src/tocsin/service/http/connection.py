"""One connection: uvicorn's, which has no limit on how long a request takes or an answer waits, with limits."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tocsin.service.http.places import Places
from tocsin.service.http.proxies import Proxies
from tocsin.service.http.turns import address_key

# Who leaves more than this here, beyond what the kernel holds for him, is slow.
WAITING_BYTES = 4_096
# Closed at once, an answer to who still sends would be lost with it; this long he may go on.
LINGER_S = 2.0

# Strangers' mistakes are counted; a line for each would fill the log.
_log = logging.getLogger("tocsin.http")
_log.setLevel(logging.ERROR)


class Connection(H11Protocol):
    """Tells `Places` what is waited for, and is cut by it."""

    def __init__(self, *arguments: Any, places: Places, proxies: Proxies, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _log
        self.address = ""
        self.exempt = False
        self._places = places
        self._proxies = proxies
        self._begun = False

    @property
    def unread(self) -> int:
        """Bytes that wait for its reader."""
        return self.transport.get_write_buffer_size()

    def cut(self) -> None:
        """Close it now: closing politely would wait for the very bytes that nobody reads."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let in at once, after a while, or not at all."""
        super().connection_made(transport)
        host = self.client[0] if self.client else "unknown"
        self.address, self.exempt = address_key(host), host in self._proxies
        transport.set_write_buffer_limits(high=WAITING_BYTES)
        pause_s = self._places.enter(self)
        if pause_s is None:
            transport.abort()
        elif pause_s > 0:
            self.flow.pause_reading()
            self.loop.call_later(pause_s, self._begin)

    def _begin(self) -> None:
        """Read what has waited outside."""
        if not self.transport.is_closing():
            self._places.asking(self)
            self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, whoever closed it."""
        self._places.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Headers, or more of a body."""
        if not self._begun and self.conn.their_state is h11.IDLE:
            self._begun = True
            self._places.asking(self)
        super().data_received(data)
        self._wait()

    def _wait(self) -> None:
        """Say what is waited for now."""
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._places.sending(self)
        elif state is not h11.IDLE:
            self._places.answering(self)
        self._begun = self._begun and state is h11.IDLE

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the end of a body that nobody wants any more."""
        cycle = self.cycle
        unwanted = self.conn.their_state is h11.SEND_BODY
        super().on_response_complete()
        if unwanted:
            self.loop.call_later(LINGER_S, self._close_if_still_sending, cycle)
        elif self.conn.their_state is h11.IDLE:
            self._places.idle(self)

    def _close_if_still_sending(self, cycle: object) -> None:
        if self.cycle is cycle and self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self._places.cut(self, "body")

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is counted as its sender's connection refused."""
        self._places.malformed()
        super().send_400_response(msg)

    def _should_upgrade(self) -> bool:
        return False

    def pause_writing(self) -> None:
        """More waits for its reader than it takes."""
        super().pause_writing()
        self._places.stalled(self)

    def resume_writing(self) -> None:
        """It reads again."""
        self._places.reading(self)
        super().resume_writing()
