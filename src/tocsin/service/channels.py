"""Every way out of one sector, wired. A new channel is its file in `announce/` and one line here."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from tocsin.announce.atom_feed import AtomFeed
from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch, Folded, Pushed
from tocsin.announce.outbox import Outbox
from tocsin.announce.page_stream import PageStream
from tocsin.announce.veil import Veil
from tocsin.cap.write import Author, Issuer
from tocsin.model.event import Configuration
from tocsin.service.alone import Alone
from tocsin.service.outages import outages_of
from tocsin.service.settings import Settings


class Channels:
    """The channels; written and read from the event loop only.

    folded     in the order in which they hear of a batch; one that shows another comes after it
    outboxes   one for each pushed channel
    secret     by which the map of blindness hides from the public where the sensors stand
    """

    def __init__(
        self, settings: Settings, configuration: Configuration, now: Callable[[], datetime], alone: Alone, secret: bytes
    ) -> None:
        drill = configuration.drill
        issuer = Issuer(
            sender=settings.sender,
            sender_name=settings.sender_name,
            languages=settings.languages,
            web=settings.web,
            contact=settings.contact,
        )
        self._alone = alone
        veil = Veil(configuration.zones, secret, outages_of(configuration))
        self.board = Board(configuration.zones, drill=drill, public_degraded=settings.public_degraded, veil=veil)
        self.page_stream = PageStream(
            self.board,
            now,
            listeners_max=settings.http.listeners_max,
            listeners_per_address_max=settings.http.listeners_per_address_max,
        )
        self.cap_messages = CapMessages(Author(issuer, configuration.zones))
        self.atom_feed = AtomFeed(self.cap_messages, settings.http.base_url or "", drill=drill)
        self.folded: tuple[Folded, ...] = (self.board, self.page_stream, self.cap_messages, self.atom_feed)
        pushed: tuple[Pushed, ...] = ()
        self.outboxes = tuple(Outbox(channel, now, random.random) for channel in pushed)

    def label(self, drill: bool) -> None:
        """Show all that comes as a drill, or as live."""
        self.board.drill = drill
        self.atom_feed.label(drill)

    def fold(self, batch: Batch) -> bool:
        """Tell the folded channels; whether all of them took it."""
        taken = [self._one(channel.name, channel.fold, batch) for channel in self.folded]
        return all(taken)

    def tell(self, batch: Batch) -> bool:
        """Tell every channel; whether all of them took it. Where not, the next batch must be a whole one."""
        folded = self.fold(batch)
        taken = [self._one(outbox.channel.name, outbox.offer, batch) for outbox in self.outboxes]
        return folded and all(taken)

    def _one(self, name: str, call: Callable[[Batch], None], batch: Batch) -> bool:
        with self._alone(name):
            call(batch)
        return not self._alone.failing(name)
