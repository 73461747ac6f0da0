"""Acts that come long after they were given, as those of an officer on a machine that was cut off.

What was ordered stands as it would have stood: a raise until its time, and no longer than until it was taken back. But
nobody had what stands now in view: a late cancel takes no evidence back, and a late confirmation confirms nothing.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from tocsin.model.effect import Refused
from tocsin.model.event import OperatorAct

# Longer than an act waits while brokers choose a leader or a machine sees that it is alone, and soon enough that a
# picture is still the one that its officer saw.
LATE_S = 60.0


def lateness_s(act: OperatorAct, now: datetime | None) -> float:
    """For how long it was on its way, seconds; 0: it is not late."""
    on_its_way_s = 0.0 if now is None else (now - act.time).total_seconds()
    return on_its_way_s if on_its_way_s > LATE_S else 0.0


def as_it_came(act: OperatorAct, now: datetime | None) -> OperatorAct | Refused:
    """What is left of an act when it comes; or why nothing is."""
    late_s = lateness_s(act, now)
    if not late_s:
        return act
    if act.action == "confirm":
        return _said(act, "nothing is confirmed by it: look at what is proposed now", used=False)
    if act.action in ("cancel", "release"):
        return msgspec.structs.replace(act, late=True)
    if act.lasts_s is None:
        return act
    left_s = act.lasts_s - late_s
    if left_s < 1.0:
        return _said(act, "its time was over by then", used=False)
    return msgspec.structs.replace(act, lasts_s=left_s)


def late_said(act: OperatorAct) -> Refused:
    """What whoever gave it should know of a late cancel or release."""
    return _said(act, "it ends what was ordered before it, and nothing else: look, and act again", used=True)


def _said(act: OperatorAct, then: str, *, used: bool) -> Refused:
    reason = f"this {act.action} came more than {LATE_S:.0f} s after it was given; {then}"
    return Refused(id=act.id, source=act.operator, reason=reason, used=used)
