"""How each class flies, and how well it is seen and heard. Public planning figures, of no one type."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model.threat import ThreatClass


@dataclass(frozen=True)
class Kind:
    """One class.

    speed_mps, altitude_m   typical [low, high]; altitude above the ground
    turn_mps2               sideways acceleration it uses
    step_s                  of its path
    dive_m                  it descends to its aim over this last distance; 0: it drops or fires something
    stand_off_m             where it does, unless the scenario says otherwise
    scatter_m               one standard deviation of where it hits about its aim
    echo                    the share of a radar's reach at which it is seen (fourth root of its cross-section)
    sight_m                 an eye sees it from here: 880 times its size
    noise                   the share of a microphone's reach at which it is heard; 0: not before it is over
    taken_for               what people and machines mistake it for
    """

    speed_mps: tuple[float, float]
    altitude_m: tuple[float, float]
    turn_mps2: float
    step_s: float
    dive_m: float
    stand_off_m: tuple[float, float] | None
    scatter_m: float
    echo: float
    sight_m: float
    noise: float
    taken_for: tuple[ThreatClass, ...]


_DRONE: tuple[ThreatClass, ...] = ("helicopter", "cruise_missile", "unknown")
_CRUISE: tuple[ThreatClass, ...] = ("jet", "drone", "unknown")
_JET: tuple[ThreatClass, ...] = ("aircraft", "cruise_missile", "unknown")
KINDS: dict[ThreatClass, Kind] = {
    "drone": Kind((42, 58), (80, 1_800), 4, 2, 4_000, None, 30, 0.55, 2_200, 1.0, _DRONE),
    "cruise_missile": Kind((220, 260), (50, 200), 25, 1, 1_500, None, 20, 0.65, 5_300, 1.3, _CRUISE),
    "jet": Kind((210, 330), (800, 9_000), 30, 1, 0, (3_000, 9_000), 60, 1.0, 8_800, 1.6, _JET),
    "helicopter": Kind((45, 75), (30, 300), 6, 2, 0, (1_500, 4_000), 40, 0.8, 8_800, 1.4, ("drone", "aircraft")),
    "ballistic_missile": Kind((0, 0), (0, 0), 0, 1, 0, None, 300, 0.9, 0, 0.0, ("rocket", "unknown")),
    "rocket": Kind((0, 0), (0, 0), 0, 0.5, 0, None, 250, 0.45, 3_000, 0.8, ("ballistic_missile", "unknown")),
    "civil": Kind((110, 250), (2_000, 11_500), 4, 5, 0, None, 0, 1.0, 8_800, 0.6, ("jet", "aircraft", "unknown")),
}
