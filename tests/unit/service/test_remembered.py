"""What everybody may look up: where cover lately was, and where shelters are."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.compat.episodes import Episodes
from tocsin.model.effect import Picture
from tocsin.model.errors import BadFile
from tocsin.model.warning import ZoneState
from tocsin.model.zone import Zone
from tocsin.service.http.public import ASKED_MAX, Public
from tocsin.service.http.remembered import TOLD_MAX, Remembered
from tocsin.service.runtime import Runtime
from tocsin.service.settings import Shelters
from tocsin.service.shelters import read_shelters

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
SQUARE = (((36.0, 34.0), (36.2, 34.0), (36.2, 34.2), (36.0, 34.2), (36.0, 34.0)),)
ZONES = tuple(Zone(id=name, name=name.title(), polygons=(SQUARE,)) for name in ("brim", "cole"))


def runtime(path: Path | None = None) -> Any:
    board = Board(ZONES, drill=False)
    channels = SimpleNamespace(board=board, episodes=Episodes(ZONES, board))
    clock = SimpleNamespace(now=lambda: NOW)
    return SimpleNamespace(
        views=None, channels=channels, clock=clock, settings=SimpleNamespace(shelters=Shelters(path=path))
    )


def request(query: str = "") -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": []})


def told(answer: Response) -> Any:
    return json.loads(bytes(answer.body))


def cover(of: Any, name: str, level: Any, at: datetime) -> None:
    state = ZoneState(zone=name, level=level, since=at, expires=at + timedelta(minutes=10))
    batch = Batch(1, at, (Picture(time=at, zones=(state,)),))
    of.channels.board.fold(batch)
    of.channels.episodes.fold(batch)


def history(of: Any) -> Any:
    return told(asyncio.run(Remembered(cast("Runtime", of)).history(request())))


def test_times_under_cover_are_told_newest_first_with_since_when_they_are_known() -> None:
    of = runtime()
    assert history(of) == {"since": None, "episodes": [], "picture_at": None}
    cover(of, "brim", "take_cover", NOW)
    cover(of, "brim", "all_clear", NOW + timedelta(minutes=5))
    cover(of, "cole", "take_cover", NOW + timedelta(minutes=7))
    shown = history(of)
    assert shown["since"] == "2026-03-01T03:00:00Z"
    spans = [(one["zone"], one["began"], one["ended"]) for one in shown["episodes"]]
    assert spans == [
        ("cole", "2026-03-01T03:07:00Z", None),
        ("brim", "2026-03-01T03:00:00Z", "2026-03-01T03:05:00Z"),
    ]


def test_a_long_war_is_told_within_bounds() -> None:
    of = runtime()
    for minute in range(2 * (TOLD_MAX + 50)):
        cover(of, "brim", "all_clear" if minute % 2 else "take_cover", NOW + timedelta(minutes=minute))
    episodes = history(of)["episodes"]
    assert len(episodes) == TOLD_MAX and episodes[0]["began"] > episodes[-1]["began"]


def test_some_zones_are_told_alone_and_one_that_is_not_there_is_not_calm_but_missing() -> None:
    of = runtime()
    cover(of, "cole", "take_cover", NOW)
    asked = asyncio.run(_public(of).zones(request("zone=&zone=cole&zone=gone&zone=cole")))
    shown = told(asked)
    assert [(one["zone"], one["level"]) for one in shown["zones"]] == [("cole", "take_cover")]
    assert set(shown) == {"now", "picture_at", "cut", "degraded", "drill", "seq", "zones"}
    many = "&".join(["zone=x"] * ASKED_MAX + ["zone=cole"])
    assert told(asyncio.run(_public(of).zones(request(many))))["zones"] == []


def _public(of: Any) -> Public:
    of.channels.atom_feed = of.channels.rss_feed = SimpleNamespace(xml=bytes)
    return Public(cast("Runtime", of))


def point(name: str = "Cellar", lon: float = 36.1, lat: float = 34.1, **more: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name} | more}


def write(path: Path, *features: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_shelters_are_told_with_name_and_note_alone(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.geojson", point(note="door in the yard", keys="under the mat"), point("Hall", 36.1234567)
    )
    shown = told(asyncio.run(Remembered(cast("Runtime", runtime(file))).shelters(request())))
    assert [one["properties"] for one in shown["features"]] == [
        {"name": "Cellar", "note": "door in the yard"},
        {"name": "Hall"},
    ]
    assert shown["features"][1]["geometry"]["coordinates"] == [36.12346, 34.1]
    none = told(asyncio.run(Remembered(cast("Runtime", runtime())).shelters(request())))
    assert none == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("feature", [point(lat=95.0), point(""), point("x" * 201), {"type": "Feature"}, point(lon=500)])
def test_what_is_no_shelter_is_refused_with_its_reason_and_keeps_nobody_from_being_warned(
    tmp_path: Path, feature: Any
) -> None:
    file = write(tmp_path / "s.geojson", feature)
    with pytest.raises(BadFile, match="no shelters file"):
        read_shelters(file)
    asked = asyncio.run(Remembered(cast("Runtime", runtime(file))).shelters(request()))
    assert asked.status_code == 503


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_shelters(tmp_path / "none.geojson")
    (tmp_path / "huge.geojson").write_bytes(b" " * 20_000_001)
    with pytest.raises(BadFile, match="20000001 bytes"):
        read_shelters(tmp_path / "huge.geojson")
