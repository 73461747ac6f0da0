"""Whatever is brought to the service: read = used + rejected + passed over, whoever of those on the way refuses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Literal, cast
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from tests.tokens import digest, token
from tocsin.bench.virtual_time import START, played
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.admission import Gate
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver, Supervisor, stop
from tocsin.journal import Receipt
from tocsin.model.access import Authority
from tocsin.model.errors import JournalBusy, JournalError, NotDurable
from tocsin.model.event import Event
from tocsin.model.identity import digest_of
from tocsin.model.observation import Observation
from tocsin.model.wire import observation_from_json
from tocsin.service import intake
from tocsin.service.conflicts import Conflicts
from tocsin.service.http.observations import Observations
from tocsin.service.metrics import Metrics
from tocsin.service.outcomes import Made
from tocsin.service.runtime import Runtime
from tocsin.service.source_settings import TokenSource
from tocsin.service.sources import Sources
from tocsin.simulate.places import invented_zones

Disk = Literal["well", "busy", "broken", "undurable"]
disks = st.lists(st.sampled_from(["well", "well", "well", "busy", "broken", "undurable"]), max_size=8)
INDEX = ZoneIndex(invented_zones(3))


class House:
    """A runtime whose journal is a table of ids, and whose disk does in turn what it is told, and then well.

    taken   how many events are decided upon
    known   how many were there before
    """

    def __init__(self, disk: Sequence[Disk], per_second_max: float = 1.0) -> None:
        self.rejects, self.metrics, self.index, self.drill = Rejects(), Metrics(), INDEX, False
        self.conflicts = Conflicts(self.rejects)
        self.clock = SimpleNamespace(now=lambda: START)
        walker = Authority(id="walker", kinds=("impact",), per_second_max=per_second_max)
        self.gate = Gate((walker,), (), INDEX)
        source = TokenSource(kind="http", id="walker", token_sha256=digest("walker"))
        self.settings = SimpleNamespace(source=[source])
        self.outcomes = self
        self.taken = self.known = 0
        self._disk = iter(disk)
        self._ids: dict[str, int] = {}

    async def of(self, events: dict[int, Event]) -> dict[int, Made]:
        """As the engine answers."""
        return dict.fromkeys(events, Made(looked_at=True))

    async def submit(self, events: Sequence[Event]) -> list[Receipt]:
        disk = next(self._disk, "well")
        if disk == "busy":
            raise JournalBusy("the journal is busy; send it again")
        if disk == "broken":
            raise JournalError("the journal is broken")
        if disk == "undurable":
            # The engine has them, and nobody will know that they were there.
            self.taken += len(events)
            raise NotDurable("the disk refuses")
        return [self._receipt(one) for one in events]

    def _receipt(self, one: Event) -> Receipt:
        name, said = getattr(one, "id", ""), digest_of(one)
        if name in self._ids:
            same = self._ids[name] == said
            self.known += same
            return Receipt(1, "duplicate" if same else "conflict")
        self._ids[name] = said
        self.taken += 1
        return Receipt(len(self._ids), "new")


def impact(name: str, **more: Any) -> bytes:
    said = {"kind": "impact", "id": name, "time": "2026-03-01T03:00:00Z", "lat": 46.0, "lon": 8.0, "sigma_m": 50}
    return json.dumps(said | more).encode()


# Few names, so that many are said twice, and some with other words.
known = st.builds(lambda name, lat: impact(name, lat=lat), st.sampled_from("abcdef"), st.sampled_from([46.0, 46.1]))
refused = st.sampled_from(
    [impact("x", source="west"), impact("x", kind="plot"), impact("x", time="2026-02-01T03:00:00Z")]
)
rubbish = st.sampled_from([b"not json", b"{}", b"\xff\x00", b"[" * 2_000]) | st.binary(min_size=1, max_size=9)
bodies = st.lists(known | refused | rubbish | st.just(b" "), max_size=12).map(b"\n".join)
asks = st.tuples(bodies, st.sampled_from(["walker"] * 5 + ["stranger"]), st.sampled_from(["identity"] * 5 + ["gzip"]))


def posted(route: Observations, body: bytes, holder: str, coding: str) -> tuple[int, dict[str, Any]]:
    """What a request is answered."""
    headers = [(b"authorization", f"Bearer {token(holder)}".encode()), (b"content-encoding", coding.encode())]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    response = asyncio.run(route.observe(Request({"type": "http", "method": "POST", "headers": headers}, receive)))
    return response.status_code, json.loads(bytes(response.body))


@settings(max_examples=200, deadline=None)
@given(st.lists(asks, max_size=4), disks, st.sampled_from([1.0, 1_000.0]))
def test_every_line_of_every_body_is_used_rejected_or_passed_over(
    asked: list[tuple[bytes, str, str]], disk: list[Disk], per_second_max: float
) -> None:
    house = House(disk, per_second_max)
    route = Observations(cast(Runtime, house))
    for body, holder, coding in asked:
        before = house.rejects.account
        with patch.object(intake, "TOGETHER_MAX", 3):
            status, said = posted(route, body, holder, coding)
        after = house.rejects.account
        assert after.balanced
        assert (after.used, after.passed_over) == (house.taken, house.known)
        read, refused = after.read - before.read, after.rejected - before.rejected
        lines = sum(1 for line in body.split(b"\n") if line.removeprefix(b"\xef\xbb\xbf").strip())
        # A body of which nothing is an observation is one record.
        assert read in (1, lines)
        if "rejected_count" in said:
            assert refused == said["rejected_count"]
            assert read == said["accepted"] + said["duplicates"] + said["rejected_count"]
        elif status != 503:
            assert refused == read and status in (400, 401, 415, 429)


class Receiver:
    """A source that at each start brings batches of sound and of unsound records, and counts them as it reads."""

    name = "walker"

    def __init__(self, batches: list[tuple[list[bytes], int]], rejects: Rejects) -> None:
        self._batches, self._rejects = batches, rejects
        self.ended = asyncio.Event()

    async def run(self, deliver: Deliver) -> None:
        while self._batches:
            lines, unsound = self._batches.pop()
            found: list[Observation] = [observation_from_json(line) for line in lines]
            self._rejects.read(len(found) + unsound)
            self._rejects.use(len(found))
            self._rejects.count("unsound", unsound)
            await deliver(found)
        self.ended.set()
        await asyncio.Event().wait()


batches = st.tuples(st.lists(known | st.just(impact("x", source="unknown")), max_size=12), st.integers(0, 3))


@settings(max_examples=100, deadline=None)
@given(st.lists(batches, max_size=5), disks, st.sampled_from([1.0, 1_000.0]), st.sampled_from([5.0, 1_000.0]))
def test_every_record_of_a_live_source_is_used_rejected_or_passed_over(
    brought: list[tuple[list[bytes], int]], disk: list[Disk], per_second_max: float, per_s_max: float
) -> None:
    house = House(disk, per_second_max)
    read = sum(len(lines) + unsound for lines, unsound in brought)

    async def story() -> None:
        deliver = Sources(cast(Runtime, house))._deliver
        source = Receiver(list(brought), house.rejects)
        supervising = asyncio.create_task(
            Supervisor([source], deliver, house.rejects, per_s_max=per_s_max, back_off_first_s=0.01).run()
        )
        await source.ended.wait()
        await stop(supervising)

    with patch.object(intake, "TOGETHER_MAX", 3):
        played(story())
    account = house.rejects.account
    assert account.balanced and account.read == read
    assert (account.used, account.passed_over) == (house.taken, house.known)
