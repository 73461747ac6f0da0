"""Who holds a connection, who is cut, and who gives way."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.some import some
from tocsin.service.http.places import BODY_PAUSE_S, FLOODING_S, UNREAD_BYTES, UNREAD_S, Bounds, Places
from tocsin.service.http.turns import Turns


class Stranger:
    def __init__(self, address: str, *, exempt: bool = False) -> None:
        self.address = address
        self.exempt = exempt
        self.unread = 0
        self.open = True

    def cut(self) -> None:
        self.open = False


class Hall:
    """Places, their clock, and what was said of those cut."""

    def __init__(
        self, connections_max: int = 100, per_address_max: int = 50, unread_bytes_max: int = 1_000_000
    ) -> None:
        self.now_s = 0.0
        self.why: Counter[str] = Counter()
        bounds = Bounds(connections_max, per_address_max, 5.0, unread_bytes_max)
        self.places = Places(bounds, lambda: self.now_s, lambda why: self.why.update([why]))

    def enter(self, address: str, count: int = 1, *, exempt: bool = False) -> list[Stranger]:
        """Those who were let in; each asks at once and listens to a long answer."""
        inside = []
        for _ in range(count):
            one = Stranger(address, exempt=exempt)
            if self.places.enter(one) is not None:
                inside.append(one)
                self.places.answering(one)
        return inside


def test_who_sends_no_request_is_cut_after_five_seconds_and_nobody_else() -> None:
    hall = Hall()
    (listening,) = hall.enter("a")
    slow = Stranger("a")
    hall.places.enter(slow)
    hall.now_s = 4.9
    hall.places.sweep()
    assert slow.open
    hall.now_s = 5.1
    hall.places.sweep()
    assert not slow.open
    assert listening.open
    assert (hall.why, hall.places.connections) == ({"headers": 1}, 1)


def test_an_idle_connection_is_left_to_its_keep_alive() -> None:
    hall = Hall()
    (one,) = hall.enter("a")
    hall.places.idle(one)
    hall.now_s = 100.0
    hall.places.sweep()
    assert one.open


def test_a_body_may_take_long_but_not_without_a_word() -> None:
    hall = Hall()
    (one,) = hall.enter("a")
    for _ in range(20):
        hall.places.sending(one)
        hall.now_s += BODY_PAUSE_S - 1
        hall.places.sweep()
        assert one.open
    hall.now_s += 2
    hall.places.sweep()
    assert hall.why == {"body": 1}


def test_who_reads_slowly_is_kept_and_who_does_not_read_is_cut() -> None:
    hall = Hall()
    reads, does_not = hall.enter("a", 2)
    for one in (reads, does_not):
        one.unread = 4 * UNREAD_BYTES
        hall.places.stalled(one)
    reads.unread -= UNREAD_BYTES
    hall.now_s = UNREAD_S + 1
    hall.places.sweep()
    assert (reads.open, does_not.open) == (True, False)
    assert hall.places.unread_bytes == reads.unread
    hall.places.reading(reads)
    assert hall.places.unread_bytes == 0


def test_those_who_do_not_read_never_hold_more_memory_than_they_may() -> None:
    hall = Hall(unread_bytes_max=100_000)
    crowd = hall.enter("a", 40)
    for one in crowd:
        one.unread = 10_000
        hall.places.stalled(one)
        assert hall.places.unread_bytes <= 100_000
    # Whoever has stalled longest went first.
    assert [one.open for one in crowd] == [False] * 30 + [True] * 10
    assert hall.why == {"memory": 30}


def test_one_address_has_its_share_and_no_more_and_a_proxy_is_not_one_address() -> None:
    hall = Hall(connections_max=200, per_address_max=50)
    assert len(hall.enter("a", 60)) == 50
    assert hall.why == {"address": 10}
    assert len(hall.enter("proxy", 120, exempt=True)) == 120


def test_half_open_connections_give_way_to_who_comes() -> None:
    hall = Hall(connections_max=50, per_address_max=50)
    silent = [Stranger(f"s{number}") for number in range(50)]
    for one in silent:
        assert hall.places.enter(one) == 0
    assert len(hall.enter("people", 30)) == 30
    assert [one.open for one in silent] == [False] * 30 + [True] * 20
    assert hall.places.connections == 50


def test_a_newcomer_always_finds_a_place_while_one_address_holds_more_than_others() -> None:
    hall = Hall(connections_max=100, per_address_max=100)
    greedy = hall.enter("greedy", 90)
    people = [one for number in range(30) for one in hall.enter(f"p{number}")]
    assert len(people) == 30
    assert all(one.open for one in some(people))
    assert sum(one.open for one in greedy) == 70
    assert hall.places.connections == 100


def test_a_crowd_behind_a_proxy_is_not_what_gives_way() -> None:
    hall = Hall(connections_max=100, per_address_max=100)
    crowd = hall.enter("proxy", 98, exempt=True)
    assert len(hall.enter("a", 4)) == 2
    assert all(one.open for one in some(crowd))
    assert hall.why == {"full": 2}


def test_an_address_that_was_refused_is_let_in_slowly_and_others_at_once() -> None:
    hall = Hall(connections_max=1_000, per_address_max=1_000)
    hall.places.flooded("flood")
    waits = [hall.places.enter(Stranger("flood")) for _ in range(300)]
    assert waits[0] == 1.0
    let_in = [wait for wait in waits if wait is not None]
    assert let_in == sorted(let_in)
    assert len(let_in) < 150
    assert hall.places.enter(Stranger("people")) == 0
    assert hall.places.enter(Stranger("flood", exempt=True)) == 0
    hall.now_s = FLOODING_S + 1
    hall.places.sweep()
    assert hall.places.enter(Stranger("flood")) == 0


@pytest.mark.parametrize("per_s", [1.0, 7.0, 200.0])
def test_nobody_has_more_turns_than_were_saved_up_and_came_since(per_s: float) -> None:
    turns = Turns(per_s, burst=10, line_s=3)
    had = [
        at_s + wait_s
        for at_s in [number / 500 for number in range(5_000)]
        if (wait_s := turns.take("a", at_s)) is not None
    ]
    for end_s in (0.0, 1.0, 5.0, 13.0):
        assert sum(at_s <= end_s for at_s in had) <= 11 + per_s * end_s
    assert len(had) >= 10 + per_s * 9
    assert turns.take("b", 10.0) == 0


def test_addresses_that_owe_nothing_are_forgotten() -> None:
    turns = Turns(100, burst=10, line_s=1)
    for number in range(50_000):
        turns.take(f"a{number}", number / 1_000)
    assert len(turns._paid) <= 10_000


class Anything(RuleBasedStateMachine):
    """Whatever happens in whatever order, the counts are those of who is there."""

    def __init__(self) -> None:
        super().__init__()
        self.hall = Hall(connections_max=6, per_address_max=4, unread_bytes_max=50_000)
        self.all: list[Stranger] = []

    @rule(address=st.sampled_from("abc"), exempt=st.booleans())
    def comes(self, address: str, exempt: bool) -> None:
        one = Stranger(address, exempt=exempt)
        if self.hall.places.enter(one) is not None:
            self.all.append(one)

    @precondition(lambda self: self.all)
    @rule(chosen=st.integers(0, 1_000), what=st.sampled_from(["idle", "asking", "sending", "answering", "reading"]))
    def does(self, chosen: int, what: str) -> None:
        getattr(self.hall.places, what)(self.all[chosen % len(self.all)])

    @precondition(lambda self: self.all)
    @rule(chosen=st.integers(0, 1_000), unread=st.integers(1, 60_000))
    def stalls(self, chosen: int, unread: int) -> None:
        one = self.all[chosen % len(self.all)]
        one.unread = unread
        self.hall.places.stalled(one)

    @precondition(lambda self: self.all)
    @rule(chosen=st.integers(0, 1_000))
    def goes(self, chosen: int) -> None:
        one = self.all[chosen % len(self.all)]
        one.open = False
        self.hall.places.leave(one)

    @rule(address=st.sampled_from("abc"))
    def floods(self, address: str) -> None:
        self.hall.places.flooded(address)

    @rule(seconds=st.floats(0, 40))
    def waits(self, seconds: float) -> None:
        self.hall.now_s += seconds
        self.hall.places.sweep()

    @invariant()
    def the_counts_are_those_of_who_is_there(self) -> None:
        assert self.hall.places.connections == sum(one.open for one in self.all) <= 6
        assert 0 <= self.hall.places.unread_bytes <= 50_000
        gone = {one for one in self.all if not one.open}
        for line in ("_idle", "_asking", "_sending", "_stalled"):
            assert gone.isdisjoint(getattr(self.hall.places, line))


TestAnything = Anything.TestCase
