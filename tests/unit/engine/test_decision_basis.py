"""What is expected of zones: the probability by all tracks together, and when and what by the likeliest of them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.warn.worlds import NOW_S, decided, outlook_of, zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.decision_basis import Moment
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

INDEX = ZoneIndex([zone(name, 50.0 + 0.2 * number) for number, name in enumerate("abc")])


def moment(*rows: tuple[int, float, float], classes: tuple[ThreatClass, ...]) -> Moment:
    plain = outlook_of(NOW_S, *rows)
    outlook = Outlook(
        at_s=NOW_S, zone=plain.zone, track=plain.track, probability=plain.probability,
        eta_earliest_s=plain.eta_earliest_s, eta_likely_s=plain.eta_likely_s, tracks=plain.tracks, classes=classes,
    )  # fmt: skip
    decision = decided(Warner(INDEX, Policy(), drill=False), NOW_S, outlook)
    return Moment(NOW_S, INDEX, outlook, [], [], [], [], [], {}, decision)


def test_tracks_add_up_and_the_likeliest_says_when_and_what() -> None:
    # Rows are sorted: of the first zone the second is the likeliest, of the last the first.
    now = moment(
        (0, 0.2, 900.0), (0, 0.5, 300.0), (2, 0.3, 60.0), (2, 0.4, 500.0),
        classes=("jet", "drone", "cruise_missile", "helicopter"),
    )  # fmt: skip
    expected = now.expected(0.05)
    assert expected.at_s == NOW_S
    assert expected.zones == ("a", "c")
    assert expected.probability == pytest.approx([1 - 0.8 * 0.5, 1 - 0.7 * 0.6])
    np.testing.assert_allclose(expected.eta_likely_s - NOW_S, [300.0, 500.0])
    assert expected.classes == ("drone", "helicopter")


def test_the_least_that_is_asked_for_counts_and_less_does_not() -> None:
    now = moment((0, 0.25, 100.0), (1, 0.5, 100.0), classes=("drone", "drone"))
    assert now.expected(float(now.decision.probability[0])).zones == ("a", "b")
    assert now.expected(0.26).zones == ("b",)
    assert now.expected(0.6).zones == ()
