"""Which zones must be decided now, and the clocks of all of them: as columns, because nearly all stay as they are.

A zone left out here would have come out of `levels` with the level it has and nothing to say; a law compares. So a
report, an alert or an impact costs a decision when it comes and when it ends, not at every tick between.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.model.value import seconds_of
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure
from tocsin.warn.standing import Standing, ZoneLevel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = np.inf
# A likely time that moved is worth a new revision at most this often.
REVISE_EVERY_S = 30.0
_CODES: dict[ZoneLevel, int] = {"none": 0, "prepare": 1, "take_cover": 2, "all_clear": 3}
_NONE, _PREPARE, _COVER, _CLEAR = range(4)
_CLOCKS = ("quiet_s", "calm_s", "falling_s", "renewed_s")


class Due:
    """Columns of length Z; times are POSIX seconds.

    quiet_s     since when nothing that sensors see has spoken against an all clear; NEVER: something does
    calm_s      the same, of that and of what alerts, impacts and reports ask for
    falling_s   since when the evidence has been too little for cover; NEVER: it is enough
    renewed_s   when a track that is seen last called for cover
    The others mirror the zones' standing: `note` brings them up to date.
    """

    def __init__(self, count: int) -> None:
        self.quiet_s, self.falling_s = np.full(count, NEVER), np.full(count, NEVER)
        self.calm_s = np.full(count, NEVER)
        self.renewed_s = np.zeros(count)
        self._own, self._level = np.zeros(count, np.int8), np.zeros(count, np.int8)
        self._expires_s, self._issued_s, self._covered_s = np.zeros(count), np.zeros(count), np.zeros(count)
        self._lapses_s = np.full(count, NEVER)
        self._said_s = np.full(count, np.nan)
        self._ordered, self._floored, self._last, self._stands = (np.zeros(count, bool) for _ in range(4))

    def note(self, z: int, standing: Standing) -> None:
        """Mirror how zone `z` stands now."""
        self._own[z], self._level[z] = _CODES[standing.own], _CODES[standing.level]
        self._expires_s[z], self._issued_s[z] = standing.expires_s, standing.issued_s
        self._covered_s[z], self._lapses_s[z], self._last[z] = standing.covered_s, standing.lapses_s(), standing.last
        said = standing.warning.eta_likely if standing.warning is not None else None
        self._said_s[z] = np.nan if said is None else seconds_of(said)
        self._floored[z] = (
            standing.alert is not None or standing.impact_until_s > 0 or standing.told_prepare_until_s > 0
        )
        self._ordered[z] = (
            standing.raised is not None
            or standing.cancelled is not None
            or standing.proposed_s is not None
            or standing.confirmed
        )

        levels = self._own[z] != _NONE or self._level[z] != _NONE
        self._stands[z] = levels or self._last[z] or self._floored[z] or self._ordered[z]

    def asked(self, now_s: float, pressure: Pressure, policy: Policy) -> tuple[Bools, list[int]]:
        """What `moved` and `zones` say."""
        if not len(pressure.weight) and not self._stands.any():
            # Nothing stands and nothing calls for anything, as nearly always: of no zone need it be asked.
            return np.zeros(len(self._stands), bool), []
        moved = self.moved(now_s, pressure, policy)
        return moved, self.zones(now_s, pressure, policy, moved)

    def covered(self) -> Bools:
        """Zones that the policy's own level has under cover, bool [Z]."""
        covered: Bools = self._own == _COVER
        return covered

    def ordered(self) -> list[int]:
        """Zones about which operators have a say, or are asked for one."""
        return np.flatnonzero(self._ordered).tolist()

    def standing(self) -> list[int]:
        """Zones in which anything stands, or is asked for."""
        return np.flatnonzero(self._stands).tolist()

    def lapsing(self, now_s: float) -> list[int]:
        """Zones in which the time of an impact, a report or an order may be over, unless it was lengthened since."""
        return np.flatnonzero(self._lapses_s <= now_s).tolist()

    def tick(self, now_s: float, pressure: Pressure, policy: Policy) -> None:
        """Since when it has been quiet, and since when the evidence has been too little for cover."""
        enough = pressure.cover >= policy.off_ratio
        speaks = pressure.reachable | enough | (pressure.prepare >= policy.off_ratio)
        if pressure.arcs:
            speaks = np.ones_like(speaks)
        self.quiet_s = np.where(speaks, NEVER, np.minimum(self.quiet_s, now_s))
        self.calm_s = np.where(speaks | self._floored, NEVER, np.minimum(self.calm_s, now_s))
        self.falling_s = np.where(enough, NEVER, np.minimum(self.falling_s, now_s))
        self.renewed_s = np.where(enough & pressure.live, now_s, self.renewed_s)

    def moved(self, now_s: float, pressure: Pressure, policy: Policy) -> Bools:
        """Where the likely time in force is wrong by now by more than the policy bears, bool [Z]."""
        sooner_s = self._said_s - pressure.likely_s
        sooner = sooner_s > np.maximum(policy.revise_s, 0.3 * (pressure.likely_s - now_s))
        wrong = sooner | (sooner_s < -3.0 * policy.revise_s) | (np.isnan(self._said_s) & ~np.isnan(pressure.likely_s))
        due: Bools = wrong & (self._issued_s <= now_s - REVISE_EVERY_S) & (pressure.cover >= policy.off_ratio)
        return due

    def zones(self, now_s: float, pressure: Pressure, policy: Policy, moved: Bools) -> list[int]:
        """Numbers of the zones whose level may change, or whose warning may need a new revision, in order."""
        own, level, cover = self._own, self._level, pressure.cover >= 1.0
        warned = (level == _PREPARE) | (level == _COVER)
        called = cover | (pressure.prepare >= 1.0)
        over = (self.falling_s <= now_s - policy.linger_s) & (self._covered_s <= now_s - policy.min_on_s)
        stale = now_s - np.maximum(self._covered_s, self.renewed_s) > policy.max_on_s
        quiet = self.quiet_s <= now_s - policy.clear_quiet_s
        calm = self.calm_s <= now_s - policy.clear_quiet_s
        renew = self._expires_s <= now_s + policy.renew_s
        # The policy's own level may change.
        due = self._ordered | (((own == _NONE) | (own == _CLEAR)) & called)
        due |= (own == _COVER) & (over | stale)
        due |= (own == _PREPARE) & (cover | quiet)
        # What is shown may: a floor that came or went is decided on anyhow, unless all was ended over its head.
        due |= self._last | (warned & (moved | renew | calm)) | (self._floored & ~warned)
        due |= (level == _CLEAR) & (self._expires_s <= now_s)
        return np.flatnonzero(due).tolist()

    def dump(self) -> dict[str, Any]:
        """The clocks; the rest follows from the standings."""
        return {name: getattr(self, name) for name in _CLOCKS}

    def load(self, state: dict[str, Any], rows: NDArray[np.intp], zones: NDArray[np.intp]) -> None:
        """Take over the clocks of `rows` of a dump as those of `zones`."""
        for name in _CLOCKS:
            getattr(self, name)[zones] = state[name][rows]
