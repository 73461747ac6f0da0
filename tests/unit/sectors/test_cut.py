"""Cuts: what is refused, and how zones go from one sector to another."""

from __future__ import annotations

import pytest

from tocsin.model.errors import BadRecord, BadSettings, BadValue
from tocsin.sectors.cut import CUT_BYTES_MAX, Cut, Moving, cut_from_json, cut_of
from tocsin.sectors.moving import begun, finished
from tocsin.simulate.places import invented_zones

CUT = Cut(sectors={"north": ("a", "b"), "south": ("c", "d")})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sectors": {"north": ("a",), "south": ("a",)}}, "zone a is in the sectors north, south"),
        ({"sectors": {"north": ("a", "a")}}, "zone a is in the sectors north, north"),
        ({"sectors": {"north": ()}}, "north has no zones"),
        ({"sectors": {"no.rth": ("a",)}}, "sectors"),
        ({"sectors": {}}, "sectors"),
        (
            {"sectors": {"n": ("a",)}, "moving": (Moving(zones=("a",), giver="n", receiver="s"),)},
            "two different sectors of the cut",
        ),
        (
            {
                "sectors": {"n": ("a", "b"), "s": ("c",)},
                "moving": (Moving(zones=("a", "a"), giver="n", receiver="s"),),
            },
            "a moves twice",
        ),
        (
            {"sectors": {"n": ("a",), "s": ("c",)}, "moving": (Moving(zones=("x",), giver="n", receiver="s"),)},
            "x moves and is in no sector",
        ),
        (
            {"sectors": {"n": ("a",), "s": ("c",)}, "moving": (Moving(zones=("a",), giver="n", receiver="s"),)},
            "zone a is in the sectors n; it belongs to n and s",
        ),
    ],
)
def test_a_cut_in_which_somebody_has_too_much_or_nobody_anything_is_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        Cut(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"sectors":{"north":[]}}', b" " * (CUT_BYTES_MAX + 1)])
def test_a_file_that_is_no_cut_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(BadRecord, match=r"it is no cut|bytes; a cut has at most"):
        cut_from_json(data)


def test_names_that_brokers_cannot_use_are_no_names_of_sectors() -> None:
    with pytest.raises(BadSettings, match="sectors"):
        cut_of(["a b"], [0, 0, 0], invented_zones(3))


def test_a_receiver_decides_too_then_alone() -> None:
    both = begun(CUT, ["b"], "south")
    assert both.owners()["b"] == ["north", "south"]
    assert finished(both) == Cut(sectors={"north": ("a",), "south": ("c", "d", "b")})


@pytest.mark.parametrize(
    ("zones", "to", "said"),
    [
        (["b"], "west", "no sector 'west'"),
        (["x"], "south", "no zone 'x'"),
        (["c"], "south", "in the sector south already"),
        (["a", "b"], "south", "nothing would be left of the sector north"),
    ],
)
def test_a_move_that_cannot_be_is_refused(zones: list[str], to: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        begun(CUT, zones, to)


def test_no_zone_moves_twice_at_a_time_and_nothing_is_finished_that_was_not_begun() -> None:
    both = begun(CUT, ["b"], "south")
    with pytest.raises(BadSettings, match="on its way already"):
        begun(both, ["b"], "south")
    with pytest.raises(BadSettings, match="nothing would be left of the sector north"):
        begun(both, ["a"], "south")
    with pytest.raises(BadSettings, match="nothing is on its way"):
        finished(CUT)
