"""Months of what the public sees of blindness, in the hands of somebody who looks for the sensors.

The attacker is given more than he could have: when each sensor failed, and for every pattern of failures of the others
what the public saw with this sensor working and without it. He fits discs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, cached_property

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares

from tests.some import some
from tocsin.announce import bodies
from tocsin.announce.board import Board
from tocsin.announce.veil import Veil
from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.effect import Degraded
from tocsin.model.event import Configuration
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.model.zone import Zone
from tocsin.service.outages import outages_of
from tocsin.warn.coverage import Coverage

NOW = datetime(2026, 3, 1, tzinfo=UTC)
# A country of 420 by 300 km in zones of 10 km.
FRAME = LocalFrame(49.0, 30.0)
SIDE_M, EAST_M, NORTH_M = 10_000.0, 420_000.0, 300_000.0
# East and north of the middle, m; reach, m. Four radars that overlap, two of them near the border, and a lone post.
PLACES = {
    "radar-1": (-120_000.0, 20_000.0, 80_000.0),
    "radar-2": (-10_000.0, -45_000.0, 90_000.0),
    "radar-3": (60_000.0, 110_000.0, 75_000.0),
    "radar-4": (150_000.0, -20_000.0, 70_000.0),
    "post": (-20_000.0, 100_000.0, 9_000.0),
}
DOWN_SHARE, SAMPLES = 0.3, 400
Mask = NDArray[np.bool_]


def _zone(east: float, north: float) -> Zone:
    corners = [(east + x, north + y) for x, y in ((0, 0), (SIDE_M, 0), (SIDE_M, SIDE_M), (0, SIDE_M), (0, 0))]
    lat, lon = FRAME.to_geodetic([x for x, _ in corners], [y for _, y in corners])
    ring = tuple(zip(np.asarray(lon).tolist(), np.asarray(lat).tolist(), strict=True))
    return Zone(id=f"{east:.0f}/{north:.0f}", name="z", population=1_000, polygons=((ring,),))


@cache
def country() -> tuple[Zone, ...]:
    return tuple(
        _zone(east, north)
        for east in np.arange(-EAST_M / 2, EAST_M / 2, SIDE_M).tolist()
        for north in np.arange(-NORTH_M / 2, NORTH_M / 2, SIDE_M).tolist()
    )


def sensors() -> tuple[Sensor, ...]:
    found = []
    for name, (east, north, range_m) in PLACES.items():
        lat, lon = map(float, FRAME.to_geodetic(east, north))
        kind = "spotter" if name == "post" else "radar"
        found.append(Sensor(id=name, kind=kind, lat=lat, lon=lon, altitude_m=300, range_m=range_m))  # type: ignore[arg-type]
    return tuple(found)


class Months:
    """What the public sees while sensors fail at random; secret: of the veil, None: without one."""

    def __init__(self, secret: bytes | None) -> None:
        self.index = ZoneIndex(country(), FRAME)
        self.at_m = np.stack([self.index.east_m, self.index.north_m], axis=-1)
        configuration = Configuration(id="c", time=NOW, sensors=sensors(), zones=country())
        # In a frame of its own, as the service's.
        index = ZoneIndex(country())
        veil = None if secret is None else Veil(index, secret, outages_of(configuration, index))
        self._board = Board(country(), drill=False, veil=veil)
        self._coverage = Coverage(self.index, sensors())
        self._seen: dict[frozenset[str], Mask] = {}

    def truly(self, down: frozenset[str]) -> frozenset[str]:
        return frozenset(self._coverage.blind([SensorHealth(sensor=name, state="silent") for name in sorted(down)]))

    def shown(self, down: frozenset[str]) -> Mask:
        """bool [Z]: the zones that the public board calls blind while these sensors are down."""
        if down not in self._seen:
            self._board.apply(1, [Degraded(time=NOW, zones=tuple(sorted(self.truly(down))))])
            state = msgspec.json.decode(self._board.state_json(NOW), type=bodies.State)
            self._seen[down] = np.array([zone.degraded for zone in state.zones], bool)
        return self._seen[down]

    @cached_property
    def footprints(self) -> dict[str, Mask]:
        """Of each sensor: the zones that were ever shown as blind because it failed."""
        chance, names = np.random.default_rng(5), sorted(PLACES)
        found = {name: np.zeros(len(self.at_m), bool) for name in names}
        for row in chance.random((SAMPLES, len(names))) < DOWN_SHARE:
            down = frozenset(name for name, one in zip(names, row.tolist(), strict=True) if one)
            for name in names:
                found[name] |= self.shown(down | {name}) & ~self.shown(down - {name})
        return found

    def errors_km(self) -> dict[str, float]:
        """How far from each sensor the nearer of two guesses is: the disc that fits its footprint best, the middle."""
        found = {}
        for name, mask in self.footprints.items():
            # What never showed leaves no trace.
            if mask.any():
                guesses = [self._disc(mask), self.at_m[mask].mean(axis=0)]
                found[name] = min(float(np.hypot(*(guess - PLACES[name][:2]))) / 1e3 for guess in guesses)
        return found

    def _disc(self, mask: Mask) -> NDArray[np.float64]:
        """Centre [2] of the disc that tells the zones of a footprint best from the others."""
        guess = np.array([*self.at_m[mask].mean(axis=0), np.sqrt(mask.sum() / np.pi) * SIDE_M])
        for soft_m in (8_000.0, 4_000.0, 2_000.0):

            def misfit(disc: NDArray[np.float64], soft_m: float = soft_m) -> NDArray[np.float64]:
                over = (np.hypot(*(self.at_m - disc[:2]).T) - disc[2]) / soft_m
                return np.asarray(1 / (1 + np.exp(np.clip(over, -50, 50))) - mask)

            guess = least_squares(misfit, guess, x_scale=10_000.0).x
        return np.asarray(guess[:2])


def test_a_map_of_blindness_zone_by_zone_gives_every_radar_away() -> None:
    errors = Months(None).errors_km()
    assert set(errors) == set(PLACES)
    assert max(errors.values()) < 5
    assert min(errors.values()) < 1


@pytest.mark.parametrize("secret", [b"north", b"of", b"nowhere"])
def test_from_months_of_what_the_public_sees_nobody_finds_a_sensor_closer_than_20_km(secret: bytes) -> None:
    errors = Months(secret).errors_km()
    assert {"radar-1", "radar-2", "radar-3", "radar-4"} <= set(errors)
    assert min(errors.values()) >= 20, errors


@pytest.mark.parametrize("secret", [b"a", b"b"])
def test_everybody_who_may_be_blind_is_told_and_nobody_farther_than_60_km_from_it(secret: bytes) -> None:
    months = Months(secret)
    for down in (frozenset[str](), frozenset({"radar-2"}), frozenset({"post", "radar-4"})):
        ids = np.array([zone.id in months.truly(down) for zone in months.index.zones])
        shown = months.shown(down)
        assert not some(ids & ~shown).any()
        away = np.hypot(*(months.at_m[shown][:, None] - months.at_m[ids]).transpose(2, 0, 1)).min(axis=1)
        assert away.max() <= 60_000


def test_where_everything_is_watched_nobody_is_told_of_blindness() -> None:
    assert Veil(ZoneIndex(country()), b"x").over(()) == frozenset()


def test_the_public_reason_is_the_same_everywhere() -> None:
    months = Months(b"x")
    board = Board(country(), drill=False, veil=Veil(ZoneIndex(country()), b"x"))
    board.apply(1, [Degraded(time=NOW, zones=tuple(sorted(months.truly(frozenset({"radar-1"})))))])
    state = msgspec.json.decode(board.state_json(NOW), type=bodies.State)
    assert len({(zone.degraded, zone.degraded_reason) for zone in state.zones}) == 2
