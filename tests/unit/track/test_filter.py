"""Prediction, mixing and update against the textbook's, in plain NumPy."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.track.likelihood import densities, height_density
from tocsin.track.motion import ARC, CRUISE, LEFT, RIGHT, VEER_LEFT, VEER_RIGHT, climb, mix, move, turns
from tocsin.track.sensors.measure import (
    ACROSS,
    ALONG,
    HEIGHT,
    HEIGHT_VAR,
    MEASUREMENT,
    U_EAST,
    U_NORTH,
    Z_EAST,
    Z_NORTH,
)
from tocsin.track.state import State
from tocsin.track.update import corrected, risen, update, velocity_update

Floats = NDArray[np.float64]

MODELS = 6
UPPER = np.triu_indices(4)
SEEDS = st.integers(0, 2**32 - 1)
# Rate of a turn (rad/s), power of the noise (m^2/s^3) and the part of it along the path, of each model.
RATE = np.radians([0.0, 6.0, -6.0, 1.5, -1.5, 0.0])
NOISE = [0.05, 500.0, 500.0, 20.0, 20.0, 4.0]
ALONG_PATH = [1.0, 0.3, 0.3, 0.3, 0.3, 1.0]
# How often (1/s) each is left, and for which.
LEAVE = np.array([1 / 200, 1 / 8, 1 / 8, 1 / 13, 1 / 13, 1 / 1000])
GO = np.array(
    [
        [0, 0.03, 0.03, 0.47, 0.47, 0], [0.1, 0, 0.1, 0.4, 0.4, 0], [0.1, 0.1, 0, 0.4, 0.4, 0],
        [0.3, 0.06, 0.06, 0, 0.58, 0], [0.3, 0.06, 0.06, 0.58, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2, 0],
    ]
)  # fmt: skip


def square(upper: Floats) -> Floats:
    full = np.zeros((4, 4))
    full[UPPER] = upper
    return np.asarray(full + np.triu(full, 1).T)


def bank_of(chance: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Six models about one place, x [6, 4], p [6, 10], mu [6]."""
    x = chance.normal([1e4, -2e4, 120.0, -60.0], [300.0, 300.0, 20.0, 20.0], (MODELS, 4))
    roots = chance.normal(0, 1, (MODELS, 4, 4)) * np.array([200.0, 200.0, 15.0, 15.0])[:, None]
    p = np.array([(root @ root.T + np.diag([50.0, 50.0, 1.0, 1.0]))[UPPER] for root in roots])
    return x, p, chance.dirichlet(np.ones(MODELS))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.floats(0.1, 20.0))
def test_each_model_is_carried_on_as_a_turn_of_its_rate_with_noise_across_the_path(seed: int, dt: float) -> None:
    x, p, mu = bank_of(np.random.default_rng(seed))
    found_x, found_p = x.copy(), p.copy()
    move(found_x, found_p, mu, 0.0, turns(dt))
    for m in (CRUISE, RIGHT, LEFT, VEER_RIGHT, VEER_LEFT, ARC):
        angle = max(-math.pi, min(math.pi, RATE[m] * dt))
        s, c = math.sin(angle), math.cos(angle)
        a, b = (s * dt / angle, (1 - c) * dt / angle) if angle else (dt, 0.0)
        flow = np.array([[1, 0, a, b], [0, 1, -b, a], [0, 0, c, s], [0, 0, -s, c]])
        moved = flow @ x[m]
        full, q = square(p[m]), NOISE[m]
        if angle:
            q *= min((x[m, 2] ** 2 + x[m, 3] ** 2 + full[2, 2] + full[3, 3]) / 200.0**2, 1.0)
        ahead = moved[2:] / math.sqrt(moved[2] ** 2 + moved[3] ** 2 + 1.0)
        power = q * (np.eye(2) - (1 - ALONG_PATH[m]) * np.outer(ahead, ahead))
        noise = np.block([[power * dt**3 / 3, power * dt**2 / 2], [power * dt**2 / 2, power * dt]])
        np.testing.assert_allclose(found_x[m], moved, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(square(found_p[m]), flow @ full @ flow.T + noise, rtol=1e-7, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.1, 1_000.0))
