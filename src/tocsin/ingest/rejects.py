"""What could not be used, and why: counted always, kept in a file up to a bound. What nobody wants is counted apart."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

import msgspec

from tocsin.model.errors import BadFile

# Enough to recognise a record; a hostile sender must not fill the disk with one line.
EXCERPT_CHARS_MAX = 500
REASON_CHARS_MAX = 300
# A flood of rubbish fills this much disk and no more; counting goes on.
FILE_BYTES_MAX = 50_000_000
# Reasons carry values made up by the sender; without a bound the table of counts would grow with them.
REASONS_MAX = 200
OTHER = "other reasons"
REASONS_SAID = 5

# rejected: it cannot be used, or may not be said; over_rate: it may be sent again later; conflict: its id was used for
# something else; unauthenticated: it came without a token that is known.
Outcome = Literal["rejected", "over_rate", "conflict", "unauthenticated"]

# Quoted texts and numbers differ from record to record; the kind of fault is what is counted.
_VARYING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?<![\w.])[-+]?\d[\d.,e+:-]*(?![\w])")
_encoder = msgspec.json.Encoder()


class Rejects:
    """Rejected records: counts by reason, and a file of JSON lines `{"where", "reason", "record"}`.

    The file appears with the first reject, so that no file means none; one of an earlier run is kept as `….old`. With
    path None rejects are only counted.
    """

    def __init__(self, path: Path | None = None, *, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        self.path = path
        self._counts: Counter[str] = Counter()
        # What became of them -> how many; for whoever counts them by that.
        self.outcomes: Counter[str] = Counter()
        self._passed_over: Counter[str] = Counter()
        self._file: BinaryIO | None = None
        self._bytes_left = file_bytes_max
        if path is not None and path.is_file():
            path.replace(path.with_name(path.name + ".old"))

    @property
    def total(self) -> int:
        """How many records were rejected."""
        return self._counts.total()

    @property
    def counts(self) -> dict[str, int]:
        """Reason (with `…` for numbers and quoted texts) -> how many records, most frequent first."""
        return dict(self._counts.most_common())

    def add(self, reason: str, record: Any, where: str, outcome: Outcome = "rejected") -> None:
        """Count one record and keep its beginning; `where` is file:line, file@byte or a source's name."""
        self.count(reason, outcome=outcome)
        if self.path is None or self._bytes_left <= 0:
            return
        line = (
            _encoder.encode({"where": where, "reason": reason[:REASON_CHARS_MAX], "record": _excerpt(record)}) + b"\n"
        )
        self._bytes_left -= len(line)
        if self._bytes_left < 0:
            line = (
                _encoder.encode({"where": where, "reason": "this file is full; later rejects are only counted"}) + b"\n"
            )
        if self._file is None:
            try:
                self._file = open(self.path, "wb", opener=_private)  # noqa: SIM115 - Path.open takes no opener
            except OSError as error:
                raise BadFile(f"the reject file {self.path} cannot be written: {error.strerror}") from error
        self._file.write(line)

    def count(self, reason: str, number: int = 1, outcome: Outcome = "rejected") -> None:
        """Count records without keeping them."""
        self.outcomes[outcome] += number
        kind = _VARYING.sub("…", reason[:REASON_CHARS_MAX])
        if kind not in self._counts and len(self._counts) >= REASONS_MAX:
            kind = OTHER
        self._counts[kind] += number

    def pass_over(self, kind: str) -> None:
        """Count something that is sound but not for us, or not read; of a flood of kinds the first are told apart."""
        if kind not in self._passed_over and len(self._passed_over) >= REASONS_MAX:
            kind = OTHER
        self._passed_over[kind] += 1

    @property
    def passed_over(self) -> dict[str, int]:
        """Kind -> how many were passed over, in order of kind."""
        return dict(sorted(self._passed_over.items()))

    def summary(self) -> str:
        """What was rejected and what was passed over, for people; empty when nothing was."""
        return unused(self.counts, self.passed_over, self.path if self._file is not None else None)

    def flush(self) -> None:
        """Write what is buffered to the file."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Close the file; counts stay."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unused(counts: Mapping[str, int], passed_over: Mapping[str, int], kept: Path | None = None) -> str:
    """The counts of what was rejected and of what was passed over, for people; empty when nothing was."""
    said = []
    if counts:
        where = "" if kept is None else f" (kept in {kept})"
        said.append(f"{sum(counts.values())} rejected{where}: {by_reason(counts)}")
    if passed_over:
        passed = ", ".join(f"{number} × {kind}" for kind, number in passed_over.items())
        said.append(f"passed over, because not read: {passed}")
    return "; ".join(said)


def by_reason(counts: Mapping[str, int]) -> str:
    """The most frequent reasons with their counts, for people."""
    most = sorted(counts.items(), key=lambda one: -one[1])
    reasons = "; ".join(f"{number} × {reason}" for reason, number in most[:REASONS_SAID])
    return f"{reasons}; and {len(most) - REASONS_SAID} other reasons" if len(most) > REASONS_SAID else reasons


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
