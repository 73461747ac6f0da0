"""What the routes for everybody need of the service: as much as a front end has, too, which has no engine."""

from __future__ import annotations

from typing import Protocol

from tocsin.service.channels import Channels
from tocsin.service.clock import Clock
from tocsin.service.ledger.public import PublicPages
from tocsin.service.settings import Settings
from tocsin.service.sites.sites import Sites
from tocsin.service.views_reader import ViewsReader


class PublicLogHere(Protocol):
    """Whether there is a public log to be checked."""

    @property
    def on(self) -> bool: ...


class Seen(Protocol):
    """A service, or a front end; `views`: the database of what was, None: there is none."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def sites(self) -> Sites: ...
    @property
    def incident_pages(self) -> PublicPages: ...
    @property
    def proving(self) -> PublicLogHere: ...
    @property
    def views(self) -> ViewsReader | None: ...
