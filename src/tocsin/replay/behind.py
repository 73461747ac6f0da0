"""Which sensors had seen what a warning warns of, as far as a night that is played again tells it."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.engine.decision_basis import Moment
from tocsin.model.effect import Effect
from tocsin.model.event import Configuration, Event
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning


class Behind:
    """Call it with every event and what came of it.

    At each tick a track names the sensor that saw it last: of two that see it within one, one is missed then.
    """

    def __init__(self) -> None:
        self._sensors: frozenset[str] = frozenset()
        # Track -> sensor -> when it was first seen by it.
        self._seen: dict[str, dict[str, float]] = {}
        self._warnings: list[tuple[str, float, tuple[str, ...]]] = []

    def __call__(self, event: Event, effects: Sequence[Effect], moment: Moment | None) -> None:
        if isinstance(event, Configuration):
            self._sensors = self._sensors.union(one.id for one in event.sensors)
        if effects and moment is not None:
            # What is published of a track names no sensor; what was decided on does.
            for track in moment.tracks:
                if track.newest in self._sensors:
                    self._seen.setdefault(track.id, {}).setdefault(track.newest, moment.now_s)
        for effect in effects:
            if isinstance(effect, Warning) and effect.tracks:
                self._warnings.append((effect.id, seconds_of(effect.time), effect.tracks))

    @property
    def sensors(self) -> dict[str, tuple[str, ...]]:
        """Warning's id -> the sensors, in order of name; people who report are none."""
        return {
            name: tuple(sorted({
                sensor for track in tracks for sensor, since in self._seen.get(track, {}).items() if since <= at
            }))
            for name, at, tracks in self._warnings
        }  # fmt: skip
