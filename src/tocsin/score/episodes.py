"""Take-cover episodes: from when a zone went under cover to when it came out, and whether anything came near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import ThreatClass
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.score.cover import Cover
from tocsin.score.sightings import CIVIL
from tocsin.score.spread import NEAR_M
from tocsin.score.truth import Truth

Floats = NDArray[np.float64]

# What comes this shortly after people came out was still what they had been warned of.
AFTER_S = 120.0


def named(cover: Cover, warnings: Iterable[Warning], index: ZoneIndex) -> list[ThreatClass]:
    """The class named by the warning that began each stretch of cover; the cover is that of these warnings."""
    raised = {
        (index.number[one.zone], seconds_of(one.time)): one.threat
        for one in warnings
        if one.level == "take_cover" and one.zone in index.number
    }
    return [raised[key] for key in zip(cover.zone.tolist(), cover.begin_s.tolist(), strict=True)]


def in_vain(cover: Cover, truth: Truth, index: ZoneIndex) -> NDArray[np.bool_]:
    """Which stretches of cover nothing came of, bool [N].

    Nothing hostile struck or flew, at any height, within `NEAR_M` of the zone's outline from when it went under cover
    to `AFTER_S` after it came out. Of any class, not only of that named.
    """
    zones, row = np.unique(cover.zone, return_inverse=True)
    legs, begin_s, end_s = _legs(truth, index)
    leg, near = shapely.STRtree(index.outlines[zones]).query(legs, predicate="dwithin", distance=NEAR_M)
    order = np.argsort(near, kind="stable")
    leg, edges = leg[order], np.searchsorted(near[order], np.arange(len(zones) + 1))
    vain = np.ones(len(cover.zone), bool)
    for k, zone in enumerate(row.tolist()):
        here = leg[edges[zone] : edges[zone + 1]]
        during = (end_s[here] >= cover.begin_s[k]) & (begin_s[here] <= cover.end_s[k] + AFTER_S)
        vain[k] = not during.any()
    return vain


def counts(classes: Sequence[ThreatClass], vain: NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """Class named -> `episodes`, and how many of them were `in_vain`."""
    of = np.array(classes, str)
    return {
        str(name): {"episodes": int((of == name).sum()), "in_vain": int(vain[of == name].sum())}
        for name in sorted(set(classes))
    }


def _legs(truth: Truth, index: ZoneIndex) -> tuple[NDArray[np.object_], Floats, Floats]:
    """Where hostile things flew or fell: geometries in the frame of the zones, and from when to when."""
    legs: list[NDArray[np.object_]] = [np.empty(0, object)]
    begins, ends = [np.empty(0)], [np.empty(0)]
    for path in truth.paths:
        if path.threat != CIVIL:
            points = np.stack(index.frame.to_local(path.lat, path.lon), axis=-1)
            legs.append(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)))
            begins.append(path.time_s[:-1])
            ends.append(path.time_s[1:])
    fallen = [one for one in truth.strikes if one.threat != CIVIL]
    if fallen:
        east, north = index.frame.to_local([one.lat for one in fallen], [one.lon for one in fallen])
        legs.append(shapely.points(east, north))
        at_s = np.array([seconds_of(one.time) for one in fallen], float)
        begins.append(at_s)
        ends.append(at_s)
    return np.concatenate(legs), np.concatenate(begins), np.concatenate(ends)
