"""Nights made of chance: what flies, what is heard and where we are blind, as the warner and a slow one take it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from tests.laws.slow_warner import Heard
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import OperatorAct
from tocsin.model.observation import Alert, AlertPart, Impact
from tocsin.model.threat import Floor, Outlook, ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.warn.policy import Policy

NOW_S = 1_767_225_600.0
ALERT_MAX_S = 60.0


def _zone(name: str, lat: float, **more: Any) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.08), (20.0, lat + 0.08), (20.0, lat))
    return Zone(id=name, name=name, polygons=((ring,),), **more)


INDEX = ZoneIndex(
    [
        _zone("north", 50.2, population=20_000, shelter_s=60.0, parent="hills"),
        _zone("middle", 50.1, population=3_000, parent="hills"),
        _zone("south", 50.0, population=500, shelter_s=120.0),
    ]
)
# Where tracks fly, too far apart and from the zones for one that falls to be taken for another.
PLACES = ((50.13, 19.62), (49.7, 20.05), (50.16, 20.5), (50.62, 20.05))
CLASSES: tuple[ThreatClass, ...] = (
    "drone",
    "drone",
    "cruise_missile",
    "jet",
    "aircraft",
    "unknown",
    "rocket",
    "ballistic_missile",
)


def policy_of(chance: random.Random) -> Policy:
    """Short times, so that much happens; multiples of a step, so that ends are met to the second."""

    def some(*choices: float) -> float:
        return chance.choice(choices)

    return Policy(
        miss_minutes=some(40_000.0, 4_000.0), struck_people=some(100.0, 30.0), area_share=some(0.3, 0.0),
        warhead={"ballistic_missile": 3.0} if chance.random() < 0.5 else {}, false_cover_s=some(0.0, 60.0),
        margin_s=some(30.0, 10.0), delivery_s=some(15.0, 5.0), prepare_probability=some(0.03, 0.1),
        prepare_s=some(900.0, 500.0), off_ratio=some(0.5, 0.2), linger_s=some(20.0, 10.0, 0.0),
        min_on_s=some(40.0, 15.0, 0.0), max_on_s=some(7_200.0, 60.0), valid_s=some(60.0, 100.0),
        renew_s=some(10.0, 30.0), clear_utmost_s=some(210.0, 100.0), clear_reach_s=some(600.0, 300.0),
        clear_probability=some(0.0003, 0.01), clear_quiet_s=some(45.0, 15.0, 0.0), clear_shown_s=some(60.0, 20.0),
        cooldown_s=some(300.0, 60.0), cooldown_factor=some(2.0, 4.0), blind_hold_s=some(60.0, 30.0),
        impact_hold_s=some(50.0, 20.0), cancel_s=some(60.0, 100.0), confirm_s=some(20.0, 10.0),
        mode={"drone": "confirm", "jet": "manual"} if chance.random() < 0.5 else {}, alert_max_s=ALERT_MAX_S,
        region_factor=chance.choice([{}, {"hills": 3.0}, {"north": 0.2, "hills": 3.0}]),
        response_spread=some(0.1, 0.3),
    )  # fmt: skip


@dataclass
class Flying:
    """One track for a while: how it is seen, and its (probability, earliest, likely) in each zone.

    lost     it is not tracked any more
    unseen   it is tracked and was last seen at `last_s`
    """

    track: Track
    lost: bool
    unseen: bool
    last_s: float
    rows: list[tuple[float, float, float]]
    left: int

    @property
    def could_fall(self) -> bool:
        """Whether an impact where it flies is taken for its own."""
        track = self.track
        return not self.lost and track.status != "tentative" and not track.cooperative and track.threat != "jet"


def flying(chance: random.Random, number: int, name: str) -> Flying:
    threat = chance.choice(CLASSES)
    rows = []
    for _ in range(len(INDEX)):
        likely_s = chance.choice([20.0, 60.0, 100.0, 150.0, 300.0, 500.0, 600.0, 800.0, 1_200.0])
        probability = chance.choice([0.0, 0.0, 1e-4, 0.0003, 0.0005, 0.005, 0.02, 0.03, 0.1, 0.6])
        rows.append((probability, chance.choice([0.3, 0.7, 1.0]) * likely_s, likely_s))
    lat, lon = PLACES[number]
    track = Track(
        id=name, time=time_of(NOW_S), updated=time_of(NOW_S), lat=lat, lon=lon, altitude_m=300.0,
        speed_mps=chance.choice([0.0, 35.0, 60.0]), heading_deg=chance.choice([0.0, 90.0, 180.0, 270.0]), sigma_m=100.0,
        threat=threat, probability=0.9, classes={threat: 0.2, "civil": chance.choice([0.0, 0.0, 0.69, 0.7])},
        status=chance.choice(["confirmed", "confirmed", "confirmed", "coasted", "tentative"]), sensors=1,
        cooperative=chance.random() < 0.1,
    )  # fmt: skip
    return Flying(track, chance.random() < 0.2, chance.random() < 0.3, 0.0, rows, chance.randint(2, 14))


@dataclass
class Step:
    """What the warner is told at one step, and the same for the slow one."""

    outlook: Outlook
    tracks: list[Track]
    told: dict[str, Any]
    heard: Heard


class Night:
    """A night is an integer."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sky: list[Flying | None] = [None] * len(PLACES)
        self.apart: list[tuple[int, int, float, float, float]] = []
        self.blind: dict[str, str] = {}
        self.unseen: frozenset[str] = frozenset()
        self.count = 0

    def name(self, kind: str) -> str:
        """One that nothing else has."""
        self.count += 1
        return f"{kind}{self.count}"

    def step(self, at_s: float) -> Step:
        """What happens at a time."""
        outlook, tracks = self.fly(at_s)
        told: dict[str, Any] = {"impacts": [], "alerts": [], "acts": [], "floors": []}
        heard = Heard()
        for kind, often in ((self.order, 0.06), (self.alert, 0.04), (self.fall, 0.03), (self.report, 0.04)):
            if self.chance.random() < often:
                kind(at_s, told, heard)
        if self.chance.random() < 0.06:
            self.blind = {zone.id: "lost" for zone in INDEX.zones if self.chance.random() < 0.4}
            self.unseen = frozenset(zone for zone in self.blind if self.chance.random() < 0.5)
        return Step(outlook, tracks, told | {"blind": self.blind, "unseen": self.unseen}, heard)

    def fly(self, at_s: float) -> tuple[Outlook, list[Track]]:
        """What is expected and tracked now."""
        for number, one in enumerate(self.sky):
            if one is None:
                if self.chance.random() < 0.02:
                    kind = "launch:" if self.chance.random() < 0.05 else "T"
                    self.sky[number] = flying(self.chance, number, self.name(kind))
            elif one.left > 0:
                one.left -= 1
            else:
                # It goes on in another way, or is gone.
                goes_on = self.chance.random() < 0.5
                self.sky[number] = flying(self.chance, number, one.track.id) if goes_on else None
        up = [one for one in self.sky if one is not None]
        names = [(one.track.id, one.track.threat) for one in up]
        rows = [(z, n, *row) for z in range(len(INDEX)) for n, one in enumerate(up) for row in [one.rows[z]] if row[0]]
        if self.chance.random() < 0.1:
            self.apart = [(self.chance.randrange(3), 0, self.chance.choice([5e-5, 1e-4, 0.01]), 100.0, 500.0)]
        elif self.chance.random() < 0.3:
            self.apart = []
        apart = outlook_of(at_s, self.apart, names) if up and self.apart else None
        tracks = []
        for one in up:
            if not one.unseen or not one.last_s:
                one.last_s = at_s
            if not one.lost:
                tracks.append(msgspec.structs.replace(one.track, time=time_of(at_s), updated=time_of(one.last_s)))
        return outlook_of(at_s, rows, names, apart), tracks

    def order(self, at_s: float, told: dict[str, Any], heard: Heard) -> None:
        """An officer acts, at once or after having waited for a second."""
        action: Any = self.chance.choice(("raise", "cancel", "cancel", "release", "confirm"))
        z, lasts_s = self.chance.randrange(len(INDEX)), self.chance.choice([None, 15.0, 30.0, 500.0])
        level: Any = self.chance.choice(("prepare", "take_cover"))
        ordered_s = at_s - self.chance.choice([0.0, 0.0, 20.0])
        act = OperatorAct(
            id=self.name("a"), time=time_of(ordered_s), operator="desk", action=action, zones=(INDEX.zones[z].id,),
            level=level, lasts_s=lasts_s,
        )  # fmt: skip
        told["acts"].append(act)
        heard.acts.append((action, z, ordered_s, lasts_s, level))

    def alert(self, at_s: float, told: dict[str, Any], heard: Heard) -> None:
        """A neighbour warns, or says that it is over."""
        source = self.chance.choice(("east", "west"))
        level: Any = self.chance.choice(("prepare", "take_cover", "all_clear"))
        zones = tuple(sorted(self.chance.sample(range(len(INDEX)), self.chance.randint(1, 2))))
        lasts_s = self.chance.choice([None, 10.0, 100.0])
        part = AlertPart(
            level=level, zones=tuple(INDEX.zones[z].id for z in zones),
            expires=None if lasts_s is None else time_of(at_s + lasts_s),
        )  # fmt: skip
        name = self.name("n")
        told["alerts"].append(
            Alert(id=name, time=time_of(at_s), source=source, sender="s", identifier=name, cap="", parts=(part,))
        )
        heard.alerts.append((source, at_s, level, at_s + (ALERT_MAX_S if lasts_s is None else lasts_s), zones))

    def fall(self, at_s: float, told: dict[str, Any], heard: Heard) -> None:
        """Something fell in a zone, or where something that is tracked flew then; it may be told late."""
        fell_s = at_s - self.chance.choice([0.0, 5.0, 20.0, 60.0])
        up = [one for one in self.sky if one and one.could_fall]
        if up and self.chance.random() < 0.7:
            one = self.chance.choice(up)
            lat, lon = one.track.lat, one.track.lon
            heard.fell[one.track.id] = fell_s
        else:
            z = self.chance.randrange(len(INDEX))
            lat, lon = INDEX.zones[z].polygons[0][0][0][1] + 0.04, 20.05
            heard.impacts.append((z, fell_s))
        told["impacts"].append(Impact(id=self.name("i"), time=time_of(fell_s), lat=lat, lon=lon, sigma_m=50.0))

    def report(self, at_s: float, told: dict[str, Any], heard: Heard) -> None:
        """People report something."""
        level: Any = self.chance.choice(("prepare", "take_cover"))
        z = self.chance.randrange(len(INDEX))
        until_s = at_s + self.chance.choice([10.0, 40.0, 100.0])
        told["floors"].append(Floor(np.array([z]), level, until_s, "drone"))
        heard.floors.append((level, z, until_s))


def outlook_of(
    at_s: float, rows: list[Any], names: list[tuple[str, ThreatClass]], apart: Outlook | None = None
) -> Outlook:
    """Of rows (zone, track, probability, earliest, likely), the last two in seconds from now."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return Outlook(
        at_s=at_s, zone=np.array(columns[0], np.int32), track=np.array(columns[1], np.int32),
        probability=np.array(columns[2], float), eta_earliest_s=at_s + np.array(columns[3], float),
        eta_likely_s=at_s + np.array(columns[4], float), tracks=tuple(name for name, _ in names),
        classes=tuple(threat for _, threat in names), apart=apart,
    )  # fmt: skip
