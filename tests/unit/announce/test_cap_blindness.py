"""That we may be blind is told in CAP, as far as the public is told, and it stays told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.cap.check import check
from tocsin.cap.read import CapInfo, read_cap
from tocsin.cap.write import Author, Issuer
from tocsin.model.effect import Degraded
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", languages=("en", "de"))
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
BLIND = Degraded(time=NOW, zones=("z1", "z4"), reason="radar north-hill is silent")
Warn = Callable[..., Warning]


def told(messages: CapMessages) -> dict[tuple[str, str], CapInfo]:
    """The block that tells of each zone in each language, in the newest message about it."""
    found: dict[tuple[str, str], CapInfo] = {}
    for message in messages.archive.messages:
        xml = messages.xml(message.identifier)
        assert xml is not None
        assert check(xml, profile="tocsin") == []
        for info in read_cap(xml).infos:
            found |= {(dict(area.geocodes)["tocsin-zone"], info.language or ""): info for area in info.areas}
    return found


@pytest.mark.parametrize("public", [True, False])
def test_messages_say_where_we_may_be_blind_as_far_as_the_public_is_told(
    public: bool, zones: tuple[Zone, ...], warn: Warn
) -> None:
    board = Board(zones, drill=True, public_degraded=public)
    messages = CapMessages(Author(ISSUER, zones), blind=lambda: board.blind)
    for batch in (Batch(1, NOW, (BLIND, warn("z0"), warn("z1"))), Batch(2, NOW, (warn("z4", "prepare", at_s=5),))):
        board.fold(batch)
        messages.fold(batch)
    for (zone, language), info in some(told(messages).items()):
        blind = public and zone != "z0"
        assert (dict(info.parameters).get("tocsin-degraded") == "true") is blind
        sentence = {"en": "Part of the picture is missing", "de": "Ein Teil des Bildes fehlt"}[language]
        assert (sentence in info.description) is blind
        assert "north-hill" not in info.description


def test_a_restart_forgets_neither_what_was_told_of_blindness_nor_where_we_are_blind(
    zones: tuple[Zone, ...], warn: Warn
) -> None:
    board = Board(zones, drill=True)
    messages = CapMessages(Author(ISSUER, zones), blind=lambda: board.blind)
    board.fold(first := Batch(1, NOW, (BLIND, warn("z0"), warn("z1"))))
    messages.fold(first)
    again = CapMessages(Author(ISSUER, zones), blind=lambda: Board(zones, drill=True).blind)
    again.load(messages.archive.dump())
    later = Batch(2, NOW, (warn("z4", "prepare", at_s=5),))
    messages.fold(later)
    again.fold(later)
    identifiers = [one.identifier for one in messages.archive.messages]
    assert [again.xml(one) for one in identifiers] == [messages.xml(one) for one in some(identifiers)]
    assert dict(told(again)["z4", "en"].parameters)["tocsin-degraded"] == "true"


def test_seeing_again_ends_it(zones: tuple[Zone, ...], warn: Warn) -> None:
    board = Board(zones, drill=True)
    messages = CapMessages(Author(ISSUER, zones), blind=lambda: board.blind)
    for batch in (Batch(1, NOW, (BLIND, warn("z1"))), Batch(2, NOW, (Degraded(time=NOW, zones=(), reason=""),))):
        board.fold(batch)
        messages.fold(batch)
    messages.fold(Batch(3, NOW, (warn("z1", revision=2, at_s=30, replaces="z1/1/1/take_cover"),)))
    assert "tocsin-degraded" not in dict(told(messages)["z1", "en"].parameters)
