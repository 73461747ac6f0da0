"""Incidents that may be one: proposed with the reason, by place, time and words; a person decides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pyproj import Geod

from tocsin.ledger.glossary import words_of
from tocsin.ledger.incident import Incident
from tocsin.ledger.reasons import Reason, reason
from tocsin.ledger.record import order_of
from tocsin.ledger.standing import Standing
from tocsin.model.threat import alike

_GEODESIC = Geod(ellps="WGS84")
# Two points that are one lie farther apart in one of seven cases where places are that well known.
_SIGMAS = 2.0
# Beside a point's own uncertainty: what is struck has an extent.
_EXTENT_M = 500.0
# Known no better than this, places alone say nothing: something they call alike must be what was struck.
_VAGUE_M = 5_000.0
# Windows longer than this meet everything.
WINDOW_MAX = timedelta(days=7)
_WORD_CHARS_MIN = 4
_METRES_PER_DEGREE = 110_000.0


class Duplicate(NamedTuple):
    """Two incidents that may be one, by the names under which they stand, and why."""

    one: str
    other: str
    reasons: tuple[Reason, ...]


def current(records: Iterable[Incident], standing: Standing) -> dict[str, Incident]:
    """Name -> the newest record of each incident that stands, in order of names."""
    own: dict[str, Incident] = {}
    parts: dict[str, Incident] = {}
    for one in sorted(records, key=order_of):
        if one.id not in standing.undone:
            root = standing.root("incident", one.incident)
            (own if one.incident == root else parts)[root] = one
    return dict(sorted((parts | own).items()))


def propose_duplicates(records: Iterable[Incident], standing: Standing) -> Iterator[Duplicate]:
    """Pairs of incidents that may be one, in order of time; not those of which somebody said that they are two.

    Incidents without a place, and those whose window is longer than a week, are not compared.
    """
    placed = [
        (one.window.begin, name, one)
        for name, one in current(records, standing).items()
        if one.place is not None and _end(one) - one.window.begin <= WINDOW_MAX
    ]
    open_: list[tuple[str, Incident]] = []
    for begin, name, one in sorted(placed, key=lambda entry: entry[:2]):
        open_ = [(other, held) for other, held in open_ if _end(held) >= begin]
        for other, held in open_:
            reasons = _reasons(held, one)
            if reasons and not standing.is_apart("incident", other, name):
                yield Duplicate(min(other, name), max(other, name), reasons)
        open_.append((name, one))


def _end(incident: Incident) -> datetime:
    """When its window ends; one without an end is of one moment, as far as anybody knows."""
    return incident.window.end or incident.window.begin


def _reasons(one: Incident, other: Incident) -> tuple[Reason, ...]:
    """Why two incidents whose windows meet may be one; empty: nothing speaks for it."""
    assert one.place is not None and other.place is not None
    if one.drill != other.drill or not alike(one.threat, other.threat):
        return ()
    sigma_m = math.hypot(one.place.sigma_m, other.place.sigma_m)
    within_m = _SIGMAS * sigma_m + _EXTENT_M
    if abs(one.place.lat - other.place.lat) * _METRES_PER_DEGREE > within_m:
        return ()
    apart_m = _GEODESIC.inv(one.place.lon, one.place.lat, other.place.lon, other.place.lat)[2]
    words = _words(one) & _words(other)
    if apart_m > within_m or (sigma_m > _VAGUE_M and not words):
        return ()
    reasons = [
        reason("near", apart=f"{apart_m / 1_000:.1f}", within=f"{within_m / 1_000:.1f}"),
        reason("meet"),
    ]
    if words:
        reasons.append(reason("words", words=", ".join(sorted(words))))
    if one.threat == other.threat != "unknown":
        reasons.append(reason("threat", threat=one.threat.replace("_", " ")))
    return tuple(reasons)


def _words(incident: Incident) -> set[str]:
    said = f"{incident.struck} {incident.place.name if incident.place is not None else ''}"
    return {word for word in words_of(said) if len(word) >= _WORD_CHARS_MIN}
