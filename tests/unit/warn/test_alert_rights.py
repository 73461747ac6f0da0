"""An alert raises no more than its source may, and only where it may."""

from __future__ import annotations

from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.access import Access, Authority
from tocsin.model.observation import Alert, AlertPart
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.warn.alert_rights import allowed

RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
INDEX = ZoneIndex(
    [Zone(id=name, name=name, parent=parent, polygons=((RING,),)) for name, parent in (("A", "east"), ("B", "west"))]
)
ALERT = Alert(
    id="1", time=time_of(1_767_225_600.0), source="n", cap="",
    parts=(
        AlertPart(level="take_cover", zones=("A", "B")),
        AlertPart(level="prepare", zones=("B",)),
        AlertPart(level="all_clear", zones=("B",)),
    ),
)  # fmt: skip


def said(**rights: Any) -> tuple[list[tuple[str, tuple[str, ...]]], tuple[str, ...]]:
    access = Access([Authority(id="n", kinds=("alert",), **rights)], [])
    alert, why = allowed(ALERT, access, INDEX)
    return [(part.level, part.zones) for part in alert.asked], why


def test_a_recording_without_authorities_is_trusted() -> None:
    assert allowed(ALERT, Access(None, []), INDEX) == (ALERT, ())


def test_a_source_with_the_right_raises_what_it_says() -> None:
    assert said(alerts="take_cover")[1] == ()


def test_a_lower_right_lowers_what_is_raised_and_says_so() -> None:
    parts, (why,) = said(alerts="prepare")
    assert parts == [("prepare", ("A", "B")), ("prepare", ("B",)), ("all_clear", ("B",))] and "prepare" in why


def test_without_the_right_only_its_own_all_clears_are_left() -> None:
    parts, (why,) = said()
    assert parts == [("all_clear", ("B",))] and "none" in why


def test_it_raises_only_in_its_zones_or_the_zones_of_its_region() -> None:
    for zones in (("A",), ("east",)):
        parts, why = said(alerts="take_cover", alert_zones=zones)
        assert parts == [("take_cover", ("A",)), ("all_clear", ("B",))] and why


def test_a_zone_that_is_not_ours_lies_in_no_region_of_ours() -> None:
    access = Access([Authority(id="n", kinds=("alert",), alerts="take_cover", alert_zones=("east",))], [])
    strange = Alert(
        id="1", time=ALERT.time, source="n", cap="", parts=(AlertPart(level="take_cover", zones=("X", "A")),)
    )
    alert, (why,) = allowed(strange, access, INDEX)
    assert [part.zones for part in alert.asked] == [("A",)]
    assert why == "source n may raise take_cover, in its zones; an operator can change its `alerts` and `alert_zones`"


def test_an_alert_of_an_old_journal_is_held_to_the_same_rights() -> None:
    old = Alert(id="1", time=ALERT.time, source="n", cap="", level="take_cover", zones=("A", "B"))
    access = Access([Authority(id="n", kinds=("alert",), alerts="prepare", alert_zones=("A",))], [])
    alert, (why,) = allowed(old, access, INDEX)
    assert [(part.level, part.zones) for part in alert.asked] == [("prepare", ("A",))] and "may raise prepare" in why
    assert allowed(old, Access([Authority(id="n", kinds=("alert",))], []), INDEX)[1][0].startswith(
        "source n may raise none;"
    )
