"""From an outlook to how strongly each zone calls for each level: many tracks combined, as one column per zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.arrival import arrivals_of, chance_and_density
from tocsin.model.threat import BALLISTIC, Outlook
from tocsin.model.track import Track
from tocsin.warn.policy import Policy

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Zone -> ids of tracks that an operator's cancel took back there, and of those that it took back from cover too.
TakenBack = Mapping[int, tuple[frozenset[str], frozenset[str]]]

# A track this surely civil does not hold an all clear back.
CIVIL_SURE = 0.7
# Rows by whose attack nobody there would lose this many seconds on average are left out: most are, and add little.
PRESSING_S = 1.0
# But where millions live, many such rows can mean `prepare` together: those of this share of its probability are kept.
PRESSING_SHARE = 0.1
# Processors differ in the last of 16 digits, and a night's tracking makes that the twelfth.
CALL_DECIMALS = 9
# Nothing is certain: the logarithm of what is left must stay finite.
CERTAIN = 0.999
# What was lost may have turned since: this share of the probability that holds an all clear back otherwise does.
LOST_SURE = 0.2


@dataclass(frozen=True, slots=True)
class Pressure:
    """Columns of length Z; 1 is where a level is called for.

    index         the zones
    probability   of an attack within the horizon by any track: 1 - prod(1 - p)
    cover         call for take cover: what waiting another second loses over what it saves; tracks add up
    automatic     the part of it by classes whose warnings need no confirmation
    lapsing       the part of it by classes whose unanswered proposals become warnings: all but `manual` ones
    prepare       call for prepare
    reachable     a hostile track can be there within the policy's `clear_reach_s`, by what all sensors say together
                  or by what others than the newest said last
    sky           hostile tracks that are seen: east_m, north_m, and east_mps, north_mps, float64 [4, N]
    arcs        something ballistic is in the air: its forecast may still leap from one zone to another
    live          a track that is being seen takes part in `cover`
    weight        per row of the outlook: its part in cover, or a thousandth of its part in prepare
    begins        first row of each zone, int64 [Z + 1]
    likely_s      POSIX time of the likely attack by the most pressing track; NaN where none presses
    """

    index: ZoneIndex
    probability: Floats
    cover: Floats
    automatic: Floats
    lapsing: Floats
    prepare: Floats
    reachable: Bools
    sky: Floats
    live: Bools
    arcs: bool
    weight: Floats
    begins: NDArray[np.int64]
    likely_s: Floats

    def __post_init__(self) -> None:
        columns = (self.probability, self.cover, self.automatic, self.lapsing, self.prepare, self.reachable, self.live)
        assert {len(column) for column in columns} == {len(self.index)}, "a column that is not one of zones"
        assert len(self.begins) == len(self.index) + 1 and self.begins[-1] == len(self.weight), "rows of no zone"
        assert self.cover.min(initial=0.0) >= 0.0 and self.prepare.min(initial=0.0) >= 0.0, "nothing pleads against"
        # Sums of the same terms in the same order, some of them left out.
        assert np.all(self.automatic <= self.lapsing) and np.all(self.lapsing <= self.cover), "more than the whole"

    def approached(self, z: int, within_s: float) -> bool:
        """Whether a hostile track that comes nearer to zone `z` could be there within that, if it flew straight at it.

        However unlikely an attack there is: a detour may lead far off, and back.
        """
        east, north = self.index.east_m[z] - self.sky[0], self.index.north_m[z] - self.sky[1]
        nears = east * self.sky[2] + north * self.sky[3] > 0.0
        reach_m = within_s * np.hypot(self.sky[2], self.sky[3]) + self.index.radius_m[z]
        return bool((nears & (np.hypot(east, north) <= reach_m)).any())


def pressure_of(
    outlook: Outlook, tracks: Mapping[str, Track], ended: Mapping[str, float], index: ZoneIndex, policy: Policy,
    need: Floats, harm: Floats, taken_back: TakenBack | None = None,
) -> Pressure:  # fmt: skip
    """Combine an outlook.

    ended        tracks known to have come down: their rows count for nothing
    need, harm   `stakes.need_s` and `stakes.harm_s` of the same index and policy
    taken_back   tracks that do not call for warnings of some zones; that they hold an all clear back stays
    """
    count = len(index)
    assert len(need) == len(harm) == count, "figures of other zones"
    if not outlook.tracks:
        return _unpressed(outlook, tracks, ended, index, policy)
    # NumPy finds its way by numbers of its own width twice as fast.
    zone, number, now = outlook.zone.astype(np.intp), outlook.track.astype(np.intp), outlook.at_s
    on = np.array([name not in ended for name in outlook.tracks], bool)
    arc = np.array([threat in BALLISTIC or name.startswith("launch:") for name, threat in _named(outlook)], bool)
    auto = np.array([policy.mode_of(threat) == "automatic" for threat in outlook.classes], bool)
    lapses = np.array([policy.mode_of(threat) != "manual" for threat in outlook.classes], bool)
    seen = np.array([name in tracks and tracks[name].status == "confirmed" for name in outlook.tracks], bool)
    holds = np.array([_holds_back(tracks.get(name)) for name in outlook.tracks], bool)

    warhead = np.array([policy.warhead_of(threat) for threat in outlook.classes], float)
    loss_s = outlook.probability * harm[zone] * warhead[number]
    some = outlook.probability >= PRESSING_SHARE * policy.prepare_probability
    rows = np.flatnonzero((loss_s >= PRESSING_S) | some)
    rows = rows if on.all() else rows[on[number[rows]]]
    z, t = zone[rows], number[rows]
    p = np.minimum(outlook.probability[rows], CERTAIN)
    left = np.log1p(-p)
    to_likely = outlook.eta_likely_s[rows] - now
    cover = loss_s[rows] * _pulls(outlook, t, to_likely, need[z], policy) / (1.0 + policy.false_cover_s / need[z])
    near = to_likely <= policy.prepare_s
    prepare = near * left / np.log1p(-max(policy.prepare_probability, 1e-6))
    if taken_back:
        silent, covers = _silent(outlook, rows, taken_back)
        prepare = np.where(silent, 0.0, prepare)
        cover = np.where(covers, 0.0, cover)
    weight = np.zeros(len(zone))
    weight[rows] = cover + 1e-3 * prepare

    # It may be here soon if it does its utmost, or later as it flies now and with some intent. Of what was lost the
    # utmost is no longer known: it counts where it was bound for, until it would have arrived.
    known = np.array([name in tracks for name in outlook.tracks], bool)
    utmost_s = np.where(on & holds & known, policy.clear_utmost_s, -np.inf)
    sure = np.where(known, 1.0, LOST_SURE) * policy.clear_probability
    sure = np.where(on & holds, sure, np.inf)
    comes = outlook.eta_earliest_s - now <= utmost_s[number]
    comes |= (outlook.eta_likely_s - now <= policy.clear_reach_s) & (outlook.probability >= sure[number])
    begins = np.searchsorted(zone, np.arange(count + 1))
    reachable, there = np.zeros(count, bool), np.flatnonzero(begins[:-1] < begins[1:])
    reachable[there] = np.logical_or.reduceat(comes, begins[there]) if len(there) else False
    reachable[_told(outlook, ended, policy)] = True
    called = _called(z, cover, count)
    return Pressure(
        index=index,
        probability=1.0 - np.exp(_per_zone(z, left, count)),
        cover=called,
        # Nearly always all of it, and the same sums.
        automatic=called if auto.all() else _called(z, auto[t] * cover, count),
        lapsing=called if lapses.all() else _called(z, lapses[t] * cover, count),
        prepare=_called(z, prepare, count),
        reachable=reachable,
        sky=_sky(tracks, ended, index),
        live=_per_zone(z, seen[t] * cover, count) > 0,
        arcs=bool((arc & on & holds).any()),
        weight=weight,
        begins=begins,
        likely_s=_pressing_s(outlook, weight, begins),
    )


def _unpressed(
    outlook: Outlook, tracks: Mapping[str, Track], ended: Mapping[str, float], index: ZoneIndex, policy: Policy
) -> Pressure:
    """What `pressure_of` comes to where nothing endangers anybody, as nearly always: without sums over nothing."""
    none, nowhere = np.zeros(len(index)), np.zeros(len(index), bool)
    reachable = nowhere.copy()
    reachable[_told(outlook, ended, policy)] = True
    return Pressure(
        index=index,
        probability=none,
        cover=none,
        automatic=none,
        lapsing=none,
        prepare=none,
        reachable=reachable,
        sky=_sky(tracks, ended, index),
        live=nowhere,
        arcs=False,
        weight=np.empty(0),
        begins=np.zeros(len(index) + 1, np.int64),
        likely_s=np.full(len(index), np.nan),
    )


def _told(outlook: Outlook, ended: Mapping[str, float], policy: Policy) -> NDArray[np.int32]:
    """Zones that something hostile can reach by what only sensors other than the newest said of it, as if lost there.

    So that no one sensor, leading a track away or finding it again elsewhere, can have people told that it is over.
    """
    apart = outlook.apart
    if apart is None:
        return np.empty(0, np.int32)
    on = np.array([name not in ended for name in apart.tracks], bool)[apart.track]
    near = apart.eta_likely_s - outlook.at_s <= policy.clear_reach_s
    return apart.zone[on & near & (apart.probability >= LOST_SURE * policy.clear_probability)]


def _pulls(outlook: Outlook, t: NDArray[np.intp], to_likely_s: Floats, need_s: Floats, policy: Policy) -> Floats:
    """What waiting another second loses of being under cover in time, per row and second, if the attack comes.

    Optimal stopping, looking one step ahead: an attack just `need_s` away would be met in time by going now and no more
    by going later, which is the density of arrivals there. Of one that comes sooner, each second of delay costs the
    share of people who would still have made it, one in `need_s`. People's times to shelter differ: `response_spread`.
    """
    shift, spread = arrivals_of(outlook.classes)
    widened = np.hypot(spread, policy.response_spread)
    chance, density = chance_and_density(need_s, to_likely_s, shift[t], widened[t])
    return density + chance / need_s


def _silent(outlook: Outlook, rows: NDArray[np.intp], taken_back: TakenBack) -> tuple[Bools, Bools]:
    """Which rows an operator took back, and of which the cover too; bool, the shape of `rows`."""
    silent, covers = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    zones = outlook.zone[rows]
    for z, (names, covered) in taken_back.items():
        for row in np.flatnonzero(zones == z).tolist():
            name = outlook.tracks[outlook.track[rows[row]]]
            silent[row], covers[row] = name in names, name in covered
    return silent, covers


def _sky(tracks: Mapping[str, Track], ended: Mapping[str, float], index: ZoneIndex) -> Floats:
    """Where hostile tracks are and how they fly, float64 [4, N]."""
    hostile = [track for name, track in tracks.items() if name not in ended and _holds_back(track)]
    if not hostile:
        return np.empty((4, 0))
    east, north = index.frame.to_local([track.lat for track in hostile], [track.lon for track in hostile])
    speed = np.array([track.speed_mps for track in hostile])
    heading = np.radians([track.heading_deg for track in hostile])
    return np.stack([east, north, speed * np.sin(heading), speed * np.cos(heading)])


def _pressing_s(outlook: Outlook, weight: Floats, begins: NDArray[np.int64]) -> Floats:
    """When the most pressing track of each zone likely attacks, float64 [Z]; of equals the first counts."""
    some = np.flatnonzero(begins[:-1] < begins[1:])
    most = np.zeros(len(begins) - 1)
    most[some] = np.maximum.reduceat(weight, begins[some]) if len(some) else 0.0
    rows = np.flatnonzero((weight > 0) & (weight >= np.repeat(most, np.diff(begins))))[::-1]
    likely_s = np.full(len(most), np.nan)
    likely_s[outlook.zone[rows]] = outlook.eta_likely_s[rows]
    return likely_s


def _called(zone: NDArray[np.intp], values: Floats, count: int) -> Floats:
    """A call for a level, per zone, as it is weighed: what calls exactly for it does so on every processor."""
    return np.round(_per_zone(zone, values, count), CALL_DECIMALS)


def _per_zone(zone: NDArray[np.intp], values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(zone, values, count), float)


def _named(outlook: Outlook) -> list[tuple[str, str]]:
    return list(zip(outlook.tracks, outlook.classes, strict=True))


def _holds_back(track: Track | None) -> bool:
    """Whether merely being in reach of a zone holds its all clear back; a lost track (None) does."""
    if track is None:
        return True
    return track.status != "tentative" and not track.cooperative and track.classes.get("civil", 0.0) < CIVIL_SURE
