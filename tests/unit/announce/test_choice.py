"""Which warnings a pushed channel picks, and that whatever raised lowers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import NOW
from tocsin.announce.choice import Choice, Raising
from tocsin.model.warning import Level, Warning

LEVELS: tuple[Level, ...] = ("prepare", "take_cover", "all_clear")


def warning(zone: str, revision: int, level: Level, replaces: str | None, drill: bool = False) -> Warning:
    time = NOW + timedelta(seconds=revision)
    return Warning(
        id=f"{zone}/1/{revision}/{level}",
        zone=zone,
        level=level,
        time=time,
        expires=time + timedelta(minutes=10),
        replaces=replaces,
        drill=drill,
    )


def story(zone: str, levels: Sequence[Level], drill: bool = False) -> list[Warning]:
    """A zone's warnings, each replacing the one before."""
    made: list[Warning] = []
    for revision, level in enumerate(levels, 1):
        made.append(warning(zone, revision, level, made[-1].id if made else None, drill))
    return made


def test_who_asks_for_cover_only_hears_how_it_goes_on_until_the_all_clear() -> None:
    told = story("z0", ["prepare", "take_cover", "prepare", "all_clear", "prepare", "all_clear"])
    choice = Choice(None, ["take_cover"], "both")
    assert choice.of(told) == told[1:4]


def test_other_zones_are_not_told() -> None:
    choice = Choice(["z1"], ["prepare", "take_cover"], "both")
    assert choice.of([*story("z0", ["take_cover"]), *story("z1", ["take_cover"])]) == story("z1", ["take_cover"])


def test_a_live_channel_hears_of_no_drill_and_still_of_the_end_of_what_it_was_told() -> None:
    live, drill = story("z0", ["take_cover"]), warning("z0", 2, "take_cover", "z0/1/1/take_cover", True)
    end = warning("z0", 3, "all_clear", drill.id, True)
    choice = Choice(None, ["prepare", "take_cover"], "live")
    assert choice.of([*live, drill, end, *story("z1", ["take_cover", "all_clear"], True)]) == [*live, end]
    assert Choice(None, ["prepare", "take_cover"], "drills").of([*live, drill, end]) == [drill, end]


def test_what_is_offered_again_is_picked_again() -> None:
    told = story("z0", ["take_cover", "all_clear"])
    choice = Choice(None, ["take_cover"], "both")
    assert choice.of(told) == told and choice.of(told[1:]) == told[1:]


def test_after_a_restart_the_end_of_what_may_have_been_told_is_told() -> None:
    cover, prepare = "z0/1/1/take_cover", "z0/1/1/prepare"
    picked = [
        Choice(None, ["take_cover"], "both").of([warning("z0", 2, "all_clear", ended)]) for ended in (cover, prepare)
    ]
    assert [len(one) for one in picked] == [1, 0]


def test_what_lapsed_long_ago_does_not_let_a_lower_level_through(warn: Callable[..., Warning]) -> None:
    choice = Choice(None, ["take_cover"], "both")
    assert choice.of([warn("z0"), warn("z0", "prepare", 2, at_s=3_600)]) == [warn("z0")]


@given(
    st.lists(st.sampled_from(LEVELS), min_size=1, max_size=12),
    st.sets(st.sampled_from(["prepare", "take_cover"]), min_size=1),
    st.integers(0, 12),
)
def test_every_start_that_is_told_has_its_end_told_and_no_end_comes_without_a_start(
    levels: list[Level], chosen: set[Raising], restart: int
) -> None:
    # An engine ends only what stands.
    sane = [level for at, level in enumerate(levels) if level != "all_clear" or (at and levels[at - 1] != "all_clear")]
    told = story("z0", sane)
    before, after = Choice(None, chosen, "both"), Choice(None, chosen, "both")
    picked = [*before.of(told[:restart]), *after.of(told[restart:])]
    heard = [one.level for one in picked]
    for at, one in enumerate(told):
        if one.level == "all_clear" and told[at - 1].level in chosen and told[at - 1].level != "all_clear":
            assert one in picked
    if restart >= len(told):
        assert [
            at for at, level in enumerate(heard) if level == "all_clear" and heard[:at][-1:] in ([], ["all_clear"])
        ] == []
