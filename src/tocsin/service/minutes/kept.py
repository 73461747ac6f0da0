"""The minutes of every zone: as usual, and as sensors do now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import Configuration
from tocsin.model.sensor import Sensor, SensorHealth, with_defaults
from tocsin.model.threat import ThreatClass
from tocsin.plan.minutes import Minutes, held_bytes
from tocsin.plan.promise import Promise
from tocsin.replay.planning import attackers, land_about
from tocsin.service.give_way import give_way
from tocsin.service.minutes.settings import MinutesKept
from tocsin.service.settings import Settings
from tocsin.warn.coverage import works
from tocsin.warn.policy import Policy, policy_from_table

Floats = NDArray[np.float64]
Promises = Mapping[ThreatClass, Promise]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Left:
    """What people have at one moment.

    usual   with every sensor that was ever heard
    now     without those of them that do not work, which are `lost`
    """

    index: ZoneIndex
    usual: Promises
    now: Promises
    lost: tuple[str, ...]

    def enough(self, threat: ThreatClass) -> tuple[Floats, Floats]:
        """(usually, now): people of each zone who could be in shelter in time, told as soon as there is a track; [Z].

        Where no attack of the class can come there are none of either.
        """
        people = self.index.population
        return np.nan_to_num(self.usual[threat].could * people), np.nan_to_num(self.now[threat].could * people)

    def fallen(self, threat: ThreatClass, share: float) -> NDArray[np.bool_]:
        """The zones in which those people are fewer than usual by more than a share; [Z]."""
        usual, now = self.enough(threat)
        return np.asarray(now < (1.0 - share) * usual)


class Kept:
    """Minutes that follow how sensors do; used by one thread.

    sensors   as in the sensors file
    """

    def __init__(self, plan: Minutes, sensors: Sequence[Sensor], policy: Policy) -> None:
        self._plan, self._policy = plan, policy
        self._sensors = {sensor.id: with_defaults(sensor) for sensor in sensors}
        self._unheard: frozenset[str] | None = None
        self._usual: Promises = {}

    def left(self, health: Sequence[SensorHealth]) -> Left | None:
        """What people have while sensors do so; None: as much as when it was asked last."""
        fails = {
            one.sensor: one.state
            for one in health
            if (sensor := self._sensors.get(one.sensor)) is not None and not works(one, sensor)
        }
        # Who was never heard gave nobody a minute, and takes none away.
        unheard = frozenset(name for name, state in fails.items() if state == "unheard")
        counted = frozenset(sensor.id for sensor in self._plan.sensors)
        lost = frozenset(fails) & counted
        if self._unheard is not None and lost == self._plan.lost and unheard & counted == self._unheard:
            return None
        if unheard & counted != self._unheard:
            self._unheard = unheard & counted
            self._without(self._unheard)
            self._usual = self._plan.promises(self._policy)
        self._without(lost)
        now = self._plan.promises(self._policy)
        return Left(self._plan.index, self._usual, now, tuple(sorted(lost - self._unheard)))

    def _without(self, lost: Collection[str]) -> None:
        self._plan.restore(self._plan.lost - frozenset(lost))
        self._plan.lose(frozenset(lost) - self._plan.lost)


def kept_of(told: MinutesKept, settings: Settings, configuration: Configuration) -> Kept:
    """All of it, worked out anew: seconds to minutes. Raises BadSettings, BadFile and BadValue."""
    index = ZoneIndex(configuration.zones)
    groups, about_zone = attackers(told.threats, told.classes)
    log.info("minutes of warning", memory_mb=round(1.5 * held_bytes(len(index), groups) / 1e6), zones=len(index))
    land = None
    if settings.land is not None:
        land = land_about([settings.land], configuration.sensors, index)
        for sentence in land.said():
            log.warning("the land of the minutes", said=sentence)
    plan = Minutes(
        index,
        configuration.sensors,
        groups,
        elevation=None if land is None else land.elevation,
        about_zone=about_zone,
        begun=give_way,
    )
    return Kept(plan, configuration.sensors, policy_from_table(configuration.policy))
