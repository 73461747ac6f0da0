"""Reachable set: the earliest a thing that flies and turns within its class's limits can be at a place.

The shortest path of bounded curvature from a pose to a point with free final course is one arc and one straight line
(Dubins, American Journal of Mathematics 79:497, 1957), so the earliest arrival follows in closed form.
"""

from __future__ import annotations

import math

from tocsin.kernels import kernel


@kernel
def path_m(ahead_m: float, abeam_m: float, turn_radius_m: float, slack_rad: float) -> float:
    """Length of the shortest arc-and-line path to a point `ahead_m` and `abeam_m` (>= 0) of a vehicle's nose.

    slack_rad   how far the course itself may be off: that much of the turn is given away
    Inside the turning circle the straight distance is returned: shorter than any path, never too late.
    """
    across_m = abeam_m - turn_radius_m
    to_centre_m2 = ahead_m * ahead_m + across_m * across_m
    straight_m2 = to_centre_m2 - turn_radius_m * turn_radius_m
    direct_m = math.sqrt(ahead_m * ahead_m + abeam_m * abeam_m)
    if straight_m2 <= 0.0:
        return direct_m
    straight_m = math.sqrt(straight_m2)
    # The angle to the circle's middle and the one from there to the tangent, as one: numbers turn when multiplied.
    turn = math.atan2(across_m * straight_m + ahead_m * turn_radius_m, ahead_m * straight_m - across_m * turn_radius_m)
    # Rounding may put a point dead ahead a hair on the wrong side; only a real one needs the full circle.
    if turn < -1e-6:
        turn += 2.0 * math.pi
    turn = max(0.0, turn - slack_rad)
    return max(direct_m, turn_radius_m * turn + straight_m)


@kernel
def seconds_to(path_m: float, speed_mps: float, accel_mps2: float, speed_max_mps: float) -> float:
    """The least time over a path, speeding up at `accel_mps2` from `speed_mps` to `speed_max_mps`."""
    if speed_mps >= speed_max_mps:
        return path_m / speed_mps
    gaining_m = (speed_max_mps * speed_max_mps - speed_mps * speed_mps) / (2.0 * accel_mps2)
    if path_m <= gaining_m:
        return (math.sqrt(speed_mps * speed_mps + 2.0 * accel_mps2 * path_m) - speed_mps) / accel_mps2
    return (speed_max_mps - speed_mps) / accel_mps2 + (path_m - gaining_m) / speed_max_mps
