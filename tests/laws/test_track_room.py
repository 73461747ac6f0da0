"""How much memory the tracker begins with is nobody's business: the tracks are the same."""

from __future__ import annotations

import numpy as np
import pytest

from tests.some import some
from tocsin.bench.track_scenario import FRAME, scenario
from tocsin.track import bulk as table
from tocsin.track.settings import TrackSettings


@pytest.mark.parametrize("seed", [1, 2])
def test_tracks_do_not_depend_on_how_much_room_there_is(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one = scenario(40, seed, duration_s=60.0)
    found = []
    for room, pictures in ((16, 1), (64, 2), (2_000, 40)):
        monkeypatch.setattr(table, "ROOM", room)
        monkeypatch.setattr(table, "PICTURES_PER_ROW", pictures)
        found.append(table.glances(one.plots, one.sensors, FRAME, 1.0, TrackSettings()))
    for other in some(found[1:]):
        for column, same in some(zip(found[0], other, strict=True)):
            np.testing.assert_array_equal(column, same)
