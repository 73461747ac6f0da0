"""A reading process: `python -m tocsin.ingest.foreign.reading`, jobs on its standard input, answers on its output.

It has a budget for each document. Processor time is kept by a timer of the kernel, which ends the process also where
some library never comes back; memory by a limit on the address space, where the system has one (Linux has).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec

from tocsin.cap.feed import listed_in
from tocsin.cap.trust import pinned
from tocsin.cap.verify import signed_cap
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.foreign.jobs import (
    MEANING_OCTETS_MAX,
    OUT_OF_MEMORY,
    Answer,
    Found,
    Job,
    LookIn,
    Pinned,
    Posts,
    PostsIn,
    Ready,
    Refused,
    Setup,
    Understood,
    framed,
    jobs,
    next_frame,
    setups,
)
from tocsin.ingest.neighbour import understood, understood_message
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.text.feeds import entries
from tocsin.ingest.text.plain import CHARACTERS_MAX
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Alert

# The engine and the listeners go first: a neighbour's alert may wait for them, they may not wait for one.
NICE = 5
ENTRIES_MAX = 1_000
_STATM = Path("/proc/self/statm")
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_SAMPLE = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>i</identifier><sender>s</sender>'
    "<sent>2026-01-01T00:00:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>"
    "<category>Security</category><event>Air raid</event><urgency>Immediate</urgency><severity>Extreme</severity>"
    "<certainty>Observed</certainty><area><areaDesc>a</areaDesc><polygon>0,0 0,1 1,1 0,0</polygon></area>"
    "</info></alert>"
)


class Reading:
    """What is done with documents."""

    def __init__(self, setup: Setup) -> None:
        self._index = ZoneIndex(setup.zones)
        self._pinned = setup.pinned
        self._trust = {source: pinned(one.certificates) for source, one in setup.pinned.items()}
        # Whatever is loaded at the first document belongs to the process, not to that document's budget.
        understood(Alert(id="sample", time=_FIRST, cap=_SAMPLE), self._index)

    def done(self, job: Job) -> Answer:
        """The answer to a job. Raises BadInput."""
        if isinstance(job, LookIn):
            return Found(listed_in(job.body))
        if isinstance(job, PostsIn):
            return _posts(job.body)
        answer = Understood(msgspec.structs.replace(self._understood(job.alert), cap=""))
        if len(msgspec.msgpack.encode(answer)) > MEANING_OCTETS_MAX:
            raise BadRecord("it names too many zones in too many parts; send fewer in one message")
        return answer

    def _understood(self, alert: Alert) -> Alert:
        """An alert with its meaning; of a signed one nothing counts but what was signed."""
        source = alert.via or alert.source
        pins, trust = self._pinned.get(source, Pinned()), self._trust.get(source, {})
        if pins.signatures == "ignored" or not trust:
            return understood(alert, self._index)
        try:
            signed = signed_cap(alert.cap, trust)
        except BadInput as error:
            raise BadRecord(f"alert {alert.id} is signed, and that does not count: {error}") from error
        if signed is not None:
            return understood_message(alert, signed, self._index)
        if pins.signatures == "required":
            raise BadRecord(f"alert {alert.id} is not signed; of source {source} only signed ones are taken")
        return understood(alert, self._index)


def _posts(body: bytes) -> Posts:
    """The first posts of a feed, their texts no longer than anybody reads."""
    rejects = Rejects()
    found = [
        msgspec.structs.replace(post, text=post.text[:CHARACTERS_MAX])
        for post in islice(entries(body, "feed", rejects), ENTRIES_MAX)
    ]
    return Posts(tuple(found), tuple(rejects.counts))


def main() -> None:
    """Answer jobs until the input ends, or the memory is used up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand among the answers.
    os.dup2(2, 1)
    if (setup_frame := next_frame(incoming)) is None:
        return
    setup = setups.decode(setup_frame)
    budget = setup.budget
    reading = Reading(setup)
    most = _limit_memory(budget.memory_bytes)
    answer: Answer = Ready()
    while True:
        outgoing.write(framed(answer))
        outgoing.flush()
        used = _used_bytes()
        # A heap in pieces would be held against the next document; a new process begins whole.
        if most is not None and used is not None and most - used < budget.memory_bytes // 2:
            return
        if (frame := next_frame(incoming)) is None:
            return
        signal.setitimer(signal.ITIMER_PROF, budget.processor_s)
        answer = _answer(frame, reading)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _answer(frame: bytes, reading: Reading) -> Answer:
    try:
        answer = reading.done(jobs.decode(frame))
    except BadInput as error:
        return Refused(str(error))
    except MemoryError:
        # What is left of the heap is of no use to the next document.
        sys.exit(OUT_OF_MEMORY)
    # A fault of ours that one document brings out costs that document alone.
    except Exception as error:  # noqa: BLE001
        return Refused(f"it cannot be read: {type(error).__name__}: {error}"[:500])
    return answer


def _used_bytes() -> int | None:
    """The address space in use; None where the system does not say."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return None


def _limit_memory(beyond_bytes: int) -> int | None:
    """Allow so much more than is in use now; the limit, None where there is none."""
    used = _used_bytes()
    if used is None:
        return None
    resource.setrlimit(resource.RLIMIT_AS, (used + beyond_bytes, used + beyond_bytes))
    return used + beyond_bytes


if __name__ == "__main__":
    main()
