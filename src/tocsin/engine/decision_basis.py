"""What the last decision rested on, for whoever measures forecasts or tries another policy on the same evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import OperatorAct
from tocsin.model.observation import Alert, Impact
from tocsin.model.threat import Expected, Floor, Outlook
from tocsin.model.track import Track
from tocsin.warn.warner import Decision


@dataclass(frozen=True, slots=True)
class Moment:
    """One decision: the arguments of `Warner.decide`, and what came of them.

    index   the zones that the outlook's and the decision's numbers point into
    """

    now_s: float
    index: ZoneIndex
    outlook: Outlook
    tracks: Sequence[Track]
    impacts: Sequence[Impact]
    alerts: Sequence[Alert]
    acts: Sequence[OperatorAct]
    floors: Sequence[Floor]
    blind: Mapping[str, str]
    decision: Decision
    unseen: Collection[str] = ()

    def __post_init__(self) -> None:
        assert self.outlook.at_s == self.now_s, "decided on what another moment expected"
        assert len(self.decision.probability) == len(self.index), "a probability of no zone"

    def expected(self, least: float) -> Expected:
        """The zones whose probability of an attack is at least `least`."""
        outlook, probability = self.outlook, self.decision.probability
        kept = np.flatnonzero(probability >= least)
        # Of each zone the row of its likeliest track: the last one in order of (zone, probability).
        order = np.lexsort((outlook.probability, outlook.zone))
        row = order[np.searchsorted(outlook.zone[order], kept, side="right") - 1]
        assert np.array_equal(outlook.zone[row], kept), "the likeliest track of another zone"
        return Expected(
            at_s=self.now_s,
            zones=tuple(self.index.zones[z].id for z in kept.tolist()),
            probability=probability[kept],
            eta_likely_s=outlook.eta_likely_s[row],
            classes=tuple(outlook.classes[track] for track in outlook.track[row].tolist()),
        )
