"""What an officer opens an incident with: what was struck, where and when; what stood and flew there is added."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Label, Personal, salt
from tocsin.ledger.window import Place, Window
from tocsin.model.errors import BadFile, BadValue
from tocsin.model.threat import ThreatClass
from tocsin.model.value import SENT_AHEAD_S, Latitude, Longitude, Sigma, Time
from tocsin.service.ledger.deciding import BY, Decided, allow
from tocsin.service.ledger.related import Links, Related
from tocsin.service.ledger.shelf import Shelf


class NewIncident(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /v1/console/ledger/incidents: something was struck; for officers only, until one of them releases it.

    lat, lon   WGS 84; sigma_m: how well that is known, one standard deviation; place: what it is called
    begin      the earliest that it may have been; end: the latest; null: nobody knows
    struck     what was struck; weapon: by what, as people call it; threat: as the engine does
    """

    lat: Latitude
    lon: Longitude
    begin: Time
    end: Time | None = None
    sigma_m: Sigma = 500.0
    place: Label = ""
    struck: Label = ""
    threat: ThreatClass = "unknown"
    weapon: Label = ""


def open_incident(
    shelf: Shelf,
    asked: NewIncident,
    who: str,
    now: datetime,
    within: Callable[[Place | None], bool],
    related: Related | None,
    *,
    drill: bool,
) -> Decided:
    """Keep a new incident, with the warnings that stood there and the tracks that were near. Raises BadValue."""
    place = Place(lat=asked.lat, lon=asked.lon, sigma_m=asked.sigma_m, name=asked.place)
    allow(within, place)
    if asked.begin > now + timedelta(seconds=SENT_AHEAD_S):
        raise BadValue(f"begin is {asked.begin.isoformat()}, which is still to come; correct it")
    window = Window(begin=asked.begin, end=asked.end)
    found = Links((), ()) if related is None else related.to(place, window)
    name = f"incident-{now:%Y%m%dT%H%M%S.%fZ}"
    kept = Incident(
        id=name, recorded=now, by=BY, incident=name, place=place, window=window, struck=asked.struck,
        threat=asked.threat, weapon=asked.weapon, warnings=found.warnings, tracks=found.tracks, drill=drill,
        personal=Personal(salt=salt(), recorder=who),
    )  # fmt: skip
    if conflicts := shelf.store.append([kept]).conflicts:
        raise BadFile(conflicts[0].reason)
    return Decided(name)
