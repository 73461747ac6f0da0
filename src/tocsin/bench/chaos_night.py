"""One chaos night: a raid through a cluster while its processes die, hang and are cut off, judged from outside."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tocsin.bench import chaos_raid
from tocsin.bench.chaos_faults import Doing, Trouble, drawn
from tocsin.bench.chaos_observer import WATCH_S, Look, Observer
from tocsin.bench.chaos_truth import RANK, Held, Truth, truth_of
from tocsin.cluster.cluster import Cluster, Shape, cluster
from tocsin.model.errors import Missing
from tocsin.replay.sectors import read_cut

# Long enough for every drone to be told of and for many zones to be cleared behind it.
SECONDS = 60.0
# Until everything answers again after the last fault.
WHOLE_S_MAX = 240.0
# After that: what was missed is read up.
SETTLE_S = 5.0
# On a busy machine the raid goes on for so long until a zone was cleared behind it.
CLEAR_S_MAX = 300.0
# By so much an all clear may be older than a warning that came after it, on its way to people.
CLEAR_SLACK_S = 6.0
COVER = RANK["take_cover"]


class Judged(NamedTuple):
    """What came of a night.

    wrong       what must never be, each in a sentence
    done        what went wrong at which process
    sent        observations acknowledged
    clears      all clears shown
    late_s      the longest from a decision to cover until anybody was shown it, seconds
    silent_s    the longest that no place showed a fresh picture, seconds: how old the freshest was
    undecided_s the longest pause between two decisions in an agreed log, seconds
    """

    wrong: tuple[str, ...]
    done: tuple[Doing, ...]
    sent: int
    clears: int
    late_s: float
    silent_s: float
    undecided_s: float


def play(
    shape: Shape, workload: str, seed: int, *, seconds: float = SECONDS, doings: list[Doing] | None = None
) -> Judged:
    """Play a night and judge it; `doings` goes wrong, else what is drawn. Raises Missing where what it needs is not
    there, or does not start."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    try:
        prepared = shape_for(folder, shape)
        with cluster(folder, prepared) as made:
            made.start()
            return _played(made, workload, seed, seconds, doings)
    finally:
        shutil.rmtree(folder)


def shape_for(folder: Path, shape: Shape) -> Shape:
    """The same with the raid's policy; what it needs is written into the folder."""
    policy = chaos_raid.write(folder)
    return replace(shape, policy=str(policy), tables=chaos_raid.TABLES)


def _played(made: Cluster, workload: str, seed: int, seconds: float, doings: list[Doing] | None) -> Judged:
    chance = random.Random(f"{workload}/{seed}")  # noqa: S311 - a seed is a night
    trouble = Trouble(made, drawn(made, workload, chance, seconds) if doings is None else doings)
    observer = Observer(made, chaos_raid.Raid(seed), made.fronts or made.nodes)
    observer.begin()
    try:
        trouble.run(observer.begun_s, observer.begun_s + seconds)
        time.sleep(max(0.0, observer.begun_s + seconds - time.monotonic()))
        _await_clear(observer)
        wrong = [] if observer.stop_sending() else ["what was sent is still not acknowledged a minute later"]
        try:
            trouble.wait_whole(WHOLE_S_MAX)
        except Missing as error:
            wrong.append(f"it does not get well again: {error}")
        time.sleep(SETTLE_S)
    finally:
        observer.end()
    made.end()
    return judged(made, observer, tuple(trouble.done), wrong)


def _await_clear(observer: Observer) -> None:
    """A night in which nobody is cleared proves nothing: let the raid fly on until somebody is."""
    end_s = time.monotonic() + CLEAR_S_MAX
    while not any(look.shown.level == "all_clear" for look in list(observer.looks)) and time.monotonic() < end_s:
        time.sleep(WATCH_S)


