"""The public log in a SQLite file: it only grows, and what it signed it remembers in a second place.

Beside `proof.db` lies `proof.db.head`, the newest head that was signed. Where the file is a copy from before that, or
does not give the root that was signed, the log is not what others have been told, and signs nothing: two heads that
contradict each other would prove a fork, and rightly.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
from msgspec import UNSET

from tocsin.journal.durable import durable_file
from tocsin.ledger.merkle import HASH_BYTES, MerkleTree
from tocsin.ledger.proof_entries import (
    BLANKED,
    SALT_BYTES,
    Blanked,
    Item,
    ProofEntry,
    commitment,
    entry_json,
    leaf_of,
    new_salt,
)
from tocsin.ledger.proof_heads import LEAVES_MAX, HeadSigner, SignedHead, head_from_json, head_json
from tocsin.model.errors import BadFile, BadInput, BadValue
from tocsin.model.value import time_text
from tocsin.model.wire import to_json

# "TCSP": lets us refuse somebody else's database with a clear word.
APPLICATION_ID = 0x54435350
SCHEMA_VERSION = 1
HEAD_SUFFIX = ".head"
# A million entries are read at the start, and must not all be in memory at once.
_READ_ROWS = 20_000
_TABLES = """
    CREATE TABLE log (id BLOB NOT NULL, taken INTEGER NOT NULL, blanked INTEGER NOT NULL);
    CREATE TABLE entry (n INTEGER PRIMARY KEY, public INTEGER NOT NULL, commitment BLOB NOT NULL, salt BLOB,
                        kind TEXT NOT NULL, name TEXT NOT NULL, content TEXT);
    CREATE INDEX entry_name ON entry (name, kind);
    CREATE TABLE head (n INTEGER PRIMARY KEY, size INTEGER NOT NULL, line BLOB NOT NULL);
