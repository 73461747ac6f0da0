"""Constants of nature that tracker, forecast and simulation share: what one assumes, the others must too."""

from __future__ import annotations

import math

# Sound in air at 15 degrees Celsius (ISO 2533): 2.94 s for a kilometre. From -20 to 35 degrees it lies between 319 and
# 352 m/s: microphones' delays are known to a few per cent, whatever stands here.
SOUND_MPS = 340.3
# Standard gravity (3rd General Conference on Weights and Measures, 1901).
GRAVITY_MPS2 = 9.80665
# The Earth's gravitational constant and rate of turning (WGS 84, NIMA TR8350.2), and mean radius R1 = (2a + b) / 3.
MU_M3PS2 = 3.986004418e14
EARTH_RATE_RADPS = 7.292115e-5
EARTH_RADIUS_M = 6_371_008.8
# Of a degree of latitude, or of longitude on the equator.
DEGREE_M = EARTH_RADIUS_M * math.pi / 180.0
