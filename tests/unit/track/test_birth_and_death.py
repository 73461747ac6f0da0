"""What is believed of a track: who supports it, what it says of itself, when it is confirmed and when it ends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.track.associate.accept import promoted
from tocsin.track.bank import (
    CONFIRMED,
    COOPERATIVE,
    DEAD,
    ENDS,
    HIT,
    HITS,
    ICAO,
    LIFE,
    LOOK,
    MODE3A,
    NEWEST,
    NUMBER,
    OTHERS_TIME,
    PEAK,
    SCORE,
    STATUS,
    SUPPORTERS,
    TAKEN,
    TENTATIVE,
    TIME,
    Bank,
    empty,
)  # fmt: skip
from tocsin.track.birth_and_death import called, compacted, ends_s, learned, spoken, supported, weeded
from tocsin.track.report_rows import CLASS, PLOT, POSITION, TIE, WEIGHT, blank
from tocsin.track.report_rows import COOPERATIVE as ROW_COOPERATIVE
from tocsin.track.report_rows import ICAO as ROW_ICAO
from tocsin.track.report_rows import MODE3A as ROW_MODE3A
from tocsin.track.settings import TrackSettings, for_kernels
from tocsin.track.state import E_E, VE_VE, VN_VN

SETTINGS = for_kernels(TrackSettings())


def bank(*status: int, life: dict[int, float] | None = None) -> Bank:
    """Tracks of these statuses, called by their place plus 100."""
    one = empty(max(len(status), 1))
    one.tally[TAKEN] = len(status)
    one.tag[:, STATUS], one.tag[:, NUMBER] = status or (DEAD,), np.arange(max(len(status), 1)) + 100
    one.tag[:, [ICAO, MODE3A]], one.support[:] = -1, -1
    for column, number in (life or {}).items():
        one.life[:, column] = number
    one.mu[:, 0] = 1.0
    return one


def row(cells: dict[int, float] | None = None, kind: int = POSITION) -> Any:
    made = np.array(blank(0.0, kind, 3, "x"))
    for column, number in (cells or {}).items():
        made[column] = number
    return made


def test_a_doubtful_report_makes_no_track_cooperative_and_names_none() -> None:
    said = row({ROW_COOPERATIVE: 1.0, ROW_ICAO: 0x4B1234, ROW_MODE3A: 0o1234, CLASS: 4.0})
    for believe, taken in ((0.49, False), (0.5, True), (1.0, True)):
        one = bank(CONFIRMED)
        learned(one, 0, said, believe)
        assert one.tag[0, COOPERATIVE] == taken
        assert (one.tag[0, ICAO], one.tag[0, MODE3A]) == ((0x4B1234, 0o1234) if taken else (-1, -1))
        assert one.said[0, 4] == pytest.approx(1.2 if taken else 0.0)


def test_who_does_not_say_that_he_is_cooperative_is_not_and_what_is_not_said_changes_nothing() -> None:
    one = bank(CONFIRMED)
    one.tag[0, [ICAO, MODE3A]] = 0x4B1234, 0o1234
    learned(one, 0, row(), 1.0)
    assert one.tag[0, COOPERATIVE] == 0
    assert (one.tag[0, ICAO], one.tag[0, MODE3A]) == (0x4B1234, 0o1234)
    assert not some(one.said).any()
    learned(one, 0, row({ROW_ICAO: 0.0, ROW_MODE3A: 0.0, CLASS: 0.0}), 1.0)
    assert (one.tag[0, ICAO], one.tag[0, MODE3A], one.said[0, 0] > 0) == (0, 0, True), "zero is an address, too"


def test_reporters_words_weigh_as_they_say_and_ten_that_agree_are_not_ten_witnesses() -> None:
    one = bank(CONFIRMED)
    for _ in range(2):
        learned(one, 0, row({CLASS: 2.0, WEIGHT: 0.5}), 1.0)
    assert one.said[0, 2] == pytest.approx(1.2)
    for _ in range(10):
        learned(one, 0, row({CLASS: 2.0}), 1.0)
    assert one.said[0, 2] == 5.0


def test_sensors_that_support_a_track_are_counted_once_each_and_eight_of_them_are_remembered() -> None:
    one = bank(CONFIRMED)
    assert [supported(one, 0, s) for s in (5, 7, 5, 7, 0)] == [False, False, True, True, False]
    assert np.count_nonzero(one.support[0] >= 0) == 3
    for s in range(20, 20 + SUPPORTERS):
        supported(one, 0, s)
    assert one.support[0].tolist() == list(range(20, 28)), "the newest eight, newest last"


def test_the_last_hit_of_any_other_sensor_than_the_newest_is_remembered() -> None:
    one = bank(CONFIRMED)
    hits = [(4, 10.0, -math.inf), (4, 12.0, -math.inf), (0, 15.0, 12.0), (0, 20.0, 12.0), (4, 21.0, 20.0)]
    for sensor, when, others in some(hits):
        spoken(one, 0, sensor, when)
        assert (one.life[0, NEWEST], one.life[0, HIT], one.life[0, OTHERS_TIME]) == (sensor + 1.0, when, others)


@pytest.mark.parametrize(
    ("plot", "hits", "score", "confirmed"),
    [
        (True, 2, 8.0, True),
        (True, 2, 7.99, False),
        (True, 1, 20.0, False),
        (False, 2, 20.0, False),
        (False, 3, 8.0, True),
    ],
)
def test_two_plots_confirm_a_track_that_is_likely_enough_and_three_of_anything_else(
    plot: bool, hits: int, score: float, confirmed: bool
) -> None:
    one = bank(TENTATIVE, life={SCORE: score, PEAK: score, LOOK: 0.1})
    one.tag[0, HITS] = hits
    promoted(one, 0, plot, SETTINGS)
    assert (one.tag[0, STATUS] == CONFIRMED) == confirmed
    assert one.life[0, ENDS] == ends_s(one, 0, SETTINGS)


@pytest.mark.parametrize(
    ("hits", "score", "peak", "lasts"),
    [(2, 9.0, 9.0, 9.0), (3, 9.0, 9.0, 12.0), (3, 7.9, 9.0, 7.9), (3, 13.0, 13.0, 13.0), (3, 9.0, 15.0, 15.0)],
)
def test_a_third_report_that_fits_makes_a_confirmed_track_last(
    hits: int, score: float, peak: float, lasts: float
) -> None:
    one = bank(CONFIRMED, life={SCORE: score, PEAK: peak, LOOK: 0.1})
    one.tag[0, HITS] = hits
    promoted(one, 0, True, SETTINGS)
    assert one.life[0, SCORE] == lasts
    assert one.life[0, PEAK] == max(peak, lasts)


@settings(max_examples=100, deadline=None)
@given(
    st.booleans(), st.floats(-3.0, 40.0), st.floats(0.0, 10.0), st.floats(1e-3, 5.0), st.floats(0.0, 30.0),
    st.floats(1.0, 3_000.0), st.floats(0.1, 300.0),
)  # fmt: skip
def test_a_track_ends_when_its_looks_have_spent_its_score_or_it_has_not_been_seen_for_too_long(
    sure: bool, score: float, lost: float, look: float, since_s: float, sigma_m: float, strays_mps: float
) -> None:
    peak, hit, time = score + lost, 1_000.0, 1_000.0 + since_s
    one = bank(CONFIRMED if sure else TENTATIVE, life={SCORE: score, PEAK: peak, LOOK: look, HIT: hit, TIME: time})
    one.p[0, 0, E_E], one.p[0, 0, VE_VE], one.p[0, 0, VN_VN] = sigma_m**2, 2 * strays_mps**2, 0.0
    if sure:
        # Until it has fallen 12 below its best, but for a pause of 4 s; for two minutes; until it may be 25 km off.
        spent = max(time + (score - max(peak - 12.0, 0.0)) / look, hit + 4.0)
        wanted = min(spent, hit + 120.0, hit + math.sqrt(25_000.0**2 - sigma_m**2) / strays_mps)
    else:
        wanted = min(time + (score + 4.0) / look, hit + 60.0)
    assert ends_s(one, 0, SETTINGS) == pytest.approx(wanted)


def test_a_confirmed_track_that_nobody_should_be_seeing_is_kept_for_two_minutes_and_a_tentative_one_for_one() -> None:
    assert ends_s(bank(CONFIRMED, life={SCORE: 9.0, PEAK: 9.0, HIT: 100.0, TIME: 100.0}), 0, SETTINGS) == 220.0
    assert ends_s(bank(TENTATIVE, life={SCORE: 9.0, PEAK: 9.0, HIT: 100.0, TIME: 100.0}), 0, SETTINGS) == 160.0


def test_tracks_that_are_over_die_and_their_places_are_closed_in_order_when_they_are_many() -> None:
    one = bank(CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED)
    one.life[:, ENDS] = [10.0, 11.0, 12.0, 20.0, 20.0]
    one.life[:, SCORE] = np.arange(5)
    weeded(one, 10.0)
    assert one.tag[:5, STATUS].tolist() == [CONFIRMED] * 5, "until then it lives"
    weeded(one, 10.5)
    assert one.tally[TAKEN] == 5 and one.tag[0, STATUS] == DEAD, "one of five waits for its place to be taken"
    weeded(one, 11.5)
    assert one.tally[TAKEN] == 3
    assert one.tag[:3, NUMBER].tolist() == [102, 103, 104]
    assert one.life[:3, SCORE].tolist() == [2.0, 3.0, 4.0]


def test_closing_gaps_moves_everything_of_a_track() -> None:
    one = bank(DEAD, CONFIRMED)
    chance = np.random.default_rng(1)
    for column in (one.x, one.p, one.mu, one.h, one.hp, one.said, one.support):
        column[1] = chance.uniform(1, 9, column[1].shape)
    one.life[1] = chance.uniform(1, 9, LIFE)
    was = {
        name: column[1].copy()
        for name, column in one._asdict().items()
        if name not in ("fall", "fallp", "fallw", "tally")
    }
    compacted(one)
    assert one.tally[TAKEN] == 1
    for name, column in was.items():
        np.testing.assert_array_equal(getattr(one, name)[0], column)


def test_a_track_is_called_after_its_report_and_no_other_that_lives_has_that_name() -> None:
    said = row({TIE: 2e9 + 101.0}, PLOT)
    one = bank(CONFIRMED, CONFIRMED, DEAD, TENTATIVE)
    # 101 is the second's; 102 is a dead one's; and where 102 lives, 103 is the last one's.
    assert called(one, 4, said) == 102
    one.tag[2, STATUS] = TENTATIVE
    assert called(one, 4, said) == 104
    one.tally[1] = 17
    assert called(one, 4, row({TIE: 0.0}, PLOT)) == 17, "plots of a table are counted"
