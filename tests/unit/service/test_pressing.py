"""CAP messages are made and signed where nobody waits for it, and what does not work is known before a raid."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge

from tests.some import some
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.announce.key_making import make
from tocsin.cap.sign import Signer
from tocsin.cap.signers import Signers
from tocsin.cap.write import Author, Issuer
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.service.alone import Alone
from tocsin.service.pressing import REHEARSED_S, RETRY_S, Pressing

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ISSUER = Issuer(sender="warnings.example")


@pytest.fixture
def messages(zones: tuple[Zone, ...], tmp_path: Path) -> CapMessages:
    key, certificate, _ = make("cap", tmp_path, "cap", subject="warnings.example", days=90, now=NOW)
    return CapMessages(Author(ISSUER, zones), Signers(Signer(key.read_bytes(), certificate.read_bytes())))


@pytest.fixture
def pressing(messages: CapMessages) -> Iterator[Pressing]:
    registry = CollectorRegistry()
    alone = Alone(Counter("f", "", ("listener",), registry=registry), Gauge("u", "", ("listener",), registry=registry))
    made = Pressing(messages, alone)
    yield made
    made.stop()


def until(holds: Callable[[], bool]) -> None:
    """Wait until it does."""
    for _ in range(6_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never held")


def refuses(*_: object) -> bytes:
    raise OSError("no key here")


def test_what_is_decided_is_signed_before_anybody_asks(
    pressing: Pressing, messages: CapMessages, warn: Callable[..., Warning]
) -> None:
    messages.fold(Batch(1, NOW, (warn("z0"),)))
    pressing.begin()
    until(lambda: messages.press.counts["signed"] == 1)
    messages.fold(Batch(2, NOW, (warn("z1", at_s=5),)))
    pressing.offer()
    until(lambda: messages.press.counts["signed"] == 2)
    assert all(messages.press.kept(one) for one in some(messages.archive.messages))


def test_a_key_that_does_not_sign_is_known_before_the_first_warning_and_tried_again(
    pressing: Pressing, messages: CapMessages, warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Signer, "signed", refuses)
        pressing.begin()
        for _ in range(REHEARSED_S):
            pressing.watch(NOW)
        until(lambda: "no key here" in " ".join(pressing.troubles(NOW)))
        messages.fold(Batch(1, NOW, (warn("z0"),)))
        pressing.offer()
        until(lambda: bool(messages.withheld))
    for _ in range(RETRY_S):
        pressing.watch(NOW)
    until(lambda: pressing.troubles(NOW) == [])
    assert messages.press.counts["signed"] == 1


def test_that_the_certificate_ends_is_a_trouble(pressing: Pressing) -> None:
    assert pressing.troubles(NOW + timedelta(days=50)) == []
    (trouble,) = pressing.troubles(NOW + timedelta(days=70))
    assert "19 days" in trouble or "20 days" in trouble
