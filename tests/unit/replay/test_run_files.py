"""A replay keeps what was forecast, so that it can be held against what happened."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.decision_basis import Moment
from tocsin.model.threat import Outlook
from tocsin.model.zone import Zone
from tocsin.replay.run_files import RunFiles
from tocsin.warn.warner import Decision

NOW_S = 1_767_225_600.0


def _zone(name: str, lat: float) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.1), (20.0, lat + 0.1), (20.0, lat))
    return Zone(id=name, name=name, polygons=((ring,),))


INDEX = ZoneIndex([_zone("a,north", 50.0), _zone("b", 50.6), _zone("c", 51.2)])


def _moment(at_s: float) -> Moment:
    """Two tracks towards zone 0, the second the likelier one; one faintly towards zone 2."""
    outlook = Outlook(
        at_s=at_s,
        zone=np.array([0, 0, 2], np.int32),
        track=np.array([0, 1, 0], np.int32),
        probability=np.array([0.2, 0.5, 0.001]),
        eta_earliest_s=np.full(3, at_s + 60.0),
        eta_likely_s=at_s + np.array([100.0, 200.0, 300.0]),
        tracks=("T1", "T2"),
        classes=("drone", "jet"),
    )
    decision = Decision((), (), np.array([0.6, 0.0, 0.001]))
    return Moment(at_s, INDEX, outlook, (), (), (), (), (), {}, decision)


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "forecast.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_is_expected_of_a_zone_is_all_tracks_together_at_the_time_of_the_likeliest() -> None:
    expected = _moment(NOW_S).expected(0.005)
    assert expected.zones == ("a,north",)
    assert expected.probability.tolist() == [0.6]
    assert expected.eta_likely_s.tolist() == [NOW_S + 200]
    assert expected.classes == ("jet",)


def test_a_forecast_is_kept_every_30_s(tmp_path: Path) -> None:
    with RunFiles(tmp_path) as files:
        for second in range(61):
            files.forecast(_moment(NOW_S + second))
    rows = _rows(tmp_path)
    assert [row["time"][17:19] for row in rows] == ["00", "30", "00"]
    assert rows[0]["zone"] == "a,north"
    assert rows[0]["probability"] == "0.6000"
    assert rows[0]["eta_likely"].startswith("2026-01-01T00:03:20")


def test_a_run_without_any_threat_keeps_an_empty_forecast(tmp_path: Path) -> None:
    with RunFiles(tmp_path):
        pass
    assert (tmp_path / "forecast.csv").read_text().strip() == "time,zone,probability,eta_likely"
