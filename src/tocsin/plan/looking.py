"""How far each kind of sensor notices each class, and how surely: the one rule of the planner's coverage and minutes.

Radars   the radar equation: of a target whose cross-section is a share s of the reference's the echo is as strong at
         the fourth root of s of its reach (`simulate.kinds`, `echo`). For a target that fluctuates from scan to scan
         (Swerling 1) the chance of detection is the false alarm's to the power 1 / (1 + S), and S falls with the
         fourth power of range: so it is `p ** ((range / reach) ** 4)`, with p what the sensor declares, at the end
         of its reach (Skolnik, Introduction to Radar Systems, ch. 2). Beyond the reach nothing is counted.
Microphones   hear `noise` times their reach. Where it is louder than it was when that was declared, sound that
         spreads as a sphere falls below the noise at 10 ** (-dB / 20) of it; that air takes some away makes it more.
Posts    see 880 times the object's size, no farther than the air is clear, by night three tenths of it; hear like a
         bare ear; and report in half a minute or more.
ADS-B    receivers hear only who wants to be heard: nobody who comes to harm. They are never counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Value
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.siting import ceiling_m
from tocsin.simulate.watching import EARSHOT_M, NIGHT_SIGHT

Floats = NDArray[np.float64]

# Kinds of noticing, as kernels know them.
RADAR, EAR, EYE = 0, 1, 2


class Conditions(Value, frozen=True, kw_only=True):
    """Weather and hour that a plan is made for.

    night          in the dark eyes reach three tenths as far
    visibility_m   nobody sees farther
    noise_db       how much louder wind, rain and traffic are than when microphones' reaches were declared
    """

    night: bool = True
    visibility_m: Annotated[float, Meta(ge=50, le=100_000)] = 10_000.0
    noise_db: Annotated[float, Meta(ge=0, le=60)] = 0.0


USUAL = Conditions()


class Lookers(NamedTuple):
    """Sensors as kernels take them, for one class of threat; arrays of length S.

    kind       RADAR, EAR or EYE
    east_m, north_m, altitude_m   where it stands, in the frame; above mean sea level
    reach_m    of this class
    ceiling_m  above which it sees nothing
    chance     of detection at one look at the end of its reach
    rate       looks per second
    delay_s    from a look to its report's arrival; sound takes its time besides
    raster     the number of its raster of lowest heights seen; -1: over a smooth Earth
    """

    kind: NDArray[np.int64]
    east_m: Floats
    north_m: Floats
    altitude_m: Floats
    reach_m: Floats
    ceiling_m: Floats
    chance: Floats
    rate: Floats
    delay_s: Floats
    raster: NDArray[np.int64]


def counted(sensors: Sequence[Sensor]) -> list[Sensor]:
    """The sensors that may notice who means harm, with their defaults filled in, in the order given."""
    return [with_defaults(sensor) for sensor in sensors if sensor.kind != "adsb"]


def lookers(
    sensors: Sequence[Sensor], threat: ThreatClass, frame: LocalFrame, conditions: Conditions, rasters: Sequence[int]
) -> Lookers:
    """What `counted` sensors notice of a class.

    rasters   for each sensor the number of its raster of lowest heights seen; -1: none
    """
    east, north = frame.to_local([s.lat for s in sensors], [s.lon for s in sensors])
    kind = [RADAR if s.kind == "radar" else EYE if s.kind == "spotter" else EAR for s in sensors]
    return Lookers(
        kind=np.array(kind, np.int64),
        east_m=np.atleast_1d(east).astype(float),
        north_m=np.atleast_1d(north).astype(float),
        altitude_m=np.array([s.altitude_m for s in sensors], float),
        reach_m=np.array([reach_m(s, threat, conditions) for s in sensors], float),
        ceiling_m=np.array([ceiling_m(s) for s in sensors], float),
        chance=np.array([s.detection_probability or 0.0 for s in sensors], float),
        rate=np.array([1.0 / (s.scan_s or 1.0) for s in sensors], float),
        delay_s=np.array([s.delay_s or 0.0 for s in sensors], float),
        raster=np.asarray(rasters, np.int64),
    )


def reach_m(sensor: Sensor, threat: ThreatClass, conditions: Conditions) -> float:
    """How far a sensor notices a class, metres; 0: never. `sensor` has its defaults filled in."""
    own, kind = sensor.range_m or 0.0, KINDS[threat]
    if sensor.kind == "radar":
        return own * kind.echo
    if sensor.kind == "spotter":
        sight = min(kind.sight_m, conditions.visibility_m) * (NIGHT_SIGHT if conditions.night else 1.0)
        return min(max(sight, EARSHOT_M * kind.noise), own)
    if sensor.kind == "adsb":
        return 0.0
    return float(own * kind.noise * 10.0 ** (-conditions.noise_db / 20.0))
