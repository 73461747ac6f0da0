from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile
from tocsin.model.value import time_of
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone
from tocsin.score.cover import cover_of_warnings
from tocsin.score.score import score_warnings
from tocsin.score.sightings import Sightings, sightings_of
from tocsin.score.truth import FlownObject, Strike, Truth, path_of, read_truth

NOW_S = 1_767_225_600.0


def _zone(name: str, lat: float, **fields: Any) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.1), (20.0, lat + 0.1), (20.0, lat))
    return Zone(id=name, name=name, polygons=((ring,),), **fields)


INDEX = ZoneIndex([_zone("a", 50.0, population=1_000, parent="land"), _zone("b", 50.6, population=500, parent="land")])


def _warning(zone: str, level: Level, at_s: float, number: int) -> Warning:
    return Warning(
        id=f"{zone}/1/{number}/{level}", zone=zone, level=level, time=time_of(NOW_S + at_s),
        expires=time_of(NOW_S + at_s + 300),
    )  # fmt: skip


def _truth() -> Truth:
    path = tuple((time_of(NOW_S + t), 49.5 + 0.001 * t, 20.05, 300.0) for t in range(0, 551, 50))
    strike = Strike(time=time_of(NOW_S + 550), lat=50.05, lon=20.05, zone="a", threat="drone", object="d1")
    return Truth((strike,), (path_of(FlownObject(object="d1", threat="drone", path=path)),))


def _sightings() -> Sightings:
    rows = [[1, NOW_S + t, 49.5 + 0.001 * t, 20.05, 111.0, 0.0, 100.0] for t in range(0, 551, 5)]
    return sightings_of(np.array(rows, float), INDEX)


def test_a_zone_under_cover_200_s_before_its_strike_was_warned_in_time() -> None:
    result = score_warnings(
        [_warning("a", "take_cover", 350, 1), _warning("a", "all_clear", 600, 2)], _sightings(), _truth(), INDEX
    )
    assert (result["strikes"], result["warned"], result["warned_any"]) == (1, 1.0, 1.0)
    assert result["lead_s"]["p50"] == 200
    assert result["burden"] == 250  # a thousand people for 250 s, a thousand struck at
    assert result["false_all_clears"] == 0
    assert result["observable"] == 1.0
    assert result["circle"]["warned"] == 1.0 and result["region"]["warned"] <= 1.0
    assert result["lead_s"] == result["by_threat"]["drone"]["lead_s"] == {"p10": 200, "p50": 200, "p90": 200}
    assert result["person_hours"] == 69.4
    assert result["tracked_s"] == {"p10": 550, "p50": 550, "p90": 550}


def test_a_warning_shorter_than_the_way_to_shelter_counts_as_any_but_not_as_in_time() -> None:
    result = score_warnings([_warning("a", "take_cover", 500, 1)], _sightings(), _truth(), INDEX)
    assert (result["warned"], result["warned_any"]) == (0.0, 1.0)


def test_cover_where_nothing_fell_counts_as_false_hours() -> None:
    result = score_warnings([_warning("b", "take_cover", 100, 1)], _sightings(), _truth(), INDEX)
    assert result["warned_any"] == 0.0
    assert result["false_zone_hours"] == round(300 / 3600, 3)


def test_an_all_clear_just_before_a_strike_by_something_tracked_is_false() -> None:
    warnings = [_warning("a", "take_cover", 100, 1), _warning("a", "all_clear", 400, 2)]
    assert score_warnings(warnings, _sightings(), _truth(), INDEX)["false_all_clears"] == 1


def test_cover_lapses_when_nobody_renews_it() -> None:
    cover = cover_of_warnings([_warning("a", "take_cover", 0, 1)], INDEX.number, NOW_S + 10_000)
    assert (cover.end_s - cover.begin_s).tolist() == [300.0]


def test_a_renewal_joins_what_it_renews() -> None:
    warnings = [_warning("a", "take_cover", 0, 1), _warning("a", "take_cover", 240, 2)]
    cover = cover_of_warnings(warnings, INDEX.number, NOW_S + 10_000)
    assert (cover.end_s - cover.begin_s).tolist() == [540.0]


def test_every_strike_is_named_with_what_came_of_it() -> None:
    def outcome(*warnings: Warning, sightings: Sightings | None = None) -> str:
        (row,) = score_warnings(warnings, _sightings() if sightings is None else sightings, _truth(), INDEX)["each"]
        assert (row["zone"], row["object"], row["shelter_s"]) == ("a", "d1", 90.0)
        return str(row["outcome"])

    late = np.array([[1, NOW_S + t, 49.5 + 0.001 * t, 20.05, 111.0, 0.0, 100.0] for t in range(500, 551, 5)], float)
    assert outcome(_warning("a", "take_cover", 350, 1)) == "warned in time"
    assert outcome(_warning("a", "take_cover", 500, 1)) == "warned too late"
    assert outcome() == "not warned"
    assert outcome(sightings=sightings_of(late, INDEX)) == "tracked too late"
    assert outcome(sightings=sightings_of(np.empty((0, 7)), INDEX)) == "never tracked"


def test_the_wait_for_an_all_clear_counts_from_when_the_last_threat_was_gone() -> None:
    warnings = [_warning("a", "take_cover", 350, 1), _warning("a", "all_clear", 800, 2)]
    assert score_warnings(warnings, _sightings(), _truth(), INDEX)["all_clear_s"]["p50"] == 250.0


def test_truth_from_a_file_is_its_strikes_in_order_and_its_paths(tmp_path: Path) -> None:
    first, second = (Strike(time=time_of(NOW_S + at_s), lat=50, lon=20, threat="drone") for at_s in (1, 2))
    flown = FlownObject(object="d1", threat="drone", path=((time_of(NOW_S), 50.0, 20.0, 300.0),))
    path = tmp_path / "truth.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, (second, flown, first))))
    found = read_truth(path)
    assert found.strikes == (first, second)
    assert [(one.object, one.time_s.tolist(), one.altitude_m.tolist()) for one in found.paths] == [
        ("d1", [NOW_S], [300.0])
    ]


def test_damaged_truth_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('\n{"type": "strike"}\n')
    with pytest.raises(BadFile, match=r"truth.jsonl:2: neither a strike nor an object"):
        read_truth(path)
    with pytest.raises(BadFile, match="cannot be read"):
        read_truth(tmp_path / "none.jsonl")


def test_an_all_clear_of_a_zone_that_was_never_under_cover_is_no_wait() -> None:
    warnings = [_warning("a", "prepare", 350, 1), _warning("a", "all_clear", 800, 2)]
    assert score_warnings(warnings, _sightings(), _truth(), INDEX)["all_clear_s"]["p50"] is None
