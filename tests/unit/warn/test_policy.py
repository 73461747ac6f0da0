"""A policy refuses what it cannot mean, and says of each class how its warnings are issued."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import asdict

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


def test_the_usual_policys_every_duration_is_what_was_decided() -> None:
    """Chosen on nights of one seed and measured on others (docs/why/warning.md): none of them changes by a slip."""
    usual = {name: value for name, value in asdict(Policy()).items() if isinstance(value, float)}
    assert usual == {
        "miss_minutes": 40_000.0, "struck_people": 100.0, "area_share": 0.3, "false_cover_s": 0.0,
        "response_spread": 0.1, "margin_s": 30.0, "delivery_s": 15.0, "prepare_probability": 0.03, "prepare_s": 900.0,
        "off_ratio": 0.5, "linger_s": 20.0, "min_on_s": 40.0, "max_on_s": 7_200.0, "valid_s": 300.0, "renew_s": 60.0,
        "revise_s": 60.0, "clear_utmost_s": 210.0, "clear_reach_s": 600.0, "clear_probability": 0.0003,
        "clear_quiet_s": 45.0, "clear_shown_s": 600.0, "cooldown_s": 300.0, "cooldown_factor": 2.0,
        "blind_hold_s": 60.0, "impact_hold_s": 120.0, "impact_radius_m": 500.0, "alert_max_s": 3_600.0,
        "cancel_s": 600.0, "confirm_s": 20.0,
    }  # fmt: skip
