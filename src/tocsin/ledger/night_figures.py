"""Figures of nights: how often people were warned in time, and how long they were kept in cover for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tocsin.ledger.nights import CoverRow, Night, StruckRow
from tocsin.model.value import time_text

UNSEEN = "no sensor"


def figures_of(nights: Sequence[Night]) -> dict[str, Any]:
    """What the nights of one or more records come to, for everybody to read: no sensor is named.

    Returns `total`, `by_night`, `by_policy`, `by_class`, `by_zone` (each name -> figures), `incidents` (those that an
    operator released) and `left_out`. Figures: `covers`, `person_minutes` and `incidents`, each by outcome, `in_time`
    (of those that can be told, the share warned in time; None: none can), `lead_s` (10, 50, 90 %).
    """
    cover = [row for night in nights for row in night.cover]
    struck = [row for night in nights for row in night.struck]
    left_out: dict[str, int] = {}
    for night in nights:
        for reason, times in night.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + times
    return {
        "total": _figures(cover, struck),
        "by_night": _grouped(cover, struck, lambda row: [row.night], lambda row: [row.night]),
        "by_policy": _grouped(
            cover, struck, lambda row: [row.policy or "unnamed"], lambda row: [row.policy or "unnamed"]
        ),
        "by_class": _grouped(cover, struck, lambda row: [row.threat], lambda row: [row.incident.threat]),
        "by_zone": _grouped(cover, struck, lambda row: [row.zone], lambda row: list(row.zones)),
        "incidents": [_public(row) for row in struck if row.incident.released],
        "left_out": left_out,
    }


def sensor_figures(nights: Sequence[Night]) -> dict[str, Any]:
    """Sensor -> figures, for operators alone: of what each had seen before people were sent into cover.

    What several had seen counts for each of them; `UNSEEN`: covers that no sensor stands behind (officers, neighbours,
    people's reports), and incidents that fell into no cover.
    """
    return _grouped(
        [row for night in nights for row in night.cover],
        [row for night in nights for row in night.struck],
        lambda row: list(row.sensors) or [UNSEEN],
        lambda row: list(row.sensors) or [UNSEEN],
    )


def channel_figures(nights: Mapping[str, Sequence[Night]]) -> dict[str, Any]:
    """Channel -> figures, of nights as they were heard on it."""
    return {
        name: _figures(
            [row for night in heard for row in night.cover], [row for night in heard for row in night.struck]
        )
        for name, heard in sorted(nights.items())
    }


def _grouped(
    cover: list[CoverRow],
    struck: list[StruckRow],
    of_cover: Callable[[CoverRow], list[str]],
    of_struck: Callable[[StruckRow], list[str]],
) -> dict[str, Any]:
    names = sorted({name for row in cover for name in of_cover(row)} | {n for row in struck for n in of_struck(row)})
    return {
        name: _figures(
            [row for row in cover if name in of_cover(row)], [row for row in struck if name in of_struck(row)]
        )
        for name in names
    }


def _figures(cover: Iterable[CoverRow], struck: Iterable[StruckRow]) -> dict[str, Any]:
    covers = dict.fromkeys(("hit", "in vain", "unverifiable"), 0)
    minutes = dict.fromkeys(covers, 0.0)
    for row in cover:
        covers[row.outcome] += 1
        minutes[row.outcome] += row.person_minutes
    told = dict.fromkeys(("warned in time", "warned too late", "not warned", "unverifiable"), 0)
    leads = []
    for one in struck:
        told[one.outcome] += 1
        if one.lead_s is not None:
            leads.append(one.lead_s)
    known = sum(told.values()) - told["unverifiable"]
    return {
        "covers": covers,
        "person_minutes": {name: round(value) for name, value in minutes.items()},
        "incidents": told,
        "in_time": round(told["warned in time"] / known, 4) if known else None,
        "lead_s": {f"p{rank}": round(float(np.percentile(leads, rank)), 1) if leads else None for rank in (10, 50, 90)},
    }


def _public(row: StruckRow) -> dict[str, Any]:
    """One incident that was released, without anything that an operator did not release."""
    one = row.incident
    return {
        "incident": one.incident,
        "night": row.night,
        "begin": time_text(one.window.begin),
        "end": None if one.window.end is None else time_text(one.window.end),
        "zones": list(row.zones),
        "struck": one.struck,
        "threat": one.threat,
        "outcome": row.outcome,
        "lead_s": row.lead_s,
    }
