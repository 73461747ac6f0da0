"""The public log as files: pages of entries and heads, as the service publishes them and auditors keep them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tocsin.announce.keys import fingerprint, public_key_in
from tocsin.announce.static_files import Beside
from tocsin.ledger.formats.bounded import LINES_MAX, beginning, opened
from tocsin.ledger.proof_check import Verdict, verify
from tocsin.ledger.proof_entries import LINE_BYTES_MAX
from tocsin.ledger.proof_heads import head_json
from tocsin.ledger.proof_log import ProofLog
from tocsin.ledger.proof_records import compared
from tocsin.ledger.store import Store
from tocsin.model.errors import BadFile, BadSettings

# A page of entries has about half a megabyte; a head names up to 4,096 leaves.
ENTRIES_A_PAGE, HEADS_A_PAGE = 1_000, 50
FOLDER = "/v1/proof"
_SQLITE = b"SQLite format 3\0"


def verify_files(export: Path, heads: Path, trust: Sequence[Path], store: Store | None = None) -> Verdict:
    """Check a log, or an export of one, against heads that somebody kept, by the public keys in these files.

    store   a ledger whose records are compared with the log's entries, too; then `export` must be the log itself

    Raises BadFile and BadSettings.
    """
    keys: dict[str, object] = {fingerprint(key): key for key in map(public_key_in, trust)}
    if not _is_database(export):
        if store is not None:
            raise BadSettings("an export has the hashes of records alone; give the log itself, such as proof.db")
        return verify(_lines(export, "entries"), _lines(heads, "heads"), keys)
    log = ProofLog(export)
    try:
        verdict = verify(_of_log(log), _lines(heads, "heads"), keys)
        if store is not None:
            verdict.findings.extend(compared(log, store))
        return verdict
    finally:
        log.close()


def _is_database(path: Path) -> bool:
    return not path.is_dir() and beginning(path, "a public log, or an export of one", len(_SQLITE)) == _SQLITE


def _of_log(log: ProofLog) -> Iterator[bytes]:
    for first in range(0, len(log), ENTRIES_A_PAGE):
        yield from log.entry_lines(first, ENTRIES_A_PAGE)


def _lines(path: Path, kind: str) -> Iterator[bytes]:
    """The lines of a file, or of the numbered files in a folder or in its folder `kind`, in order. Raises BadFile."""
    folder = path / kind if (path / kind).is_dir() else path
    files = sorted(folder.glob("*.jsonl"), key=lambda one: _numbers(one.name)) if folder.is_dir() else [path]
    if not files:
        raise BadFile(f"there are no {kind} in {path}; give a .jsonl, or a folder of them")
    for one in files:
        with opened(one, f"a .jsonl of {kind}") as file:
            number = 0
            while line := file.readline(LINE_BYTES_MAX + 1):
                if (number := number + 1) > LINES_MAX:
                    raise BadFile(f"{one} has more than {LINES_MAX:,} lines; cut it into parts")
                yield line.rstrip(b"\n")


def _numbers(name: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", name)]


def public_files(log: ProofLog, key_pem: bytes) -> Iterator[Beside]:
    """What the public may read of a log, as the service serves it: entries before the heads over them."""
    yield Beside(f"{FOLDER}/key.pem", key_pem, lambda: key_pem)
    blanked, newest = log.blanked, log.newest
    for kind, count, lines, a_page in (
        ("entries", len(log), log.entry_lines, ENTRIES_A_PAGE),
        ("heads", log.head_count, log.head_lines, HEADS_A_PAGE),
    ):
        for first in range(0, count, a_page):
            version = (min(count, first + a_page), blanked)
            yield Beside(f"{FOLDER}/{kind}/{first // a_page}.jsonl", version, partial(_page, lines, first, a_page))
    if newest is not None:
        yield Beside(f"{FOLDER}/head.json", newest, partial(head_json, newest))


def _page(lines: Callable[[int, int], list[bytes]], first: int, count: int) -> bytes:
    return b"".join(line + b"\n" for line in lines(first, count))


def write_public(log: ProofLog, key_pem: bytes, out: Path) -> None:
    """Write what the public may read of a log into a folder. Raises BadFile."""
    try:
        for one in public_files(log, key_pem):
            path = out / one.path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.body())
    except OSError as error:
        raise BadFile(f"the public log cannot be written to {out} ({error.strerror})") from error
