"""An engine with its guard: a night is published the same in every replay, and lowered only where the guard agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.laws.test_engine import journals
from tests.tried import tried
from tocsin.engine.engine import Engine
from tocsin.guard.guard import Doubt
from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Configuration, Event
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json
from tocsin.twins import guarded as guarded_module
from tocsin.twins.guarded import Guarded
from tocsin.twins.voter import rank

BOUNDED = tried(15, nightly=300, suppress_health_check=[HealthCheck.too_slow])


class Trusting:
    """Stands in for the guard: doubts nothing."""

    def __init__(self, configuration: Configuration) -> None:
        self.heard = 0

    def hear(self, event: Event) -> None:
        self.heard += 1

    def doubts(self, now_s: float, zones: Iterable[str]) -> dict[str, Doubt]:
        return {}

    def dump(self) -> bytes:
        return str(self.heard).encode()

    @classmethod
    def load(cls, data: bytes, configuration: Configuration) -> Trusting:
        one = cls(configuration)
        one.heard = int(data)
        return one


class Doubting(Trusting):
    """Stands in for the guard: doubts much, now this and now that, by what it has heard."""

    def doubts(self, now_s: float, zones: Iterable[str]) -> dict[str, Doubt]:
        found = {}
        for zone in zones:
            turn = (self.heard // 6 + int(zone[1:])) % 4
            if turn < 3:
                found[zone] = Doubt("prepare" if turn == 0 else "take_cover", "something is there")
        return found


class Failing(Trusting):
    """Stands in for the guard: fails whatever it is asked."""

    def hear(self, event: Event) -> None:
        raise ZeroDivisionError

    def doubts(self, now_s: float, zones: Iterable[str]) -> dict[str, Doubt]:
        raise ZeroDivisionError


def effects_of(events: list[Event], cuts: frozenset[int] = frozenset()) -> list[Effect]:
    engine, found = Guarded(), list[Effect]()
    for number, event in enumerate(events):
        found += engine.step(event)
        if number in cuts:
            before = engine.standing(), engine.picture(), engine.kept(), engine.held()
            engine = Guarded.restore(engine.snapshot())
            assert (engine.standing(), engine.picture(), engine.kept(), engine.held()) == before
    return found


@pytest.mark.parametrize("guard", [Trusting, Failing])
def test_where_nothing_is_doubted_all_is_published_as_the_engine_says_it(
    guard: type[Trusting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded_module, "Guard", guard)

    @BOUNDED
    @given(journals())
    def law(events: list[Event]) -> None:
        engine, guarded = Engine(), Guarded()
        for event in events:
            assert guarded.step(event) == engine.step(event)
            assert guarded.standing() == engine.standing()
            assert guarded.picture() == engine.picture()
            assert guarded.kept() == engine.kept()
        assert guarded.guard_failures == (0 if guard is Trusting else guarded.guard_failures)
        assert not guarded.held()

    law()


@pytest.mark.parametrize("guard", [None, Trusting, Doubting])
def test_a_restart_from_any_snapshot_changes_nothing_of_what_is_published(
    guard: type[Trusting] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if guard is not None:
        monkeypatch.setattr(guarded_module, "Guard", guard)

    @BOUNDED
    @given(journals(), st.data())
    def law(events: list[Event], data: st.DataObject) -> None:
        cuts = data.draw(st.frozensets(st.integers(0, len(events) - 1), max_size=4))
        cut, whole = effects_of(events, cuts), effects_of(events)
        assert [*map(to_json, cut)] == [*map(to_json, whole)]

    law()


def test_what_is_doubted_is_held_and_never_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_module, "Guard", Doubting)
    seen: Counter[str] = Counter()

    @tried(25, nightly=1_000, suppress_health_check=[HealthCheck.too_slow])
    @given(journals())
    def law(events: list[Event]) -> None:
        engine, guarded = Engine(), Guarded()
        last: dict[str, Warning] = {}
        ids: set[str] = set()
        for event in events:
            engine.step(event)
            for effect in guarded.step(event):
                if isinstance(effect, Warning):
                    assert effect.id not in ids
                    ids.add(effect.id)
                    before = last.get(effect.zone)
                    stands = before is not None and rank(before) > 0
                    assert effect.replaces == (before.id if before is not None and stands else None)
                    last[effect.zone] = effect
                    seen[effect.level] += 1
                elif isinstance(effect, Picture):
                    for state in effect.zones:
                        if state.level == "none":
                            last.pop(state.zone, None)
                        else:
                            assert state.warning == last[state.zone].id
            own = {one.zone: rank(one) for one in engine.standing()}
            shown = {one.zone: rank(one) for one in guarded.standing()}
            here = set() if guarded._state is None else set(guarded._state.index.number)
            assert [zone for zone, asked in own.items() if shown.get(zone, 0) < asked] == []
            for one in guarded.held():
                seen["held"] += 1
                assert one.by == ("guard",) and one.why == "something is there" and one.zone in here
                now = guarded.now
                assert now is None or last[one.zone].expires > now - timedelta(seconds=30)

    # Of a few nights by chance all may be so short that nothing is held in them.
    for _ in range(10):
        law()
        if seen["held"] and seen["all_clear"]:
            return
    pytest.fail(f"nothing was held, or nothing cleared: {seen}")
