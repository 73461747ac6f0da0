"""What stands behind a warning about to be issued: which tracks, when, how likely; and whether it can wait."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.model.threat import Outlook, ThreatClass
from tocsin.model.value import time_of
from tocsin.warn import sentence
from tocsin.warn.levels import Verdict
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure
from tocsin.warn.standing import Standing

# Tracks named as evidence in one warning: the most pressing ones.
EVIDENCE_MAX = 10


def is_urgent(now_s: float, z: int, pressure: Pressure, outlook: Outlook, need_s: NDArray[np.float64]) -> bool:
    """Whether waiting for a confirmation any longer would cost people their way to shelter."""
    if pressure.cover[z] < 1.0 or pressure.automatic[z] >= 1.0:
        return False
    rows = slice(int(pressure.begins[z]), int(pressure.begins[z + 1]))
    pressing = pressure.weight[rows] > 0.01
    earliest = outlook.eta_earliest_s[rows][pressing]
    return bool(len(earliest)) and float(earliest.min()) - now_s <= need_s[z]


def evidence_of(
    now_s: float, standing: Standing, z: int, verdict: Verdict, pressure: Pressure, outlook: Outlook, policy: Policy
) -> dict[str, Any]:
    """Times, probability, class, reason and tracks of a warning about to be issued."""
    if verdict.level == "all_clear":
        return {"reason": verdict.reason or sentence.over(policy.clear_reach_s / 60)}
    probability = round(float(pressure.probability[z]), 3)
    begin, end = pressure.begins[z : z + 2].tolist()
    weight = pressure.weight[begin:end]
    if not weight.any():
        reported: ThreatClass = "unknown"
        if standing.told_prepare_until_s > now_s:
            reported = standing.told
        reason = verdict.reason or sentence.waning(probability, policy.clear_reach_s / 60)
        return {"reason": reason, "threat": reported}
    most = np.argsort(-weight, kind="stable")[:EVIDENCE_MAX]
    # Those that carry nearly all of the call; the long tail of faint ones is no evidence.
    rows = begin + most[weight[most] >= 0.1 * weight[most[0]]]
    numbers = outlook.track[rows].tolist()
    names = [outlook.tracks[number] for number in numbers]
    classes: list[ThreatClass] = [outlook.classes[number] for number in numbers]
    earliest_s = float(math.floor(max(now_s, outlook.eta_earliest_s[rows].min())))
    likely_s = max(earliest_s, float(round(outlook.eta_likely_s[rows[0]])))
    shelter = float(pressure.index.shelter_s[z])
    told = sentence.danger(classes, names, probability, earliest_s, likely_s, shelter)
    return {
        "eta_earliest": time_of(earliest_s),
        "eta_likely": time_of(likely_s),
        "probability": probability,
        "threat": classes[0],
        "reason": f"{verdict.reason} {told}".strip(),
        "tracks": tuple(names),
    }
