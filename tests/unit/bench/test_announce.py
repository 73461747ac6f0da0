"""The measurements of announcing measure what they say."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tocsin.bench import announce, announce_barrages, announce_push, announce_reach, announce_webhooks
from tocsin.bench.announce_barrages import _day, _played
from tocsin.model.errors import BadSettings


def test_every_part_is_found_by_its_name_and_a_strange_one_is_refused() -> None:
    assert {"barrages", "retraction", "stream", "webhooks"} <= set(announce.parts())
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


@pytest.mark.server
def test_beside_a_dead_and_a_slow_endpoint_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_barrages, "DAY", 60)
    monkeypatch.setattr(announce_barrages, "SLOW_S", 0.2)
    _, account = asyncio.run(_played(_day(Random(1)), "ill", 20))
    assert account == {"lost": 0, "out_of_order": 0, "unaccounted": 0}


def test_all_of_a_crowd_are_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_push, "MILLION", 3_000)
    matched_ms, memory_bytes = announce_push._million_matched()
    assert matched_ms > 0 and memory_bytes >= 0


def test_whoever_has_two_channels_is_reached_with_one_dead_and_not_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce_reach, "ZONES", 4)
    monkeypatch.setattr(announce_reach, "SIDES", 10)
    monkeypatch.setattr(announce_reach, "PEOPLE", 2_000)
    one = announce_reach._reached("sms")
    assert one.missed_percent < 0.1 and 5 < one.by_one_percent < 30
    monkeypatch.setattr(announce_reach, "WAYS", {name: announce_reach.WAYS[name] for name in ("push", "sms")})
    monkeypatch.setattr(announce_reach._Lossy, "send", _never)
    assert announce_reach._reached(None).missed_percent == 100


async def _never(self: object, recipient: str, warnings: object) -> None:
    raise ConnectionError("it does not answer")
