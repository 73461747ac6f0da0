"""Engines gone wrong, made by hand: what is believed, forecast or decided is falsified between its parts.

Each mutant decides anew on what the unchanged engine's decisions rested on, so that hundreds of them cost minutes.
Every fault comes alone and with bounds of the all clear gone, too: one fault alone seldom clears anything, which is
what the bounds are for.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tocsin.bench.guard_faults import FAULTS, Fault
from tocsin.bench.guard_nights import ZONES, Levels, Night, followed
from tocsin.earth.zone_index import ZoneIndex
from tocsin.replay.configuration import read_policy
from tocsin.warn import levels
from tocsin.warn.policy import policy_from_table
from tocsin.warn.pressure import Pressure
from tocsin.warn.warner import Warner

INDEX = ZoneIndex(ZONES)


def _never(*_: Any) -> bool:
    return False


def _over(*_: Any) -> levels.Verdict:
    return levels.Verdict("all_clear")


UTMOST = {"clear_utmost_s": 0.0}
REACH = {"clear_reach_s": 0.0}
QUIET = {"clear_quiet_s": 0.0, "linger_s": 0.0, "min_on_s": 0.0}
SURE = {"clear_probability": 1.0}
AHEAD = (Pressure, "approached", _never)
# Which bounds of the all clear are gone.
BOUNDS: dict[str, Fault] = {
    "": Fault(),
    "no quiet": Fault(QUIET),
    "no approach": Fault(QUIET, patches=(AHEAD,)),
    "no reach": Fault(QUIET | REACH | SURE),
    "no utmost": Fault(QUIET | UTMOST | SURE, patches=(AHEAD,)),
    "no bound": Fault(QUIET | UTMOST | REACH | SURE, patches=(AHEAD,)),
    "clear at once": Fault(QUIET | UTMOST | REACH | SURE, patches=(AHEAD, (levels, "_afterwards", _over))),
}


@dataclass(frozen=True)
class Mutant:
    """A fault, and which bounds are gone with it."""

    name: str
    fault: Fault
    bounds: Fault

    def levels(self, night: Night) -> Levels:
        """How it has zones stand in a night, int8 [tick, zone]."""
        table = {**read_policy("default"), **self.fault.policy, **self.bounds.policy}
        warner = Warner(INDEX, policy_from_table(table), drill=True)
        change = self.fault.change()
        decisions = []
        with contextlib.ExitStack() as stack:
            for owner, name, value in (*self.fault.patches, *self.bounds.patches):
                stack.enter_context(mock.patch.object(owner, name, value))
            for moment in night.moments:
                seen = change(moment)
                decisions.append(
                    warner.decide(
                        seen.now_s, seen.outlook, seen.tracks, impacts=seen.impacts, alerts=seen.alerts, acts=seen.acts,
                        blind=seen.blind, floors=seen.floors, unseen=seen.unseen,
                    )
                )  # fmt: skip
        return followed(decisions)


MUTANTS: tuple[Mutant, ...] = tuple(
    Mutant(f"{name}, {gone}" if gone else name, fault, bounds)
    for (name, fault), (gone, bounds) in itertools.product(FAULTS.items(), BOUNDS.items())
)
