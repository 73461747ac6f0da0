"""How sites fare, as they or an officer said last: in memory for speed, and in a SQLite file of their own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import apsw
import msgspec

from tocsin.model.errors import BadValue
from tocsin.model.value import PublicReason
from tocsin.service.sites.site import Site

SiteState = Literal["open", "sheltering", "out_of_service"]
# Longer than that, somebody says it again.
LASTS_MAX = timedelta(days=366)
# Clocks of sites are set by hand.
AHEAD_MAX = timedelta(minutes=5)
_LAYOUT = "CREATE TABLE IF NOT EXISTS status (site TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PUT /v1/sites/{id}/status.

    since   from when on; without it, from now
    until   after which it is taken to be open again; without it, until somebody says so
    note    for everybody, where the site is public
    """

    state: SiteState
    since: datetime | None = None
    until: datetime | None = None
    note: PublicReason = ""


class Status(msgspec.Struct, frozen=True):
    """How a site fares, by whose word and when that was said."""

    state: SiteState
    since: datetime
    until: datetime | None
    note: str
    by: str
    said_at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is still so."""
        return self.until is None or now < self.until


def status_of(said: Said, by: str, now: datetime) -> Status:
    """What was said, as it is kept. Raises BadValue."""
    since = now if said.since is None else said.since
    for name, at in (("since", since), ("until", said.until)):
        if at is not None and at.tzinfo is None:
            raise BadValue(f"{name} has no time zone; write 2026-11-01T08:00:00Z")
    if since > now + AHEAD_MAX or since < now - LASTS_MAX:
        raise BadValue("since is in the future, or more than a year ago")
    if said.until is not None and not now < said.until <= now + LASTS_MAX:
        raise BadValue("until is past, or more than a year ahead")
    return Status(said.state, min(since, now), said.until, said.note, by, now)


class Statuses:
    """What was said of each site; used from the event loop only. A site that the file names no longer is forgotten."""

    def __init__(self, file: Path, sites: Mapping[str, Site]) -> None:
        self._of: dict[str, Status] = {}
        self._writing = asyncio.Lock()
        self._database: apsw.Connection | None = None
        if not sites:
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._database = apsw.Connection(str(file))
        self._database.pragma("journal_mode", "wal")
        self._database.pragma("synchronous", "full")
        self._database.execute(_LAYOUT)
        for site, said in self._database.execute("SELECT site, said FROM status"):
            if site in sites:
                self._of[site] = msgspec.json.decode(said, type=Status)

    def of(self, site: str, now: datetime) -> Status | None:
        """How it fares; None: nobody said, or it was said until then: it is open."""
        status = self._of.get(site)
        return status if status is not None and status.holds(now) else None

    async def put(self, site: str, status: Status) -> None:
        """Keep what was said; it is durable when this returns. Raises OSError and apsw.Error where it is not."""
        assert self._database is not None, "there are sites"
        row = site, msgspec.json.encode(status).decode()
        async with self._writing:
            await asyncio.to_thread(self._database.execute, "INSERT OR REPLACE INTO status VALUES (?, ?)", row)
            self._of[site] = status
