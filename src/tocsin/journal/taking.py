"""Events as they come: each new one is numbered, linked to the one before it, and in memory until it is on the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tocsin.journal.chain import linked, row_crc
from tocsin.journal.encoded import Encoded, Receipt
from tocsin.journal.held import Group, Held
from tocsin.journal.ids import Place
from tocsin.journal.marks import Mark


class Taking:
    """What was taken, under a lock of its own that is never held while the disk is waited for.

    seq     the last event that was numbered
    mark    how far an agreed log is followed with it
    held    what of it is not on the disk
    """

    def __init__(
        self, seq: int, chain: bytes, mark: Mark, known: Callable[[Sequence[int]], dict[int, Place]], remembered: int
    ) -> None:
        """Go on after event `seq`, where the hash of the chain is `chain`.

        known        the places of those keys that are on the disk
        remembered   for how many events after it an event is known again
        """
        self.seq, self._chain = seq, chain
        self.mark = mark
        self.held = Held()
        self._known = known
        self._remembered = remembered
        self._lock = threading.Lock()

    def take(self, rows: Sequence[Encoded], *, mark: Mark | None, own: bool) -> list[Receipt]:
        """Number events and keep those that are new."""
        with self._lock:
            receipts, places = self._place(rows)
            self.mark = mark or self.mark
            new = [row for row, receipt in zip(rows, receipts, strict=True) if receipt.outcome == "new"]
            if not new:
                return receipts
            before, first, last = self._chain, self.seq + 1, self.seq + len(new)
            chain = linked(before, first, [(row.key, row.digest, row.body) for row in new])
            values = [
                (seq, row.key, row_crc(seq, row.body), row.body, row.digest, chain if seq == last else None)
                for seq, row in enumerate(new, first)
            ]
            marked = self.mark if self.mark != Mark() else None
            self.held.add(Group(before, values, places, sum(len(row.body) for row in new), marked, own))
            self.seq, self._chain = last, chain
            return receipts

    def _place(self, rows: Sequence[Encoded]) -> tuple[list[Receipt], dict[int, Place]]:
        """The receipt of each row, and key -> place of the new ones."""
        keys = [row.key for row in rows if row.key is not None]
        # In this order: what is written meanwhile moves from the first to the second.
        places = self.held.places
        held = {key: places[key] for key in keys if key in places} if places else {}
        known = self._known(keys) | held
        fresh: dict[int, Place] = {}
        receipts = []
        seq = self.seq + 1
        for key, digest, _body in rows:
            before = None if key is None else fresh.get(key) or known.get(key)
            # Exact, so that the same events give the same journal however they are grouped.
            if before is not None and before[0] >= seq - self._remembered:
                receipts.append(Receipt(before[0], "duplicate" if before[1] == digest else "conflict"))
                continue
            receipts.append(Receipt(seq))
            if key is not None:
                fresh[key] = seq, digest
            seq += 1
        return receipts, fresh

    def take_back(self, before: int) -> None:
        """Forget what was taken last, where that is beyond event `before`: the disk refused it."""
        with self._lock:
            if self.seq > before:
                self.seq, self._chain = before, self.held.drop_last().before

    def first(self, events_max: int) -> list[Group]:
        """The oldest groups that are not on the disk, together no more than so many events, but one at least."""
        with self._lock:
            return self.held.first(events_max)

    def written(self, number: int) -> None:
        """So many of the oldest groups are on the disk."""
        with self._lock:
            self.held.drop_first(number)

    def end(self) -> tuple[int, bytes]:
        """The last event that was numbered, and the hash of the chain there."""
        with self._lock:
            return self.seq, self._chain

    def group_of(self, seq: int) -> Group | None:
        """The group that an event is in; None: it is on the disk, or was never taken."""
        with self._lock:
            return self.held.end_of(seq)
