"""The people of a service as it starts: whatever has happened to their file, the service warns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from tocsin.model.errors import BadFile
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.store import People
from tocsin.service.settings import Settings, people_path
from tocsin.service.source_settings import TokenSource

log = structlog.get_logger(__name__)


def people_of(settings: Settings, file: PeopleFile, now: Callable[[], datetime]) -> People:
    """The people in a file, beside the tokens of the settings."""
    sources = (one.id for one in settings.source if isinstance(one, TokenSource))
    tokens = [*sources, *(one.id for one in settings.operator), *(one.id for one in settings.watcher)]
    return People(file, settings.people, now, tokens)


def opened(settings: Settings, now: Callable[[], datetime]) -> People:
    """The same; where the file cannot be used nobody can sign in, tokens work as ever, and it is said."""
    try:
        return people_of(settings, PeopleFile(people_path(settings)), now)
    except BadFile as error:
        log.error("nobody can sign in", reason=str(error))
        nobody = people_of(settings, PeopleFile(None), now)
        nobody.unusable = f"nobody can sign in, and tokens work as ever: {error}"
        return nobody
