"""What each class of threat can do: the one table of speeds, turns and habits that forecasts lean on.

Speeds, heights and flight times are the typical public figures for each class (propeller drone 40-60 m/s; cruise
missile 220-260 m/s; jet 200-400 m/s; helicopter 40-80 m/s; rocket 10-60 km in 30-120 s; short-range ballistic missile
100-800 km in 3-8 min), widened to what the airframes can do, because an earliest arrival must never come out late.
Load factors: transport aircraft are certified to 2.5 g (EASA CS-25.337); fighters sustain 5 g loaded; small propeller
drones and cruise missiles turn at 1-3 g. The habits (how often it never arrives, how long it stays on a detour) are
the forecast's prior, and settings can replace them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.earth.physics import GRAVITY_MPS2
from tocsin.model.threat import ThreatClass


@dataclass(frozen=True, slots=True)
class Limits:
    """One class.

    speed_min_mps, speed_max_mps   what it flies at, ever
    speed_mps            what it flies at, mostly
    accel_mps2           how fast it gains speed
    turn_mps2            lateral acceleration in its tightest turn
    standoff_m           distance from which its weapon can reach a place
    hostile              probability that a track of this class that does not identify itself attacks at all. Of 789
                         looks at tracks called `aircraft`, in raids by the laws that numbers may be chosen on, 24 %
                         were at an attacker, mostly a jet not yet known for one
    turns_back_per_s     rate at which it gives up, is shot down, or turns home
    returns              odds that it is done and on its way home, before anything is known of its course
    detour               probability that its course now does not point at its destination, however near
    wander_deg           how far a course on the way to the destination strays from it then, one standard deviation
    straight_m           the last leg, straight at its destination, is about this long
    lost_s               how long a lost one is still believed to be flying somewhere near
    """

    speed_min_mps: float
    speed_max_mps: float
    speed_mps: float
    accel_mps2: float
    turn_mps2: float
    standoff_m: float
    hostile: float
    turns_back_per_s: float
    returns: float
    detour: float
    wander_deg: float
    straight_m: float
    lost_s: float


LIMITS: dict[ThreatClass, Limits] = {
    "drone": Limits(25, 75, 50, 1.0, 1.0 * GRAVITY_MPS2, 0, 1.0, 1e-4, 0.0, 0.1, 25, 30_000, 600),
    "cruise_missile": Limits(150, 300, 235, 3.0, 3.0 * GRAVITY_MPS2, 0, 1.0, 2e-4, 0.0, 0.1, 20, 30_000, 240),
    "jet": Limits(100, 450, 260, 10.0, 5.0 * GRAVITY_MPS2, 8_000, 0.9, 8e-4, 1.5, 0.15, 20, 100_000, 300),
    "helicopter": Limits(0, 95, 60, 3.0, 1.5 * GRAVITY_MPS2, 3_000, 0.7, 3e-4, 1.5, 0.25, 25, 30_000, 300),
    "aircraft": Limits(40, 320, 200, 4.0, 2.5 * GRAVITY_MPS2, 3_000, 0.3, 5e-4, 1.5, 0.2, 25, 60_000, 300),
    "unknown": Limits(20, 400, 150, 6.0, 3.0 * GRAVITY_MPS2, 0, 0.6, 5e-4, 0.3, 0.2, 25, 40_000, 300),
    "civil": Limits(30, 320, 200, 2.0, 1.5 * GRAVITY_MPS2, 0, 0.0, 1e-3, 1.5, 0.5, 25, 60_000, 60),
    # Unpowered arcs: their speed and turning follow from mechanics; these rows matter only before an arc is known.
    "ballistic_missile": Limits(300, 4_000, 1_500, 60.0, 0.0, 0, 1.0, 0.0, 0.0, 0.0, 5, 100_000, 120),
    "rocket": Limits(100, 1_200, 500, 200.0, 0.0, 0, 1.0, 0.0, 0.0, 0.0, 5, 100_000, 60),
}


@dataclass(frozen=True, slots=True)
class Arc:
    """What a launch alone says: where its arc may end, and when.

    range_min_m, range_max_m   ground range, low and high end
    flight_min_s, flight_max_s flight time over those ranges
    azimuth_sigma_deg          how well a reported launch azimuth foretells the arc's
    beta_kg_m2                 ballistic coefficient m/(Cd A), and
    beta_factor                its one-sigma factor: 2 means between half and twice
    """

    range_min_m: float
    range_max_m: float
    flight_min_s: float
    flight_max_s: float
    azimuth_sigma_deg: float
    beta_kg_m2: float
    beta_factor: float


# Artillery rockets (122 mm: 66 kg, Cd 0.4 on 0.0117 m2 = 8,000-14,000 at burnout with fins' drag); a separating or
# whole SRBM re-enters at 5,000-20,000 kg/m2.
ARCS: dict[ThreatClass, Arc] = {
    "rocket": Arc(5_000, 60_000, 25, 120, 6.0, 6_000.0, 1.6),
    "ballistic_missile": Arc(80_000, 800_000, 150, 480, 6.0, 8_000.0, 1.8),
}
