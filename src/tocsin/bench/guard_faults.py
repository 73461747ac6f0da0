"""What may go wrong before the warning decides: tracks, forecasts, clocks and figures of a policy that are others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.engine.decision_basis import Moment
from tocsin.model.observation import Impact
from tocsin.model.threat import THREAT_CLASSES, Outlook
from tocsin.model.track import Track
from tocsin.model.value import time_of

Change = Callable[[Moment], Moment]


def _same(moment: Moment) -> Moment:
    return moment


@dataclass(frozen=True)
class Fault:
    """One fault.

    policy    keys of the policy that are others
    change    makes, for one night, what falsifies each moment
    patches   attributes of the code that are others: (owner, name, value)
    """

    policy: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[], Change] = lambda: _same
    patches: tuple[tuple[Any, str, Any], ...] = ()


def kept(outlook: Outlook, rows: NDArray[np.bool_]) -> Outlook:
    """Some rows of an outlook."""
    columns = ("zone", "track", "probability", "eta_earliest_s", "eta_likely_s")
    return replace(outlook, **{name: getattr(outlook, name)[rows] for name in columns}, apart=None)


def without(moment: Moment, gone: Callable[[str], bool]) -> Moment:
    """Without some tracks, and without anything that was expected of them."""
    lost = np.array([gone(name) for name in moment.outlook.tracks], bool)
    rows = ~lost[moment.outlook.track] if len(lost) else np.zeros(0, bool)
    tracks = [track for track in moment.tracks if not gone(track.id)]
    return replace(moment, outlook=kept(moment.outlook, rows), tracks=tracks)


def classless(threat: str) -> Change:
    """Nothing of one class is believed in."""

    def change(moment: Moment) -> Moment:
        of = dict(zip(moment.outlook.tracks, moment.outlook.classes, strict=True)) | {
            track.id: track.threat for track in moment.tracks
        }
        return without(moment, lambda name: of.get(name) == threat)

    return change


def dropped(after_s: float) -> Change:
    """Every track is lost for good so long after it was first seen."""
    first_s: dict[str, float] = {}

    def change(moment: Moment) -> Moment:
        for name in (*moment.outlook.tracks, *(track.id for track in moment.tracks)):
            first_s.setdefault(name, moment.now_s)
        return without(moment, lambda name: moment.now_s - first_s[name] >= after_s)

    return change


def one_in(count: int) -> Change:
    """Of so many tracks one is lost for good, or with a count of 1 all of them."""
    number: dict[str, int] = {}
    return lambda moment: without(moment, lambda name: number.setdefault(name, len(number)) % count == 0)


def memoryless(moment: Moment) -> Moment:
    """What is not seen now is forgotten."""
    names = {track.id for track in moment.tracks if track.status != "coasted"}
    return without(moment, lambda name: name not in names)


def called(moment: Moment, **fields: Any) -> Moment:
    """Tracks of which something else is believed."""
    return replace(moment, tracks=[msgspec.structs.replace(track, **fields) for track in moment.tracks])


def turned(moment: Moment, by_deg: float) -> Moment:
    """Courses that are off by so much."""
    tracks = [msgspec.structs.replace(one, heading_deg=(one.heading_deg + by_deg) % 360) for one in moment.tracks]
    return replace(moment, tracks=tracks)


def slowed(moment: Moment, by: float) -> Moment:
    """Speeds that are so many times what they are."""
    return replace(moment, tracks=[msgspec.structs.replace(one, speed_mps=by * one.speed_mps) for one in moment.tracks])


def likelier(moment: Moment, by: float) -> Moment:
    """Probabilities that are so many times what they are."""
    return replace(moment, outlook=replace(moment.outlook, probability=by * moment.outlook.probability))


def later(moment: Moment, by_s: float) -> Moment:
    """Everything is expected so much later."""
    outlook = moment.outlook
    return replace(
        moment,
        outlook=replace(
            outlook, eta_earliest_s=outlook.eta_earliest_s + by_s, eta_likely_s=outlook.eta_likely_s + by_s
        ),
    )


def nearer_than(moment: Moment, within_s: float) -> Moment:
    """Only what is likely within so long is expected at all."""
    return replace(moment, outlook=kept(moment.outlook, moment.outlook.eta_likely_s - moment.now_s <= within_s))


def shifted(moment: Moment, by: int) -> Moment:
    """What is expected of a zone is taken for what is expected of another."""
    outlook, count = moment.outlook, len(moment.index)
    zone = (outlook.zone + by) % count
    order = np.argsort(zone, kind="stable")
    columns = ("track", "probability", "eta_earliest_s", "eta_likely_s")
    moved = {name: getattr(outlook, name)[order] for name in columns}
    return replace(moment, outlook=replace(outlook, zone=zone[order].astype(np.int32), **moved, apart=None))


def zones_of(moment: Moment, parts: int) -> Moment:
    """Of so many zones one is not looked at, or with one part none is."""
    return replace(moment, outlook=kept(moment.outlook, moment.outlook.zone % parts != 0))


def clocked(ahead_s: float, speed: float) -> Change:
    """Decides by a clock that is ahead, and runs so many times as fast."""
    begun_s: list[float] = []

    def change(moment: Moment) -> Moment:
        begun_s.append(moment.now_s)
        now_s = begun_s[0] + speed * (moment.now_s - begun_s[0]) + (ahead_s if len(begun_s) > 60 else 0.0)
        return replace(moment, now_s=now_s, outlook=replace(moment.outlook, at_s=now_s))

    return change


def delayed(ticks: int) -> Change:
    """What is expected and seen is that of so many ticks ago."""
    before: deque[Moment] = deque(maxlen=ticks + 1)

    def change(moment: Moment) -> Moment:
        before.append(moment)
        old = before[0]
        return replace(moment, tracks=old.tracks, outlook=replace(old.outlook, at_s=moment.now_s))

    return change


def frozen(after: int) -> Change:
    """From some tick on nothing new is expected or seen, and what was runs out."""
    seen: list[Moment] = []

    def change(moment: Moment) -> Moment:
        if len(seen) < after:
            seen.append(moment)
            return moment
        return replace(without(moment, lambda _: True))

    return change


def fallen(every: int) -> Change:
    """Of so many tracks one is taken to have come down where it is."""
    told: set[str] = set()

    def change(moment: Moment) -> Moment:
        new = [track for track in moment.tracks if track.status == "confirmed" and track.id not in told]
        told.update(track.id for track in new)
        impacts = [_impact(track, moment.now_s) for number, track in enumerate(new) if number % every == 0]
        ended = told if every == 1 else {one.id for one in impacts}
        return replace(without(moment, lambda name: name in ended), impacts=[*moment.impacts, *impacts])

    return change


def _impact(track: Track, now_s: float) -> Impact:
    return Impact(id=track.id, time=time_of(now_s), source="m", lat=track.lat, lon=track.lon, sigma_m=500.0)


def _each(function: Callable[..., Moment], **by: Any) -> Fault:
    return Fault(change=lambda: partial(function, **by))


FAULTS: dict[str, Fault] = (
    {"nothing but": Fault()}
    | {f"{one} forgotten": Fault(change=partial(classless, one)) for one in THREAT_CLASSES if one != "civil"}
    | {f"tracks lost after {s} s": Fault(change=partial(dropped, float(s))) for s in (0, 20, 40, 60, 90, 120, 180, 240)}
    | {f"one track in {n} lost": Fault(change=partial(one_in, n)) for n in (1, 2, 3, 4)}
    | {"lost tracks forgotten": Fault(change=lambda: memoryless)}
    | {f"probability times {by}": _each(likelier, by=by) for by in (0.0, 0.001, 0.01, 0.03, 0.1, 0.3)}
    | {f"arrivals {s} s later": _each(later, by_s=float(s)) for s in (60, 120, 240, 480, 900, 3_600)}
    | {f"horizon {s} s": _each(nearer_than, within_s=float(s)) for s in (0, 30, 60, 120, 240)}
    | {f"zones off by {n}": _each(shifted, by=n) for n in (1, 2, 5, 13, 20)}
    | {f"one zone in {n} left out": _each(zones_of, parts=n) for n in (1, 2, 3, 5)}
    | {f"clock {s} s ahead": Fault(change=partial(clocked, float(s), 1.0)) for s in (60, 300, 900, 7_200)}
    | {f"clock {by} times as fast": Fault(change=partial(clocked, 0.0, by)) for by in (2.0, 5.0, 20.0)}
    | {f"decides on what was {n} ticks ago": Fault(change=partial(delayed, n)) for n in (20, 60, 120)}
    | {f"nothing new after {n} ticks": Fault(change=partial(frozen, n)) for n in (60, 90, 120, 180, 240, 300)}
    | {f"one track in {n} down": Fault(change=partial(fallen, n)) for n in (1, 2)}
    | {"all civil": _each(called, classes={"civil": 1.0}, threat="civil")}
    | {"all identify themselves": _each(called, cooperative=True)}
    | {"all tentative": _each(called, status="tentative")}
    | {f"courses off by {deg} degrees": _each(turned, by_deg=float(deg)) for deg in (90, 180)}
    | {f"speeds times {by}": _each(slowed, by=by) for by in (0.1, 0.5)}
    | {f"a miss weighs {by} times": Fault({"miss_minutes": 40_000.0 * by}) for by in (0.0001, 0.001, 0.01)}
    | {f"cover at most {s} s": Fault({"max_on_s": float(s)}) for s in (10, 60)}
    | {f"level left at {by} of a call": Fault({"off_ratio": by}) for by in (0.9, 1.0)}
    | {f"prepare from {p}": Fault({"prepare_probability": p}) for p in (0.3, 0.9)}
)  # fmt: skip
