"""What each of many sensors gives towns alone, and what some of them give together: the minutes of `plan.minutes`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadValue
from tocsin.model.sensor import Sensor
from tocsin.plan.looking import Conditions
from tocsin.plan.minutes import Minutes
from tocsin.plan.siting import PAIRS_MAX, Flags, Floats
from tocsin.simulate.threats import Threats

USUAL = Conditions()


class Network:
    """Sensors that stand, or could stand, and the ways in that each leaves enough time on.

    A way in is one of those drawn for a zone (`plan.attacks`); it counts as many people as live there, shared out among
    the zone's ways. Enough is what people need to shelter and to be told.

    alone     bool [S, W]: sensor s alone leaves enough on way w; in the order of `sensors`
    median_s  [S, Z]: what half of the ways into a zone leave at least, by sensor s alone
    people    [W]
    """

    def __init__(
        self,
        index: ZoneIndex,
        sensors: Sequence[Sensor],
        groups: Sequence[Threats],
        *,
        told_s: float,
        elevation: Elevation | None = None,
        conditions: Conditions = USUAL,
        about_zone: bool = True,
        progress: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.index, self.sensors, self._told_s = index, tuple(sensors), told_s
        self._minutes = Minutes(
            index, sensors, groups, elevation=elevation, conditions=conditions, about_zone=about_zone
        )
        self._ids = [sensor.id for sensor in sensors]
        self._minutes.lose(self._ids)
        ways = self._firm_s()
        if len(sensors) * ways.size > PAIRS_MAX:
            raise BadValue(
                f"{len(sensors)} sites x {ways.size} ways into {len(index)} zones are more than {PAIRS_MAX} pairs; "
                "give fewer candidates or classes"
            )
        known = np.isfinite(ways)
        share = index.population[:, None] / np.maximum(known.sum(axis=1), 1)[:, None]
        self._people = np.where(known, share, 0.0)
        self.people: Floats = self._people.ravel()
        self.alone: Flags = np.zeros((len(sensors), ways.size), bool)
        self.median_s: Floats = np.zeros((len(sensors), len(index)))
        for number, one in enumerate(self._ids):
            self._minutes.restore([one])
            firm = self._firm_s()
            self._minutes.lose([one])
            self.alone[number] = self._enough(firm).ravel()
            self.median_s[number] = _median(firm)
            progress((number + 1) / len(sensors))

    def together(self, ids: Iterable[str]) -> float:
        """People with enough minutes under these sensors, all reporting."""
        self._only(ids)
        return float(self._people[self._enough(self._firm_s())].sum())

    def after_losses(self, ids: Sequence[str]) -> Floats:
        """The same after the loss of each of them alone, in their order."""
        self._only(ids)
        left = np.zeros(len(ids))
        for number, one in enumerate(ids):
            self._minutes.lose([one])
            left[number] = self._people[self._enough(self._firm_s())].sum()
            self._minutes.restore([one])
        return left

    def zones_together(self, ids: Iterable[str]) -> tuple[Floats, Floats]:
        """([Z] share of each zone's ways that leave enough, [Z] median seconds) under these sensors."""
        self._only(ids)
        firm = self._firm_s()
        known = np.isfinite(firm).sum(axis=1)
        enough = self._enough(firm).sum(axis=1)
        return np.divide(enough, known, out=np.full(len(firm), np.nan), where=known > 0), _median(firm)

    def _only(self, ids: Iterable[str]) -> None:
        wanted = frozenset(ids)
        self._minutes.lose(set(self._ids) - wanted)
        self._minutes.restore(wanted)

    def _firm_s(self) -> NDArray[np.float32]:
        return np.concatenate(list(self._minutes.firm_s().values()), axis=1)

    def _enough(self, firm_s: NDArray[np.float32]) -> Flags:
        need = self.index.shelter_s + self._told_s
        return np.asarray(firm_s >= need[:, None], bool)


def _median(firm_s: NDArray[np.float32]) -> Floats:
    """[Z]: the lower median of the ways that lead there; 0 where none does."""
    ordered = np.sort(np.where(np.isfinite(firm_s), firm_s, np.inf), axis=1)
    count = np.isfinite(firm_s).sum(axis=1)
    middle = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2]
    return np.where(count > 0, middle, 0.0).astype(float)
