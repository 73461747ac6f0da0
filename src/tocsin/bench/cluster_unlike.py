"""Twins on unlike processors hear the same raids: how often they differ, and whether they publish a contradiction.

One counts as this processor does, the other as one of 2004. Each hears what the other tells, as twins do, and publishes
what they agree on; it is a contradiction where the two show a zone at different levels once both heard of a tick.
TOCSIN_RAIDS sets how many raids.
"""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.bench.cluster_sectors import RAIDS, Country, countries
from tocsin.bench.unlike import Played, Telling, begun_elsewhere, digits, read_played, write_night
from tocsin.model.effect import Picture
from tocsin.model.errors import Missing
from tocsin.model.event import Configuration
from tocsin.replay.configuration import configuration_of, read_policy
from tocsin.replay.offline import Offline
from tocsin.replay.progress import share_shown
from tocsin.simulate.world import simulate
from tocsin.twins.agreement import Agreement
from tocsin.twins.ear import Ear
from tocsin.twins.told import Step, Told

# Seeds that no other part of this bench plays.
FIRST_SEED = 4_000
# Between two looks at what the other kind of processor made of them.
TOGETHER = 5
REACH = {"unlike_contradictions": 0}


class Compared(NamedTuple):
    """Two engines over one raid.

    ticks           that both decided on
    warnings        of this processor's engine
    differing       warnings that only one of them gave, or at another tick
    contradictions  zones shown differently by the two, each tick counted
    """

    ticks: int
    warnings: int
    differing: int
    contradictions: int


def figures() -> dict[str, Any]:
    """All raids together. Raises Missing where processors have no such names of features."""
    if platform.machine() != "x86_64":
        raise Missing(f"the old processor is one of x86_64, and this is {platform.machine()}")
    wanted = int(os.environ.get("TOCSIN_RAIDS", RAIDS))
    places = tuple(countries())
    found: list[Compared] = []
    with share_shown("raids") as progress:
        for first in range(0, wanted, TOGETHER):
            seeds = range(first, min(first + TOGETHER, wanted))
            found += _compared([(places[seed % len(places)], FIRST_SEED + seed) for seed in seeds])
            progress(len(found) / wanted)
    return {
        "unlike_raids": len(found),
        "unlike_ticks": sum(one.ticks for one in found),
        "unlike_warnings": sum(one.warnings for one in found),
        "unlike_warnings_that_differ": sum(one.differing for one in found),
        "unlike_contradictions": sum(one.contradictions for one in found),
    }


def _compared(raids: list[tuple[Country, int]]) -> list[Compared]:
    with tempfile.TemporaryDirectory(prefix="tocsin-unlike-") as name:
        nights = [Path(name) / f"{seed}.jsonl" for _, seed in raids]
        here, elsewhere = [], list[subprocess.Popen[bytes]]()
        for night, (place, seed) in zip(nights, raids, strict=True):
            here.append(_played(night, place, seed))
            # The other process plays it while this one plays the next; and no third one meanwhile.
            if elsewhere:
                elsewhere[-1].wait()
            elsewhere.append(begun_elsewhere(night))
        for one in elsewhere:
            if one.wait():
                raise Missing("the engine on the old processor failed; what it said stands above")
        return [compared(*played, read_played(night)) for played, night in zip(here, nights, strict=True)]


def _played(night: Path, place: Country, seed: int) -> tuple[Configuration, Played]:
    drawn = simulate(place.scenario(), place.zones, seed)
    begin = drawn.observations[0].received_at
    country = configuration_of(drawn.zones, drawn.sensors, read_policy("default"), drill=True, time=begin)
    engine = Telling()
    for _ in Offline(country, engine=engine).run(drawn.observations):
        pass
    assert engine.steps, "a raid in which nothing was decided"
    write_night(night, engine.events)
    return country, Played(digits(), engine.steps)


def compared(country: Configuration, one: Played, other: Played) -> Compared:
    """What two engines told of one night, and what each of two twins publishes of it."""
    assert one.digits != other.digits, "the old processor counts like this one: nothing was tried"
    first, second = _Publisher("a", "b", country), _Publisher("b", "a", country)
    contradictions = 0
    for number, (ours, others) in enumerate(zip(one.steps, other.steps, strict=True)):
        for publisher, own, heard in ((first, ours, others), (second, others, ours)):
            publisher.decide(own)
            publisher.hear(heard, number)
        shown, elsewhere = first.shown, second.shown
        contradictions += sum(shown.get(zone) != elsewhere.get(zone) for zone in shown.keys() | elsewhere.keys())
    told = [{(step.time, warning.id) for step in played.steps for warning in step.warnings} for played in (one, other)]
    return Compared(len(one.steps), len(told[0]), len(told[0] ^ told[1]), contradictions)


class _Publisher:
    """What one twin publishes, which hears the other."""

    def __init__(self, own: str, other: str, country: Configuration) -> None:
        self._own, self._other, self._country = own, other, country
        self._agreement = Agreement({own: "living", other: "unheard"}, own=own)
        self._ear = Ear(self._agreement, "all", other)

    def decide(self, step: Step) -> None:
        """Its own engine has decided."""
        self._agreement.take(self._own, [*step.warnings, Picture(time=step.time, zones=step.zones)])

    def hear(self, step: Step, number: int) -> None:
        """The other one's has; the first of them tells of every zone."""
        country = self._country
        told = Told(
            sector="all", node=self._other, life="1", number=number, configuration=country.id, drill=country.drill,
            steps=(step,), whole=number == 0,
        )  # fmt: skip
        self._ear.hear(told, country)

    @property
    def shown(self) -> dict[str, str]:
        """Zone -> what people there are told to do; those who are told nothing are left out."""
        return {one.zone: one.level for one in self._agreement.standing() if one.level != "all_clear"}
