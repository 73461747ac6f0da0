"""Bans and known addresses in the people's file: a restart lets no guesser go on, and shuts no officer out.

Names and addresses are kept as keyed hashes: the file tells nobody from where officers come. Written once a second: a
process that is killed loses a second of them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import apsw
import msgspec

from tocsin.service.people.bans import DOUBLED_MAX, FORGOTTEN_S, KNOWN_S, OF_NAME, Bans, Counted, Key
from tocsin.service.people.store import People

# Rows a second that are written at most; what strangers do must not keep the disk from what people do.
WRITTEN_MAX = 500
_TABLE = "CREATE TABLE IF NOT EXISTS ban (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT"
_BAN_S_MAX = OF_NAME.ban_s * 2**DOUBLED_MAX


class _Row(msgspec.Struct, frozen=True):
    """Times are POSIX seconds. Of a known address `since_s` is when it was seen last."""

    since_s: float
    failures: int = 0
    until_s: float = 0.0
    bans: int = 0


def kept_bans(people: People, secret: bytes, clock_s: Callable[[], float]) -> Bans:
    """The bans of a service, as they were when it ended, kept from now on.

    secret    that of this service: without it no hash can be tried
    clock_s   seconds that only ever grow
    """

    def called(text: str) -> str:
        return hmac.digest(secret, b"tocsin: who and where" + text.encode(errors="replace"), hashlib.sha256).hex()[:32]

    bans = Bans(clock_s, called)
    for name, body in people.file.submit(_rows).result():
        _take(bans, tuple(name.split("/")), msgspec.json.decode(body, type=_Row), people.now_s(), clock_s())
    people.on_reset.append(lambda name: bans.forget(name.casefold()))
    people.on_tend.append(lambda: _keep(bans, people, clock_s()))
    return bans


def _take(bans: Bans, key: Key, row: _Row, now_s: float, clock_s: float) -> None:
    """One row, in the clock's seconds; a machine's clock that was set meanwhile makes nothing last longer."""
    ago_s = max(0.0, now_s - row.since_s)
    if key[0] == "known":
        if ago_s <= KNOWN_S:
            bans.known[key] = clock_s - ago_s
    elif now_s - max(row.since_s, row.until_s) <= FORGOTTEN_S:
        left_s = min(max(0.0, row.until_s - now_s), _BAN_S_MAX)
        bans.counted[key] = Counted(row.failures, clock_s - ago_s, clock_s + left_s, row.bans)


def _keep(bans: Bans, people: People, clock_s: float) -> None:
    """Write what has changed; later, where the disk does not take what came before."""
    if people.file.waiting or not bans.changed:
        return
    keys = list(bans.changed)[:WRITTEN_MAX]
    rows = [("/".join(key), _written(bans, key, people.now_s() - clock_s)) for key in keys]
    for key in keys:
        del bans.changed[key]

    def write(db: apsw.Connection) -> None:
        db.executemany("INSERT OR REPLACE INTO ban VALUES (?, ?)", [row for row in rows if row[1] is not None])
        db.executemany("DELETE FROM ban WHERE key = ?", [(name,) for name, body in rows if body is None])

    people.file.behind(write)


def _written(bans: Bans, key: Key, posix_s: float) -> str | None:
    """What is kept of one; None: nothing any more. `posix_s`: what turns the clock's seconds into POSIX seconds."""
    if (seen_s := bans.known.get(key)) is not None:
        row = _Row(seen_s + posix_s)
    elif (one := bans.counted.get(key)) is not None:
        row = _Row(one.since_s + posix_s, one.failures, one.until_s + posix_s, one.bans)
    else:
        return None
    return msgspec.json.encode(row).decode()


def _rows(db: apsw.Connection) -> list[tuple[str, str]]:
    db.execute(_TABLE)
    return list(db.execute("SELECT key, body FROM ban ORDER BY rowid"))
