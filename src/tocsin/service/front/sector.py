"""One sector as its nodes tell it: what is published of it by their agreement, and whether anybody is heard at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.announce.bodies import PublicZone
from tocsin.announce.told.wire import Told, calm_zone
from tocsin.model.effect import Effect, Picture
from tocsin.model.warning import ZoneState
from tocsin.twins.agreement import Agreement

_STATE_FIELDS = ZoneState.__struct_fields__


@dataclass
class Node:
    """What one node told.

    heard_s, age_s   when it told last, by our own monotonic clock, and how old its picture was then
    picture_at       of when that picture was, by the node's clock
    whole_s          when it told everything last
    lost             something that it told was missed, or it did not count: it must tell everything first
    less_time        zones of which it says that there is less time than usual
    """

    number: int = 0
    heard_s: float = float("-inf")
    age_s: float | None = None
    picture_at: datetime | None = None
    whole_s: float = float("-inf")
    drill: bool = False
    doubtful: bool = True
    lost: bool = True
    owned: frozenset[str] = frozenset()
    veil: str = ""
    less_time: set[str] = field(default_factory=set)

    def picture_age_s(self, now_s: float) -> float:
        """How old what it told is by now."""
        return float("inf") if self.age_s is None else now_s - self.heard_s + self.age_s


class Sector:
    """What a sector's nodes told, and what follows from it. Times are seconds of one monotonic clock.

    dead_after_s  a node that was not heard for so long does not count, as long as another is heard
    nodes         by name
    shown         how its zones stand, by their agreement; who asked for everything is told this
    """

    def __init__(self, dead_after_s: float) -> None:
        self.nodes: dict[str, Node] = {}
        self.shown: dict[str, ZoneState] = {}
        self._dead_after_s = dead_after_s
        self._agreement: Agreement | None = None
        self._twins: frozenset[str] = frozenset()

    def hear(self, told: Told, now_s: float, age_s: float | None) -> tuple[list[Effect], bool]:
        """What is published now that a node told this; and whether it must be asked for everything.

        age_s   how old its picture was when it was heard; None: it has none
        """
        node = self.nodes.setdefault(told.node, Node())
        missed = not told.whole and (node.lost or told.number != node.number + 1)
        node.number, node.heard_s, node.age_s = told.number, now_s, age_s
        node.drill, node.doubtful, node.veil = told.drill, told.doubtful, told.veil
        if told.picture_at is None:
            return [], False
        node.picture_at = told.picture_at
        if missed:
            first = not node.lost
            node.lost = True
            expected = self._agreement is not None and first
            return self._seen(self._agreement.expect(told.node)) if expected and self._agreement else [], True
        return self._seen(self._taken(told, node, now_s)), False

    def _taken(self, told: Told, node: Node, now_s: float) -> list[Effect]:
        assert told.picture_at is not None, "asked before"
        agreement = self._agreed(told, now_s)
        warnings = [one.warning() for one in told.warnings]
        states = [_plain(state) for state in told.zones]
        less_time = {state.zone for state in told.zones if state.less_time is True}
        if not told.whole:
            node.less_time = node.less_time.difference(state.zone for state in states) | less_time
            return agreement.take(told.node, [*warnings, Picture(time=told.picture_at, zones=tuple(states))])
        node.owned, node.less_time = frozenset(told.owned), less_time
        node.whole_s, node.lost = now_s, False
        states += [_plain(calm_zone(zone, drill=told.drill)) for zone in told.calm()]
        expected = agreement.expect(told.node) if agreement.lives[told.node] == "dead" else []
        return [*expected, *agreement.stand(told.node, warnings, Picture(time=told.picture_at, zones=tuple(states)))]

    def _agreed(self, told: Told, now_s: float) -> Agreement:
        """The agreement of the twins that are named; where they are others than before, those that live go on in it
        with what was published, until each tells everything, which is within seconds."""
        twins = frozenset((*told.twins, told.node))
        before = self._agreement
        if before is not None and twins <= self._twins:
            return before
        self._twins |= twins
        self._agreement = made = Agreement(dict.fromkeys(sorted(self._twins), "dead"))
        if before is not None:
            for name, life in before.lives.items():
                at = self.nodes[name].picture_at if life != "dead" else None
                if at is not None:
                    made.expect(name)
                    made.stand(name, before.standing(), Picture(time=at, zones=tuple(self.shown.values())))
        return made

    def _seen(self, effects: list[Effect]) -> list[Effect]:
        self.shown.update((state.zone, state) for one in effects if isinstance(one, Picture) for state in one.zones)
        return effects

    def look(self, now_s: float) -> list[Effect]:
        """What is published now that some time has passed: who is not heard while another is counts no more."""
        found: list[Effect] = []
        if self._agreement is not None and self.heard(now_s):
            for name, node in self.nodes.items():
                if not self._lives(node, now_s) and self._agreement.lives.get(name, "dead") != "dead":
                    node.lost = True
                    found += self._agreement.lose(name)
        return self._seen(found)

    def _lives(self, node: Node, now_s: float) -> bool:
        return max(node.picture_age_s(now_s), now_s - node.whole_s) <= self._dead_after_s

    def living(self, now_s: float) -> list[Node]:
        """The nodes that are heard, and told everything lately."""
        return [node for node in self.nodes.values() if self._lives(node, now_s)]

    def hears_nodes(self, now_s: float, besides: str) -> bool:
        """Whether any node is heard beside one that goes by that name."""
        return any(self._lives(node, now_s) for name, node in self.nodes.items() if name != besides)

    def heard(self, now_s: float) -> bool:
        """Whether any node is."""
        return bool(self.living(now_s))

    def complete(self, now_s: float) -> bool:
        """Whether every one of its twins is heard, and told everything."""
        return all(name in self.nodes and self._lives(self.nodes[name], now_s) for name in self._twins)

    def age_s(self, now_s: float) -> float:
        """How old the sector's newest picture is."""
        return min((node.picture_age_s(now_s) for node in self.nodes.values()), default=float("inf"))

    def owned(self, now_s: float) -> frozenset[str]:
        """The zones that the living nodes speak for; where none lives, those that any spoke for last."""
        return _union(node.owned for node in self.living(now_s) or self.nodes.values())

    def less_time(self, now_s: float) -> frozenset[str]:
        """The zones of which a living node says that there is less time than usual."""
        return _union(frozenset(node.less_time) for node in self.living(now_s))


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _plain(state: PublicZone) -> ZoneState:
    return ZoneState(**{name: getattr(state, name) for name in _STATE_FIELDS})
