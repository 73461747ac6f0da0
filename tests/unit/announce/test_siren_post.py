"""What is known of one siren: what it is told, what it obeyed, and whether it lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.announce.siren.post import BATTERY_LOW_PERCENT, SILENT_S, Alarms, Post, Wanted, episode, wanted
from tocsin.announce.siren.wire import ZONES_MAX, Command, Report
from tocsin.model.warning import ZoneState

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key()
COVER = Wanted("take_cover", ("a/1",), False, None)
CALM = Wanted("none", (), False, None)


def state(zone: str, level: Any, *, expires_s: float | None = 60.0, number: int = 1, drill: bool = False) -> ZoneState:
    warning = None if level == "none" else f"{zone}/{number}/3/{level}"
    expires = None if expires_s is None else NOW + timedelta(seconds=expires_s)
    return ZoneState(zone=zone, level=level, expires=expires, warning=warning, drill=drill)


def test_a_siren_sounds_the_gravest_of_what_stands_and_what_is_real_before_any_drill() -> None:
    prepare, cover, clear = state("a", "prepare"), state("b", "take_cover", expires_s=90), state("c", "all_clear")
    assert wanted([prepare, cover, clear], NOW, drill=True) == Wanted(
        "take_cover", ("b/1",), False, NOW + timedelta(seconds=90)
    )
    assert wanted([prepare, clear], NOW, drill=True).pattern == "prepare"
    assert wanted([clear, state("d", "none")], NOW, drill=True).pattern == "all_clear"
    drilled = state("b", "take_cover", drill=True)
    assert wanted([drilled, prepare], NOW, drill=True) == Wanted("prepare", (), False, NOW + timedelta(seconds=60))
    assert wanted([drilled, state("d", "none")], NOW, drill=False) == Wanted(
        "take_cover", ("b/1",), True, NOW + timedelta(seconds=60)
    )
    for drill in (False, True):
        assert wanted([state("d", "none")], NOW, drill=drill) == Wanted("none", (), drill, None)


@pytest.mark.parametrize(("expires_s", "stands"), [(0.0, False), (1.0, True), (None, True)])
def test_what_has_expired_sounds_no_more(expires_s: float | None, stands: bool) -> None:
    found = wanted([state("a", "take_cover", expires_s=expires_s)], NOW, drill=False)
    assert (found.pattern == "take_cover") == stands


def test_it_sounds_until_the_last_of_it_ends_and_names_each_episode_once() -> None:
    states = [state("b", "take_cover", expires_s=50), state("a", "take_cover", expires_s=90), state("a", "take_cover")]
    found = wanted(states, NOW, drill=False)
    assert (found.until, found.episodes) == (NOW + timedelta(seconds=90), ("a/1", "b/1"))


def test_an_episode_is_the_same_for_each_revision_and_level_of_it() -> None:
    assert {episode(state("a/north", level, number=7)) for level in ("prepare", "take_cover")} == {"a/north/7"}
    assert episode(ZoneState(zone="a")) == "a"


def test_alarms_are_remembered_for_six_hours_ten_a_zone_each_world_apart() -> None:
    alarms = Alarms()
    alarms.note(state("a", "prepare", number=1), 0.0)
    assert alarms.of(["a"], 0.0, drill=False) == ()
    for number in range(2, 14):
        alarms.note(state("a", "take_cover", number=number), float(number))
    alarms.note(state("a", "take_cover", number=5), 20.0)
    alarms.note(state("b", "take_cover", drill=True), 21.0)
    # The fifth was seen again, and is the newest now.
    newest = (*(f"a/{number}" for number in (*range(4, 5), *range(6, 14))), "a/5")
    assert alarms.of(["a", "b"], 21.0, drill=False) == newest
    assert alarms.of(["a", "b"], 21.0, drill=True) == ("b/1",)
    assert alarms.of(["a"], 6 * 3_600 + 20.0, drill=False) == ("a/5",)
    assert alarms.of(["a"], 6 * 3_600 + 20.5, drill=False) == ()
    for number in (14, 15):
        alarms.note(state("a", "take_cover", number=number), 22.0 + number)
    assert "a/5" in alarms.of(["a"], 40.0, drill=False), "what was seen longest ago makes room"


def test_a_message_names_the_newest_alarms_where_there_are_too_many() -> None:
    alarms = Alarms()
    zones = [f"z{k}" for k in range(ZONES_MAX + 5)]
    for k, zone in enumerate(zones):
        alarms.note(state(zone, "take_cover"), float(k))
    assert alarms.of(zones, 100.0, drill=False) == tuple(f"{zone}/1" for zone in zones[5:])


def post() -> Post:
    return Post("hill", ("a",), KEY, since_s=0.0)


def command(nonce: str, at: datetime = NOW) -> Command:
    return Command(
        siren="hill", sector="s", zones=("a",), pattern="none", episodes=(), nonce=nonce, issued=at,
        expires=at + timedelta(seconds=60), echo=None, drill=False, blind=False,
    )  # fmt: skip


def report(**fields: Any) -> Report:
    values: dict[str, Any] = {"siren": "hill", "sector": "s", "at": NOW, "challenge": "c"} | fields
    return Report(**values)


def test_commands_are_issued_one_after_the_other_whatever_the_clock_does() -> None:
    one = post()
    times = [one.issue(NOW + timedelta(seconds=k)) for k in (0, 5, 5, -60, 6)]
    assert times == sorted(set(times))
    assert times[:2] == [NOW, NOW + timedelta(seconds=5)] and times[-1] == NOW + timedelta(seconds=6)


def test_a_siren_is_answered_ten_times_in_ten_seconds() -> None:
    one = post()
    assert [one.may_answer(20.0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not one.may_answer(30.0)
    assert one.may_answer(30.1)


def test_a_siren_has_obeyed_what_it_answers_and_not_what_it_refuses() -> None:
    one = post()
    one.wrote(command("n1"), COVER, 10.0)
    one.take(report(answers="n1", refused="no fresh challenge"), 11.0)
    assert (one.obeyed, one.refused) == (None, "no fresh challenge")
    assert one.trouble(11.0) == "siren hill refuses: no fresh challenge"
    one.take(report(answers="n1"), 12.0)
    assert (one.obeyed, one.refused) == (COVER, None)
    one.take(report(answers="of another"), 13.0)
    assert one.obeyed == COVER
    one.wrote(command("n2"), CALM, 14.0)
    one.take(report(heard="n2"), 15.0)
    assert one.obeyed == COVER, "it was heard, and not answered"


@pytest.mark.parametrize("named", ["heard", "answers"])
def test_only_what_names_a_new_command_proves_that_a_siren_lives(named: str) -> None:
    one = post()
    one.wrote(command("n1"), CALM, 0.0)
    one.take(report(**{named: "n1"}, challenge="fresh"), SILENT_S)
    assert (one.heard_s, one.challenge, one.silent(2 * SILENT_S)) == (SILENT_S, "fresh", False)
    one.take(report(**{named: "n1"}, challenge="replayed"), SILENT_S + 1)
    assert (one.heard_s, one.challenge) == (SILENT_S, "fresh")
    # Once it is silent its challenge is taken from whatever comes, so that it can be heard again.
    one.take(report(challenge="late"), 2 * SILENT_S + 1)
    assert (one.heard_s, one.challenge) == (SILENT_S, "late")


def test_a_siren_is_silent_when_nothing_was_heard_of_it_for_so_long_since_its_beginning_or_the_last_time() -> None:
    one = post()
    assert [one.silent(at_s) for at_s in (SILENT_S, SILENT_S + 1)] == [False, True]
    assert one.trouble(SILENT_S + 1) == "siren hill is silent"
    one.wrote(command("n1"), CALM, 100.0)
    one.take(report(heard="n1"), 101.0)
    assert [one.silent(at_s) for at_s in (101 + SILENT_S, 102 + SILENT_S)] == [False, True]


def test_what_was_said_last_is_said_again_when_it_was_not_obeyed_within_two_seconds() -> None:
    one = post()
    one.wrote(command("n1"), COVER, 10.0)
    assert [one.unanswered(COVER, at_s) for at_s in (12.0, 12.1)] == [False, True]
    assert not one.unanswered(CALM, 20.0), "it was not told that yet"
    one.take(report(answers="n1"), 13.0)
    assert not one.unanswered(COVER, 20.0)


def test_only_the_newest_commands_are_remembered() -> None:
    one = post()
    for k in range(70):
        one.wrote(command(f"n{k}"), COVER, 10.0)
    one.take(report(answers="n5"), 11.0)
    assert one.obeyed is None
    one.take(report(answers="n6"), 11.0)
    assert one.obeyed == COVER


def test_an_operator_reads_first_what_is_worst() -> None:
    one = post()
    one.wrote(command("n1"), COVER, 10.0)

    def said(**fields: Any) -> str | None:
        one.take(report(heard="n1", **fields), 11.0)
        return one.trouble(11.0)

    assert post().trouble(1.0) is None and said() is None
    low = BATTERY_LOW_PERCENT - 1
    assert said(troubles=("its horn is broken",), battery_percent=low) == "siren hill: its horn is broken"
    assert said(battery_percent=low, clock_off_s=5.0) == f"siren hill: its battery has {low:.0f} % left"
    assert said(battery_percent=BATTERY_LOW_PERCENT) is None
    assert said(clock_off_s=-5.0) == "siren hill: its clock is -5 s off; it goes by challenges"
