"""One warning through every form, read back by others: level, zone, times and drill agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.some import some
from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.forms import camf, same
from tocsin.bench.forms import warning_of, zone_of
from tocsin.bench.read_back import differences, heard_in
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.words import notice
from tocsin.words.catalogue import languages

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ZONE = Zone(id="z", name="Town", codes={"SAME": ("012345",)}, polygons=((((5, 5), (6, 5), (6, 6), (5, 5)),),))


def a_warning(**changed: Any) -> PublicWarning:
    fields: dict[str, Any] = {
        "id": "z/1/1/take_cover",
        "zone": "z",
        "level": "take_cover",
        "time": NOW,
        "expires": NOW + timedelta(hours=2),
        "eta_earliest": NOW + timedelta(minutes=5),
    }
    return public_warning(Warning(**(fields | changed)))


@pytest.mark.parametrize("seed", range(10))
def test_every_form_says_the_same_of_any_warning_to_whoever_reads_it(seed: int) -> None:
    chance = Random(seed)
    zones = [zone_of(chance, number) for number in range(10)]
    for number in range(30):
        zone = chance.choice(zones)
        warning = warning_of(chance, zone)
        assert differences(warning, zone, languages()[number % len(languages())]) == [], warning


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (lambda patch: patch.setitem(camf._SEVERITY, "take_cover", 2), "camf says level"),
        (lambda patch: patch.setattr(camf, "_TEST", 1), "camf says drill"),
        (lambda patch: patch.setattr(camf, "_hazard", lambda _: 1), "camf says drill"),
        (lambda patch: patch.setattr(camf, "_LON_STEP_DEG", 360 / 0x1FFFF * 1.01), "camf says zone"),
        (lambda patch: patch.setattr(camf, "_duration", lambda _: 2), "camf says lasts"),
        (lambda patch: patch.setattr(camf, "_onset", lambda *_: (0, 1)), "camf says onset"),
        (lambda patch: patch.setattr(same, "valid", lambda _: "0015"), "same says holds"),
        (lambda patch: patch.setattr(same, "_EVENTS", same._EVENTS._replace(drill="CDW")), "same says drill"),
        (lambda patch: patch.setattr(notice, "headline", lambda *_: "All clear"), "sms says level"),
        (lambda patch: patch.setattr(notice, "placed", lambda *_: "Elsewhere"), "mesh says zone"),
        (lambda patch: patch.setattr("tocsin.words.short.SMS_SEPTETS", 400), "sms says fits"),
        (lambda patch: patch.setattr("tocsin.cap.write.time_in_cap", lambda _: "2026-03-01T03:00:00-00:00"), "cap"),
    ],
)
def test_a_form_that_lies_is_found_out(lie: Any, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    camf.around.cache_clear()
    name = "Town" * (40 if "fits" in told else 1)
    warning, zone = a_warning(drill=True), Zone(id="z", name=name, codes=ZONE.codes, polygons=ZONE.polygons)
    assert differences(warning, zone, "en") == []
    camf.around.cache_clear()
    lie(monkeypatch)
    assert any(one.startswith(told) for one in some(differences(warning, zone, "en")))
    camf.around.cache_clear()


def test_a_whole_sound_holds_the_header_three_times_and_the_end_three_times() -> None:
    places, _ = same.places_of([a_warning()], {"z": ZONE})
    (header,) = same.headers([a_warning()], places, "WXYZ/FM")
    sound = np.frombuffer(same.sound(header)[44:], "<i2")
    assert heard_in(sound) == [header.encode()] * 3 + [b"NNNN"] * 3


@pytest.mark.parametrize("away_s", [0, 59, 60, 86_400 * 2, 86_400 * 7])
def test_the_onset_of_camf_counts_the_minutes_of_this_week_or_the_next(away_s: int) -> None:
    # A Sunday, an hour before its week ends.
    at = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    warning = a_warning(time=at, eta_earliest=at + timedelta(seconds=away_s), expires=at + timedelta(days=9))
    assert not [one for one in differences(warning, ZONE, "en") if "onset" in one]


def test_what_begins_after_the_next_week_has_no_onset() -> None:
    assert camf._onset(NOW + timedelta(days=14), NOW) == (0, 0)


@pytest.mark.parametrize("level", ["prepare", "take_cover"])
@pytest.mark.parametrize("threat", ["drone", "unknown", "jet", "cruise_missile", "ballistic_missile", "rocket"])
def test_camf_names_a_missile_only_where_one_is_known(level: Any, threat: Any) -> None:
    bits = int.from_bytes(camf.message(a_warning(level=level, threat=threat), ZONE, camf.Provider(0, 0)), "big")
    hazard = bits >> 128 - 23 & 0x7F
    assert hazard == (8 if threat in ("cruise_missile", "ballistic_missile", "rocket") else 1)


def test_an_ellipse_along_a_long_zone_is_much_smaller_than_a_circle() -> None:
    corners = ((0.0, 0.0), (2.0, 2.0), (2.0, 2.1), (0.0, 0.1), (0.0, 0.0))
    ellipse = camf.around(((corners,),))
    assert camf.AXES_M[ellipse.minor] < camf.AXES_M[ellipse.major] / 5
    assert 40 <= ellipse.azimuth * 180 / 64 - 90 <= 50
