"""What the land hides stands in the configuration, and holds in the engine after a restart and a change, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from tocsin.engine.engine import Engine
from tocsin.model.effect import Picture
from tocsin.model.event import Configuration, Tick
from tocsin.model.masking import CLEAR, LEAST, NEVER, PARTS, RAYS, RINGS, SURE, Masking, text_of
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.wire import event_from_json, to_json
from tocsin.model.zone import Zone

START = datetime(2026, 1, 1, tzinfo=UTC)
REACH_M, SCAN_S = 100_000.0, 4.0
RADAR = Sensor(id="r", kind="radar", lat=48.0, lon=31.0, altitude_m=50.0, range_m=REACH_M, scan_s=SCAN_S)
RING = ((31.0, 48.0), (31.1, 48.0), (31.1, 48.1), (31.0, 48.1), (31.0, 48.0))
SMOOTH = Configuration(
    id="c", time=START, zones=(Zone(id="z", name="z", polygons=((RING,),)),), sensors=(RADAR,), drill=True
)


def hidden() -> Masking:
    """To the north the radar sees nothing; everything else."""
    cells = np.zeros((RAYS, RINGS, PARTS), np.uint8)
    cells[..., CLEAR] = 1
    cells[:20, :, SURE], cells[:20, :, LEAST], cells[:20, :, CLEAR] = NEVER, NEVER - 1, 0
    return Masking(reach_m=REACH_M, cells=text_of(cells))


HILLS = msgspec.structs.replace(SMOOTH, masking={"r": hidden()})


def alive(engine: Engine, first: int, last: int) -> list[int]:
    """Turns after which there is a track in the north, of which there was one plot, in the first; ever more in the
    south."""
    found = []
    for turn in range(first, last):
        at = START + timedelta(seconds=SCAN_S * turn)
        for azimuth in (10.0, 170.0) if turn == 0 else (170.0,):
            name = f"{turn}/{azimuth:g}"
            engine.step(Plot(id=name, time=at, sensor="r", range_m=60_000.0, azimuth_deg=azimuth, altitude_m=80.0))
        said = engine.step(Tick(time=at + timedelta(seconds=1)))
        if any(track.lat > 48.0 for one in said if isinstance(one, Picture) for track in one.tracks):
            found.append(turn)
    return found


def configured(configuration: Configuration) -> Engine:
    engine = Engine()
    engine.step(configuration)
    return engine


def test_a_plot_where_nothing_can_be_seen_again_is_not_missed_and_elsewhere_it_is() -> None:
    assert alive(configured(SMOOTH), 0, 9) == [0, 1]
    assert alive(configured(HILLS), 0, 9) == [*range(9)]


def test_the_land_in_the_journal_holds_after_a_restart_and_when_the_configuration_changes() -> None:
    read = event_from_json(to_json(HILLS))
    assert isinstance(read, Configuration)
    assert read == HILLS
    engine = configured(read)
    alive(engine, 0, 1)
    assert alive(Engine.restore(engine.snapshot()), 1, 9) == [*range(1, 9)]
    changed = configured(SMOOTH)
    changed.step(msgspec.structs.replace(HILLS, id="d"))
    assert alive(changed, 0, 9) == [*range(9)]


def test_a_journal_of_before_is_read_as_over_a_smooth_earth() -> None:
    line = to_json(SMOOTH)
    assert b"masking" not in line
    assert event_from_json(line) == SMOOTH
