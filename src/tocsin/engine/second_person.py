"""Acts that wait for a second person: both are events of the journal, and the engine brings them together.

So a restart and a twin hold the same acts, and nobody's approval depends on which process heard it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.effect import Refused
from tocsin.model.event import ActRules, Configuration, OperatorAct
from tocsin.model.order import WaitingAct
from tocsin.model.value import seconds_of, time_of

# Acts waiting at once; one more is refused rather than an older one forgotten.
WAITING_MAX = 1_000
# Whose act it is when the service is started with other settings.
SETTINGS = "settings"


class Held(msgspec.Struct, frozen=True):
    """An act that waits until `until_s`, POSIX seconds, and which rule asks for a second person."""

    act: OperatorAct
    until_s: float
    why: str

    def waiting(self) -> WaitingAct:
        """For operators."""
        act = self.act
        return WaitingAct(
            act=act.id,
            operator=act.operator,
            action=act.action,
            level=act.level,
            zones=act.zones,
            since=act.time,
            ends=time_of(self.until_s),
            why=self.why,
            reason=act.reason,
            public_reason=act.public_reason,
        )


class Switch(msgspec.Struct, frozen=True):
    """A change between drill and live that the configuration `id` brought and that waits until `until_s`."""

    id: str
    drill: bool
    since_s: float
    until_s: float

    def waiting(self) -> WaitingAct:
        """For operators."""
        return WaitingAct(
            act=self.id,
            operator=SETTINGS,
            action="switch",
            level=None,
            zones=(),
            since=time_of(self.since_s),
            ends=time_of(self.until_s),
            why=f"a switch to {called(self.drill)} needs a second person",
            reason="the service was started with other settings",
            public_reason="",
        )

    def unapproved(self) -> Refused:
        """What is said when its time is over."""
        return Refused(
            id=self.id, source=SETTINGS, reason=f"nobody approved the switch to {called(self.drill)} in time"
        )


def switch_held(before: Configuration, wanted: Configuration) -> Switch | None:
    """The change between drill and live that a new configuration asks for and may not make alone; None: there is none.

    Both the rules of before and the new ones are heard: who takes the rule away does not switch in passing.
    """
    asking = [rules for rules in (before.acts, wanted.acts) if "drill" in rules.second_person]
    if wanted.drill == before.drill or not asking:
        return None
    since_s = seconds_of(wanted.time)
    return Switch(wanted.id, wanted.drill, since_s, since_s + max(rules.waits_s for rules in asking))


def called(drill: bool) -> str:
    """The mode in a word."""
    return "drill" if drill else "live"


def second_needed(act: OperatorAct, rules: ActRules, index: ZoneIndex) -> str | None:
    """Which rule asks for a second person; None: the act takes effect at once."""
    if act.action in ("approve", "confirm"):
        return None
    if act.action in rules.second_person:
        return f"every {act.action} needs a second person"
    if "wide" not in rules.second_person:
        return None
    zones = {index.number[zone] for zone in act.zones if zone in index.number}
    people = float(index.population[sorted(zones)].sum())
    if len(zones) > rules.wide_zones or people > rules.wide_people:
        return f"{len(zones)} zones with {people:.0f} people need a second person"
    return None


def hold(held: Sequence[Held], act: OperatorAct, rules: ActRules, why: str) -> Held | Refused:
    """The act as it waits; refused where too many do."""
    if len(held) >= WAITING_MAX:
        return _refused(act, f"{WAITING_MAX} acts wait for a second person already; approve those, or let them end")
    return Held(act, seconds_of(act.time) + rules.waits_s, why)


def approved(held: Sequence[Held], approval: OperatorAct) -> Held | Refused:
    """What an approval lets take effect, or why nothing: nobody approves his own act, nor one that has ended."""
    found = [one for one in held if (one.act.id, one.act.operator) == (approval.act, approval.act_of)]
    if not found or found[0].until_s < seconds_of(approval.time):
        return _refused(approval, f"no act {approval.act} of {approval.act_of} waits for a second person")
    if approval.operator == approval.act_of:
        return _refused(approval, f"{approval.operator} cannot approve an act of {approval.operator}")
    assert found[0].act.operator != approval.operator, "nobody is his own second person"
    return found[0]


def ended(held: Sequence[Held], now_s: float) -> list[Refused]:
    """Of the acts that wait, those whose time is over, as refusals."""
    over = [one.act for one in held if one.until_s <= now_s]
    return [_refused(act, f"nobody approved this {act.action} in time; act again") for act in over]


def _refused(act: OperatorAct, reason: str) -> Refused:
    return Refused(id=act.id, source=act.operator, reason=reason)
