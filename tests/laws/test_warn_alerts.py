"""Neighbours' alerts: nothing that one says takes away what another said, and the order of arrival changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tocsin.model.observation import Alert, AlertLevel, AlertPart
from tocsin.model.value import time_of
from tocsin.warn.alerts import Alerts

NOW_S = 1_767_225_600.0
ZONES = ("A", "B", "C", "D")
NUMBER = {zone: row for row, zone in enumerate(ZONES)}
ORDER = (None, "prepare", "take_cover")
LATE_S = 10_000.0


@dataclass(frozen=True)
class Said:
    """A message of a sender: its number is its name, and when it was sent."""

    kind: Literal["Alert", "Update", "Cancel"]
    level: AlertLevel
    zones: tuple[str, ...]
    ends: tuple[int, ...]
    lasts_s: float | None
    complete: bool


said = st.builds(
    Said,
    st.sampled_from(["Alert", "Update", "Cancel"]),
    st.sampled_from(["take_cover", "take_cover", "prepare", "all_clear"]),
    st.lists(st.sampled_from(ZONES), max_size=3, unique=True).map(tuple),
    st.lists(st.integers(0, 7), max_size=2, unique=True).map(tuple),
    st.sampled_from([None, 30_000.0, 90_000.0]),
    st.sampled_from([True, True, True, False]),
)
stories = st.lists(said, min_size=1, max_size=8)


def messages(story: list[Said], source: str, sender: str) -> list[Alert]:
    """A sender's story: one message every ten seconds, each of which may speak of those before it."""
    made = []
    for number, one in enumerate(story):
        sent_s = NOW_S + 10.0 * number
        end = None if one.lasts_s is None else time_of(sent_s + one.lasts_s)
        parts = (AlertPart(level=one.level, zones=one.zones, expires=end),) if one.zones else ()
        made.append(
            Alert(
                id=f"{source}-{sender}-{number}", time=time_of(sent_s), received=time_of(NOW_S + 100), source=source,
                cap="", sender=sender, identifier=f"m{number}", sent=time_of(sent_s), message=one.kind,
                ends=tuple(f"m{n}" for n in one.ends if n < number) if one.kind != "Alert" else (),
                parts=parts if one.kind != "Cancel" else (), complete=one.complete,
            )
        )  # fmt: skip
    return made


def floors(heard: list[Alert], at_s: float = NOW_S + 100) -> list[int]:
    alerts = Alerts(NUMBER, LATE_S)
    for alert in heard:
        alerts.take([alert])
        alerts.settle(NOW_S + 100)
    alerts.settle(at_s)
    return [ORDER.index(alerts.floor(row)) for row in range(len(ZONES))]


@tried(120, nightly=2_000)
@given(stories, stories, st.sampled_from([("south", "n"), ("north", "s"), ("south", "s")]), st.data())
def test_no_floor_is_lower_for_what_another_says_however_the_two_interleave(
    own: list[Said], others: list[Said], who: str, data: st.DataObject
) -> None:
    mine, theirs = messages(own, "north", "n"), messages(others, *who)
    mixed = data.draw(st.permutations(mine + theirs))
    alone = floors([alert for alert in mixed if alert in mine])
    for at_s in (NOW_S + 100, NOW_S + 15_000, NOW_S + 50_000):
        both = floors(list(mixed), at_s)
        one, other = floors(mine, at_s), floors(theirs, at_s)
        assert both == [max(pair) for pair in zip(one, other, strict=True)]
    assert all(some(low <= high for low, high in zip(alone, floors(list(mixed)), strict=True)))


@tried(120, nightly=2_000)
@given(stories, st.data())
def test_the_order_in_which_a_senders_messages_come_changes_nothing_in_the_end(
    story: list[Said], data: st.DataObject
) -> None:
    told = messages(story, "north", "n")
    assert floors(list(data.draw(st.permutations(told)))) == floors(told)


@tried(80, nightly=800)
@given(stories, st.data())
def test_messages_told_again_change_nothing(story: list[Said], data: st.DataObject) -> None:
    told = messages(story, "north", "n")
    again = data.draw(st.lists(st.sampled_from(told), max_size=8))
    assert floors(told + again) == floors(told)


@tried(80, nightly=800)
@given(stories, st.integers(0, 8))
def test_a_snapshot_changes_nothing(story: list[Said], cut: int) -> None:
    told = messages(story, "north", "n")
    alerts, whole = Alerts(NUMBER, LATE_S), Alerts(NUMBER, LATE_S)
    for number, alert in enumerate(told):
        if number == cut:
            alerts = Alerts.load(alerts.dump(), np.arange(len(ZONES), dtype=np.int32), NUMBER, LATE_S)
        for one in (alerts, whole):
            one.take([alert])
            one.settle(NOW_S + 100 + number)
    assert [alerts.floor(row) for row in range(4)] == [whole.floor(row) for row in range(4)]


@settings(deadline=None)
@given(st.floats(0.001, 7 * 86_400 - 1), st.sampled_from(["prepare", "take_cover"]))
def test_an_alert_ends_at_its_end_and_not_before(lasts_s: float, level: AlertLevel) -> None:
    alert = messages([Said("Alert", level, ("A",), (), None, True)], "north", "n")[0]
    end = time_of(NOW_S + 100 + lasts_s)
    told = Alert(
        id="1", time=alert.time, received=alert.received, cap="", sent=alert.sent, sender="n", identifier="m",
        parts=(AlertPart(level=level, zones=("A",), expires=end),),
    )  # fmt: skip
    assert floors([told], end.timestamp() - 0.0005)[0] == ORDER.index(level)
    assert floors([told], end.timestamp())[0] == 0
