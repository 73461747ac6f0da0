"""The body of POST /v1/observations: one JSON object, or many as NDJSON.

Quality: bounded in bytes and lines; a bad line costs itself only and is answered with its number and reason. A long
body is read in slices, between which the event loop serves everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.ingest.slices import Steps
from tocsin.ingest.unread_keys import repeated_keys, unread_keys
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Observation
from tocsin.model.utf8 import UTF8_MARK, as_utf8
from tocsin.model.wire import observation_from_json

# An upstream alert may be 4 MB; a radar's scan of 10,000 plots is 2 MB.
BATCH_BYTES_MAX = 8_000_000
BATCH_LINES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is not an observation, or of which not all is read: its number from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The observations of a body with their line numbers, and the lines that were none.

    unread   what of the observations is not read
    """

    observations: tuple[tuple[int, Observation], ...]
    rejected: tuple[Fault, ...]
    unread: tuple[Fault, ...] = ()


def batch_steps(body: bytes) -> Steps[Batch]:
    """What a body holds, line by line. Raises BadRecord when it is empty or has too many lines."""
    body = as_utf8(body)
    lines = body.split(b"\n", BATCH_LINES_MAX + 1)
    if len(lines) > BATCH_LINES_MAX:
        raise BadRecord(f"more than {BATCH_LINES_MAX} lines in one batch; send smaller ones")
    try:
        return Batch(((1, observation_from_json(body)),), (), _unread(1, body))
    except BadInput as error:
        whole = _why(error, body)
    good: list[tuple[int, Observation]] = []
    bad: list[Fault] = []
    unread: list[Fault] = []
    for number, line in enumerate(lines, 1):
        yield
        # Whoever joins files joins their marks.
        line = line.removeprefix(UTF8_MARK)
        if not line.strip():
            continue
        try:
            good.append((number, observation_from_json(line)))
            unread += _unread(number, line)
        except BadInput as error:
            bad.append(Fault(number, _why(error, line)))
    if not good and len(bad) != 1:
        # One object over several lines with a mistake in it: name the mistake, not every line.
        bad = [Fault(1, whole)] if body.strip() else []
    if not good and not bad:
        raise BadRecord("the body is empty; send one observation as JSON, or many as lines of JSON")
    return Batch(tuple(good), tuple(bad), tuple(unread))


def _unread(number: int, line: bytes) -> tuple[Fault, ...]:
    said = (unread_keys(line), repeated_keys(line))
    return tuple(Fault(number, one) for one in said if one is not None)


def _why(error: BadInput, line: bytes) -> str:
    """Why a line is refused; a required key that is missing may be there under another spelling."""
    said = unread_keys(line)
    return str(error) if said is None else f"{error}; {said}"
