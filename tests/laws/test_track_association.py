"""Association against slow and plain ways to do the same, and a bank that stays sound whatever it is told."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Bearing, Observation, Plot, Position, Presence, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.track.arc.room import flight
from tocsin.track.associate.candidates import Carried, Pairs, paired
from tocsin.track.associate.gate import Look, Near, near
from tocsin.track.associate.joint import JOINT_PLOTS, JOINT_TRACKS, assign, clusters, joint
from tocsin.track.bank import CONFIRMED, FALL, STATUS, TENTATIVE, Bank, empty
from tocsin.track.motion import ARC
from tocsin.track.report_rows import SENSOR, ordered, row_of
from tocsin.track.sensors.clutter import clutter_log, detection
from tocsin.track.sensors.learned import BIASES, Sensed, unlearned
from tocsin.track.sensors.measure import MEASUREMENT, Z_EAST, measured
from tocsin.track.sensors.sites import Sites, sites_of
from tocsin.track.settings import TrackSettings, for_kernels
from tocsin.track.sky import sky_of
from tocsin.track.sound import sound
from tocsin.track.state import E_E, EAST, N_N, NORTH, V_EAST, V_NORTH, VE_VE, VN_VN
from tocsin.track.tracker import worked

Floats = NDArray[np.float64]

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)
SEEDS = st.integers(0, 2**32 - 1)
SENSORS = (
    Sensor(id="radar", kind="radar", lat=48.0, lon=31.0, range_m=200_000, scan_s=4, false_plots_per_scan=5),
    Sensor(id="flat", kind="radar", lat=48.2, lon=31.0, range_m=200_000, range_kind="ground", scan_s=6),
    Sensor(id="ear", kind="acoustic", lat=48.1, lon=31.1, range_m=6_000),
    Sensor(id="node", kind="presence", lat=48.0, lon=31.1, range_m=4_000),
)
SETTINGS = TrackSettings()


# Joint association.


@st.composite
def ratios(draw: st.DrawFn, tracks_max: int, plots_max: int) -> Floats:
    """Likelihood ratios of every track with every plot; about a third of them outside the gate."""
    tracks, plots = draw(st.integers(1, tracks_max)), draw(st.integers(1, plots_max))
    chance = np.random.default_rng(draw(SEEDS))
    ratio: Floats = np.exp(chance.uniform(-4, 12, (tracks, plots)))
    ratio[chance.random((tracks, plots)) < draw(st.sampled_from([0.0, 0.3, 0.8]))] = 0.0
    return ratio


MISSES = st.floats(0.01, 0.99)


def events_of(ratio: Floats, miss: float) -> list[tuple[tuple[int, ...], float]]:
    """Every joint event, as each track's plot (-1: none), with its weight."""
    tracks, plots = ratio.shape
    found = []
    for choice in itertools.product(range(-1, plots), repeat=tracks):
        taken = [plot for plot in choice if plot >= 0]
        weight = math.prod(miss if plot < 0 else ratio[track, plot] for track, plot in enumerate(choice))
        if len(set(taken)) == len(taken) and weight > 0.0:
            found.append((choice, weight))
    return found


def associated(ratio: Floats, miss: float) -> Floats:
    beta = np.zeros(ratio.shape)
    tracks, plots = ratio.shape
    joint(ratio, tracks, plots, miss, beta)
    return beta


@settings(max_examples=100, deadline=None)
@given(ratios(JOINT_TRACKS, 5), MISSES)
def test_joint_association_weighs_every_joint_event_and_of_permutations_only_the_best(
    ratio: Floats, miss: float
) -> None:
    best: dict[tuple[frozenset[int], frozenset[int]], tuple[tuple[int, ...], float]] = {}
    for choice, weight in events_of(ratio, miss):
        key = (frozenset(t for t, plot in enumerate(choice) if plot >= 0), frozenset(choice) - {-1})
        if weight > best.get(key, (choice, 0.0))[1]:
            best[key] = (choice, weight)
    wanted, total = np.zeros(ratio.shape), sum(weight for _, weight in best.values())
    for choice, weight in best.values():
        for track, plot in enumerate(choice):
            if plot >= 0:
                wanted[track, plot] += weight / total
    np.testing.assert_allclose(associated(ratio, miss), wanted, rtol=1e-9, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(ratios(JOINT_TRACKS, JOINT_PLOTS), MISSES)
def test_no_plot_and_no_track_is_given_away_more_than_once(ratio: Floats, miss: float) -> None:
    beta = associated(ratio, miss)
    assert np.all(some(beta >= 0.0))
    np.testing.assert_array_equal(beta[ratio == 0.0], 0.0)
    assert beta.sum(axis=0).max() <= 1.0 + 1e-12
    assert beta.sum(axis=1).max() <= 1.0 + 1e-12


@settings(max_examples=100, deadline=None)
@given(ratios(12, 15), MISSES)
def test_the_assignment_is_as_good_as_scipys(ratio: Floats, miss: float) -> None:
    tracks, plots = ratio.shape
    beta = np.zeros(ratio.shape)
    assign(ratio, tracks, plots, miss, beta)
    assert set(np.unique(beta)) <= {0.0, 1.0}
    np.testing.assert_array_equal(beta[ratio == 0.0], 0.0)
    assert beta.sum(axis=0).max() <= 1.0
    assert beta.sum(axis=1).max() <= 1.0
    # A track that is missed takes a column of its own.
    cost = np.full((tracks, plots + tracks), 1e6)
    cost[:, :plots][ratio > 0.0] = -np.log(ratio[ratio > 0.0])
    np.fill_diagonal(cost[:, plots:], -math.log(miss))
    rows, columns = linear_sum_assignment(cost)
    found = -np.log(ratio[beta > 0.0]).sum() - math.log(miss) * (tracks - beta.sum())
    assert found == pytest.approx(cost[rows, columns].sum(), rel=1e-9, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 20), SEEDS)
