"""What the service shows, folded from effects: the board, and the CAP messages."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.announce.atom_feed import feed
from tocsin.announce.board import Board, Change
from tocsin.announce.cap_messages import Archive
from tocsin.cap.write import Author, Issuer
from tocsin.model.effect import Effect
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration
from tocsin.model.warning import Warning
from tocsin.service.settings import Settings


class Views:
    """The board and the CAP archive of one sector; written and read from the event loop only."""

    def __init__(self, settings: Settings, configuration: Configuration) -> None:
        self.drill = configuration.drill
        self.board = Board(configuration.zones, drill=configuration.drill, public_degraded=settings.public_degraded)
        self._issuer = Issuer(sender=settings.sender, sender_name=settings.sender_name, languages=settings.languages)
        self._author = Author(self._issuer, configuration.zones)
        self._base_url = settings.http.base_url or ""
        self._archive = Archive(self._issuer)
        self._feed: bytes | None = None

    def load_messages(self, data: bytes) -> None:
        """Go on with the CAP messages of a snapshot; a dump that cannot be read is done without."""
        try:
            self._archive = Archive.load(data, self._issuer)
        except BadRecord:
            self._archive = Archive(self._issuer)

    def dump_messages(self) -> bytes:
        """The CAP messages, for a snapshot."""
        return self._archive.dump()

    def apply(self, seq: int, effects: Iterable[Effect]) -> Change:
        """Take in the effects of one step."""
        change = self.board.apply(seq, effects)
        self.announce(change.warnings)
        return change

    def announce(self, warnings: Iterable[Warning]) -> None:
        """Make the CAP messages that tell of warnings."""
        if self._archive.apply(warnings):
            self._feed = None

    def feed_xml(self) -> bytes:
        """The Atom feed."""
        if self._feed is None:
            self._feed = feed(self._archive, self._author, self._base_url, drill=self.drill)
        return self._feed

    def cap_xml(self, name: str) -> bytes | None:
        """A CAP message by its identifier or by the id of a warning in it; None: not kept."""
        message = self._archive.find(name)
        return None if message is None else self._author.xml(message)
