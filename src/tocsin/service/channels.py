"""Every way out of one sector, wired.

A new channel that is always there is its file in `announce/` and one line here; one that the settings name is its file
in `announce/`, one in `ways_out/`, and one line in `ways_out/kinds.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from datetime import datetime
from functools import partial

from tocsin.announce.atom_feed import AtomFeed
from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch, Folded, Troubled, Working
from tocsin.announce.compat.episodes import Episodes
from tocsin.announce.delivery import Acknowledging, Delivery, Happened
from tocsin.announce.outbox import Outbox
from tocsin.announce.page_stream import PageStream
from tocsin.announce.rss_feed import RssFeed
from tocsin.announce.static_files import Beside
from tocsin.announce.veil import Veil
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.signers import Signers
from tocsin.cap.write import Author, Issuer
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.event import Configuration
from tocsin.service.alone import Alone
from tocsin.service.beside import CHANNELS
from tocsin.service.outages import outages_of
from tocsin.service.settings import Settings
from tocsin.service.sites.sites import Sites
from tocsin.service.ways_out.made import make_ways
from tocsin.service.ways_out.nodes import tellers
from tocsin.service.ways_out.way import Ground


class Channels:
    """The channels; written and read from the event loop only.

    folded     in the order in which they hear of a batch; one that shows another comes after it
    sites      hospitals, schools, airports, each as it stands
    outboxes   one for each pushed channel
    working    channels that have work of their own, by their names
    listeners  sample listeners of the settings' channels
    deliveries what became of every warning, by the name of each channel that can tell
    missing    why a channel of the settings is not there, or not wholly, by its id
    happened   told of everything that becomes of a warning on a channel
    told       told of every batch that the folded channels hear, at a start also of those before it
    beside     files of the public log
    journal    which journal names the warnings; asked only when it is open
    veil       hides from the public where the sensors stand; None: what comes is public already
    owned      zones that this node speaks for where views and front ends are told; None: they are told nothing
    """

    def __init__(
        self,
        settings: Settings,
        configuration: Configuration,
        now: Callable[[], datetime],
        alone: Alone,
        veil: Veil | None,
        happened: Callable[[Happened], None] = lambda happened: None,
        told: Callable[[Batch], None] = lambda batch: None,
        beside: Callable[[], Iterable[Beside]] = tuple,
        owned: Callable[[], Collection[str]] | None = None,
        journal: Callable[[], str] = str,
    ) -> None:
        drill = configuration.drill
        issuer = Issuer(
            sender=settings.sender,
            sender_name=settings.sender_name,
            languages=settings.languages,
            web=settings.web,
            contact=settings.contact,
            profiles=settings.cap.profiles,
        )
        signers = signers_of(settings)
        self._alone = alone
        self._told = told
        self.board = Board(configuration.zones, drill=drill, public_degraded=settings.public_degraded, veil=veil)
        self.page_stream = PageStream(
            self.board,
            now,
            listeners_max=settings.http.listeners_max,
            listeners_per_address_max=settings.http.listeners_per_address_max,
        )
        self.cap_messages = CapMessages(Author(issuer, configuration.zones), signers, lambda: self.board.blind)
        self.atom_feed = AtomFeed(self.cap_messages, settings.http.base_url or "", drill=drill)
        self.rss_feed = RssFeed(self.cap_messages, settings.http.base_url or "", drill=drill)
        self.warned_map = WarnedMap(configuration.zones, self.board.public_map, issuer)
        self.episodes = Episodes(configuration.zones, self.board)
        always: tuple[Folded, ...] = (
            self.board,
            self.page_stream,
            self.cap_messages,
            self.atom_feed,
            self.rss_feed,
            self.episodes,
        )
        self.sites = Sites(settings, self.board)
        ground = Ground(
            zones=configuration.zones,
            sites=self.sites.zones,
            board=self.board,
            messages=self.cap_messages,
            warned_map=self.warned_map,
            issuer=issuer,
            sector=settings.sector,
            now=now,
            base_url=(settings.http.base_url or "").rstrip("/"),
            folder=settings.journal.path.parent / CHANNELS,
            journal=journal,
            beside=beside,
        )
        made, self.listeners, self.missing = make_ways(settings.channel, ground, [channel.name for channel in always])
        pushed = [one.channel for one in made]
        mark = "" if veil is None else veil.mark
        tell = partial(tellers, settings, self.board, self.cap_messages, now, veil=mark)
        self._tellers = () if owned is None else tell(owned)
        self.folded = (*always, *self._tellers, *(channel for channel in pushed if isinstance(channel, Folded)))
        self.working: dict[str, Working] = {channel.name: channel for channel in self._tellers}
        self.working |= {channel.name: channel for channel in pushed if isinstance(channel, Working)}
        self.outboxes = tuple(
            Outbox(one.channel, now, random.random, one.choice, Delivery(one.channel.name, now, happened))
            for one in made
        )
        for box in self.outboxes:
            if isinstance(box.channel, Acknowledging):
                box.channel.hear_back(box.delivery.acknowledged)
        self._read = [Delivery(channel.name, now, happened) for channel in (self.page_stream, self.atom_feed)]
        self.deliveries = {one.channel: one for one in (*self._read, *(box.delivery for box in self.outboxes))}

    def label(self, drill: bool) -> None:
        """Show all that comes as a drill, or as live."""
        self.board.drill = drill
        self.atom_feed.label(drill)
        self.rss_feed.label(drill)

    def fold(self, batch: Batch) -> bool:
        """Tell the folded channels; whether all of them took it."""
        with self._alone("public log"):
            self._told(batch)
        taken = [self._one(channel.name, channel.fold, batch) for channel in self.folded]
        return all(taken)

    def works(self) -> Iterator[tuple[str, Callable[[], Coroutine[None, None, None]]]]:
        """What they do beside being told, by name: to be run in the event loop, without end."""
        for outbox in self.outboxes:
            yield f"{outbox.channel.name} outbox", outbox.run
        for name, channel in self.working.items():
            yield name, channel.work

    def tell(self, batch: Batch) -> bool:
        """Tell every channel; whether all of them took it. Where not, the next batch must be a whole one."""
        folded = self.fold(batch)
        with self._alone("delivery evidence"):
            for delivery in self._read:
                delivery.queued(batch.warnings)
        taken = [self._one(outbox.channel.name, outbox.offer, batch) for outbox in self.outboxes]
        return folded and all(taken)

    @property
    def silent(self) -> dict[str, str]:
        """Why a channel would not get through although nothing failed yet, by its name."""
        troubled = [one.channel for one in self.outboxes if isinstance(one.channel, Troubled)]
        found = {one.name: one.trouble for one in troubled if one.trouble is not None}
        return found | {one.name: one.trouble for one in self._tellers if one.trouble is not None}

    def troubles(self) -> list[str]:
        """Which channels of the settings are not there, or do not get through, each in a sentence."""
        failing = [one for one in self.outboxes if one.health.state == "failing"]
        return [
            *(f"channel {name}: {why}" for name, why in self.missing.items()),
            *(f"channel {one.channel.name} does not get through: {one.health.reason}" for one in failing),
            *(f"channel {name}: {why}" for name, why in self.silent.items()),
        ]

    def _one(self, name: str, call: Callable[[Batch], None], batch: Batch) -> bool:
        with self._alone(name):
            call(batch)
        return not self._alone.failing(name)


def veil_of(configuration: Configuration, index: ZoneIndex, secret: bytes) -> Veil:
    """What hides from the public where the sensors of a configuration stand; `index` is of its zones."""
    return Veil(index, secret, outages_of(configuration, index))


def signers_of(settings: Settings) -> Signers | str | None:
    """Who signs CAP messages; None: nobody; a sentence's end: why those whom the settings name cannot.

    A key that cannot be read must not keep the service from warning by every other way.
    """
    try:
        return settings.signing.signers if settings.signing is not None else None
    except BadSettings as error:
        return str(error)
