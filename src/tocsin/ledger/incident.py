"""Incidents: something was struck, somewhere, at some time."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.ledger.record import Id, Label, Record
from tocsin.ledger.window import Place, Window
from tocsin.model.threat import ThreatClass
from tocsin.model.value import TrackId

Origin = Literal["impact", "operator", "import"]
RELATED_MAX = 1_000


class Incident(Record, tag="incident", frozen=True, kw_only=True):
    """An incident as it was known when this was recorded.

    incident   what claims, merges and splits call it; a later record of the same `incident` takes the place of an
               earlier one, and both stay
    place      where; None: nobody said
    window     within when
    struck     what was struck, in a few words
    threat     by what, as the engine calls it; weapon: in the sources' words
    origin     an impact report of the journal, an operator, or an import
    impact     the id of the impact report that opened it
    warnings   ids of warnings that were in force there, or issued for it
    tracks     ids of tracks that ended in it
    released   an operator lets the public see it
    drill      part of a drill, and marked so wherever it is shown
    """

    incident: Id
    place: Place | None = None
    window: Window
    struck: Label = ""
    threat: ThreatClass = "unknown"
    weapon: Label = ""
    origin: Origin = "operator"
    impact: Id | None = None
    warnings: Annotated[tuple[Id, ...], Meta(max_length=RELATED_MAX)] = ()
    tracks: Annotated[tuple[TrackId, ...], Meta(max_length=RELATED_MAX)] = ()
    released: bool = False
    drill: bool = False