def test_models_are_mixed_as_an_interacting_multiple_model(seed: int, dt: float) -> None:
    x, p, mu = bank_of(np.random.default_rng(seed))
    found_x, found_p, found_mu, scratch = np.empty((6, 4)), np.empty((6, 10)), np.empty(6), np.empty((6, 6))
    mix(x, p, mu, dt, found_x, found_p, found_mu, scratch)
    stays = np.exp(-LEAVE * min(dt, 600.0))
    flow = np.diag(stays) + (1 - stays)[:, None] * GO
    wanted_mu = mu @ flow
    np.testing.assert_allclose(found_mu, wanted_mu / wanted_mu.sum(), rtol=1e-9)
    for j in range(MODELS):
        weight = mu * flow[:, j] / wanted_mu[j]
        mean = weight @ x
        np.testing.assert_allclose(found_x[j], mean, rtol=1e-9)
        spread = sum(w * (square(p[i]) + np.outer(x[i] - mean, x[i] - mean)) for i, w in enumerate(weight))
        # Of what the states themselves spread: a covariance may be next to nothing beside its variances.
        scale = np.sqrt(np.outer(np.diag(spread), np.diag(spread)))
        np.testing.assert_allclose(square(found_p[j]) / scale, spread / scale, rtol=1e-6, atol=1e-6)


def measurement(chance: np.random.Generator, height: bool = False) -> Floats:
    z = np.zeros(MEASUREMENT)
    angle = chance.uniform(0, math.tau)
    z[[Z_EAST, Z_NORTH]] = chance.normal([1e4, -2e4], 300.0)
    z[[U_EAST, U_NORTH]] = math.sin(angle), math.cos(angle)
    z[[ALONG, ACROSS]] = chance.uniform(30, 300, 2) ** 2
    z[HEIGHT], z[HEIGHT_VAR] = (3_000.0 if height else math.nan), 100.0**2
    return z


def noise_of(z: Floats) -> Floats:
    ahead, abeam = np.array([z[U_EAST], z[U_NORTH]]), np.array([z[U_NORTH], -z[U_EAST]])
    return np.asarray(z[ALONG] * np.outer(ahead, ahead) + z[ACROSS] * np.outer(abeam, abeam))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.floats(0.0, 1.0))
