"""The measurements of announcing measure what they say."""

from __future__ import annotations

from random import Random

import pytest

from tests.conftest import skip
from tocsin.announce.bodies import public_warning
from tocsin.bench import (
    announce,
    announce_barrages,
    announce_nchan,
    announce_push,
    announce_reach,
    announce_webhooks,
    every_kind,
)
from tocsin.bench.nginx import nginx_program
from tocsin.bench.parts import parts
from tocsin.bench.traffic import country_zones
from tocsin.model.errors import BadSettings, Missing


def test_every_part_is_found_by_its_name_and_a_strange_one_is_refused() -> None:
    assert {"barrages", "retraction", "stream", "webhooks"} <= set(parts("announce_"))
    with pytest.raises(BadSettings, match="there is no part 'pigeons'"):
        announce.run(channel="webhooks,pigeons")


def test_no_attack_on_a_receiver_is_believed_and_some_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_webhooks, "ATTACKS", 300)
    believed, known = announce_webhooks.attacked(Random(3))
    assert believed == 0 and known > 0


def test_an_attack_that_worked_would_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_webhooks, "ATTACKS", 30)
    monkeypatch.setattr(announce_webhooks, "STRANGER", announce_webhooks.SHARED)
    assert announce_webhooks.attacked(Random(3))[0] > 0


# Apprise loads it.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.server
def test_beside_a_dead_and_a_slow_endpoint_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name, value in (
        (announce_barrages, "DAY", 40),
        (announce_barrages, "SECOND", 20),
        (announce_barrages, "SLOW_S", 0.2),
        (announce_barrages, "CAUGHT_UP_S_MAX", 15.0),
        (announce_barrages, "SUBSCRIBERS", 20),
        (every_kind, "SUBSCRIBERS", 20),
        (announce_barrages, "country_zones", lambda: country_zones()[:20]),
        (every_kind, "country_zones", lambda: country_zones()[:20]),
    ):
        monkeypatch.setattr(where, name, value)
    played = announce_barrages.play(announce_barrages._day(Random(1)), "ill", 20, None)
    assert played.account == {"lost": 0, "out_of_order": 0, "unaccounted": 0}
    assert played.taken_s.keys() == {"webhook", "push", "messengers", "files", "static"}
    assert 0 < played.meter.longest_s <= played.meter.cpu_s < played.cpu_s


def test_a_warning_that_is_no_newer_than_the_last_of_its_zone_is_counted() -> None:
    told = [announce_webhooks.warning("z", number, "take_cover", announce_webhooks.START) for number in (1, 2)]
    assert announce_barrages._out_of_order([public_warning(one) for one in told]) == 1


def test_all_of_a_crowd_are_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_push, "MILLION", 3_000)
    matched_ms, memory_bytes = announce_push._million_matched()
    assert matched_ms > 0 and memory_bytes < 1e9


def test_whoever_has_two_channels_is_reached_with_one_dead_and_not_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_reach, "ZONES", 4)
    monkeypatch.setattr(announce_reach, "SIDES", 10)
    monkeypatch.setattr(announce_reach, "PEOPLE", 2_000)
    one = announce_reach._reached("sms")
    assert one.missed_percent < 0.1 and 5 < one.by_one_percent < 30
    monkeypatch.setattr(announce_reach, "WAYS", {name: announce_reach.WAYS[name] for name in ("push", "sms")})
    monkeypatch.setattr(announce_reach._Lossy, "send", _never)
    assert announce_reach._reached(None).missed_percent == 100


@pytest.mark.server
def test_nchan_and_our_own_stream_are_heard_by_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        nginx_program()
    except Missing as error:
        skip(str(error))
    monkeypatch.setattr(announce_nchan, "BETWEEN_S", 0.3)
    monkeypatch.setattr(announce_nchan, "ROUNDS", 2)
    found = announce_nchan.figures(20, 40)
    assert found["nchan_own_missed"] == found["nchan_missed"] == found["nchan_many_missed"] == 0
    assert 0 < found["nchan_own_p50_s"] <= found["nchan_own_last_s"] < 10


async def _never(self: object, recipient: str, warnings: object) -> None:
    raise ConnectionError("it does not answer")
