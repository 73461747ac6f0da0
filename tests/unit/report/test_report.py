"""Reports name everything, need nothing from elsewhere, and trust no name."""

from __future__ import annotations

import itertools
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.value import time_of
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone
from tocsin.report.charts import tradeoff_chart
from tocsin.report.run import run_page, write_run
from tocsin.score.clears import false_all_clears
from tocsin.score.reliability import EDGES, reliability
from tocsin.score.score import score_family, score_warnings
from tocsin.score.sightings import sightings_of
from tocsin.score.strikes import struck_of
from tocsin.score.truth import FlownObject, Strike, Truth, path_of

NOW_S = 1_767_225_600.0
NAMES = {"a": "Ober<b>dorf & Sohn", "b": "Unterdorf"}


def _zone(name: str, lat: float) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.1), (20.0, lat + 0.1), (20.0, lat))
    return Zone(id=name, name=NAMES[name], population=1_000, polygons=((ring,),))


INDEX = ZoneIndex([_zone("a", 50.0), _zone("b", 50.6)])


def _warning(zone: str, level: Level, at_s: float) -> Warning:
    return Warning(
        id=f"{zone}/{at_s:g}/{level}", zone=zone, level=level, time=time_of(NOW_S + at_s),
        expires=time_of(NOW_S + at_s + 900),
    )  # fmt: skip


def _score(*warnings: Warning) -> dict[str, Any]:
    """Two drones fly north together; the first strikes zone a at 550 s, the second, which nobody tracked, zone b."""
    path = tuple((time_of(NOW_S + t), 49.5 + 0.001 * t, 20.05, 300.0) for t in range(0, 551, 50))
    truth = Truth(
        (
            Strike(time=time_of(NOW_S + 550), lat=50.05, lon=20.05, zone="a", threat="drone", object="drone-1"),
            Strike(time=time_of(NOW_S + 560), lat=50.65, lon=20.05, zone="b", threat="jet", object="jet-9"),
        ),
        (path_of(FlownObject(object="drone-1", threat="drone", path=path)),),
    )
    rows = [[1, NOW_S + t, 49.5 + 0.001 * t, 20.05, 111.0, 0.0, 100.0] for t in range(0, 551, 5)]
    sightings = sightings_of(np.array(rows, float), INDEX)
    struck = struck_of(truth, sightings, INDEX)
    bins = [
        {"from": low, "to": high, "rows": 10, "expected": 5 * (low + high), "struck": 2}
        for low, high in itertools.pairwise(EDGES)
    ]
    return score_warnings(warnings, sightings, truth, INDEX) | {
        "reliability": reliability(bins),
        "rules": score_family(sightings, struck, INDEX),
        "false_clears": false_all_clears(warnings, struck, INDEX),
    }


class _Seen(HTMLParser):
    """Tags that are open at the end, every tag, every reference to elsewhere, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.elsewhere: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "br", "path", "use", "rect"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "xlink:href") and value and not value.startswith("#"):
                self.elsewhere.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def test_a_report_names_every_strike_and_why_it_was_missed() -> None:
    seen = _Seen(run_page(_score(_warning("a", "take_cover", 350)), NAMES))
    assert "Missed: 1 of 2" in seen.text
    for words in ("drone-1", "jet-9", "warned in time", "never tracked", *NAMES.values()):
        assert words in seen.text
    assert "Every strike" in seen.text


def test_a_report_needs_nothing_from_elsewhere_and_is_whole() -> None:
    seen = _Seen(run_page(_score(_warning("a", "take_cover", 350)), NAMES))
    assert seen.elsewhere == []
    assert "script" not in seen.tags
    assert "svg" in seen.tags
    assert seen.open == []
    assert len(set(seen.ids)) == len(seen.ids)


def test_a_false_all_clear_is_named() -> None:
    text = run_page(_score(_warning("a", "take_cover", 100), _warning("a", "all_clear", 400)), NAMES)
    assert "a/400/all_clear" in text


def test_the_same_score_gives_the_same_report(tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", _score(), NAMES).read_bytes()
    assert one == write_run(tmp_path / "other", _score(), NAMES).read_bytes()


def test_the_tradeoff_draws_ours_and_both_families_of_rules() -> None:
    points = [
        {"kind": kind, "size": size, "burden": size, "warned": 0.5}
        for kind in ("policy", "circle", "cone")
        for size in (60.0, 120.0)
    ]
    figure = tradeoff_chart(points, "s")
    assert [len(np.asarray(line.get_xdata())) for line in figure.axes[0].lines] == [2, 2, 2]


@pytest.mark.parametrize("missing", ["rows", "strikes"])
def test_a_run_without_forecasts_or_without_strikes_still_has_a_report(missing: str) -> None:
    result = _score()
    if missing == "rows":
        result["reliability"] = reliability([])
    else:
        sightings = sightings_of(np.empty((0, 7)), INDEX)
        result |= score_warnings([], sightings, Truth((), ()), INDEX)
    assert "<h1>" in run_page(result, NAMES)


def test_charts_take_the_page_s_own_colour_of_text() -> None:
    text = run_page(_score(_warning("a", "take_cover", 350)), NAMES)
    assert "currentColor" in text
    assert "#000000" not in text
    assert "#010203" not in text
