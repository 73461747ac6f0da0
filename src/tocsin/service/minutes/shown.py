"""Writes the minutes of warning for planners."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from tocsin.model.wire import to_json
from tocsin.plan.promise import Promise
from tocsin.service.minutes.bodies import ClassMinutes, ConsoleMinutes, Minutes, ZoneMinutes
from tocsin.service.minutes.kept import Left


def body_of(left: Left, since: datetime) -> bytes:
    """`ConsoleMinutes` as JSON: a megabyte of a country, made in the thread that works it out."""
    names = [zone.id for zone in left.index.zones]
    classes = []
    for threat, promise in left.now.items():
        rows = zip(names, _rows(left.usual[threat]), _rows(promise), strict=True)
        zones = tuple(
            ZoneMinutes(zone=name, usual=was, now=UNSET if is_now == was else is_now) for name, was, is_now in rows
        )
        usual, now = (round(float(one.sum())) for one in left.enough(threat))
        classes.append(ClassMinutes(threat=threat, enough_usual=usual, enough_now=now, zones=zones))
    return to_json(ConsoleMinutes(since=since, lost=left.lost, classes=tuple(classes)))


def _rows(promise: Promise) -> list[Minutes]:
    columns = (
        _known(promise.tracked.least_s, 1),
        _known(promise.tracked.median_s, 1),
        _known(promise.covered.median_s, 1),
        _known(promise.could, 4),
    )
    return [
        Minutes(tracked_least_s=least, tracked_median_s=median, told_median_s=told, could=could)
        for least, median, told, could in zip(*columns, strict=True)
    ]


def _known(values: NDArray[np.float64], digits: int) -> list[float | None]:
    return [None if value != value else value for value in np.round(values, digits).tolist()]