"""
_ENTRY = "SELECT n, public, commitment, salt, kind, name, content FROM entry "


class ProofLog:
    """The log at `path`; from any thread, and other processes may write it, too.

    trouble   why it signs nothing, in a sentence; None: it is what it told others

    Raises BadFile where it is no log, cannot be used, or is not there and not to be made.
    """

    def __init__(self, path: Path, *, make: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        if not make and not path.is_file():
            raise BadFile(f"there is no public log at {path}; the service makes one where [proof] names a key")
        with self._told():
            self._db = self._opened()
            self._id, _ = self._row("SELECT id, taken FROM log")
            self._tree = MerkleTree()
            self._refresh()
        self.trouble = self._contradiction()

    def _opened(self) -> apsw.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # It holds salts, and whose records are not public: private before anything is in it.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        db = apsw.Connection(str(self.path))
        db.set_busy_timeout(5_000)
        if db.pragma("schema_version") == 0:
            db.pragma("application_id", APPLICATION_ID)
            db.pragma("user_version", SCHEMA_VERSION)
            db.pragma("journal_mode", "wal")
            with db:
                db.execute(_TABLES).fetchall()
                db.execute("INSERT INTO log VALUES (?, 0, 0)", (os.urandom(SALT_BYTES),))
        if db.pragma("application_id") != APPLICATION_ID or db.pragma("user_version") != SCHEMA_VERSION:
            db.close()
            raise BadFile(f"{self.path} is a database, but no public log of this Tocsin; choose another file")
        # What is blanked is overwritten, not merely unlinked; a head is signed over what is on the disk.
        for name, value in (("synchronous", "full"), ("secure_delete", "on")):
            db.pragma(name, value)
        return db

    @contextmanager
    def _told(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (apsw.Error, OSError) as error:
                raise BadFile(f"the public log {self.path} cannot be used ({error}); check the disk") from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone, with all that others wrote known; durable on leaving, or not done."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            size = len(self._tree)
            try:
                self._refresh()
                size = len(self._tree)
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._tree.cut(size)
                raise

    def _refresh(self) -> None:
        """Take in entries that are in the file and not in the tree."""
        sql = "SELECT commitment, public FROM entry WHERE n >= ? ORDER BY n LIMIT ?"
        while rows := self._rows(sql, len(self._tree), _READ_ROWS):
            self._tree.extend(leaf_of(committed, public=bool(public)) for committed, public in rows)

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return self._db.execute(sql, values).fetchall()

    def _row(self, sql: str, *values: Any) -> Any:
        return next(iter(self._rows(sql, *values)), None)

    def __len__(self) -> int:
        return len(self._tree)

    @property
    def id(self) -> str:
        """Which log this is."""
        return bytes(self._id).hex()

    @property
    def taken(self) -> int:
        """The number of the ledger's last record that is in it."""
        with self._told():
            return int(self._row("SELECT taken FROM log")[0])

    def append(self, items: Sequence[Item], *, taken: int | None = None) -> int:
        """Log what is not in it already; how many entries that made.

        taken   with them, the ledger's records up to this number are in it
        """
        with self._writing():
            new = [self._add(one) for one in items if not self._knows(one)]
            if taken is not None:
                self._db.execute("UPDATE log SET taken = ?", (taken,))
        return len(new)

    def _knows(self, item: Item) -> bool:
        rows = self._rows("SELECT content FROM entry WHERE name = ? AND kind = ?", item.id, item.kind)
        # One without its text was blanked, or is not public; an id stands for one text then.
        return any(content is None or content == item.content for (content,) in rows)

    def _add(self, item: Item) -> int:
        salt, number = new_salt(), len(self._tree)
        committed = commitment(salt, item.kind, item.id, item.content)
        content = item.content if item.public else None
        row = (number, item.public, committed, salt, item.kind, item.id, content)
        self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._tree.append(leaf_of(committed, public=item.public))
        return number

    def blank(self, number: int, reason: str) -> None:
        """Take the text of an entry out for good, and log that it was done, and why. Raises BadValue."""
        if not reason.strip():
            raise BadValue("why an entry is blanked is public; give a reason that endangers nobody")
        with self._writing():
            found = self._row("SELECT public, content FROM entry WHERE n = ?", number)
            if found is None or not found[0] or found[1] is None:
                raise BadValue(f"entry {number} has no public text; give the number of one that has")
            self._db.execute("UPDATE entry SET salt = NULL, content = NULL WHERE n = ?", (number,))
            self._db.execute("UPDATE log SET blanked = blanked + 1")
            text = to_json(Blanked(entry=number, reason=reason)).decode()
            self._add(Item(BLANKED, f"{number}", text))
        with self._told():
            # What was written lies in the log beside the file until it is cut off.
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def sign(self, signer: HeadSigner, now: datetime, *, anew: bool = False) -> list[SignedHead]:
        """Heads for all that has none; with `anew` one also where there is nothing new. None where it is in trouble."""
        with self._writing():
            before = self._newest()
            size = 0 if before is None else before.size
            if self.trouble is not None or (size == len(self._tree) and not anew):
                return []
            # A clock that was set back must not make it look as if the log had become shorter.
            time = max(time_text(now.replace(microsecond=0)), "" if before is None else before.time)
            heads = []
            for start in range(size, max(len(self._tree), size + 1), LEAVES_MAX):
                end = min(start + LEAVES_MAX, len(self._tree))
                leaves = self._tree.leaves(start)[: (end - start) * HASH_BYTES]
                head = signer.sign(self.id, self._tree.root(end), time, start, leaves)
                self._db.execute("INSERT INTO head (size, line) VALUES (?, ?)", (end, head_json(head)))
                heads.append(head)
        with self._told(), durable_file(self._head_path) as file:
            file.write(head_json(heads[-1]))
        return heads

    @property
    def _head_path(self) -> Path:
        return self.path.with_name(self.path.name + HEAD_SUFFIX)

    def _newest(self) -> SignedHead | None:
        found = self._row("SELECT line FROM head ORDER BY n DESC LIMIT 1")
        return None if found is None else head_from_json(found[0])

    def _contradiction(self) -> str | None:
        """How the file contradicts what it signed, in a sentence."""
        remedy = f"move it and {self._head_path.name} away, and a new log begins: readers will see that it is another"
        kept = self._newest()
        try:
            if self._head_path.exists():
                kept = head_from_json(self._head_path.read_bytes())
        except (OSError, BadInput) as error:
            return f"the newest head of the public log, {self._head_path}, cannot be read ({error}); {remedy}"
        if kept is None:
            return None
        if kept.log != self.id or kept.size > len(self._tree):
            return f"the public log {self.path} is older than {kept.name}, which it signed; {remedy}"
        if self._tree.root(kept.size).hex() != kept.root:
            return f"the public log {self.path} is not what {kept.name} signed; {remedy}"
        return None

    @property
    def newest(self) -> SignedHead | None:
        """The newest head."""
        with self._told():
            return self._newest()

    def entries(self, first: int, count: int) -> list[ProofEntry]:
        """So many entries from one on, as the public may see them."""
        with self._told():
            rows = self._rows(_ENTRY + "WHERE n >= ? ORDER BY n LIMIT ?", first, count)
        return [_shown(*row) for row in rows]

    def entry_lines(self, first: int, count: int) -> list[bytes]:
        """The same as lines, without their ends."""
        return [entry_json(entry) for entry in self.entries(first, count)]

    def head_lines(self, first: int, count: int) -> list[bytes]:
        """So many heads from one on, the oldest being 0, as lines without their ends."""
        with self._told():
            rows = self._rows("SELECT line FROM head WHERE n > ? ORDER BY n LIMIT ?", first, count)
        return [bytes(line) for (line,) in rows]

    def of(self, kind: str, name: str) -> list[tuple[int, bytes | None, bytes]]:
        """Number, salt and commitment of the entries of that name; the salt is gone where it was blanked."""
        with self._told():
            sql = "SELECT n, salt, commitment FROM entry WHERE name = ? AND kind = ? ORDER BY n"
            return self._rows(sql, name, kind)

    def texts(self, kind: str, name: str) -> list[tuple[int, str | None]]:
        """Number and text of the entries of that name; None: it was never public, or was blanked."""
        with self._told():
            return self._rows("SELECT n, content FROM entry WHERE name = ? AND kind = ? ORDER BY n", name, kind)

    def named(self, kinds: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """Number, kind and name of all entries but those of these kinds, in order."""
        with self._told():
            rows = self._rows("SELECT n, kind, name FROM entry ORDER BY n")
        return ((number, kind, name) for number, kind, name in rows if kind not in kinds)

    @property
    def head_count(self) -> int:
        """How many heads were signed so far."""
        with self._told():
            return int(self._row("SELECT count(*) FROM head")[0])

    @property
    def blanked(self) -> int:
        """How many entries were blanked so far."""
        with self._told():
            return int(self._row("SELECT blanked FROM log")[0])

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that an entry is in the tree of so many (`MerkleTree.inclusion`)."""
        with self._lock:
            return self._tree.inclusion(index, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that one tree is the beginning of another (`MerkleTree.consistency`)."""
        with self._lock:
            return self._tree.consistency(first, second)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()


def _shown(
    number: int, public: int, committed: bytes, salt: bytes | None, kind: str, name: str, content: str | None
) -> ProofEntry:
    """An entry as the public may see it."""
    if not public or content is None or salt is None:
        return ProofEntry(index=number, public=bool(public), commitment=committed.hex())
    return ProofEntry(index=number, public=True, salt=salt.hex(), kind=kind, id=name, content=content, commitment=UNSET)
