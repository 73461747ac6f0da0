"""What is taken from the engine for the console, in the engine's thread: references, and nothing that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.engine.decision_basis import Moment
from tocsin.engine.engine import Engine
from tocsin.forecast.heard import Heard
from tocsin.model.effect import Picture
from tocsin.model.event import Configuration
from tocsin.model.observation import Launch
from tocsin.model.order import Orders
from tocsin.model.sensor import SensorHealth
from tocsin.model.track import Track
from tocsin.service.worker import Decided
from tocsin.track.told_repute import Repute
from tocsin.warn.behind import Behind


@dataclass(frozen=True, slots=True)
class Glance:
    """One decision, as the engine left it; nothing in it changes any more.

    words      tracks out of what channels tell
    reports, launches   that count now
    voices     how channels have done
    """

    moment: Moment
    behind: Behind
    configuration: Configuration
    words: tuple[Track, ...]
    health: tuple[SensorHealth, ...]
    orders: Orders
    reports: Sequence[Heard]
    launches: Sequence[Launch]
    voices: Mapping[str, Repute]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All that is shown as a track."""
        return (*self.moment.tracks, *self.words)


def glance_at(engine: Engine, decided: Decided, orders: Orders) -> Glance | None:
    """A look at the engine after a tick, in its own thread; None: there is nothing decided to look at.

    orders   the engine's, which whoever calls has asked for already
    """
    moment, behind, configuration = engine.moment, engine.behind(), engine.configuration
    if moment is None or behind is None or configuration is None:
        return None
    pictures = [effect for effect in decided.steps[-1].effects if isinstance(effect, Picture)]
    held = {track.id for track in moment.tracks}
    words = tuple(track for track in pictures[-1].tracks if track.id not in held) if pictures else ()
    reports, launches = engine.told
    return Glance(moment, behind, configuration, words, engine.health, orders, reports, launches, engine.voices)
