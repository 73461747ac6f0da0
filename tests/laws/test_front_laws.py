"""Whatever messages are lost, and whoever falls silent: a front end shows no zone as less than a node that is heard
holds it at, and never as calm where nobody is heard."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.decided import NOW
from tests.some import some
from tests.tried import tried
from tests.unit.service.front.voice import IDS, Voice, levels
from tocsin.service.front.country import Country

RANKS = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}
NAMES = ("a", "b")
DEAD_AFTER_S = 15.0

# Of each second and node: what it decides of a zone, and whether the message arrives.
said = st.tuples(st.sampled_from(("", "", "prepare", "take_cover", "all_clear")), st.sampled_from(IDS), st.booleans())
nights = st.lists(st.tuples(said, said), min_size=10, max_size=60)
# Seconds in which a node is cut off from the front end, and goes on by itself.
silences = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 60), st.integers(1, 40)), max_size=3)


@tried(examples=25, nightly=600)
@given(nights, silences)
def test_nothing_is_shown_as_less_than_a_node_holds_that_is_heard(
    night: list[tuple[tuple[str, str, bool], ...]], silent: list[tuple[str, int, int]]
) -> None:
    country = Country(IDS, DEAD_AFTER_S)
    voices = {name: Voice("north", name) for name in NAMES}
    heard_s = dict.fromkeys(NAMES, float("-inf"))
    asked = dict.fromkeys(NAMES, True)
    revision = 0
    for second, all_say in enumerate(night):
        at_s = float(second)
        for name, (level, zone, arrives) in zip(NAMES, all_say, strict=True):
            voice = voices[name]
            revision += 1
            before = voice.decides.board.shown(zone)
            tells = level and (level != "all_clear" or (before is not None and RANKS[before.level] > 0))
            voice.decide(*([voice.decides.warn(zone, level, revision=revision, lasts_s=900)] if tells else []))  # type: ignore[arg-type]
            whole = asked[name] or second % 5 == 0
            told = voice.told(whole=whole)
            cut_off = any(one == name and begin <= second < begin + lasts for one, begin, lasts in silent)
            if not arrives or cut_off:
                continue
            asked[name] = country.hear(told, at_s, told.age_s(voice.decides.now))
            if not asked[name]:
                heard_s[name] = at_s
        shown = levels(country, at_s, NOW + timedelta(seconds=second))
        if not shown:
            # Before everybody was heard once, or had the time for it, nothing is shown at all.
            assert at_s <= DEAD_AFTER_S or not country.spoken_for(at_s)
            continue
        # What arrived this second, whole or without a gap, is known; what a node decided since is not.
        for name in NAMES:
            if heard_s[name] == at_s:
                for zone in IDS:
                    state = voices[name].decides.board.shown(zone)
                    level = "none" if state is None else state.level
                    assert RANKS[shown[zone].partition(" ")[0]] >= RANKS[level], (second, name, zone, shown, level)
        if not country.spoken_for(at_s):
            assert all(one.endswith("blind") for one in some(shown.values()))
