"""kill -9 of any one process at any time in a raid: what is lost, told twice or falsely cleared.

TOCSIN_KILLS sets how many.
"""

from __future__ import annotations

import os
from typing import Any

from tocsin.bench.chaos import SHAPE, figures_of
from tocsin.bench.chaos_night import Judged, play

KILLS = 200
# Seeds that no test plays.
FIRST_SEED = 1_000
REACH = {"wrong_count": 0}


def figures() -> dict[str, Any]:
    """As many nights as it takes. Raises Missing without nats-server."""
    wanted = int(os.environ.get("TOCSIN_KILLS", KILLS))
    nights: list[tuple[str, int, Judged]] = []
    while sum(len(one.done) for _, _, one in nights) < wanted:
        seed = FIRST_SEED + len(nights)
        nights.append(("kills", seed, play(SHAPE, "kills", seed)))
    found = figures_of(nights)
    return found | {"wrong_count": len(found["wrong"])}
