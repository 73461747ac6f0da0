"""Numbers in effects are rounded to what they mean, so that effects compare byte for byte and claim nothing more."""

from __future__ import annotations

from tocsin.model.track import Track

# 1e-5 degree is 1 m.
DEGREE_DECIMALS = 5
PROBABILITY_DECIMALS = 3


def for_people(track: Track) -> Track:
    """The track as effects carry it: metres, tenths of m/s and degrees, probabilities to 0.001, no covariance."""
    return Track(
        id=track.id,
        time=track.time,
        lat=round(track.lat, DEGREE_DECIMALS),
        lon=round(track.lon, DEGREE_DECIMALS),
        altitude_m=float(round(track.altitude_m)),
        speed_mps=round(track.speed_mps, 1),
        heading_deg=round(track.heading_deg, 1) % 360,
        climb_mps=round(track.climb_mps, 1) + 0.0,
        sigma_m=max(1.0, float(round(track.sigma_m))),
        threat=track.threat,
        probability=round(track.probability, PROBABILITY_DECIMALS),
        classes={name: round(p, PROBABILITY_DECIMALS) for name, p in sorted(track.classes.items()) if p >= 0.001},
        status=track.status,
        sensors=track.sensors,
        cooperative=track.cooperative,
        icao24=track.icao24,
        updated=track.updated,
    )