def judged(made: Cluster, observer: Observer, done: tuple[Doing, ...], wrong: list[str]) -> Judged:
    """What the records hold against what was acknowledged, and what was shown against what an uncut engine decides."""
    own = dict.fromkeys(made.sectors) if made.cut is None else read_cut(made.cut).sectors
    truths = {node.name: truth_of(node.record, own[node.sector]) for node in made.nodes}
    kept = set[str]().union(*(truth.ids for truth in truths.values()))
    wrong += [f"an observation is refused: {said}" for said in sorted(observer.refused)]
    if lost := observer.acknowledged - kept:
        wrong.append(f"{len(lost)} acknowledged observations are in no record, among them {min(lost)}")
    agreed = []
    for sector in made.sectors:
        twins = {node.name: truths[node.name] for node in made.twins(sector)}
        heard = observer.acknowledged & set[str]().union(*(truth.ids for truth in twins.values()))
        for name, truth in twins.items():
            if lost := heard - truth.ids:
                wrong.append(f"{len(lost)} acknowledged observations are not in the record of {name}: {min(lost)}")
            if truth.twice:
                wrong.append(f"{len(truth.twice)} observations are twice in the record of {name}: {min(truth.twice)}")
        # Twins have one log; who was away at the end has less of it.
        agreed.append(max(twins.values(), key=lambda truth: len(truth.ticks)))
    wrong += told_again(observer.looks) + falsely_cleared(observer.looks, observer.clock_s, agreed)
    begin_s = observer.begun.timestamp()
    late_s = max(late_s_max(observer.looks, observer.clock_s, truth, begin_s) for truth in agreed)
    clears = sum(look.shown.level == "all_clear" for look in observer.looks)
    if not clears:
        wrong.append("no zone was cleared, so nothing was proved")
    undecided_s = max(truth.longest_pause_s(begin_s) for truth in agreed)
    return Judged(tuple(wrong), done, len(observer.acknowledged), clears, late_s, observer.stale_s_max, undecided_s)


def told_again(looks: list[Look]) -> list[str]:
    """Warnings that were shown again at one place after a later one of the same zone."""
    wrong, seen, last = [], set[tuple[str, str]](), dict[tuple[str, str], str | None]()
    for look in looks:
        place, warning = (look.name, look.shown.zone), look.shown.warning
        if warning is not None and warning != last.get(place) and (look.name, warning) in seen:
            wrong.append(f"{look.name} shows the warning {warning} again after {last.get(place)}")
        if warning is not None:
            seen.add((look.name, warning))
        last[place] = warning
    return wrong


def falsely_cleared(looks: list[Look], clock_s: Callable[[float], float], agreed: list[Truth]) -> list[str]:
    """All clears of zones that an uncut engine holds all the while under a warning."""
    wrong = []
    for name, shown in looks:
        if shown.level == "all_clear":
            at_s = clock_s(shown.heard_s)
            held = [truth.lowest(shown.zone, at_s - CLEAR_SLACK_S, at_s) for truth in agreed]
            if max(held) > 0:
                when = datetime.fromtimestamp(at_s, UTC).time()
                wrong.append(f"{name} clears {shown.zone} at {when} ({shown.warning}), and it is held")
    return wrong


def late_s_max(looks: list[Look], clock_s: Callable[[float], float], truth: Truth, begin_s: float) -> float:
    """The longest from when an uncut engine orders cover until anybody is shown it, or it is over unseen."""
    shown: dict[str, list[tuple[float, str, str]]] = {}
    for name, one in looks:
        shown.setdefault(one.zone, []).append((clock_s(one.heard_s), name, one.level))
    stretches = (held for held in truth.held(COVER) if held.from_s > begin_s)
    return max((_covered_s(shown.get(held.zone, []), held) - held.from_s for held in stretches), default=0.0)


def _covered_s(shown: list[tuple[float, str, str]], held: Held) -> float:
    """When cover was shown anywhere first while a zone was held; where it never was, when that was over."""
    levels: dict[str, str] = {}
    for at_s, name, level in shown:
        if at_s > held.from_s and "take_cover" in levels.values():
            break
        if at_s > held.from_s and level == "take_cover":
            return min(at_s, held.to_s)
        levels[name] = level
    return held.from_s if "take_cover" in levels.values() else held.to_s
