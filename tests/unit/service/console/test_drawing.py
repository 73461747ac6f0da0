"""The operators' picture of a raid, and what changes in it from second to second."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.unit.service.console.sky import Looks, calm, looks
from tocsin.model.track import Track
from tocsin.model.value import EPOCH
from tocsin.service.console.drawing import Drawing, change
from tocsin.service.console.shown import ConsoleChange, ConsolePicture
from tocsin.service.console.tracks import Tracks
from tocsin.service.console.voices import voices_shown
from tocsin.service.console.weighing import evidence_of
from tocsin.track.told_repute import Repute


@pytest.fixture(scope="module")
def raid(tmp_path_factory: pytest.TempPathFactory) -> Looks:
    """Half a minute: the radar begins to see, a town is sent into cover."""
    return list(looks(tmp_path_factory.mktemp("raid"), 30))


def changed(picture: ConsolePicture, by: ConsoleChange) -> ConsolePicture:
    """What a screen makes of a change."""
    assert by.after == picture.seq
    rows: dict[str, Any] = {}
    for name, key in (("tracks", "id"), ("sensors", "id"), ("zones", "zone")):
        kept = {getattr(one, key): one for one in (*getattr(picture, name), *getattr(by, name))}
        rows[name] = [one for each, one in kept.items() if each not in getattr(by, f"{name}_gone")]
    parts = {
        name: value
        for name in by.__struct_fields__
        if name in ConsolePicture.__struct_fields__ and name not in rows and name != "after"
        if (value := getattr(by, name)) is not msgspec.UNSET
    }
    return msgspec.structs.replace(picture, **rows, **parts)


def plain(picture: ConsolePicture) -> dict[str, Any]:
    """Without the order of its rows, which a screen draws side by side."""
    found = msgspec.to_builtins(picture)
    return found | {
        name: sorted(found[name], key=lambda one: str(one.get("id", one.get("zone"))))
        for name in ("tracks", "sensors", "zones")
    }


def test_a_screen_that_takes_every_change_has_the_picture_that_one_who_asks_for_all_gets(raid: Looks) -> None:
    drawing, screen, before = Drawing(0), None, None
    for glance, _ in some(raid):
        picture = drawing.draw(glance, calm(glance), {})
        sent = msgspec.json.decode(msgspec.json.encode(picture), type=ConsolePicture)
        if screen is not None and before is not None:
            by = msgspec.json.encode(change(before, picture))
            screen = changed(screen, msgspec.json.decode(by, type=ConsoleChange))
            assert plain(screen) == plain(sent)
        else:
            screen = sent
        before = picture


def test_nothing_new_is_said_of_two_pictures_of_one_look(raid: Looks) -> None:
    glance, _ = raid[-1]
    drawing = Drawing(0)
    first, second = (drawing.draw(glance, calm(glance), {}) for _ in range(2))
    found = msgspec.to_builtins(change(first, second))
    assert found.keys() == {"seq", "after", "time", "now"}


def test_the_track_that_sends_a_town_into_cover_is_its_evidence(raid: Looks) -> None:
    drawing = Drawing(0)
    for glance, _ in raid:
        picture = drawing.draw(glance, calm(glance), {})
    warned = [one for one in some(picture.zones) if one.level == "take_cover"]
    town = some(warned)[0]
    found = evidence_of(glance, town.zone, lambda warning: ())
    assert found is not None and found.warning == town.warning and found.level == "take_cover"
    first = found.carriers[0]
    track = next(one for one in picture.tracks if one.id == first.track)
    assert first.track in found.reason and first.eta_earliest <= first.eta_likely and first.sensors == track.sensors
    assert found.sources == ("radar-1",) and found.holds[0].by == "sensors" and found.cover >= 1.0
    assert found.clearing is not None and found.clearing.reachable and found.clearing.earliest is None
    assert found.probability >= first.probability
    assert track.by == "sensors" and track.since < track.heard and not track.lost and track.ellipse is not None
    assert track.altitude_m is None, "this radar measures no heights"
    assert evidence_of(glance, "nowhere", lambda warning: ()) is None


def test_where_nothing_endangers_anybody_nothing_holds_and_nothing_need_clear(raid: Looks) -> None:
    glance, _ = raid[0]
    found = evidence_of(glance, "town-1", lambda warning: ())
    assert found is not None and (found.level, found.holds, found.clearing, found.delivered) == ("none", (), None, ())


@given(
    axes=st.tuples(st.floats(20, 5_000), st.floats(20, 5_000)),
    turned_deg=st.floats(0, 180),
    height_m=st.floats(10, 4_000),
)
def test_an_ellipse_is_the_one_whose_axes_a_covariance_was_made_of(
    axes: tuple[float, float], turned_deg: float, height_m: float
) -> None:
    major, minor = max(axes), min(axes)
    angle = math.radians(turned_deg)
    # Clockwise from north.
    long, short = np.array([math.sin(angle), math.cos(angle)]), np.array([math.cos(angle), -math.sin(angle)])
    plane = major**2 * np.outer(long, long) + minor**2 * np.outer(short, short)
    full = np.zeros((6, 6))
    full[:2, :2], full[2, 2] = plane, height_m**2
    track = Track(
        id="T1", time=EPOCH, lat=0, lon=0, altitude_m=500, speed_mps=50, heading_deg=0, sigma_m=major, threat="drone",
        probability=1, status="coasted", sensors=1, updated=EPOCH, covariance=tuple(full[np.triu_indices(6)].tolist()),
    )  # fmt: skip
    (shown,) = Tracks().shown((track,), ())
    assert shown.ellipse is not None and shown.lost
    assert abs(shown.ellipse.major_m - major) <= 1 and abs(shown.ellipse.minor_m - minor) <= 1
    if major > 1.1 * minor:
        away = abs(shown.ellipse.major_deg - turned_deg) % 180
        assert min(away, 180 - away) <= 1
    assert (shown.altitude_m is None) == (height_m > 2_000)


def test_what_channels_tell_of_is_shown_as_words_and_a_track_keeps_since_when_it_is_shown() -> None:
    track = Track(
        id="W1", time=EPOCH, lat=0, lon=0, altitude_m=500, speed_mps=50, heading_deg=0, sigma_m=9_000, threat="drone",
        probability=1, status="confirmed", sensors=2, updated=EPOCH,
    )  # fmt: skip
    tracks = Tracks()
    (first,) = tracks.shown((), (track,))
    assert (first.by, first.ellipse, first.altitude_m, first.since) == ("words", None, None, EPOCH)
    later = msgspec.structs.replace(track, time=EPOCH.replace(year=1971))
    assert tracks.shown((), (later,))[0].since == EPOCH
    tracks.shown((), ())
    assert tracks.shown((), (later,))[0].since == later.time


def test_how_a_channel_has_done_is_shown_in_round_figures_and_what_is_not_known_as_not_known() -> None:
    done, silent = voices_shown({"suburbs": Repute(4.2, 3.1, 47.9), "new": Repute(0.0, 0.0, math.nan)})[::-1]
    assert (done.name, done.objects, done.borne_out, done.late_s) == ("suburbs", 4, 0.74, 50.0)
    assert (silent.objects, silent.borne_out, silent.late_s) == (0, None, None)
