"""What the land hides from a radar is kept in a hundred thousand octets, and errs on one side only."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.some import some
from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.earth.sight import horizon_m, sees
from tocsin.model.errors import BadValue
from tocsin.model.masking import (
    CLEAR,
    LEAST,
    LOW_M,
    NEVER,
    PARTS,
    RAYS,
    RINGS,
    STEP_M,
    SURE,
    Masking,
    cells_of,
    text_of,
)
from tocsin.model.sensor import Sensor
from tocsin.plan import zone_sight
from tocsin.plan.masking import masking_of
from tocsin.plan.viewshed import viewshed_m

REACH_M = 60_000.0
RADAR = Sensor(id="r", kind="radar", lat=42.5, lon=1.5, altitude_m=60.0, range_m=REACH_M)


def land(heights: NDArray[np.float64]) -> Elevation:
    """120 posts a degree, two degrees each way, the radar in the middle."""
    return Elevation(heights.astype(np.float32), 43.5, 0.5, 1 / 120, 1 / 120)


def hills(seed: int, relief_m: float) -> Elevation:
    rng = np.random.default_rng(seed)
    row, col = np.mgrid[0:241, 0:241]
    waves = sum(
        np.sin(row * rng.uniform(-0.4, 0.4) + col * rng.uniform(-0.4, 0.4) + rng.uniform(0, 6)) for _ in range(6)
    )
    return land(relief_m * (waves - waves.min()) / np.ptp(waves))


def masked(ground: Elevation, radar: Sensor = RADAR) -> NDArray[np.uint8]:
    lowest = viewshed_m(ground, (radar.lat, radar.lon, radar.altitude_m), REACH_M)
    return cells_of(masking_of(ground, lowest, radar, REACH_M))


def at(azimuth_deg: NDArray[np.float64], far_m: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (azimuth_deg / 360 * RAYS).astype(np.int64) % RAYS, (far_m / REACH_M * RINGS).astype(np.int64)


@pytest.mark.parametrize("relief_m", [80.0, 400.0, 2_500.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_surely_seen_is_seen_and_what_is_surely_hidden_is_hidden_line_by_line(
    seed: int, relief_m: float
) -> None:
    ground = hills(seed, relief_m)
    radar = Sensor(id="r", kind="radar", lat=42.5, lon=1.5, altitude_m=float(ground.at(42.5, 1.5)) + 30.0)
    cells, rng = masked(ground, radar), np.random.default_rng(seed)
    azimuth, far = rng.uniform(0, 360, 4_000), 0.97 * REACH_M * np.sqrt(rng.random(4_000))
    turn = np.radians(azimuth)
    lat, lon = LocalFrame(radar.lat, radar.lon).to_geodetic(far * np.sin(turn), far * np.cos(turn))
    over = rng.choice([40.0, 70.0, 150.0, 400.0, 1_500.0], 4_000)
    height = ground.at(lat, lon) + over
    exact = some(sees(ground, (radar.lat, radar.lon, radar.altitude_m), np.stack([lat, lon, height], axis=-1)))
    part = cells[at(azimuth, far)]
    sure = (part[:, SURE] < NEVER) & (height >= STEP_M * part[:, SURE])
    hidden = height < STEP_M * part[:, LEAST].astype(float)
    clear = (part[:, CLEAR] > 0) & (over >= LOW_M)
    # Posts stand 900 m apart here: between them a sweep's posts say nothing.
    assert (sure & ~exact).mean() < 0.002
    assert (hidden & exact).mean() < 0.002
    assert (clear & ~exact).mean() < 0.002
    assert 0 < exact.mean() < 1
    # It would be easy to be sure of nothing.
    assert sure.sum() > 0.5 * exact.sum()
    assert hidden.sum() > 0.25 * (~exact).sum()


def test_a_wall_hides_what_stands_behind_it_and_nothing_before_it() -> None:
    heights = np.zeros((241, 241))
    heights[:, 150:153] = 1_000.0
    cells = masked(land(heights))
    # 20.5 to 22.2 km to the east: 940 m over 20.5 km are 40 km further on as much again twice over.
    east, west = cells[90], cells[270]
    assert west[:40, CLEAR].min() == 1, "on a plain 60 m are seen as far as the horizon, 63.8 km"
    assert float(horizon_m(60.0, LOW_M)) > REACH_M
    before, behind = int(15_000 / REACH_M * RINGS), int(50_000 / REACH_M * RINGS)
    assert east[before, CLEAR] == 1
    assert east[behind, CLEAR] == 0
    assert STEP_M * east[behind, LEAST] > 1_800
    assert 2_000 < STEP_M * east[behind, SURE] < 2_600
    assert np.array_equal(cells[180, before], cells[0, before])


def test_beyond_the_land_given_nothing_is_sure() -> None:
    ground = Elevation(np.zeros((25, 25), np.float32), 42.6, 1.4, 1 / 120, 1 / 120)
    cells = masked(ground)
    assert cells[:, 40:, SURE].min() == NEVER
    assert cells[:, 40:, [LEAST, CLEAR]].max() == 0
    assert cells[:, 1, CLEAR].min() == 1


def test_cells_written_and_read_are_the_same_and_what_is_none_is_refused() -> None:
    cells = np.random.default_rng(1).integers(0, 256, (RAYS, RINGS, PARTS)).astype(np.uint8)
    one = Masking(reach_m=1_000.0, cells=text_of(cells))
    assert np.array_equal(cells_of(one), cells)
    for text in ("", "nothing", "AAAA", one.cells[: len(one.cells) // 2], one.cells + "A"):
        with pytest.raises(BadValue, match="what the land hides"):
            Masking(reach_m=1_000.0, cells=text)
    with pytest.raises(BadValue, match="reach_m"):
        Masking(reach_m=math.inf, cells=one.cells)


def test_a_bomb_of_zeros_is_not_unpacked() -> None:
    import zlib
    from base64 import b64encode

    bomb = b64encode(zlib.compress(bytes(50_000_000), 9)).decode()
    with pytest.raises(BadValue, match="are looked for"):
        Masking(reach_m=1_000.0, cells=bomb)


def test_of_too_many_radars_the_first_are_told_of_the_land(monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.plan.terrain import Land, Terrain

    class Plain(Terrain):
        def around(self, lat: float, lon: float, reach_m: float, *_: object, **__: object) -> Land:
            return Land(land(np.zeros((241, 241))), 0.0, 0)

    monkeypatch.setattr(zone_sight, "MASKINGS_MAX", 2)
    radars = [Sensor(id=f"r{k}", kind="radar", lat=42.5, lon=1.5, altitude_m=60.0, range_m=9_000.0) for k in range(3)]
    found = zone_sight.over_land(Plain(), radars, ZoneIndex([]), 300.0)
    assert found.sight.keys() == {"r0", "r1", "r2"}
    assert found.masking.keys() == {"r0", "r1"}
    assert any("3 radars stand on this land" in one for one in some(found.said))
