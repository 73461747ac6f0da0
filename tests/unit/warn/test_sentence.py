"""The sentence for operators: who comes, how likely and when."""

from __future__ import annotations

from tocsin.model.threat import THREAT_CLASSES, ThreatClass
from tocsin.warn import sentence

AT_S = 1_700_000_000.0


def danger(classes: list[ThreatClass], probability: float = 0.5) -> str:
    names = [f"T{number + 1}" for number in range(len(classes))]
    return sentence.danger(classes, names, probability, AT_S, AT_S + 61.0, 89.6)


def test_of_each_class_how_many_the_most_first_and_three_by_name() -> None:
    said = danger(["jet", "drone", "drone", "civil"])
    assert said.startswith("2 drones, 1 civil aircraft, 1 jet (T1, T2, T3 and 1 more): ")
    assert danger(["jet", "jet", "drone"]).startswith("2 jets, 1 drone (T1, T2, T3): ")
    for threat in THREAT_CLASSES:
        assert danger([threat]).startswith("1 ")


def test_what_is_less_likely_than_one_percent_is_told_to_a_tenth() -> None:
    assert "attack here 1 % likely" in danger(["jet"], 0.01)
    assert "attack here 0.9 % likely" in danger(["jet"], 0.0094)
    assert "attack here 100 % likely" in danger(["jet"], 1.0)


def test_times_are_clock_times_and_the_way_to_shelter_is_told() -> None:
    assert danger(["jet"]).endswith("at the earliest 22:13:20Z, likely 22:14:21Z; shelter takes 90 s.")


def test_why_no_all_clear_follows_and_why_one_does() -> None:
    assert "no longer likely (1.2 %)" in sentence.waning(0.0123, 9.6) and "within 10 min" in sentence.waning(0.0, 9.6)
    assert "(nothing watches here): no all clear follows" in sentence.unseen("nothing watches here")
    assert "within 8 min" in sentence.over(8.2)
