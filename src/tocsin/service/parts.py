"""What a service is made of: every part that stands before the journal is opened."""

from __future__ import annotations

import hmac
import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.admission import Gate
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.rejects import Rejects
from tocsin.journal import Journal
from tocsin.model.event import Configuration
from tocsin.service.alone import Alone
from tocsin.service.canary.canaries import Canaries
from tocsin.service.channels import Channels, veil_of
from tocsin.service.clock import Clock
from tocsin.service.conflicts import Conflicts
from tocsin.service.delivery_trail import Trail, trail_path
from tocsin.service.http.callers import Callers
from tocsin.service.ledger.desk import LedgerDesk
from tocsin.service.ledger.public import PublicPages
from tocsin.service.lines import Lines
from tocsin.service.metrics import Metrics
from tocsin.service.minutes.coarse import Coarse
from tocsin.service.outcomes import Outcomes
from tocsin.service.people.bans_kept import kept_bans
from tocsin.service.people.door import Door
from tocsin.service.people.opening import opened
from tocsin.service.people.passwords import Passwords
from tocsin.service.people.ways_in import WaysIn
from tocsin.service.pressing import Pressing
from tocsin.service.proving import Proving
from tocsin.service.secret import kept_secret, secret_path
from tocsin.service.sectoring import Sectoring
from tocsin.service.settings import Settings, ledger_place, pinned_by
from tocsin.service.spotters.enrolled import Enrolled
from tocsin.service.timekeeper import Timekeeper
from tocsin.service.views_reader import ViewsReader

if TYPE_CHECKING:
    from tocsin.service.minutes.live import Live


class Parts:
    """The parts, made from the settings and known to one another.

    journal  it is there from the service's start
    """

    journal: Journal

    def __init__(self, settings: Settings, configuration: Configuration, clock: Clock) -> None:
        self.settings = settings
        self.configuration = configuration
        self.clock = clock
        # The zones that are decided here, and those of the country, which are weighed together.
        self.sector = Sectoring(settings, configuration)
        self.index = ZoneIndex(self.sector.shown.zones)
        country = self.index if self.sector.shown is configuration else ZoneIndex(configuration.zones)
        self.time = Timekeeper(settings, clock)
        self.gate = Gate(configuration.sources, configuration.sensors, country, self.time.hear)
        self.readers = Readers(configuration.zones, pinned_by(settings))
        self.lines = Lines(settings)
        self.metrics = Metrics()
        self.alone = Alone(self.metrics.listener_failures, self.metrics.listener_up)
        secret = kept_secret(secret_path(settings.journal.path))
        self._shared_key = hmac.digest(secret, b"incidents", "sha256")
        self.trail = Trail(trail_path(settings.journal.path), self.alone)
        self.proving = Proving(settings.proof, settings.journal.path, self._now, self.alone)
        self.ledger = LedgerDesk(ledger_place(settings), make=settings.ledger is not None)
        self.incident_pages = PublicPages(self.ledger)
        self._owned = frozenset(zone.id for zone in self.sector.shown.zones)
        self._veil = veil_of(configuration, country, secret)
        self.channels = Channels(
            settings,
            self.sector.shown,
            clock.now,
            self.alone,
            self._veil,
            self.trail.note,
            self.proving.hear,
            self.proving.files,
            lambda: self._owned,
            lambda: self.journal.journal_id.hex(),
        )
        self.views = None if settings.views is None else ViewsReader(settings.views.place)
        self.people = opened(settings, self._now)
        self.people.audit.counted = lambda what: self.metrics.people.labels(what).inc()
        self.callers = Callers(settings, self.people)
        self.sites = self.channels.sites
        self.ways_in = WaysIn(settings)
        self.door = Door(self.people, Passwords(), kept_bans(self.people, secret, time.monotonic), settings.sector)
        self.pressing = Pressing(self.channels.cap_messages, self.alone)
        self.canaries = Canaries(self.alone, clock.now)
        self.rejects = Rejects(settings.journal.path.with_name("rejects.jsonl"), patient=True)
        self.conflicts = Conflicts(self.rejects)
        # What the engine makes of what is new, for whoever sent it.
        self.outcomes = Outcomes()
        # Who was invited to report what he sees; None: nobody may.
        self.spotters = (
            None
            if settings.spotters is None
            else Enrolled(settings.spotters, settings.journal.path, country, self.gate.access)
        )
        # The minutes of warning that people have; None: nobody asked for them. What is said of them to everybody.
        self.minutes = self._minutes()
        self.coarse = None if settings.minutes is None or not settings.minutes.public else Coarse(country)

    def _now(self) -> datetime:
        """The time for people, who live in it also while a drill's clock runs ten times as fast."""
        return self.clock.now() if self.clock.weighed else self.clock.wall()

    def _minutes(self) -> Live | None:
        told = self.settings.minutes
        if told is None:
            return None
        # Imported here: most services have no plan.
        from tocsin.service.minutes.kept import kept_of
        from tocsin.service.minutes.live import Live

        make = partial(kept_of, told, self.settings, self.configuration)
        return Live(make, self.clock.now, told.fall_share, self.alone)