def test_clusters_are_the_tracks_that_plots_connect(tracks: int, plots: int, count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    track = np.sort(chance.integers(0, tracks, count))
    plot = chance.integers(0, plots, count)
    label = np.empty(tracks, np.int64)
    clusters(track, plot, count, tracks, plots, label)
    # Tracks that share a plot are joined, again and again, until nothing changes any more.
    wanted = list(range(tracks))
    for _ in range(tracks):
        for a, b in itertools.combinations(range(count), 2):
            if plot[a] == plot[b]:
                least = min(wanted[track[a]], wanted[track[b]])
                wanted[track[a]] = wanted[track[b]] = least
    assert label.tolist() == wanted


# A night of every kind of report, worked through by the kernels alone.


def plot_of(name: str, at_s: float, east_m: float, north_m: float, height_m: float, tells_height: bool) -> Plot:
    return Plot(
        id=name, time=time_of(at_s), sensor="radar", range_m=min(math.hypot(east_m, north_m, height_m), 199e3),
        azimuth_deg=math.degrees(math.atan2(east_m, north_m)) % 360, altitude_m=height_m if tells_height else None,
    )  # fmt: skip


def said_of(at_s: float, lat: float, lon: float, azimuth_deg: float) -> list[Observation]:
    """What people, microphones and the object itself say of it."""
    time, name = time_of(at_s), f"{at_s:.0f}"
    return [
        Sighting(id=f"s{name}", time=time, source="post", lat=lat, lon=lon),
        Bearing(id=f"b{name}", time=time, sensor="ear", azimuth_deg=azimuth_deg, sigma_deg=5.0),
        Presence(id=f"n{name}", time=time, sensor="node", threat="drone"),
        Position(
            id=f"a{name}", time=time, source="receiver", lat=lat, lon=lon, altitude_m=400.0, icao24="4b1234",
            speed_mps=50.0, heading_deg=10.0, cooperative=True,
        ),
    ]  # fmt: skip


def night(seed: int, until_s: float) -> list[Observation]:
    """Targets of every speed, one of them falling from space, among false plots, microphones and people."""
    chance = np.random.default_rng(seed)
    starts = chance.uniform(-50e3, 50e3, (5, 2))
    speeds = chance.uniform(-1, 1, (5, 2)) * np.array([50.0, 120.0, 250.0, 330.0, 1_500.0])[:, None]
    heights = [400.0, 900.0, 3_000.0, 9_000.0, 60_000.0, 2_000.0, 2_000.0]
    found: list[Observation] = []
    for at in np.arange(0.0, until_s, 4.0).tolist():
        spots = np.concatenate([starts + speeds * at, chance.uniform(-80e3, 80e3, (2, 2))])
        for number, (east, north) in enumerate(chance.normal(spots, 60.0).tolist()):
            if chance.random() < 0.85:
                seen_s = START_S + at + chance.uniform(0, 0.4)
                found.append(plot_of(f"p{at}/{number}", seen_s, east, north, heights[number], chance.random() < 0.7))
        if at % 20 == 0:
            lat, lon = FRAME.to_geodetic(*spots[0])
            found += said_of(START_S + at, float(lat), float(lon), float(chance.uniform(0, 360)))
    return found


def rows_of(observations: list[Observation]) -> Floats:
    index = {sensor.id: number for number, sensor in enumerate(SENSORS)}
    rows = [row_of(one, index.get(getattr(one, "sensor", ""), len(SENSORS)), SENSORS, FRAME) for one in observations]
    return ordered(np.array([row for row in rows if row is not None]))


def flown(seed: int, until_s: float) -> tuple[Bank, Sites, Sensed]:
    sites = sites_of(SENSORS, FRAME, 1)
    sensed, rows = unlearned(sites), rows_of(night(seed, until_s))
    return worked(sky_of(empty(64), sites, sensed, for_kernels(SETTINGS)), rows, 0, len(rows)), sites, sensed


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(1, 150))
def test_a_bank_is_sound_whatever_it_is_told_and_for_however_long(seed: int, until_s: float) -> None:
    bank, _, _ = flown(seed, until_s)
    assert bank.tally[0] > 0
    sound(bank)


