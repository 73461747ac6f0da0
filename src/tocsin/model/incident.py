"""Incidents: something fell somewhere."""

from __future__ import annotations

from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Latitude, Longitude, Name, Sigma, Time, Value


class Incident(Value, tag_field="effect", tag="incident", frozen=True, kw_only=True):
    """Opened by an impact report; claims about it are gathered in the ledger.

    id        of the observation that opened it
    zone      the zone it fell in; None: outside every zone
    """

    id: Id
    time: Time
    lat: Latitude
    lon: Longitude
    sigma_m: Sigma
    threat: ThreatClass = "unknown"
    zone: Name | None = None
    drill: bool = False
