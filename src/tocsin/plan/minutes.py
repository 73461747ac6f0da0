"""How many minutes of warning each town has from a network of sensors, and what is left when one is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from tocsin.earth.elevation import Elevation
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadValue
from tocsin.model.sensor import Sensor
from tocsin.model.threat import THREAT_CLASSES, ThreatClass
from tocsin.plan.attacks import DRAWS, NO_ARCS, arcs_of, drawn, shared_out
from tocsin.plan.flown import NODES, Arcs, Draws, Land, Seen, Tally, firm, looked
from tocsin.plan.land import land_of
from tocsin.plan.looking import USUAL, Conditions, Lookers, counted, lookers
from tocsin.plan.promise import Promise, promise_of
from tocsin.simulate.threats import Threats
from tocsin.warn.policy import Policy

Floats = NDArray[np.float64]

# What the counts of looks may take; said before anything is counted.
BYTES_MAX = 2_000_000_000
# Looks of a radar until a track is firm, where it flew into sight: of 78 in raids that nothing is reported on a tenth
# had it after 1.4, half after 2.3, nine tenths after 5. That is three looks that must hit, the first of which may have
# come before the beam was there: a gamma distribution.
LOOKS_SHAPE, LOOKS_SCALE = 3.0, 0.85
# What a look of each kind (radar, ear, eye) counts towards it.
WEIGHT = np.array([1.0, 1.0, 1.0])


@dataclass
class _Ways:
    """One group's ways in.

    counts    of looks, [Z, N, NODES]
    spans     (begins_s, ends_s) before the strike, [Z, N, 2]
    needed    looks until a track is firm, [N]
    circles   (east, north, radius) that hold each way, [Z, N, 3]
    changed   whose counts are newer than their `firm_s`, [Z, N]
    firm_s    since when there is a firm track, before the strike, [Z, N]
    """

    threat: ThreatClass
    draws: Draws
    arcs: Arcs
    needed: NDArray[np.float64]
    counts: NDArray[np.int32]
    spans: NDArray[np.float32]
    circles: NDArray[np.float32]
    changed: NDArray[np.bool_]
    firm_s: NDArray[np.float32]


class Minutes:
    """The minutes of every zone, kept so that a sensor lost or back changes them within a second.

    index       the zones; the frame is theirs
    sensors     as in the sensors file
    groups      who may come, in any number of groups for each class
    about_zone  directions and distances of the groups are from each zone; else from the frame's origin
    begun       called first in every thread that counts looks
    """

    def __init__(
        self,
        index: ZoneIndex,
        sensors: Sequence[Sensor],
        groups: Sequence[Threats],
        *,
        elevation: Elevation | None = None,
        conditions: Conditions = USUAL,
        about_zone: bool = True,
        draws: int = DRAWS,
        begun: Callable[[], None] | None = None,
    ) -> None:
        self._begun = begun
        self.index, self.sensors = index, counted(sensors)
        self.groups = tuple(groups)
        self.lost: frozenset[str] = frozenset()
        held_bytes(len(index), groups, draws)
        self._promised: dict[ThreatClass, tuple[Policy, NDArray[np.float32], Promise]] = {}
        self._aims = np.stack([index.east_m, index.north_m], axis=-1)
        self._land, rasters = land_of(elevation, self.sensors, index.frame)
        self._look = {
            threat: lookers(self.sensors, threat, index.frame, conditions, rasters) for threat in self.classes
        }
        self._ways = [one for threat in self.classes for one in self._made(threat, draws, about_zone)]
        everything = np.ones(len(self.sensors), bool)
        for ways in self._ways:
            self._count(ways, everything, 1)

    @property
    def classes(self) -> list[ThreatClass]:
        """The classes that there are groups of, in the order of all classes."""
        kinds = {group.kind for group in self.groups}
        return [threat for threat in THREAT_CLASSES if threat in kinds]

    def lose(self, ids: Iterable[str]) -> None:
        """Without these sensors from now on; those that are none of the network, or lost already, change nothing."""
        self._change(frozenset(ids) - self.lost, -1)

    def restore(self, ids: Iterable[str]) -> None:
        """These sensors are back."""
        self._change(frozenset(ids) & self.lost, 1)

    def firm_s(self) -> Mapping[ThreatClass, NDArray[np.float32]]:
        """By class float32 [Z, N]: seconds before the strike since when there is a firm track on each way in.

        0 where there is none; NaN where that way leads to other zones.
        """
        found: dict[ThreatClass, list[NDArray[np.float32]]] = {}
        for ways in self._ways:
            self._shared(partial(_firm, ways))
            found.setdefault(ways.threat, []).append(ways.firm_s)
        return {threat: np.concatenate(parts, axis=1) for threat, parts in found.items()}

    def begins_s(self) -> Mapping[ThreatClass, NDArray[np.float32]]:
        """By class float32 [Z, N]: seconds before the strike at which each way begins; negative: it leads elsewhere."""
        found: dict[ThreatClass, list[NDArray[np.float32]]] = {}
        for ways in self._ways:
            found.setdefault(ways.threat, []).append(ways.spans[:, :, 0])
        return {threat: np.concatenate(parts, axis=1) for threat, parts in found.items()}

    def promises(self, policy: Policy) -> dict[ThreatClass, Promise]:
        """What each class's attacks leave the people of every zone; only that of zones where it changed is new work."""
        found = {}
        for threat, firm_s in self.firm_s().items():
            before = self._promised.get(threat)
            if before is None or before[0] != policy:
                found[threat] = promise_of(threat, firm_s, self.index.shelter_s, policy)
            else:
                other = ~((firm_s == before[1]) | (np.isnan(firm_s) & np.isnan(before[1]))).all(axis=1)
                anew = promise_of(threat, firm_s[other], self.index.shelter_s[other], policy)
                found[threat] = before[2].with_zones(other, anew)
            self._promised[threat] = (policy, firm_s, found[threat])
        return found

    def _made(self, threat: ThreatClass, draws: int, about_zone: bool) -> list[_Ways]:
        mine = [group for group in self.groups if group.kind == threat]
        made = []
        for number, (group, count) in enumerate(zip(mine, shared_out(mine, draws), strict=True)):
            ways = drawn(group, count, about_zone=about_zone, seed=number + 1)
            share = (np.random.default_rng(number + 1).permutation(count) + 0.5) / count
            made.append(
                _Ways(
                    threat,
                    ways,
                    self._arcs(group, ways) if ways.arc else NO_ARCS,
                    np.asarray(gamma.ppf(share, LOOKS_SHAPE, scale=LOOKS_SCALE), float),
                    np.zeros((len(self.index), count, NODES), np.int32),
                    np.zeros((len(self.index), count, 2), np.float32),
                    np.full((len(self.index), count, 3), np.nan, np.float32),
                    np.ones((len(self.index), count), bool),
                    np.zeros((len(self.index), count), np.float32),
                )
            )
        return made

    def _arcs(self, group: Threats, ways: Draws) -> Arcs:
        """Arcs as short and as long as any of these is."""
        away = np.hypot(ways.east_m, ways.north_m)
        if not ways.about_zone:
            east, north = self._aims.T
            away = np.hypot(east[:, None] - ways.east_m, north[:, None] - ways.north_m)
        longest = float(max(min(away.max(initial=0.0), group.reach_m or np.inf), 2_000.0))
        shortest = max(1_000.0, min(float(away.min()), longest / 2))
        # To whole kilometres: plans of the same groups share their arcs.
        return arcs_of(group.kind, self.index.frame, (np.floor(shortest / 1e3) * 1e3, np.ceil(longest / 1e3) * 1e3))

    def _count(self, ways: _Ways, which: NDArray[np.bool_], sign: int) -> None:
        look = Lookers._make(column[which] for column in self._look[ways.threat])
        self._shared(partial(_looked, self._aims, self._land, ways, look, sign))

    def _shared(self, work: Callable[[slice], None]) -> None:
        """Some work on all zones, shared out among threads: what each zone gets depends on none of the others."""
        threads = len(os.sched_getaffinity(0))
        edges = np.linspace(0, len(self.index), 4 * threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads, initializer=self._begun) as pool:
            list(pool.map(work, map(slice, edges[:-1], edges[1:])))

    def _change(self, ids: frozenset[str], sign: int) -> None:
        which = np.array([sensor.id in ids for sensor in self.sensors], bool)
        if not which.any():
            return
        known = frozenset(sensor.id for sensor in self.sensors) & ids
        self.lost = self.lost | known if sign < 0 else self.lost - known
        for ways in self._ways:
            self._count(ways, which, sign)
            assert ways.counts.min(initial=0) >= 0, "a look less than none"


def _looked(aims: Floats, land: Land, ways: _Ways, look: Lookers, sign: int, part: slice) -> None:
    seen = Seen(ways.counts[part], ways.spans[part], ways.circles[part], ways.changed[part])
    looked(aims[part], ways.draws, ways.arcs, land, look, Tally(WEIGHT, sign), seen)


def _firm(ways: _Ways, part: slice) -> None:
    firm(ways.counts[part], ways.spans[part], ways.needed, ways.changed[part], ways.firm_s[part])


def held_bytes(zones: int, groups: Sequence[Threats], draws: int = DRAWS) -> int:
    """What the counts of looks of so many zones take: with what else is kept, half as much again. Raises BadValue."""
    classes = len({group.kind for group in groups})
    size = zones * max(draws * classes, len(groups)) * NODES * 4
    if size > BYTES_MAX:
        raise BadValue(
            f"{zones} zones and {len(groups)} groups of attackers take {size / 1e9:.1f} GB, at most "
            f"{BYTES_MAX / 1e9:g}: plan fewer classes at once, or the country in parts"
        )
    return size
