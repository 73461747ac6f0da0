"""The ways in that the settings open beside a password: passkeys, and providers of OpenID Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from tocsin.model.errors import BadSettings
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.tickets import Tickets
from tocsin.service.people.way_in import Site, site_of
from tocsin.service.secrets_kept import Secret, secret_at
from tocsin.service.settings import Settings

if TYPE_CHECKING:
    from tocsin.service.people.openid import Flow
    from tocsin.service.people.passkeys import Ceremonies

log = structlog.get_logger(__name__)


class WaysIn:
    """Those of one service.

    passkeys   None: there can be none at this address
    openid     the ways to each provider, by its id
    trouble    which provider cannot be used, in a sentence; it keeps nobody from being warned
    """

    def __init__(self, settings: Settings) -> None:
        tickets = Tickets()
        site = site_of(settings.http.base_url)
        self.passkeys = None if site is None else _ceremonies(site, tickets)
        self.openid: dict[str, Flow] = {}
        self.trouble: str | None = None
        base = (settings.http.base_url or "").rstrip("/")
        for one in settings.openid:
            try:
                secret = None if one.client_secret_file is None else secret_at(one.client_secret_file)
            except BadSettings as error:
                self.trouble = f"nobody can sign in through {one.id}: {error}"
                log.error("a provider cannot be used", openid=one.id, reason=str(error))
                continue
            back = f"{base}/v1/session/openid/{one.id}/back"
            self.openid[one.id] = _flow(one, secret, tickets, back)


def _ceremonies(site: Site, tickets: Tickets) -> Ceremonies:
    # Imported here, as below: it brings a hundred modules with it, and most services open no such way.
    from tocsin.service.people.passkeys import Ceremonies

    return Ceremonies(site, tickets)


def _flow(openid: OpenId, secret: Secret | None, tickets: Tickets, back: str) -> Flow:
    from tocsin.service.people.openid import Flow
    from tocsin.service.people.openid_provider import Provider

    return Flow(Provider(openid, secret), tickets, back)
