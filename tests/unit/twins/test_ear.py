"""What is missing of another machine's words, or is not of our sector or configuration, lowers nothing."""

from __future__ import annotations

import random
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.told_zones import Teller as Zones
from tests.told_zones import at
from tests.tried import tried
from tocsin.model.effect import Effect, Picture
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.twins import told as told_module
from tocsin.twins.agreement import Agreement
from tocsin.twins.ear import Ear
from tocsin.twins.told import Teller, Told, packed, unpacked

SQUARE = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)),)
OURS = Configuration(
    id="ours", time=at(0), zones=tuple(Zone(id=name, name=name, polygons=(SQUARE,)) for name in ("north", "south"))
)


class Pair:
    """Machine a, which hears b by what b sends."""

    def __init__(self) -> None:
        self.agreement = Agreement({"a": "living", "b": "unheard"}, own="a")
        self.ear = Ear(self.agreement, "sector", "b")
        self.a, self.b, self.teller = Zones(), Zones(), Teller("sector", "b", "first", "")
        self.published: dict[str, str] = {}

    def note(self, steps: list[list[Effect]]) -> list[Warning]:
        warnings = [one for effects in steps for one in effects if isinstance(one, Warning)]
        self.published |= {one.zone: one.level for one in warnings}
        return warnings

    def own(self, now_s: float, **wanted: str) -> list[Warning]:
        return self.note([self.agreement.take("a", self.a.tick(now_s, wanted))])

    def said(self, now_s: float, **wanted: str) -> Told:
        return unpacked(packed(self.teller.changed([self.b.tick(now_s, wanted)], OURS)))

    def hear(self, told: Told, ours: Configuration = OURS) -> list[Warning]:
        return self.note(self.ear.hear(told, ours))

    def hear_whole(self, now_s: float) -> list[Warning]:
        return [one for told in self.teller.whole(*self.b.whole(now_s), OURS) for one in self.hear(told)]


def both_warned() -> Pair:
    pair = Pair()
    pair.own(1, north="take_cover")
    pair.hear(pair.said(1, north="take_cover"))
    pair.hear_whole(1)
    assert not pair.ear.asks
    return pair


def test_an_all_clear_that_both_give_goes_out_once() -> None:
    pair = both_warned()
    assert not pair.own(100, north="none")
    assert [one.level for one in pair.hear(pair.said(100, north="none"))] == ["all_clear"]
    assert not pair.hear_whole(101)


def changed(told: Told, **how: Any) -> Told:
    return msgspec.structs.replace(told, **how)


@pytest.mark.parametrize(
    "how",
    [{"sector": "elsewhere"}, {"configuration": "another"}, {"drill": True}, {"number": 9}, {"life": "second"}],
    ids=lambda how: next(iter(how)),
)
def test_an_all_clear_of_another_sector_configuration_or_life_or_after_a_gap_lowers_nothing(
    how: dict[str, Any],
) -> None:
    pair = both_warned()
    pair.own(100, north="none")
    assert not pair.hear(changed(pair.said(100, north="none"), **how))
    assert pair.published == {"north": "take_cover"}
    assert pair.agreement.held()[0].by == ("b",)
    if "sector" not in how:
        assert pair.ear.asks
    assert [one.level for one in pair.hear_whole(101)] == ["all_clear"]


def test_a_raise_after_a_gap_or_by_another_configuration_goes_out_and_a_drill_does_not() -> None:
    for how in ({"configuration": "another"}, {"number": 9}, {"life": "second"}):
        pair = both_warned()
        told = pair.hear(changed(pair.said(50, north="take_cover", south="take_cover"), **how))
        assert [(one.zone, one.level) for one in told] == [("south", "take_cover")]
    pair = both_warned()
    assert not pair.hear(changed(pair.said(50, south="take_cover"), drill=True))
    assert pair.ear.strange == "it decides as a drill, and this machine in earnest"


def test_what_is_told_in_parts_counts_only_when_all_of_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told_module, "ZONES_MAX", 1)
    pair = Pair()
    pair.own(1, north="take_cover", south="take_cover")
    pair.own(50, north="none", south="none")
    pair.b.tick(1, {"north": "take_cover", "south": "prepare"})
    first, second = pair.teller.whole(*pair.b.whole(50), OURS)
    assert (first.parts, second.part) == (2, 1)
    # Who begins to listen in the middle of it has not heard all.
    assert not pair.hear(second)
    assert pair.ear.asks
    first, second = pair.teller.whole(*pair.b.whole(51), OURS)
    assert not pair.hear(first)
    assert [(one.zone, one.level) for one in pair.hear(second)] == [("south", "prepare")]
    assert pair.published == {"north": "take_cover", "south": "prepare"}


@tried(60, nightly=2_000)
@given(st.integers(0, 1_000_000))
def test_whatever_is_lost_no_all_clear_goes_out_that_the_other_does_not_give(seed: int) -> None:
    chance, pair = random.Random(seed), Pair()
    wanted = {"north": "none", "south": "none"}
    for now_s in range(1, 120):
        if chance.random() < 0.2:
            wanted = {zone: chance.choice(["none", "prepare", "take_cover"]) for zone in wanted}
        told = pair.said(now_s, **(wanted if chance.random() < 0.9 else dict.fromkeys(wanted, "take_cover")))
        # What b decided last is known to nobody else yet, or never.
        warnings = pair.own(now_s, **wanted)
        if chance.random() < 0.7:
            warnings += pair.hear(told)
        if pair.ear.asks and chance.random() < 0.3:
            warnings += pair.hear_whole(now_s)
        for warning in warnings:
            if warning.level == "all_clear":
                assert pair.b.rank(warning.zone) == 0
                assert pair.a.rank(warning.zone) == 0
    pair.own(121, **dict.fromkeys(wanted, "none"))
    pair.said(121, **dict.fromkeys(wanted, "none"))
    assert {one.level for one in pair.hear_whole(121)} <= {"all_clear"}
    assert not pair.agreement.held()


def test_what_is_no_message_is_said_so_and_a_bomb_is_not_unpacked() -> None:
    for data in (
        b"",
        b"nothing",
        zlib.compress(b"[]"),
        zlib.compress(b"{" * 1_000),
        zlib.compress(bytes(70_000_000), 1),
    ):
        with pytest.raises(BadRecord):
            unpacked(data)


def test_a_picture_alone_is_told_too() -> None:
    (step,) = Teller("sector", "b", "first", "").changed([[Picture(time=at(1))]], OURS).steps
    assert (step.time, step.warnings, step.zones) == (at(1), (), ())
