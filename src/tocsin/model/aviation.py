"""What everybody who flies agrees on: the units aircraft and radars report in, and a speed none of them reaches."""

from __future__ import annotations

FOOT_M = 0.3048
NAUTICAL_MILE_M = 1_852.0
KNOT_MPS = NAUTICAL_MILE_M / 3_600
# Nothing that flies by wings does 1,000 m/s; such a step between two positions is a spoofed one, a faulty clock or a
# fault of the recording, not a flight.
JUMP_MPS = 1_000.0
