"""Alerts that stood, as archives of public alerts have them: what was told, not what fell."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from tocsin.ledger.record import Label, Record
from tocsin.ledger.window import Window
from tocsin.model.value import Name

# One warning of a whole country named 1,159 places.
PLACES_MAX = 5_000


class Alert(Record, tag="alert", frozen=True, kw_only=True):
    """One alert, from when to when, as one relay of alerts tells it.

    source   the relay
    region   the first-level unit it was in, as written; empty: the relay names places alone
    places   what was alerted, where that is less than the region, as written
    window   its end is None where the relay never told it
    level    what was alerted: oblast, raion, hromada, zone
    category   of what was warned, as written; empty: the relay does not say
    """

    source: Name
    region: Label = ""
    places: Annotated[tuple[Label, ...], Meta(max_length=PLACES_MAX)] = ()
    window: Window
    level: Label = ""
    category: Label = ""
