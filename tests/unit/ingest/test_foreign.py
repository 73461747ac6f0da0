"""Strangers' documents are read in processes of their own: what costs too much costs itself, and nobody else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.cap.test_sign import pair
from tocsin.bench.foreign import hostile_bodies
from tocsin.cap.sign import Signer
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.admission import OverRate
from tocsin.ingest.batch import batch_steps
from tocsin.ingest.foreign import readers as readers_module
from tocsin.ingest.foreign.jobs import Budget, Pinned, Signatures
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.neighbour import understood
from tocsin.ingest.slices import in_slices
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Alert
from tocsin.simulate.places import invented_zones

pytestmark = pytest.mark.server

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ZONES = invented_zones(40)
# Says that it is ready, and then does with every job what is put in here.
PUPPET = """
import os, sys, time
from tocsin.ingest.foreign.jobs import *
next_frame(sys.stdin.buffer)
def say(value):
    sys.stdout.buffer.write(framed(value))
    sys.stdout.buffer.flush()
say(Ready())
while (frame := next_frame(sys.stdin.buffer)) is not None:
    job = jobs.decode(frame)
"""


def bodies() -> dict[str, Alert]:
    """The hostile alerts by name, each from a source of its own."""
    found = {}
    for name, body in hostile_bodies(NOW):
        for _, one in asyncio.run(in_slices(batch_steps(body))).observations:
            if isinstance(one, Alert):
                found[name] = Alert(id=one.id, time=one.time, source=name.replace(" ", "-"), cap=one.cap)
    return found


BODIES = bodies()
HONEST = BODIES["an alert that is honest"]


def named(name: str, source: str, cap: str = HONEST.cap) -> Alert:
    return Alert(id=name, time=NOW, source=source, cap=cap)


def told(then: Callable[[Readers], Awaitable[None]], *answering: str, **more: Any) -> None:
    """Run a story with readers; those of a puppet where lines of its answering are given."""

    async def story() -> None:
        if answering:
            lines = "".join(f"    {line}\n" for line in answering)
            more["command"] = (sys.executable, "-c", PUPPET + lines)
        readers = Readers(ZONES, **more)
        try:
            await then(readers)
        finally:
            await readers.stop()

    asyncio.run(story())


async def refusal(readers: Readers, alert: Alert) -> str:
    with pytest.raises(BadRecord) as caught:
        await readers.understood(alert)
    return str(caught.value)


def test_an_alert_means_the_same_in_a_process_of_its_own() -> None:
    async def then(readers: Readers) -> None:
        here = understood(HONEST, ZoneIndex(ZONES))
        assert here != HONEST
        assert await readers.understood(HONEST) == here
        assert "is not a CAP message" in await refusal(readers, named("broken", "a", "<alert>"))
        assert readers.trouble is None

    told(then)


def test_what_takes_too_long_is_refused_and_the_next_is_read() -> None:
    slow = BODIES["circles round the Earth"]

    async def then(readers: Readers) -> None:
        assert "more than 0.05 s of a processor" in await refusal(readers, slow)
        assert await readers.understood(named("next", slow.source)) is not None

    told(then, budget=Budget(processor_s=0.05))


def test_what_takes_too_much_memory_is_refused_and_the_next_is_read() -> None:
    # Ten million bytes of elements are a hundred million of a tree.
    big = named("big", "a", HONEST.cap.replace("</alert>", "<note>n</note>" * 200_000 + "</alert>"))

    async def then(readers: Readers) -> None:
        # In whose words depends on who asked for it in vain: the XML library has no word for it.
        assert await refusal(readers, big)
        assert await readers.understood(named("next", "a")) is not None

    told(then, budget=Budget(memory_bytes=32 << 20))


def test_a_process_that_hangs_is_ended() -> None:
    async def then(readers: Readers) -> None:
        assert "more than 0.2 s to read" in await refusal(readers, HONEST)

    told(then, "time.sleep(1000)", budget=Budget(wall_s=0.2))


def test_a_process_that_went_before_its_job_came_costs_no_alert() -> None:
    async def then(readers: Readers) -> None:
        for number in range(4):
            assert (await readers.understood(named(f"n{number}", "a"))).id == f"n{number}"

    # As one goes whose memory is in pieces: after its answer, and before the next job.
    told(then, "say(Understood(job.alert))", "raise SystemExit(0)")


@pytest.mark.parametrize(
    "line",
    [
        "sys.stdout.buffer.write(b'\\xff' * 100)",
        "say(Setup((), Budget()))",
        "os.abort()",
        "os._exit(3)",
        "say(Ready())",
    ],
)
def test_nonsense_from_a_process_is_a_refusal(line: str) -> None:
    async def then(readers: Readers) -> None:
        assert "hang" not in await refusal(readers, HONEST)

    told(then, line, "sys.stdout.buffer.flush()")


def test_a_document_that_took_its_process_over_cannot_speak_for_another() -> None:
    async def then(readers: Readers) -> None:
        found = await readers.understood(HONEST)
        assert (found.id, found.source, found.via, found.cap) == (HONEST.id, HONEST.source, None, HONEST.cap)

    told(then, "say(Understood(Alert(id='radar-1', time=job.alert.time, source='radar', via='hill', cap='x')))")


def test_a_process_sees_no_secret_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SECRET", "hush")

    async def then(readers: Readers) -> None:
        assert await refusal(readers, HONEST) == "none"

    told(then, "say(Refused(os.environ.get('TOCSIN_SECRET', 'none')))")


def test_where_no_process_can_be_started_alerts_are_refused_with_the_reason() -> None:
    async def then(readers: Readers) -> None:
        assert "no reading process can be started" in await refusal(readers, HONEST)
        assert readers.trouble is not None
        assert "alerts are refused" in readers.trouble

    told(then, command=("/nonexistent/python",))


def test_who_sends_what_is_slow_waits_behind_himself() -> None:
    async def then(readers: Readers) -> None:
        slow = [asyncio.create_task(readers.understood(named(f"slow-{n}", "slow"))) for n in range(40)]
        await asyncio.sleep(0)
        assert (await readers.understood(named("quick", "quick"))).id == "quick"
        assert sum(one.done() for one in slow) < 20
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    told(then, "time.sleep(0.2 * (job.alert.source == 'slow'))", "say(Understood(job.alert))")


def test_one_source_cannot_fill_the_memory_with_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers_module, "WAITING_OCTETS_MAX", 2 * len(HONEST.cap))

    async def then(readers: Readers) -> None:
        two = [asyncio.create_task(readers.understood(named(f"n{n}", "a"))) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(OverRate, match="wait to be read"):
            await readers.understood(named("n3", "a"))
        assert [(await one).id for one in two] == ["n0", "n1"]
        assert (await readers.understood(named("n4", "a"))).id == "n4"

    told(then, "say(Understood(job.alert))")


@pytest.mark.parametrize("started", [True, False])
def test_the_answer_to_one_who_gave_up_goes_to_nobody_else(started: bool) -> None:
    async def then(readers: Readers) -> None:
        if started:
            assert await refusal(readers, named("first", "a")) == "first"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await readers.understood(named("given-up", "a"))
        assert await refusal(readers, named("next", "a")) == "next"

    told(then, "time.sleep(3 * (job.alert.id == 'given-up'))", "say(Refused(job.alert.id))", processes=1)


def test_signatures_count_as_each_source_s_table_says() -> None:
    key, certificate = pair(ec.generate_private_key(ec.SECP256R1()))
    stranger = Signer(*pair(ec.generate_private_key(ec.SECP256R1())))
    der = x509.load_pem_x509_certificate(certificate).public_bytes(serialization.Encoding.DER)
    modes: tuple[Signatures, ...] = get_args(Signatures)
    pinned = {mode: Pinned(mode, (der,)) for mode in modes} | {"no-keys": Pinned()}
    good = Signer(key, certificate).sign(HONEST.cap.encode()).decode()
    others = good.replace("</identifier>", "x</identifier>")
    alerts = {
        "good": good,
        "unsigned": HONEST.cap,
        "tampered": others,
        "stranger's": stranger.sign(HONEST.cap.encode()).decode(),
        # The true one inside a false one: what was signed must be what is read.
        "wrapped": others.replace("</alert>", "<note>" + good.split("?>", 1)[1] + "</note></alert>"),
    }
    taken = {
        "required": {"good"},
        "accepted": {"good", "unsigned"},
        "ignored": {"good", "unsigned", "tampered", "stranger's"},
        "no-keys": {"good", "unsigned", "tampered", "stranger's"},
    }

    async def then(readers: Readers) -> None:
        for source, expected in taken.items():
            found = set()
            for name, cap in alerts.items():
                try:
                    one = await readers.understood(named(name, source, cap))
                except BadRecord as error:
                    assert name == "wrapped" or "signed" in str(error), (name, source)
                    continue
                assert one.parts == understood(HONEST, ZoneIndex(ZONES)).parts
                found.add(name)
            assert found == expected, source

    told(then, pinned=pinned, processes=1)
