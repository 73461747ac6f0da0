"""What really happened: the contracts' `truth.jsonl`."""

from __future__ import annotations

from datetime import datetime

from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Latitude, Longitude, Time, Value


class Strike(Value, tag_field="kind", tag="strike", frozen=True, kw_only=True, omit_defaults=False):
    """Something fell: when, where, in which zone (None: in none), and which object it came from."""

    time: Time
    lat: Latitude
    lon: Longitude
    zone: Id | None
    threat: ThreatClass
    object: Id


class TrueObject(Value, tag_field="kind", tag="object", frozen=True, kw_only=True, omit_defaults=False):
    """Something flew: [time, lat, lon, altitude_m] along its way."""

    object: Id
    threat: ThreatClass
    path: tuple[tuple[datetime, float, float, float], ...]


Truth = Strike | TrueObject
