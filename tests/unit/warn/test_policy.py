"""A policy refuses what it cannot mean, and says of each class how its warnings are issued."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.model.errors import BadValue
from tocsin.model.threat import THREAT_CLASSES
from tocsin.warn.policy import Policy


def policy(field: str, value: Any) -> Policy:
    fields: dict[str, Any] = {field: value}
    return Policy(**fields)


@pytest.mark.parametrize(
    "field",
    ["miss_minutes", "struck_people", "response_spread", "area_share", "cooldown_factor", "clear_shown_s", "cancel_s"],
)
def test_what_is_below_its_bound_is_refused(field: str) -> None:
    with pytest.raises(BadValue, match=field):
        policy(field, -0.1)


@pytest.mark.parametrize(
    ("key", "said"),
    [("warhead", "warhead of drone is {value}"), ("region_factor", "region_factor of drone is {value}")],
)
def test_a_factor_lies_between_nothing_and_a_thousand(key: str, said: str) -> None:
    for value in (0.0, -1.0, 1_000.1):
        with pytest.raises(BadValue, match=said.format(value=value)):
            policy(key, {"drone": value})
    kept = policy(key, {"drone": 1_000.0, "jet": 0.001})
    assert getattr(kept, key) == {"drone": 1_000.0, "jet": 0.001}


def test_a_renewal_comes_before_the_end() -> None:
    assert Policy(valid_s=100.0, renew_s=99.0).renew_s == 99.0
    for renew_s in (100.0, 101.0):
        with pytest.raises(BadValue, match="less than valid_s, 100"):
            Policy(valid_s=100.0, renew_s=renew_s)


def test_a_missiles_warhead_counts_ten_times_unless_the_policy_says_otherwise_and_everything_else_once() -> None:
    usual = {threat: Policy().warhead_of(threat) for threat in THREAT_CLASSES}
    assert usual == dict.fromkeys(THREAT_CLASSES, 1.0) | {"ballistic_missile": 10.0}
    said = Policy(warhead={"ballistic_missile": 2.0, "drone": 3.0})
    assert (said.warhead_of("ballistic_missile"), said.warhead_of("drone"), said.warhead_of("jet")) == (2.0, 3.0, 1.0)


def test_no_class_waits_for_a_confirmation_unless_the_policy_insists() -> None:
    assert {Policy().mode_of(threat) for threat in THREAT_CLASSES} == {"automatic"}
    said = Policy(mode={"rocket": "manual", "drone": "confirm"})
    assert [said.mode_of(threat) for threat in ("rocket", "drone", "jet")] == ["manual", "confirm", "automatic"]