def test_an_arc_is_among_the_tracks_whose_soundness_is_checked() -> None:
    bank, _, _ = flown(1, 150.0)
    assert np.count_nonzero(bank.tag[: bank.tally[0], FALL]) > 0


@pytest.mark.parametrize(
    ("column", "cell", "value", "what"),
    [
        ("p", (0, 0, 0), -1.0, "horizontal variance"),
        ("p", (0, 0, 1), 1e9, "not positive definite"),
        ("mu", (0, 0), 0.5, "sum to one"),
        ("x", (0, 0, 2), math.nan, "no number"),
        ("hp", (0, 1, 0), 0.0, "vertical variance"),
    ],
)
def test_a_bank_that_is_not_sound_is_found_out(column: str, cell: tuple[int, ...], value: float, what: str) -> None:
    bank, _, _ = flown(1, 60.0)
    bank.tag[0, STATUS] = CONFIRMED
    getattr(bank, column)[cell] = value
    with pytest.raises(AssertionError, match=what):
        sound(bank)


# The gate.


def about(bank: Bank, i: int, at_s: float, chance: np.random.Generator) -> list[Observation]:
    """Plots about where each model of track i foresees it, and up to seven sigma of that off, all round."""
    past_s = at_s - bank.life[i, 0]
    found: list[Observation] = []
    for model in np.flatnonzero(bank.mu[i] > 1e-4):
        x, p = bank.x[i, model], bank.p[i, model]
        sigma_m = math.sqrt(max(p[E_E] + p[VE_VE] * past_s**2, p[N_N] + p[VN_VN] * past_s**2) + 60.0**2)
        for number in range(12):
            off_m, angle = chance.uniform(0, 7) * sigma_m, chance.uniform(0, math.tau)
            east, north = x[EAST] + x[V_EAST] * past_s, x[NORTH] + x[V_NORTH] * past_s
            east, north = east + off_m * math.sin(angle), north + off_m * math.cos(angle)
            found.append(plot_of(f"{i}/{model}/{number}", at_s, east, north, 0.0, tells_height=False))
    return found


def without_a_gate(close: Near, status: int, bank: Bank, rows: int) -> Near:
    """What `near` would give if everything were near: those tracks that it did find are carried to the same row."""
    tracks = [i for i in range(bank.tally[0]) if bank.tag[i, STATUS] == status]
    nearest = dict(zip(close.who.tolist(), close.nearest.tolist(), strict=True))
    return Near(
        who=np.array(tracks, np.int64),
        nearest=np.array([nearest.get(i, 0) for i in tracks], np.int64),
        rows=np.full(len(tracks), rows),
        first=np.zeros(len(tracks), np.int64),
        stop=np.full(len(tracks), rows),
        circle=np.full((len(tracks), 3), [0.0, 0.0, 1e9]),
    )


def taken(found: int, carried: Carried, pairs: Pairs) -> set[tuple[int, int]]:
    """(place in the bank, row) of every pair."""
    stop = pairs.first[found]
    return {(int(carried.who[t]), int(j)) for t, j in zip(pairs.track[:stop], pairs.row[:stop], strict=True)}


@pytest.mark.compiled
@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(4, 60), st.floats(0.1, 30.0))
def test_no_report_that_a_pair_would_take_lies_outside_the_coarse_circle(seed: int, until_s: int, gap_s: float) -> None:
    # Of what flies. What may be falling has a narrower circle, two sigma of a speed that nobody knows: see `circle_of`.
    bank, sites, sensed = flown(seed, float(until_s))
    chance, at_s = np.random.default_rng(seed), START_S + until_s + gap_s
    rows = rows_of([one for i in range(bank.tally[0]) for one in about(bank, i, at_s, chance)])
    z, free, offset = np.empty((len(rows), MEASUREMENT)), np.ones(len(rows)), np.empty(len(rows))
    for j, row in enumerate(rows):
        measured(row, sites, np.zeros(BIASES), SETTINGS.height_m, SETTINGS.height_sigma_m**2, z[j])
        offset[j] = math.log(detection(sites, sensed, int(row[SENSOR]))) - clutter_log(row, sites, sensed)
    room = flight()
    order = np.argsort(z[:, Z_EAST], kind="mergesort")
    look = Look(rows, z, order, -offset, free, free.copy())
    compared = 0
    for status in (TENTATIVE, CONFIRMED):
        count, close = near(status, bank, look, SETTINGS.height_sigma_m**2)
        close = Near._make(column[:count] for column in close)
        far = without_a_gate(close, status, bank, len(rows))
        if len(far.who) == 0:
            continue
        gated = taken(*paired(bank, sites, look, offset, count, close, room))
        wanted = taken(*paired(bank, sites, look, offset, len(far.who), far, room))
        assert gated <= wanted
        assert {pair for pair in wanted - gated if bank.mu[pair[0], ARC] <= 0.01} == set()
        compared += len(wanted)
    assert compared > 0
