"""What a channel's line asks of the sector: places to be wary of, launches, things that fell. It lowers nothing.

"Gone" and "all clear" are one channel's word and ask for nothing. A declared threat, and a place that is wide or only
perhaps meant, are worth vigilance; what is told of a place counts as a person's report does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from tocsin.forecast.heard import SIGMA_M_MAX, Line
from tocsin.forecast.limits import LIMITS
from tocsin.model.observation import ChannelReport, Impact, Launch, Position
from tocsin.model.threat import BALLISTIC
from tocsin.model.told import LIKELY, Place, Spot, Told
from tocsin.model.value import ID_CHARS_MAX, seconds_of

# A place less likely meant than this is not worth anybody's vigilance.
WARY_WEIGHT = 0.1
# Of a wide place nearly all, where it spreads like this many standard deviations.
WIDE = 1.5
NOWHERE = "it names no place, and nothing is known of where its channel writes of"
LOWERS_NOTHING = "that something is gone is one channel's word, and lowers nothing"


class Asked(NamedTuple):
    """One thing that a line asks, as an observation of its source, and what its line adds."""

    report: Position | Launch | Impact
    line: Line


def asked_by(line: ChannelReport) -> Iterator[Asked]:
    """Everything that a line asks, in order."""
    for told in line.told:
        if told.stage in ("gone", "all_clear", "none") or told.threat == "civil":
            continue
        for place in _of_concern(told):
            yield from _of_place(line, told, place)


def nothing_asked(line: ChannelReport) -> str:
    """Why a line that says something asks for nothing."""
    if any(told.stage in ("gone", "all_clear") for told in line.told):
        return LOWERS_NOTHING
    return NOWHERE


def _of_concern(told: Told) -> tuple[Place, ...]:
    """The places in danger: where it is, or else where it is bound for; of a launch both where from and where to."""
    if told.stage in ("threat", "launch", "impact"):
        return told.places
    there = tuple(place for place in told.places if place.role in ("over", "via", "between"))
    return there or tuple(place for place in told.places if place.role == "towards")


def _of_place(line: ChannelReport, told: Told, place: Place) -> Iterator[Asked]:
    for spot in place.spots:
        sure = spot.weight >= LIKELY and told.stage != "threat"
        if sure and told.stage == "launch" and place.role != "towards":
            yield _launch(line, told, spot)
        elif sure and told.stage == "impact" and spot.sigma_m <= SIGMA_M_MAX:
            yield _impact(line, told, spot)
        elif spot.weight >= WARY_WEIGHT:
            yield _position(line, told, place, spot, vague=not sure or spot.sigma_m > SIGMA_M_MAX)


def _position(line: ChannelReport, told: Told, place: Place, spot: Spot, *, vague: bool) -> Asked:
    # What is bound for a place comes from wherever it is; people there are ahead of it.
    heading = None if vague or place.role == "towards" else told.heading_deg
    # Within the doubt of its delay it has flown on.
    flown_m = 0.0 if told.threat in BALLISTIC else LIMITS[told.threat].speed_mps * told.delay_sigma_s
    sigma_m = WIDE * spot.sigma_m if vague else min(math.hypot(spot.sigma_m, flown_m), SIGMA_M_MAX)
    report = Position(
        id=line.id, time=line.time - timedelta(seconds=told.delay_s), received=line.received_at, source=line.source,
        via=line.via, lat=spot.lat, lon=spot.lon, sigma_m=sigma_m, heading_deg=heading,
    )  # fmt: skip
    return Asked(report, _line(line, told, vague=vague))


def _launch(line: ChannelReport, told: Told, spot: Spot) -> Asked:
    report = Launch(
        id=_part(line), time=line.time - timedelta(seconds=told.delay_s), received=line.received_at,
        source=line.source, via=line.via, lat=spot.lat, lon=spot.lon, sigma_m=spot.sigma_m, threat=told.threat,
        azimuth_deg=told.heading_deg,
    )  # fmt: skip
    return Asked(report, _line(line, told, vague=False))


def _impact(line: ChannelReport, told: Told, spot: Spot) -> Asked:
    report = Impact(
        id=_part(line), time=line.time - timedelta(seconds=told.delay_s), received=line.received_at,
        source=line.source, via=line.via, lat=spot.lat, lon=spot.lon, sigma_m=spot.sigma_m, threat=told.threat,
    )  # fmt: skip
    return Asked(report, _line(line, told, vague=False))


def _line(line: ChannelReport, told: Told, *, vague: bool) -> Line:
    wording = int(line.wording, 16) % 2**62 if line.wording else 0
    return Line(told.threat, seconds_of(line.time), wording, vague)


def _part(line: ChannelReport) -> str:
    return line.id[:ID_CHARS_MAX]
