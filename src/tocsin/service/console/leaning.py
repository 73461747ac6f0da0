"""On what the warnings in force lean: one source alone, a neighbour alone, or evidence that grows."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from tocsin.service.console.glance import Glance
from tocsin.warn.orders import CARRIES

# Of so many alerts the sources are named.
ALERTS_MAX, SOURCES_MAX = 200, 5
# What was likely a minute ago is compared with now, in looks so far apart.
LOOK_S, BACK_S = 10.0, 60.0
# Grown: at least this likely, and this many times as likely as then.
GROWN_LEAST, GROWN_TIMES = 0.05, 1.5


class Growth:
    """How likely an attack on each zone was within the last minute."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, NDArray[np.float64]]] = deque()

    def note(self, glance: Glance) -> None:
        """Remember a look."""
        now_s, probability = glance.moment.now_s, glance.behind.pressure.probability
        if self._looks and len(self._looks[-1][1]) != len(probability):
            self._looks.clear()
        if not self._looks or now_s - self._looks[-1][0] >= LOOK_S:
            self._looks.append((now_s, probability))
        while len(self._looks) > 1 and self._looks[1][0] <= now_s - BACK_S:
            self._looks.popleft()

    def before(self) -> NDArray[np.float64] | None:
        """The oldest look of the last minute; None: there is none yet."""
        return self._looks[0][1] if self._looks else None


def grown(glance: Glance, growth: Growth) -> list[int]:
    """Zones at `prepare` where an attack has become likelier, by their numbers, the likeliest first."""
    before, now = growth.before(), glance.behind.pressure.probability
    if before is None or len(before) != len(now):
        return []
    more = np.flatnonzero((now >= GROWN_LEAST) & (now >= GROWN_TIMES * before))
    zones, standings = glance.moment.index.zones, glance.behind.standings
    found = [z for z in more.tolist() if (one := standings.get(zones[z].id)) and one.level == "prepare"]
    return sorted(found, key=lambda z: -float(now[z]))


def leaning(glance: Glance) -> list[tuple[str, list[str], str]]:
    """Where cover stands for one track that one sensor or report alone supports: the track, the zones, the sensor.

    The sensor is empty where it is no sensor. Zones that an officer, a neighbour, an impact or reports hold, too, are
    left out.
    """
    outlook, pressure, index = glance.moment.outlook, glance.behind.pressure, glance.moment.index
    if not len(outlook.zone):
        return []
    tracks = {track.id: track for track in glance.moment.tracks}
    single = np.array([name not in tracks or tracks[name].sensors <= 1 for name in outlook.tracks], bool)
    alone = single[outlook.track]
    by_one = np.bincount(outlook.zone, np.where(alone, pressure.weight, 0.0), len(index))
    by_more = np.bincount(outlook.zone, np.where(alone, 0.0, pressure.weight), len(index))
    leans = (by_one > 0) & (by_more < CARRIES * by_one)
    found: dict[str, list[str]] = {}
    for z in np.flatnonzero(leans).tolist():
        if _by_sensors_alone(glance, index.zones[z].id):
            rows = slice(int(pressure.begins[z]), int(pressure.begins[z + 1]))
            heaviest = int(outlook.track[rows][int(np.argmax(pressure.weight[rows]))])
            found.setdefault(outlook.tracks[heaviest], []).append(index.zones[z].id)
    return [(name, zones, tracks[name].newest if name in tracks else "") for name, zones in found.items()]


def _by_sensors_alone(glance: Glance, zone: str) -> bool:
    one, now_s = glance.behind.standings.get(zone), glance.moment.now_s
    if one is None or one.level != "take_cover" or one.own != "take_cover":
        return False
    others = one.raised is not None or one.alert is not None
    return not others and max(one.impact_until_s, one.told_cover_until_s) <= now_s


def relayed(glance: Glance) -> tuple[list[str], list[str]]:
    """Zones that are warned for neighbours' alerts alone, and whose those are, as far as they are soon counted."""
    standings, number = glance.behind.standings, glance.moment.index.number
    zones = [zone for zone, one in standings.items() if one.relayed and one.level in ("prepare", "take_cover")]
    rows = np.array(sorted(number[zone] for zone in zones), np.int32)
    parts = glance.behind.alerts[:ALERTS_MAX] if zones else ()
    sources = dict.fromkeys(source for source, part in parts if len(np.intersect1d(part.rows, rows)))
    return zones, list(sources)[:SOURCES_MAX]
