"""What became of every record that was read: used, rejected (and why), or passed over because nobody wants it.

Counted always; what is rejected is kept in a file up to a bound. The law that every reader keeps, and its tests assert:
read = used + rejected + passed over.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, NamedTuple

import msgspec

from tocsin.ingest.reasons import OTHER, REASON_CHARS_MAX, REASONS_MAX, Reasons, by_reason
from tocsin.ingest.shares import Shares
from tocsin.model.errors import BadFile

# Enough to recognise a record; a hostile sender must not fill the disk with one line.
EXCERPT_CHARS_MAX = 500
# Where in a file or source a record stood.
_PLACE = re.compile(r"[:@](?:row )?\d+(?:@\d+)?$")
# A flood of rubbish fills this much disk and no more; counting goes on.
FILE_BYTES_MAX = 50_000_000

# rejected: it cannot be used, or may not be said; over_rate: it may be sent again later; conflict: its id was used for
# something else; unauthenticated: it came without a token that is known; busy, not_kept: the journal did not take it.
Outcome = Literal["rejected", "over_rate", "conflict", "unauthenticated", "busy", "not_kept"]

_encoder = msgspec.json.Encoder()


class Account(NamedTuple):
    """What became of the records of one or more inputs."""

    read: int
    used: int
    rejected: int
    passed_over: int

    @property
    def balanced(self) -> bool:
        """Whether every record that was read is accounted for, once."""
        return self.read == self.used + self.rejected + self.passed_over


class Rejects:
    """What became of records: counts, and a file of JSON lines `{"where", "reason", "record"}` of the rejected ones.

    A reader says `read` for every record it meets (a line, a row, a report, a packet it cannot open) and then one of
    `use`, `add` or `count`, `pass_over`. Whoever comes after it and does not take what it used, says `take_back` first.
    What is wrong with a part of a record that is used all the same, is said by `leave_out` and `remark`, which are no
    part of the account.

    The file appears with the first reject, so that no file means none; one of an earlier run is kept as `….old`. With
    path None rejects are only counted.

    trouble   patient: why the file could not be written the last time it was tried, in a sentence; None: it could
    """

    def __init__(
        self, path: Path | None = None, *, file_bytes_max: int = FILE_BYTES_MAX, patient: bool = False
    ) -> None:
        """With `patient`, a disk that refuses costs the file its records, and nobody else anything."""
        self.path = path
        self.trouble: str | None = None
        self._patient = patient
        self._reasons = Reasons()
        self._left_out = Reasons()
        # What became of them -> how many; for whoever counts them by that.
        self.outcomes: Counter[str] = Counter()
        self._passed_over: Counter[str] = Counter()
        self._remarks: Counter[str] = Counter()
        self._noticed: dict[str, None] = {}
        # Kind of reason -> where the first record stood that was rejected for it.
        self._first: dict[str, str] = {}
        self._read = self._used = 0
        self._file: BinaryIO | None = None
        self._shares = Shares(file_bytes_max)
        if path is not None and path.is_file():
            path.replace(path.with_name(path.name + ".old"))

    @property
    def account(self) -> Account:
        """Records read, used, rejected and passed over."""
        return Account(self._read, self._used, self.total, self._passed_over.total())

    @property
    def total(self) -> int:
        """How many records were rejected."""
        return self._reasons.total

    @property
    def counts(self) -> dict[str, int]:
        """Reason (with `…` for numbers and quoted texts) -> how many records, most frequent first."""
        return self._reasons.counts

    @property
    def values(self) -> dict[str, dict[str, Any]]:
        """Reason, of those that hold values -> `says`, `distinct` and `values`: in what its records differ."""
        return self._reasons.values

    @property
    def left_out(self) -> dict[str, int]:
        """Reason -> how many values were left out of records that are used."""
        return self._left_out.counts

    def read(self, number: int = 1) -> None:
        """Count records met, whatever becomes of them."""
        self._read += number

    def use(self, number: int = 1) -> None:
        """Count records that are used."""
        self._used += number

    def take_back(self, number: int = 1) -> None:
        """Records that their reader counted as used are not; whoever says so counts them as something else."""
        self._used -= number

    def turn_away(self, reason: str, record: Any, where: str) -> None:
        """Reject a record that its reader took, and counted as used."""
        self.take_back()
        self.add(reason, record, where)

    def leave_out(self, reason: str, number: int = 1) -> None:
        """Count values that are not used of records that are."""
        self._left_out.count(reason, number)

    def add(self, reason: str, record: Any, where: str, outcome: Outcome = "rejected") -> None:
        """Count one record and keep its beginning; `where` is file:line, file@byte or a source's name.

        No reason of one file or source takes all the room there is: what is rare is worth more than what is many.
        """
        kind = self.count(reason, outcome=outcome)
        self._first.setdefault(kind, where)
        if self.path is None:
            return
        share = f"{re.split(_PLACE, where, maxsplit=1)[0]} {kind}"
        line = (
            _encoder.encode({"where": where, "reason": reason[:REASON_CHARS_MAX], "record": _excerpt(record)}) + b"\n"
        )
        if not self._shares.take(share, len(line)):
            if not self._shares.refused_first(share):
                return
            line = _encoder.encode({"where": where, "reason": f"enough of this: {kind}; more is only counted"}) + b"\n"
        with self._on_disk():
            if self._file is None:
                self._file = open(self.path, "wb", opener=_private)  # noqa: SIM115 - Path.open takes no opener
            self._file.write(line)

    def count(self, reason: str, number: int = 1, outcome: Outcome = "rejected") -> str:
        """Count records without keeping them; returns the kind of the reason."""
        self.outcomes[outcome] += number
        return self._reasons.count(reason, number)

    def pass_over(self, kind: str, number: int = 1) -> None:
        """Count something that is sound but not for us, or not read; of a flood of kinds the first are told apart."""
        self._passed_over[_bounded(kind, self._passed_over)] += number

    def remark(self, kind: str, number: int = 1) -> None:
        """Count something that is not read and is no record of its own: a key nobody knows, octets between records."""
        self._remarks[_bounded(kind, self._remarks)] += number

    def notice(self, text: str) -> None:
        """Keep a sentence about something that looks wrong and is used all the same; each once."""
        if len(self._noticed) < REASONS_MAX:
            self._noticed[text] = None

    @property
    def noticed(self) -> tuple[str, ...]:
        """What was noticed, in that order."""
        return tuple(self._noticed)

    @property
    def passed_over(self) -> dict[str, int]:
        """Kind -> how many were passed over, in order of kind."""
        return dict(sorted(self._passed_over.items()))

    @property
    def remarks(self) -> dict[str, int]:
        """Kind -> how much of it was not read, in order of kind; no part of the account."""
        return dict(sorted(self._remarks.items()))

    def figures(self) -> dict[str, Any]:
        """All of it for JSON: the account, and what was rejected, left out (with the values named) and passed over."""
        return {
            "read": self._read,
            "used": self._used,
            "rejected": self.counts,
            "rejected_values": self.values,
            "rejected_first": dict(self._first),
            "left_out": self.left_out,
            "left_out_values": self._left_out.values,
            "passed_over": self.passed_over,
            "remarks": self.remarks,
            "noticed": list(self._noticed),
        }

    def summary(self) -> str:
        """What was rejected, left out and passed over, for people; empty when nothing was."""
        return unused(self.figures(), self.path if self._file is not None else None)

    def flush(self) -> None:
        """Write what is buffered to the file."""
        if self._file is not None:
            with self._on_disk():
                self._file.flush()

    def close(self) -> None:
        """Close the file; counts stay."""
        if self._file is not None:
            with self._on_disk():
                self._file.close()

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """Whatever the disk refuses inside is a BadFile, or, where we are patient, told as `trouble`."""
        try:
            yield
        except OSError as error:
            said = f"the reject file {self.path} cannot be written: {error.strerror}"
            if not self._patient:
                raise BadFile(said) from error
            self.trouble = f"{said}; what is rejected is counted only"
        else:
            self.trouble = None

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unused(figures: Mapping[str, Any], kept: Path | None = None) -> str:
    """The same of `figures`, for people; `kept`: the file that holds what was rejected."""
    told = []
    if rejected := figures["rejected"]:
        # Where they are kept, the file says of each where it stood.
        where, first = ("", figures["rejected_first"]) if kept is None else (f" (kept in {kept})", {})
        reasons = by_reason(rejected, figures["rejected_values"], first)
        told.append(f"{sum(rejected.values())} rejected{where}: {reasons}")
    if left_out := figures["left_out"]:
        told.append(f"{sum(left_out.values())} values left out: {by_reason(left_out, figures['left_out_values'])}")
    for said, key in (("passed over, because not read", "passed_over"), ("also not read", "remarks")):
        if figures[key]:
            told.append(f"{said}: " + ", ".join(f"{number} × {kind}" for kind, number in figures[key].items()))
    told += figures["noticed"]
    return "; ".join(told)


def _bounded(kind: str, known: Counter[str]) -> str:
    return kind if kind in known or len(known) < REASONS_MAX else OTHER


def _private(path: str, flags: int) -> int:
    """Rejected records name who sent them: only the owner may read them."""
    return os.open(path, flags, 0o600)


def _excerpt(record: Any) -> str:
    """The beginning of a record as text; bytes that are not text are written in hexadecimal."""
    if isinstance(record, memoryview | bytearray):
        record = bytes(record)
    if isinstance(record, bytes):
        head = record[: EXCERPT_CHARS_MAX * 4]
        try:
            record = head.decode()
        except UnicodeDecodeError:
            record = record[: EXCERPT_CHARS_MAX // 2].hex()
    return str(record)[:EXCERPT_CHARS_MAX]
