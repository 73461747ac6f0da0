"""A reading as what the journal keeps of it: values of the core, which need no word list to be understood again."""

from __future__ import annotations

from tocsin.ingest.text.reading import Named, Reading, Report
from tocsin.model.told import PLACES_MAX, SPOTS_MAX, TOLD_MAX, Place, Spot, Told

# Of one post: each spot is written down in the journal.
SPOTS_IN_ALL_MAX = 400
# A time that the line itself says ("5 min ago") is good to this share of it, and to this.
SAID_SHARE, SAID_SIGMA_S = 0.3, 30.0
# A course that words or places give is no better than this.
HEADING_SIGMA_MIN_DEG = 10.0


def told_of(reading: Reading, delay_s: float, delay_sigma_s: float) -> tuple[tuple[Told, ...], str | None]:
    """What a reading says, and what of it was too much; `delay_s` is how long this channel usually takes."""
    told: list[Told] = []
    left = SPOTS_IN_ALL_MAX
    for report in reading.reports[:TOLD_MAX]:
        places = tuple(place_of(named) for named in report.places[:PLACES_MAX])
        kept, spots = [], 0
        for place in places:
            if spots + len(place.spots) <= left:
                kept.append(place)
                spots += len(place.spots)
        left -= spots
        told.append(_told(report, tuple(kept), delay_s, delay_sigma_s))
    named_count = sum(len(report.places) for report in reading.reports)
    kept_count = sum(len(one.places) for one in told)
    if kept_count == named_count:
        return tuple(told), None
    return tuple(told), f"it names {named_count} places; {kept_count} of them are kept"


def _told(report: Report, places: tuple[Place, ...], delay_s: float, delay_sigma_s: float) -> Told:
    sigma = report.course_sigma_deg
    if report.delay_s:
        delay_s, delay_sigma_s = delay_s + report.delay_s, max(SAID_SIGMA_S, SAID_SHARE * report.delay_s)
    return Told(
        stage=report.stage,
        threat=report.likeliest,
        count=min(max(report.count_min or 1, 1), 1_000),
        further=report.further,
        places=places,
        heading_deg=None if report.course_deg is None else report.course_deg % 360,
        heading_sigma_deg=None if sigma is None else min(max(sigma, HEADING_SIGMA_MIN_DEG), 180.0),
        delay_s=min(delay_s, 3_600.0),
        delay_sigma_s=min(delay_sigma_s, 3_600.0),
    )


def place_of(named: Named) -> Place:
    """A named place as the journal keeps it."""
    spots = tuple(
        Spot(name=spot.name[:200], lat=spot.lat, lon=spot.lon, sigma_m=spot.sigma_m, weight=min(spot.weight, 1.0))
        for spot in named.spots[:SPOTS_MAX]
    )
    return Place(role=named.role, spots=spots)
