"""Tracks: what the tracker believes about one object in the air."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.model.observation import Icao24
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Altitude, Azimuth, Id, Latitude, Longitude, Probability, Sigma, Speed, Time, Value

TrackStatus = Literal["tentative", "confirmed", "coasted"]


class Arc(Value, frozen=True, kw_only=True):
    """What is known of the flight of something thrown, beyond its state.

    beta_kg_m2    ballistic coefficient m / (Cd A), and
    beta_factor   its one-sigma factor: 2 means between half and twice
    burning       probability that its motor still burns
    thrust_mps2   what the motor then adds: (east, north, up) at its own position
    """

    beta_kg_m2: Annotated[float, Meta(gt=0)]
    beta_factor: Annotated[float, Meta(ge=1)]
    burning: Probability = 0.0
    thrust_mps2: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Track(Value, frozen=True, kw_only=True):
    """One track at one moment.

    speed_mps      over the ground; climb_mps is the vertical part, upwards
    heading_deg    course over the ground, clockwise from true north
    sigma_m        one standard deviation of horizontal position: sqrt(half the trace of its 2 x 2 covariance)
    probability    that the object is of class `threat`, the likeliest; `classes` holds all above 0.001
    sensors        how many different sensors and spotters support it
    cooperative    identifies itself as civil traffic (ADS-B, Mode S) and moves as it says
    updated        time of the newest observation in it
    newest         id of the sensor that made it; empty: not known
    others         time of the newest observation in it that another sensor made
    covariance     upper triangle, row by row (21 numbers), of the covariance of (east, north, up, and their
                   velocities) in the local tangent frame at its own position; metres, metres per second.
                   Empty: unknown beyond sigma_m.
    arc            set while it is followed along an arc
    """

    id: Id
    time: Time
    lat: Latitude
    lon: Longitude
    altitude_m: Altitude
    speed_mps: Speed
    heading_deg: Azimuth
    climb_mps: float = 0.0
    sigma_m: Sigma
    threat: ThreatClass
    probability: Probability
    classes: dict[ThreatClass, float] = {}  # noqa: RUF012 - msgspec copies defaults
    status: TrackStatus
    sensors: Annotated[int, Meta(ge=0)]
    cooperative: bool = False
    icao24: Icao24 | None = None
    updated: Time
    newest: str = ""
    others: Time | None = None
    covariance: tuple[float, ...] = ()
    arc: Arc | None = None