def test_a_track_takes_its_share_of_reports_as_probabilistic_data_association_does(seed: int, surely: float) -> None:
    chance = np.random.default_rng(seed)
    x, p, _ = bank_of(chance)
    zs = np.array([measurement(chance) for _ in range(3)])
    weight = chance.dirichlet(np.ones(3)) * surely
    noise = noise_of(zs[int(weight.argmax())])
    found_x, found_p = x[0].copy(), p[0].copy()
    corrected(found_x, found_p, zs, weight, weight.sum(), (noise[0, 0], noise[0, 1], noise[1, 1]), np.empty((4, 2)))
    full, pick = square(p[0]), np.eye(2, 4)
    s = pick @ full @ pick.T + noise
    gain = full @ pick.T @ np.linalg.inv(s)
    off = zs[:, [Z_EAST, Z_NORTH]] - x[0, :2]
    mean = weight @ off
    scatter = (weight[:, None] * off).T @ off - np.outer(mean, mean)
    wanted = full - weight.sum() * gain @ s @ gain.T + gain @ scatter @ gain.T
    np.testing.assert_allclose(found_x, x[0] + gain @ mean, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(square(found_p), wanted, rtol=1e-6, atol=1e-2)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_densities_are_the_normal_ones_and_the_nearest_is_that_of_a_likely_model(seed: int) -> None:
    chance = np.random.default_rng(seed)
    x, p, mu = bank_of(chance)
    z = measurement(chance)
    mu[3] = 1e-5
    x[3, :2] = z[[Z_EAST, Z_NORTH]]
    noise, each = noise_of(z), np.empty(MODELS)
    h, hp = np.zeros((2, 2)), np.ones((2, 3))
    nearest = densities(State(x, p, mu, h, hp, np.empty(4), np.empty(10)), z, each)
    wanted = []
    for m in range(MODELS):
        s, off = square(p[m])[:2, :2] + noise, z[[Z_EAST, Z_NORTH]] - x[m, :2]
        d2 = float(off @ np.linalg.solve(s, off))
        wanted.append(d2)
        like = math.exp(-d2 / 2) / (math.tau * math.sqrt(np.linalg.det(s)))
        np.testing.assert_allclose(each[m], like, rtol=1e-6, atol=1e-40)
    np.testing.assert_allclose(nearest, min(d2 for m, d2 in enumerate(wanted) if m != 3), rtol=1e-6)


def test_a_measured_height_counts_against_one_drawn_from_all_heights_and_a_wrong_one_kills_no_plot() -> None:
    z, h, hp = np.zeros(MEASUREMENT), np.array([[2_000.0, 0.0], [9_000.0, 0.0]]), np.full((2, 3), 300.0**2)
    z[HEIGHT], z[HEIGHT_VAR] = 2_500.0, 400.0**2
    like = 12_000.0 * math.exp(-0.5 * (500 / 500) ** 2) / (math.sqrt(math.tau) * 500)
    np.testing.assert_allclose(height_density(z, h, hp, 0), like + 1e-3)
    np.testing.assert_allclose(height_density(z, h, hp, 1), 1e-3, rtol=1e-6)
    z[HEIGHT] = math.nan
    assert height_density(z, h, hp, 0) == 1.0


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.floats(0.0, 1.0))
def test_models_are_judged_by_what_they_foresaw_and_none_but_an_arc_may_lead_beyond_what_flies(
    seed: int, surely: float
) -> None:
    chance = np.random.default_rng(seed)
    x, p, mu = bank_of(chance)
    x[1, 2:], x[2, 2:], x[ARC, 2:] = [460.0, 0.0], [0.0, 399.0], [900.0, 900.0]
    p[:, [2, 3, 5, 6]] = 0.0  # speeds that a place does not change
    zs, each = np.array([measurement(chance, height=True)]), chance.uniform(1e-9, 1e-6, (1, MODELS))
    weight = np.array([surely])
    h, hp = np.array([[2_000.0, 5.0], [2_500.0, -50.0]]), np.array([[300.0**2, 900.0, 25.0], [500.0**2, 0.0, 1e4]])
    before, heights = mu.copy(), h.copy()
    score = update(State(x, p, mu, h, hp, np.empty(4), np.empty(10)), zs, each.copy(), weight, np.empty((4, 2)))
    judged = before * (1 - surely + surely * each[0] / (before @ each[0]))
    slow = np.ones(MODELS)
    slow[1] = math.exp(-0.5 * surely)
    np.testing.assert_allclose(mu, judged * slow / (judged @ slow), rtol=1e-9)
    np.testing.assert_allclose(score, math.log((judged @ slow) / judged.sum()), rtol=1e-6, atol=1e-12)
    # A height is taken where the report is rather the track's.
    assert bool((h != heights).any()) == (surely > 0.5)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_heights_and_reported_speeds_are_taken_as_a_kalman_filter_takes_them(seed: int) -> None:
    chance = np.random.default_rng(seed)
    h, root = chance.normal([3_000.0, 10.0], [200.0, 5.0]), chance.normal(0, 1, (2, 2)) * [[200.0], [10.0]]
    full, z = root @ root.T + np.diag([10.0, 1.0]), measurement(chance, height=True)
    gain = full[:, 0] / (full[0, 0] + z[HEIGHT_VAR])
    wanted, spread = h + gain * (z[HEIGHT] - h[0]), full - np.outer(gain, full[0])
    hp = full[[0, 0, 1], [0, 1, 1]].copy()
    risen(h, hp, z)
    np.testing.assert_allclose(h, wanted, rtol=1e-9)
    np.testing.assert_allclose(hp, spread[[0, 0, 1], [0, 1, 1]], rtol=1e-6, atol=1e-6)
    x, p, _ = bank_of(chance)
    found_x, found_p = x.copy(), p.copy()
    velocity_update(found_x, found_p, 130.0, -40.0, 25.0)
    for m in range(MODELS):
        full, pick = square(p[m]), np.eye(4)[2:]
        gains = full @ pick.T @ np.linalg.inv(pick @ full @ pick.T + 25.0 * np.eye(2))
        np.testing.assert_allclose(found_x[m], x[m] + gains @ (np.array([130.0, -40.0]) - x[m, 2:]), rtol=1e-6)
        np.testing.assert_allclose(square(found_p[m]), full - gains @ pick @ full, rtol=1e-5, atol=1e-2)


def test_a_climb_fades_over_a_minute_and_what_falls_is_pulled_by_gravity_less_what_its_speed_takes_off() -> None:
    h, hp = np.array([[1_000.0, 10.0], [50_000.0, 100.0]]), np.array([[100.0, 5.0, 4.0], [1e4, 50.0, 400.0]])
    climb(h, hp, 6.0, 2_000.0**2)
    fade = math.exp(-0.1)
    np.testing.assert_allclose(h[0], [1_000.0 + 60.0 * (1 + fade) / 2, 10.0 * fade])
    np.testing.assert_allclose(
        hp[0],
        [100 + 12 * 5 * fade + 36 * 4 * fade**2 + 216 / 3, 5 * fade + 6 * 4 * fade**2 + 36 / 2, 4 * fade**2 + 6],
    )
    radius = 6_371_008.8 + 50_000.0
    g = 9.80665 * (6_371_008.8 / radius) ** 2 - 2_000.0**2 / radius
    np.testing.assert_allclose(h[1], [50_000 + 600 - 18 * g, 100 - 6 * g], rtol=1e-9)
    np.testing.assert_allclose(hp[1], [1e4 + 600 + 36 * 400 + 20 * 72, 50 + 2_400 + 20 * 18, 400 + 120])
    h[:, 0], h[:, 1] = 0.0, -500.0
    climb(h, hp, 5.0, 0.0)
    assert h[:, 0].tolist() == [-400.0, -400.0], "nothing flies below the shores of the Dead Sea"
