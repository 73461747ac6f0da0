"""A track as the row of numbers that the kernels work on: what stands where. Units are in the names.

begin_east_m, begin_north_m, flown_m   where its remembered path began, and how long it is
leg_m            length of a leg: a course is believed to hold its meaning for so long
leg_east, leg_north, leg_sigma_rad     the course of the leg it flies, as a direction, and one standard deviation of it
detour, wander_rad, straight_m         how its class flies, as in `limits`
nowhere          odds that it is bound for no zone at all
turning          time to a place grows by this share per radian of turn it takes to point there
belief           probability that it is a real object that means harm
circling         how surely it goes round and round, 0 to 1
"""

from __future__ import annotations

EAST_M, NORTH_M, EAST_MPS, NORTH_MPS, SPEED_MPS, SPEED_MIN_MPS, SPEED_MAX_MPS, SIGMA_M, COURSE_SIGMA_RAD = range(9)
ACCEL_MPS2, TURN_MPS2, BEGIN_EAST_M, BEGIN_NORTH_M, FLOWN_M, LEG_M, LEG_EAST, LEG_NORTH, LEG_SIGMA_RAD = range(9, 18)
DETOUR, WANDER_RAD, STRAIGHT_M, NOWHERE, TURNS_BACK_PER_S, STANDOFF_M, TURNING, BELIEF, CIRCLING = range(18, 27)
WIDTH = 27
