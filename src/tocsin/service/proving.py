"""The public log of the running service: every warning as the public got it, the ledger's records, and signed heads.

Everything that waits for the disk is done in a thread of its own: no warning waits for it, and a log that cannot be
written is a trouble and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.announce.bodies import public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.static_files import Beside
from tocsin.ledger.opening import opened
from tocsin.ledger.proof_entries import WARNING, Item
from tocsin.ledger.proof_heads import HeadSigner
from tocsin.ledger.proof_log import ProofLog
from tocsin.ledger.proof_records import take_records
from tocsin.ledger.sql import SqlStore
from tocsin.model.errors import BadSettings, TocsinError
from tocsin.replay.proof_files import public_files
from tocsin.service.alone import Alone, Watcher
from tocsin.service.proof_settings import Proof

# Warnings that wait for the disk: an hour of a country's largest raid. What comes beyond is told of as lost.
WAITING_MAX = 200_000
# A snapshot waits so long for what it holds to be logged: after it nobody would tell of it again.
SETTLED_S = 5.0
# Between two looks for new records of the ledger.
LEDGER_S = 10


class Proving:
    """`hear` and `watch` are called from the event loop; `log` is there once it is open."""

    def __init__(self, settings: Proof | None, journal: Path, now: Callable[[], datetime], alone: Alone) -> None:
        self._settings = settings
        self._journal = journal
        self._now = now
        self._alone = alone
        self._watcher: Watcher[Callable[[], None]] | None = None
        self._lock = threading.Lock()
        self._waiting: list[Item] = []
        self._settled = threading.Event()
        self._settled.set()
        self._lost = 0
        self._watched = 0
        self._signed_at: datetime | None = None
        self._signer: HeadSigner | None = None
        self._store: SqlStore | None = None
        self._failed: str | None = None
        self.log: ProofLog | None = None

    @property
    def on(self) -> bool:
        """Whether the settings ask for a log."""
        return self._settings is not None

    @property
    def key_pem(self) -> bytes | None:
        """The public key of its heads; None: it is not known yet."""
        return None if self._signer is None else self._signer.public_pem

    def begin(self) -> None:
        """Open the log, in its own thread."""
        if self.on:
            self._watcher = Watcher("public log", lambda work: work(), self._alone)
            self._watcher.offer(self._open)

    def hear(self, batch: Batch) -> None:
        """Take in what the public is told; what is known already makes no entry."""
        if not self.on or not batch.warnings:
            return
        items = [Item(WARNING, one.id, msgspec.json.encode(public_warning(one)).decode()) for one in batch.warnings]
        with self._lock:
            first = not self._waiting
            taken = items[: WAITING_MAX - len(self._waiting)]
            self._waiting += taken
            self._lost += len(items) - len(taken)
            self._settled.clear()
        if first:
            self._poke(self._take)

    def watch(self) -> None:
        """Once a second: try again, look at the ledger, and sign where it is due."""
        if not self.on:
            return
        self._watched += 1
        if self._watched % LEDGER_S == 0:
            self._poke(self._take_records)
        self._poke(self._sign)

    def _poke(self, work: Callable[[], None]) -> None:
        if self._watcher is not None:
            self._watcher.offer(work)

    def settle(self) -> None:
        """Wait, for SETTLED_S at most, until everything that was heard is on the disk; from any thread."""
        if self._watcher is not None:
            self._settled.wait(SETTLED_S)

    @property
    def trouble(self) -> str | None:
        """What an operator must see to, in a sentence."""
        if self._lost:
            return f"{self._lost} warnings are not in the public log: its disk did not keep up"
        return self._failed or (None if self.log is None else self.log.trouble)

    def files(self) -> Iterable[Beside]:
        """The log as files, for a plain web server; waits for the disk."""
        return () if self.log is None or self.key_pem is None else public_files(self.log, self.key_pem)

    def stop(self) -> None:
        """Log and sign the rest, and let go of the files."""
        if self._watcher is not None:
            self._watcher.offer(self._finish)
            self._watcher.stop()

    def _open(self) -> None:
        """Open what is not open yet. Raises BadSettings and BadFile; they are a trouble until it works."""
        assert self._settings is not None
        try:
            self._signer = self._signer or self._settings.signer
            self.log = self.log or ProofLog(self._settings.log_path(self._journal), make=True)
        except TocsinError as error:
            what = "no heads are signed" if isinstance(error, BadSettings) else "nothing is logged"
            self._failed = f"{what} in public: {error}"
            raise
        self._failed = None

    def _take(self) -> None:
        if self.log is None:
            self._open()
        assert self.log is not None
        while not self._settled.is_set():
            with self._lock:
                items = self._waiting[:]
            self.log.append(items)
            with self._lock:
                del self._waiting[: len(items)]
                if not self._waiting:
                    self._settled.set()

    def _take_records(self) -> None:
        assert self._settings is not None
        path = self._settings.ledger
        if self.log is None or path is None or (self._store is None and not path.is_file()):
            return
        self._store = self._store or opened(str(path))
        take_records(self.log, self._store)

    def _sign(self) -> None:
        self._take()
        assert self.log is not None and self._signer is not None and self._settings is not None
        now = self._now()
        since_s = None if self._signed_at is None else (now - self._signed_at).total_seconds()
        if since_s is None or not 0 <= since_s < self._settings.every_s:
            anew = since_s is None or not 0 <= since_s < self._settings.anew_s
            if self.log.sign(self._signer, now, anew=anew):
                self._signed_at = now

    def _finish(self) -> None:
        try:
            self._signed_at = None
            self._sign()
        finally:
            for one in (self.log, self._store):
                if one is not None:
                    one.close()
