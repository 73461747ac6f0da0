"""How long nobody is shown anything new when an engine dies, and when the broker dies that leads the log."""

from __future__ import annotations

from typing import Any

from tocsin.bench.chaos import SHAPE
from tocsin.bench.chaos_faults import LEADER, Doing
from tocsin.bench.chaos_night import play

SECONDS = 60.0
SEED = 2_000
# Every so often, and back after so long.
EVERY_S, AGAIN_S = 14.0, 5.0
REACH = {"leader_killed_undecided_s": 6.0}


def figures() -> dict[str, Any]:
    """Three nights: nothing dies, a twin dies every 14 s, the leader dies every 14 s. Raises Missing."""
    times = [EVERY_S * number for number in range(1, int(SECONDS / EVERY_S) + 1)]
    twin = f"{SHAPE.sectors[0]}-{SHAPE.twins[0]}"
    found: dict[str, Any] = {}
    for name, whom in (("undisturbed", None), ("engine_killed", twin), ("leader_killed", LEADER)):
        doings = [] if whom is None else [Doing(at_s, "kill", whom, AGAIN_S) for at_s in times]
        judged = play(SHAPE, "kills", SEED, seconds=SECONDS, doings=doings)
        found |= {
            f"{name}_late_s": round(judged.late_s, 1),
            f"{name}_silent_s": round(judged.silent_s, 1),
            f"{name}_undecided_s": round(judged.undecided_s, 1),
            f"{name}_wrong": len(judged.wrong),
        }
    return found
