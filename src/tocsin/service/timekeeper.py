"""The service's time: where it begins, what bears it out, and what is said when nothing does."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from tocsin.model.observation import Observation
from tocsin.service.clock import Clock
from tocsin.service.settings import Settings
from tocsin.service.source_settings import AsterixSource
from tocsin.service.time_witness import Witnesses, first_time, kept_by_others

log = structlog.get_logger(__name__)


class Timekeeper:
    """Sets the clock by whoever is right. A clock that was given its time, as a drill's is, is left alone.

    trouble   why somebody should look at the clocks, and what to do; None: all is well
    doubted   it is so far off that what comes may be passed over
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.trouble: str | None = None
        self.doubted = False
        self._clock = clock
        self._settings = settings
        self._witnesses = Witnesses()
        # ASTERIX holds the time of day, and no day.
        self._dayless = {one.id for one in settings.source if isinstance(one, AsterixSource)}

    def begin(self, last: datetime | None) -> None:
        """Begin at the machine's time if that can be; never before the journal's last tick."""
        clock = self._clock
        if clock.weighed:
            clock.begin_at(first_time(clock.wall(), last, self._touched(), kept=kept_by_others()))
        if last is not None:
            clock.not_before(last)
        self.weigh()

    def hear(self, observation: Observation) -> None:
        """Take in what a source's clock says."""
        source = observation.via or observation.source
        knows_day = source not in self._dayless
        self._witnesses.hear(source, observation.time, self._clock.elapsed_s(), knows_day=knows_day)

    def weigh(self) -> None:
        """Set the clock by whoever is right, and write down what is the matter with it."""
        clock = self._clock
        if not clock.weighed:
            return
        judged = self._witnesses.judge(clock.true_now(), clock.wall(), clock.elapsed_s(), kept=kept_by_others())
        if judged.move_s:
            log.warning("the clock is set", by_s=round(judged.move_s, 3))
            clock.move(judged.move_s)
        trouble = judged.trouble
        stands_s = (clock.now() - clock.true_now()).total_seconds()
        if trouble is None and stands_s > 0:
            trouble = f"our clock was {stands_s:.0f} s fast and stands until that time has come"
        if trouble != self.trouble and trouble is not None:
            log.error("the clocks differ", why=trouble)
        self.trouble, self.doubted = trouble, judged.doubted

    def _touched(self) -> datetime | None:
        """When a file that this installation was set up with was last written."""
        files = (self._settings.zones, self._settings.sensors)
        times = [path.stat().st_mtime for path in files if path is not None and path.exists()]
        return datetime.fromtimestamp(max(times), UTC) if times else None
