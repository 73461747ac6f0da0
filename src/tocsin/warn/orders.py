"""Operators' orders to one zone: a raise is a floor; a cancel takes back what stands, with its evidence, for a while.

What a cancel takes back is what carried the call when it was given: the impact, the reports and the neighbours' alerts
in force, and every track that made at least a tenth of a call, or weighed at least a tenth of the heaviest. Until the
cancel ends, those tracks do not raise the zone again, in so far as they had: what was only *prepare* then may still
become *take cover*. Whatever is new, and whatever weighed less, raises as if nothing had been cancelled. Where nothing
stands there is nothing to take back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import msgspec
import numpy as np

from tocsin.model.event import OperatorAct
from tocsin.model.order import Order
from tocsin.model.threat import Outlook
from tocsin.model.value import time_of
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure, TakenBack

# A track that weighs less than this share of the heaviest, and of a whole call for cover, did not carry the call.
CARRIES = 0.1
# Of one zone, the heaviest: a raid of hundreds that press on one zone at once is nothing to cancel track by track.
TRACKS_MAX = 100
# Of an operator's reason, what a warning's own sentence repeats.
REASON_CHARS = 300


class Raised(msgspec.Struct):
    """A raise in force. Times are POSIX seconds; `ends_s` infinite: until it is released."""

    act: OperatorAct
    since_s: float
    ends_s: float

    def order(self, zone: str) -> Order:
        """For operators."""
        return _order(zone, "raise", self.act, self.since_s, self.ends_s, ())


class Cancelled(msgspec.Struct):
    """A cancel in force.

    tracks   what it took back
    cover    it took back cover, or cover that was proposed; else only `prepare`
    covered  those of the tracks whose call for cover it took back, or a cancel before it
    """

    act: OperatorAct
    since_s: float
    ends_s: float
    tracks: tuple[str, ...] = ()
    cover: bool = False
    covered: tuple[str, ...] = ()

    def order(self, zone: str) -> Order:
        """For operators."""
        return _order(zone, "cancel", self.act, self.since_s, self.ends_s, self.tracks)


def raised(act: OperatorAct, now_s: float) -> Raised:
    """A raise from `now_s` on."""
    return Raised(_of_one_zone(act), now_s, math.inf if act.lasts_s is None else now_s + act.lasts_s)


def together(raises: Iterable[Raised]) -> tuple[Raised | None, Raised | None]:
    """Raises of a zone, the newest last, as the gravest and the one that outlasts it, or came after it and stands when
    it is taken back: none lowers or shortens another.

    Of one level the newest speaks, and stands as long as any of them.
    """
    levels: dict[str, Raised] = {}
    for one in raises:
        ends_s = max(one.ends_s, levels[one.act.level].ends_s) if one.act.level in levels else one.ends_s
        levels[one.act.level] = Raised(one.act, one.since_s, ends_s)
    cover, prepare = levels.get("take_cover"), levels.get("prepare")
    if cover is None:
        return prepare, None
    if prepare is None or (prepare.ends_s <= cover.ends_s and prepare.act.time <= cover.act.time):
        return cover, None
    return cover, prepare


def cancelled(act: OperatorAct, now_s: float, policy: Policy, before: Cancelled | None, *, cover: bool) -> Cancelled:
    """A cancel from `now_s` on. It adds to an earlier one that has not ended: what that took back stays taken back."""
    lasts_s = policy.cancel_s if act.lasts_s is None else min(act.lasts_s, policy.cancel_s)
    one = Cancelled(_of_one_zone(act), now_s, now_s + lasts_s, cover=cover)
    if before is not None and before.ends_s > now_s:
        one.tracks, one.covered = before.tracks, before.covered
    return one


def note_carriers(cancel: Cancelled, z: int, pressure: Pressure, outlook: Outlook) -> None:
    """Note the tracks that a cancel of zone `z`, just given, takes back."""
    carried = carriers(z, pressure, outlook)
    cancel.tracks = _joined(carried, cancel.tracks)
    # Who cancels cover has not judged what was only `prepare` when an earlier cancel took it back.
    cancel.covered = _joined(carried, cancel.covered) if cancel.cover else cancel.covered


def carriers(z: int, pressure: Pressure, outlook: Outlook) -> tuple[str, ...]:
    """Ids of the tracks that carry what zone `z` is called for, the heaviest first."""
    begin, end = pressure.begins[z : z + 2].tolist()
    assert begin <= end and np.all(outlook.zone[begin:end] == z), "rows of another zone"
    weight = pressure.weight[begin:end]
    if not weight.any():
        return ()
    most = np.argsort(-weight, kind="stable")[:TRACKS_MAX]
    rows = begin + most[weight[most] >= CARRIES * min(1.0, weight[most[0]])]
    return tuple(outlook.tracks[number] for number in outlook.track[rows].tolist())


def taken_back(cancels: Iterable[tuple[int, Cancelled]]) -> TakenBack:
    """What the cancels in force took back, by zone."""
    return {z: (frozenset(one.tracks), frozenset(one.covered)) for z, one in cancels}


def _joined(new: tuple[str, ...], earlier: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*new, *earlier)))[:TRACKS_MAX]


def ordered_by(one: Raised) -> str:
    """Why a raise stands, for operators."""
    return f"Ordered by {one.act.operator}{_because(one.act)}"


def cancelled_by(one: Cancelled) -> str:
    """Why a warning was taken back, for operators."""
    return f"Cancelled by {one.act.operator}{_because(one.act)}"


def _because(act: OperatorAct) -> str:
    second = "" if act.approved_by is None else f" with {act.approved_by}"
    return f"{second}: {act.reason[:REASON_CHARS]}" if act.reason else f"{second}."


def _of_one_zone(act: OperatorAct) -> OperatorAct:
    assert act.zones, "an order that concerns nobody"
    # A wide act is remembered by each of its zones; its list of them would be kept as many times.
    return msgspec.structs.replace(act, zones=act.zones[:1])


def _order(
    zone: str, action: Literal["raise", "cancel"], act: OperatorAct, since_s: float, ends_s: float,
    tracks: tuple[str, ...],
) -> Order:  # fmt: skip
    return Order(
        zone=zone,
        action=action,
        level=act.level if action == "raise" else None,
        act=act.id,
        operator=act.operator,
        approved_by=act.approved_by,
        since=time_of(since_s),
        ends=None if math.isinf(ends_s) else time_of(ends_s),
        reason=act.reason,
        public_reason=act.public_reason,
        tracks=tracks,
    )
