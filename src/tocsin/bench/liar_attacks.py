"""What liars say: ten families of lies by those whose word is no sensor's.

The liar knows everything: where every raider is, every id, every sensor's name. What it says is drawn from one integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.cap.write import LEVEL_PARAMETER
from tocsin.earth.physics import DEGREE_M
from tocsin.ingest.authorities import authority_from_table
from tocsin.model.access import KINDS, Authority
from tocsin.model.observation import (
    Alert,
    Bearing,
    Impact,
    Launch,
    Observation,
    Plot,
    Position,
    Presence,
    Sighting,
    Status,
)
from tocsin.model.value import seconds_of, time_of, time_text
from tocsin.simulate.truth import TrueObject
from tocsin.simulate.world import Simulation

Floats = NDArray[np.float64]

# A crowd of tokens in one place: as many as one person might come by in a city.
CROWD = 200
# What a flood lasts: long enough for every queue to be full, short enough to be simulated.
FLOOD_S = 40.0
# The honest network: it relays for all that is declared, vouches for the people it names, and hears transponders.
NET = Authority(
    id="net", kinds=KINDS, sensors=("*",), measures=("position", "launch", "impact"), identifies=True, relays=True,
    vouches=True, per_second_max=100_000.0,
)  # fmt: skip
TOKEN = authority_from_table({"id": "token"})
# Every kind there is, at fifty a second, and no sensor to speak for.
LOUD = Authority(id="loud", kinds=KINDS, per_second_max=50.0)
RECEIVER = authority_from_table({"id": "receiver", "kind": "readsb"})
NEIGHBOUR = Authority(id="neighbour", kinds=("alert",), alerts="prepare", per_second_max=10.0)
CROWDED = tuple(authority_from_table({"id": f"crowd-{number}"}) for number in range(CROWD))
LIARS = (TOKEN, LOUD, RECEIVER, NEIGHBOUR, *CROWDED)


class Point(NamedTuple):
    """Where a raider is: POSIX seconds, degrees, metres, metres a second, degrees clockwise from north."""

    raider: int
    at_s: float
    lat: float
    lon: float
    altitude_m: float
    speed_mps: float
    course_deg: float


class Scene(NamedTuple):
    """What the liar knows of a night; lies before its first second or after its last are not told."""

    night: Simulation
    raiders: tuple[TrueObject, ...]
    begin_s: float
    end_s: float
    chance: np.random.Generator


def scene_of(night: Simulation, seed: int) -> Scene:
    """What a liar knows of a night."""
    received = [seconds_of(one.received_at) for one in (night.observations[0], night.observations[-1])]
    raiders = tuple(one for one in night.truth if isinstance(one, TrueObject) and one.threat != "civil")
    return Scene(night, raiders, received[0], received[1], np.random.default_rng((seed, 8)))


def lies(attack: str, night: Simulation, seed: int) -> list[Observation]:
    """Everything that the liars of a family say in a night, in order of arrival."""
    scene = scene_of(night, seed)
    told = [one for one in ATTACKS[attack](scene) if scene.begin_s <= seconds_of(one.received_at) <= scene.end_s]
    return sorted(told, key=lambda one: one.received_at)


def along(scene: Scene, every_s: float) -> Iterator[Point]:
    """Where every raider is, that often, from its first second to its last."""
    for number, raider in enumerate(scene.raiders):
        path = np.array([(seconds_of(at), lat, lon, height) for at, lat, lon, height in raider.path])
        if len(path) < 2:
            continue
        for at_s in np.arange(path[0, 0], path[-1, 0], every_s).tolist():
            lat, lon, height = (float(np.interp(at_s, path[:, 0], path[:, k])) for k in (1, 2, 3))
            k = min(int(np.searchsorted(path[:, 0], at_s, side="right")), len(path) - 1)
            step_s = float(path[k, 0] - path[k - 1, 0])
            north = DEGREE_M * float(path[k, 1] - path[k - 1, 1])
            east = DEGREE_M * float(path[k, 2] - path[k - 1, 2]) * float(np.cos(np.radians(lat)))
            speed = float(np.hypot(east, north)) / step_s
            yield Point(number, at_s, lat, lon, height, speed, float(np.degrees(np.arctan2(east, north))) % 360)


def said(source: Authority, name: str, at_s: float, received_s: float | None = None) -> dict[str, Any]:
    """What every observation of a source carries; it arrives at once unless told otherwise."""
    received = time_of(at_s if received_s is None else received_s)
    return {"id": f"{source.id}/{name}", "time": time_of(at_s), "received": received, "source": source.id}


def spoof(scene: Scene) -> Iterator[Observation]:
    """Now and then a transponder where a raider is."""
    for number, at in enumerate(along(scene, 30.0)):
        yield _transponder(at, f"s{number}")


def history(scene: Scene) -> Iterator[Observation]:
    """A whole consistent flight along every raider, from before anybody sees it."""
    for number, at in enumerate(along(scene, 2.0)):
        yield _transponder(at, f"h{number}")


def _transponder(at: Point, name: str) -> Position:
    return Position(
        **said(RECEIVER, name, at.at_s), lat=at.lat, lon=at.lon, altitude_m=at.altitude_m, sigma_m=30,
        icao24=f"{0xABC000 + at.raider:06x}", callsign=f"FLT{at.raider}", speed_mps=at.speed_mps,
        heading_deg=at.course_deg, cooperative=True,
    )  # fmt: skip


def turned(scene: Scene) -> Iterator[Observation]:
    """Every raider flies the other way, and is an airliner at that."""
    for number, at in enumerate(along(scene, 10.0)):
        back = (at.course_deg + 180) % 360
        yield Position(
            **said(LOUD, f"t{number}", at.at_s), lat=at.lat, lon=at.lon, altitude_m=at.altitude_m,
            speed_mps=at.speed_mps, heading_deg=back, sigma_m=30,
        )  # fmt: skip
        # By the same voice: two that agree are two voices, and may send people into cover.
        yield Sighting(
            **said(LOUD, f"v{number}", at.at_s), lat=at.lat, lon=at.lon, heading_deg=back,
            threat=("civil", "jet", "drone")[number % 3],
        )  # fmt: skip


def status(scene: Scene) -> Iterator[Observation]:
    """Every sensor is down, and up again."""
    names = [sensor.id for sensor in scene.night.sensors]
    for number, at_s in enumerate(np.arange(scene.begin_s, scene.end_s, 0.5).tolist()):
        state: Literal["down", "up"] = "up" if number // len(names) % 2 else "down"
        yield Status(**said(LOUD, f"u{number}", at_s), sensor=names[number % len(names)], state=state)


def plots(scene: Scene, source: Authority = LOUD) -> Iterator[Observation]:
    """Plots, bearings and presences in the names of sensors that never made them."""
    radars = [sensor for sensor in scene.night.sensors if sensor.kind == "radar"]
    ears = [sensor for sensor in scene.night.sensors if sensor.kind in ("acoustic", "presence")]
    for number, at in enumerate(along(scene, 5.0)):
        course, reach_m = float(scene.chance.uniform(0, 360)), float(scene.chance.uniform(5_000, 90_000))
        if radars:
            name = radars[number % len(radars)].id
            yield Plot(**said(source, f"p{number}", at.at_s), sensor=name, range_m=reach_m, azimuth_deg=course)
        if ears:
            name = ears[number % len(ears)].id
            yield Presence(**said(source, f"e{number}", at.at_s), sensor=name)
            yield Bearing(**said(source, f"b{number}", at.at_s), sensor=name, azimuth_deg=course, sigma_deg=5)


def squat(scene: Scene) -> Iterator[Observation]:
    """Every third honest id, sent before by the liar with something harmless in it."""
    for one in scene.night.observations[::3]:
        at_s = seconds_of(one.received_at) - 0.5
        what = said(LOUD, "", at_s) | {"id": one.id}
        yield Position(**what, lat=50, lon=20, altitude_m=9_000, icao24="abcdef", cooperative=True, sigma_m=30)


def flood(scene: Scene) -> Iterator[Observation]:
    """As much as the gate lets through, and more: transponders everywhere, one crowd of tokens, one loud voice."""
    begin_s = (scene.begin_s + scene.end_s) / 2
    zones = scene.night.zones
    places = [zones[k].polygons[0][0][0] for k in scene.chance.integers(0, len(zones), 1_000).tolist()]
    lon, lat = places[0]
    for second in np.arange(begin_s, begin_s + FLOOD_S).tolist():
        for number in range(2_000):
            at_lon, at_lat = places[number % len(places)]
            yield Position(
                **said(RECEIVER, f"f{second:.0f}-{number}", second), lat=at_lat, lon=at_lon, altitude_m=9_000,
                sigma_m=30, icao24=f"{int(scene.chance.integers(1 << 24)):06x}", speed_mps=230, heading_deg=90,
                cooperative=True,
            )  # fmt: skip
        for number, one in enumerate((*CROWDED, *(LOUD,) * 50, *(TOKEN,) * 5)):
            yield Sighting(
                **said(one, f"f{second:.0f}-{number}", second), lat=lat, lon=lon, threat="drone",
                bearing_deg=float(scene.chance.uniform(0, 360)), distance_m=float(scene.chance.uniform(100, 9_000)),
            )  # fmt: skip


def stale(scene: Scene) -> Iterator[Observation]:
    """What others said, again under the liar's name: later, as of then, long ago, and ahead of time."""
    shifts = ((120.0, 120.0), (0.0, 120.0), (-2_000.0, 1.0), (-600.0, 1.0), (50.0, 0.0), (300.0, 0.0))
    every = max(1, len(scene.night.observations) // 3_000)
    for number, one in enumerate(scene.night.observations[::every]):
        shift_s, late_s = shifts[number % len(shifts)]
        received_s = seconds_of(one.received_at) + late_s
        fields = said(LOUD, f"o{number}", seconds_of(one.time) + shift_s, received_s)
        yield msgspec.structs.replace(one, **fields, via=None)


def fell(scene: Scene) -> Iterator[Observation]:
    """Every raider has come down already, and others are on their way."""
    for number, at in enumerate(along(scene, 15.0)):
        yield Impact(**said(LOUD, f"i{number}", at.at_s), lat=at.lat, lon=at.lon, sigma_m=100)
        yield Launch(
            **said(LOUD, f"l{number}", at.at_s), lat=at.lat + 0.3, lon=at.lon, sigma_m=500, threat="ballistic_missile",
            azimuth_deg=180.0,
        )  # fmt: skip


def alerts(scene: Scene) -> Iterator[Observation]:
    """Alerts far beyond what the neighbour may say, their cancellation, and an all clear for the whole country."""
    for number, at in enumerate(along(scene, 60.0)):
        for k, (kind, level) in enumerate((("Alert", "take_cover"), ("Cancel", "all_clear"), ("Update", "all_clear"))):
            at_s = at.at_s + 10 * k
            cap = _cap(f"a{number}" if k < 2 else f"c{number}", time_of(at_s), kind, level, f"{at.lat},{at.lon} 400")
            yield Alert(**said(NEIGHBOUR, f"a{number}-{k}", at_s), cap=cap)


def _cap(name: str, sent: datetime, kind: str, level: str, circle: str) -> str:
    at = time_text(sent).split(".")[0].rstrip("Z") + "-00:00"
    response = "AllClear" if level == "all_clear" else "Shelter"
    references = "" if kind == "Alert" else f"<references>liar@example.org,{name},{at}</references>"
    return (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{name}-{kind}</identifier><sender>liar@example.org</sender><sent>{at}</sent>"
        f"<status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>{references}<info>"
        f"<category>Security</category><event>Air raid</event><responseType>{response}</responseType>"
        "<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty>"
        f"<parameter><valueName>{LEVEL_PARAMETER}</valueName><value>{level}</value></parameter>"
        f"<area><areaDesc>everywhere</areaDesc><circle>{circle}</circle></area></info></alert>"
    )


ATTACKS: dict[str, Callable[[Scene], Iterator[Observation]]] = {
    "spoof": spoof, "history": history, "turned": turned, "status": status, "plots": plots, "squat": squat,
    "flood": flood, "stale": stale, "fell": fell, "alerts": alerts,
}  # fmt: skip
