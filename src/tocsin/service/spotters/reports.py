"""What a device sends, and the observation that it becomes.

A person's place is rounded to a hundred metres before anything is done with it: it need not be known better.
"""

from __future__ import annotations

import hmac
import math
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tocsin.earth.frames import LocalFrame, destination
from tocsin.earth.sighted import USUAL_M
from tocsin.ingest.admission import OLD_S
from tocsin.model.errors import BadValue
from tocsin.model.observation import Impact, Sighting
from tocsin.model.value import SENT_AHEAD_S, Azimuth, Latitude, Longitude, Time

What = Literal[
    "drone", "cruise_missile", "jet", "helicopter", "aircraft", "ballistic_missile", "rocket", "explosion", "unknown"
]
# A thousandth of a degree: 111 m from south to north.
ROUNDED = 3
# Who does not know better than this where he stands must choose a place.
ACCURACY_MAX_M = 5_000.0
# Where he stands is worse known than this, and a direction from there means little.
AIMED_FROM_M = 700.0
# Farther than anybody sees or hears anything.
FARTHEST_M = 40_000.0
# A finger on a map of a town.
POINTED_M = 1_000.0
FELL_SIGMA_M = (300.0, 5_000.0)

ClientId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Guess = Annotated[float, Meta(ge=0, le=FARTHEST_M)]


class SpotterPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere, and how well it is known in metres."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[float, Meta(ge=0, le=20_100_000)] = 0.0


class SpotterReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One report of a device.

    id           the device's own, made by chance; sending it again changes nothing
    time         when it was seen or heard, by the service's clock
    post         where whoever reports stood
    bearing_deg  from there to the thing, clockwise from north; distance_m: a guess
    at           where the thing was, pointed at on a map
    heading_deg  the way it moved
    """

    id: ClientId
    time: Time
    what: What
    sense: Literal["seen", "heard", "both"] = "seen"
    count: Annotated[int, Meta(ge=1, le=100)] = 1
    post: SpotterPlace | None = None
    bearing_deg: Azimuth | None = None
    distance_m: Guess | None = None
    at: SpotterPlace | None = None
    heading_deg: Azimuth | None = None

    def tag(self, secret: str) -> bytes:
        """The same for the same report of the same device, and telling nothing without the device's secret."""
        return hmac.digest(secret.encode(), msgspec.json.encode(self), "sha256")[:12]


class Untimely(BadValue):
    """Its time is not of now: `code` says how."""

    def __init__(self, code: Literal["old", "ahead"], reason: str) -> None:
        super().__init__(reason)
        self.code = code


def observation_of(told: SpotterReport, name: str, voice: str, now: datetime) -> Sighting | Impact:
    """The observation that a report becomes, under that id and that source.

    Raises Untimely where it is too old to change a warning or ahead of time, and BadValue where it says no place.
    """
    time = told.time.replace(microsecond=0)
    age_s = (now - time).total_seconds()
    if age_s > OLD_S:
        raise Untimely("old", f"it is {age_s / 60:.0f} min old, and after {OLD_S / 60:.0f} min changes no warning")
    if age_s < -SENT_AHEAD_S:
        raise Untimely("ahead", f"its time is {-age_s:.0f} s ahead of the service's")
    if told.what == "explosion":
        lat, lon, sigma_m = _fell(told)
        return Impact(id=name, time=time, source=voice, lat=lat, lon=lon, sigma_m=sigma_m)
    lat, lon, bearing_deg, distance_m = _where(told)
    return Sighting(
        id=name,
        time=time,
        source=voice,
        lat=lat,
        lon=lon,
        threat=told.what,
        count=told.count,
        bearing_deg=bearing_deg,
        distance_m=distance_m,
        heading_deg=told.heading_deg,
        sense=told.sense,
    )


def _where(told: SpotterReport) -> tuple[float, float, float | None, float | None]:
    """Where whoever tells of it stood, and from there its bearing and distance: a sighting's doubt follows from both.

    Without a bearing it was within the distance of that place.
    """
    post, at = told.post, told.at
    if post is not None and post.accuracy_m > ACCURACY_MAX_M:
        post = None
    if at is not None:
        lat, lon = _rounded(at)
        pointed_m = max(POINTED_M, at.accuracy_m)
        if post is None or post.accuracy_m > AIMED_FROM_M:
            return lat, lon, None, pointed_m
        own = _rounded(post)
        east, north = (float(part) for part in LocalFrame(*own).to_local(lat, lon))
        away_m = math.hypot(east, north)
        # What is overhead has no direction; what is farther than anybody sees was told by somebody else.
        if not pointed_m < away_m <= FARTHEST_M:
            return lat, lon, None, pointed_m
        return *own, math.degrees(math.atan2(east, north)) % 360, away_m
    if post is None:
        raise BadValue("it says no place: choose where you are, or point at the map")
    if post.accuracy_m > AIMED_FROM_M or told.bearing_deg is None:
        around_m = (told.distance_m or USUAL_M[told.sense]) + post.accuracy_m
        return *_rounded(post), None, min(around_m, FARTHEST_M)
    return *_rounded(post), told.bearing_deg, told.distance_m


def _fell(told: SpotterReport) -> tuple[float, float, float]:
    """Where something fell, and one standard deviation of that in metres."""
    if told.at is not None:
        return *_rounded(told.at), max(POINTED_M, min(told.at.accuracy_m, FELL_SIGMA_M[1]))
    lat, lon, bearing_deg, distance_m = _where(told)
    away_m = USUAL_M[told.sense] if distance_m is None else distance_m
    least_m, most_m = FELL_SIGMA_M
    if bearing_deg is None:
        return lat, lon, min(max(least_m, away_m), most_m)
    there_lat, there_lon = destination(lat, lon, bearing_deg, away_m)
    return round(float(there_lat), ROUNDED), round(float(there_lon), ROUNDED), min(max(least_m, away_m / 2), most_m)


def _rounded(place: SpotterPlace) -> tuple[float, float]:
    return round(place.lat, ROUNDED), round(place.lon, ROUNDED)
