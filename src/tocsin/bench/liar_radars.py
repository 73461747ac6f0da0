"""A radar that lies: its lies, and whether one of them ever takes from people what the other sensors hold for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.bench.liar_attacks import along, scene_of
from tocsin.bench.liar_raids import COVER, Stood, honest, merged, stood, together
from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.access import Authority
from tocsin.model.observation import Observation, Plot, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of, time_of
from tocsin.model.warning import Warning
from tocsin.simulate.world import Simulation

# The radar that lies comes in by a source of its own, which may speak for it and for no other.
FEED = "radar-feed"
# A lie that a tracker follows: slower than anything that turns.
DRIFT_MPS = 15.0


class Radar(NamedTuple):
    """The radar, what it says as long as it is honest, and when it begins to lie, POSIX seconds."""

    sensor: Sensor
    plots: list[Plot]
    begin_s: float
    night: Simulation
    chance: np.random.Generator


def lying_radar(family: str, seed: int, lie: str) -> dict[str, Any]:
    """A night with a radar that lies from its middle on, beside two: without that radar, and with it honest.

    of_cover     zone-ticks (a tick's grace) that the others alone hold under cover, and the honest radar too
    lowered      those of them that are not under cover with the lie
    all_clears   given in the night, and
    against      those of them given where the others alone held cover, at that tick and the one before; and
    against_honest   the same of the honest radar: what it sees may well narrow what the others must fear
    against_both     of the lie's, those where the honest radar held cover as well: what the lie itself did
    """
    night, with_honest, _ = honest(family, seed)
    found: dict[str, Any] = {"family": family, "seed": seed, "lie": lie, "radars": 0}
    sensors = [sensor for sensor in night.sensors if sensor.kind == "radar"]
    if not sensors:
        return found | {
            "of_cover": 0,
            "lowered": 0,
            "all_clears": 0,
            "against": 0,
            "against_honest": 0,
            "against_both": 0,
        }
    radar = _radar(night, sensors[0], seed)
    feed = Authority(id=FEED, kinds=("plot", "status"), sensors=(radar.sensor.id,), relays=True, per_second_max=1e4)
    told = sorted((msgspec.structs.replace(one, via=FEED) for one in LIES[lie](radar)), key=lambda one: one.received_at)
    with_lie = stood(night, merged(_others(night, radar.sensor), told), (feed,))
    alone = without(family, seed)
    return found | {"radars": len(sensors)} | against_others(alone, with_honest, with_lie, night)


def against_others(alone: Stood, with_honest: Stood, with_lie: Stood, night: Simulation) -> dict[str, int]:
    """What a lie took from people: the figures of `lying_radar`."""
    at_s, held, now = together(alone, with_lie)
    rows = np.searchsorted(with_honest.at_s, at_s, side="right") - 1
    both = np.minimum(held, with_honest.levels[np.maximum(rows, 0)])
    covered = np.minimum(both[1:], both[:-1]) == COVER
    number = ZoneIndex(night.zones).number

    def against(given: Sequence[Warning], held: NDArray[np.int8]) -> int:
        rows = np.searchsorted(at_s, [seconds_of(one.time) for one in given], side="right").astype(int) - 1
        zones = [number[one.zone] for one in given]
        return int(((rows >= 1) & (np.minimum(held[rows, zones], held[rows - 1, zones]) == COVER)).sum())

    given, honestly = (
        [one for one in one_night.played.run.warnings if one.level == "all_clear"]
        for one_night in (with_lie, with_honest)
    )
    return {
        "of_cover": int(covered.sum()),
        "lowered": int((covered & (now[1:] < COVER)).sum()),
        "all_clears": len(given),
        "against": against(given, held),
        "against_honest": against(honestly, held),
        "against_both": against(given, both),
    }


@lru_cache(maxsize=1)
def without(family: str, seed: int) -> Stood:
    """The night of a family without its first radar."""
    night, _, _ = honest(family, seed)
    radar = next(sensor for sensor in night.sensors if sensor.kind == "radar")
    rest = tuple(sensor for sensor in night.sensors if sensor is not radar)
    return stood(replace(night, sensors=rest), _others(night, radar))


def _others(night: Simulation, radar: Sensor) -> list[Observation]:
    return [one for one in night.observations if not (isinstance(one, Plot) and one.sensor == radar.id)]


def _radar(night: Simulation, sensor: Sensor, seed: int) -> Radar:
    mine = [one for one in night.observations if isinstance(one, Plot) and one.sensor == sensor.id]
    begin_s, end_s = (seconds_of(one.received_at) for one in (night.observations[0], night.observations[-1]))
    return Radar(sensor, mine, (begin_s + end_s) / 2, night, np.random.default_rng((seed, 9)))


def _honest(radar: Radar) -> list[Plot]:
    return [one for one in radar.plots if seconds_of(one.time) <= radar.begin_s]


def _late(radar: Radar) -> list[Plot]:
    return [one for one in radar.plots if seconds_of(one.time) > radar.begin_s]


def turned(radar: Radar) -> Iterator[Observation]:
    """Whatever it saw flies back the way it came; a false plot for each true one; the other sensors are down."""
    last_s = seconds_of(radar.night.observations[-1].received_at)
    others = [sensor.id for sensor in radar.night.sensors if sensor.id != radar.sensor.id]
    yield from _honest(radar)
    for number, one in enumerate(reversed(_honest(radar))):
        late_s = 2 * (radar.begin_s - seconds_of(one.time))
        received = time_of(seconds_of(one.received_at) + late_s)
        if seconds_of(received) > last_s:
            return
        back = msgspec.structs.replace(
            one, id=f"{one.id}/back", time=time_of(seconds_of(one.time) + late_s), received=received
        )
        yield back
        yield _false(radar, back, float(radar.chance.uniform(5_000, 90_000)), float(radar.chance.uniform(0, 360)))
        if number % 50 == 0 and others:
            name = others[int(radar.chance.integers(len(others)))]
            yield Status(
                id=f"{one.id}/status", time=back.time, received=received, source=FEED, sensor=name, state="down"
            )


def walk_off(radar: Radar) -> Iterator[Observation]:
    """Its plots follow what it saw, and drift off it slowly enough to be followed."""
    yield from _honest(radar)
    for one in _late(radar):
        aside_m = DRIFT_MPS * (seconds_of(one.time) - radar.begin_s)
        aside_deg = float(np.degrees(aside_m / max(one.range_m, 1_000.0)))
        yield msgspec.structs.replace(one, azimuth_deg=(one.azimuth_deg + aside_deg) % 360)


def high(radar: Radar) -> Iterator[Observation]:
    """Everything is suddenly as high as an airliner and flies the other way by its Doppler shift."""
    yield from _honest(radar)
    for one in _late(radar):
        doppler = None if one.doppler_mps is None else -one.doppler_mps
        yield msgspec.structs.replace(one, altitude_m=11_000.0, doppler_mps=doppler)


def civil(radar: Radar) -> Iterator[Observation]:
    """Everything suddenly has a civil aircraft's address."""
    yield from _honest(radar)
    for one in _late(radar):
        yield msgspec.structs.replace(one, icao24="abcdef", mode3a="1000")


def swarm(radar: Radar) -> Iterator[Observation]:
    """Around each true plot five false ones within three kilometres."""
    yield from _honest(radar)
    for one in _late(radar):
        yield one
        for k in range(5):
            aside_m, ahead_m = radar.chance.uniform(-3_000, 3_000, 2).tolist()
            reach_m = max(100.0, one.range_m + ahead_m)
            aside_deg = float(np.degrees(aside_m / max(reach_m, 1_000.0)))
            yield _false(radar, one, reach_m, (one.azimuth_deg + aside_deg) % 360, f"false{k}")


def pull(radar: Radar) -> Iterator[Observation]:
    """Where every raider is, seen by it or not, a plot each second; they drift off. A plot cannot say its error."""
    yield from _honest(radar)
    frame, sensor = LocalFrame(radar.sensor.lat, radar.sensor.lon), radar.sensor
    for number, at in enumerate(along(scene_of(radar.night, 0), 1.0)):
        if at.at_s <= radar.begin_s:
            continue
        east, north = (float(part) for part in frame.to_local(at.lat, at.lon))
        ground_m, azimuth = float(np.hypot(east, north)), float(np.degrees(np.arctan2(east, north)))
        if ground_m > 150_000.0:
            continue
        aside_deg = float(np.degrees(DRIFT_MPS * (at.at_s - radar.begin_s) / max(ground_m, 1_000.0)))
        yield Plot(
            id=f"pull{number}", time=time_of(at.at_s), received=time_of(at.at_s), source=FEED, sensor=sensor.id,
            range_m=float(np.hypot(ground_m, at.altitude_m - sensor.altitude_m)),
            azimuth_deg=(azimuth + aside_deg) % 360, altitude_m=at.altitude_m,
        )  # fmt: skip


def _false(radar: Radar, like: Plot, range_m: float, azimuth_deg: float, name: str = "false") -> Plot:
    return Plot(
        id=f"{like.id}/{name}", time=like.time, received=like.received, source=FEED, sensor=radar.sensor.id,
        range_m=range_m, azimuth_deg=azimuth_deg,
    )  # fmt: skip


LIES: dict[str, Callable[[Radar], Iterator[Observation]]] = {
    "turned": turned, "walk_off": walk_off, "high": high, "civil": civil, "swarm": swarm, "pull": pull,
}  # fmt: skip
