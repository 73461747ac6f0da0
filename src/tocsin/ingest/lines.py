"""Observations as JSON lines, from a file or a pipe.

Quality: every line is checked against the contracts' fields and bounds; a bad line costs itself only; a line longer
than an observation may be is dropped without ever being held in memory whole. Blank lines, byte-order marks, record
separators and commas between lines are ignored; lines end in LF, CR LF or CR. Nothing is lost silently: whatever is
not delivered is in the rejects.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.unread_keys import repeated_keys, unread_keys
from tocsin.model.errors import BadInput
from tocsin.model.observation import Observation
from tocsin.model.utf8 import UTF8_MARK, Readable, Utf8Stream
from tocsin.model.wire import OBSERVATION_BYTES_MAX, observation_from_json

_CHUNK_BYTES = 1 << 18
# Whether lines end in CR alone is seen in so many octets: however a pipe cuts them, the same.
_HEAD_BYTES = 4_096
_AROUND = b" \t\n\r\x0b\f\x1e"


def bounded_lines(
    stream: Readable, name: str, rejects: Rejects, line_bytes_max: int = OBSERVATION_BYTES_MAX
) -> Iterator[tuple[int, bytes]]:
    """(line number from 1, line without its end) for every line that is not blank and not too long."""
    text = Utf8Stream(stream)
    number = 0
    end, chunk = _head(text)
    held: list[bytes] = []
    held_bytes = 0
    while chunk:
        *ended, rest = chunk.split(end)
        for part in ended:
            number += 1
            if held_bytes + len(part) > line_bytes_max:
                _too_long(number, (*held, part), line_bytes_max, name, rejects)
            elif line := _bare(b"".join((*held, part))):
                yield number, line
            held, held_bytes = [], 0
        held_bytes += len(rest)
        # Past the bound only the length is remembered.
        if held_bytes <= line_bytes_max or not held:
            held.append(rest)
        chunk = text.read1(_CHUNK_BYTES)
    number += 1
    if held_bytes > line_bytes_max:
        _too_long(number, tuple(held), line_bytes_max, name, rejects)
    elif line := _bare(b"".join(held)):
        yield number, line


def _head(text: Utf8Stream) -> tuple[bytes, bytes]:
    """What lines end in, and the beginning of the text: no more of it is waited for than until its first LF."""
    head = b""
    while b"\n" not in head and len(head) < _HEAD_BYTES and (chunk := text.read1(_CHUNK_BYTES)):
        head += chunk
    looked = head[:_HEAD_BYTES]
    return b"\r" if b"\r" in looked and b"\n" not in looked else b"\n", head


def _bare(line: bytes) -> bytes:
    """Without what surrounds it: who joins files joins their byte-order marks, and RFC 7464 marks each text (RS)."""
    return line.removeprefix(UTF8_MARK).strip(_AROUND)


def _of_list(line: bytes) -> bytes:
    """An object without what is left of a list that was written one object a line."""
    if line.startswith(b"[{") and line.endswith(b"},"):
        return line[1:-1]
    if line.startswith(b"{") and line.endswith((b"},", b"}]")):
        return line[:-1]
    return line


def _too_long(number: int, parts: tuple[bytes, ...], line_bytes_max: int, name: str, rejects: Rejects) -> None:
    head = b"".join(part[:2_000] for part in parts[:2])
    rejects.read()
    rejects.add(f"a line longer than {line_bytes_max} bytes", head, f"{name}:{number}")


def read_lines(stream: Readable, name: str, rejects: Rejects) -> Iterator[Observation]:
    """Every observation of a stream of JSON lines, in order; the others go to `rejects` with name:line."""
    for number, line in bounded_lines(stream, name, rejects):
        rejects.read()
        try:
            observation = observation_from_json(_of_list(line))
        except BadInput as error:
            rejects.add(str(error), line, f"{name}:{number}")
            continue
        for said in (unread_keys(line), repeated_keys(line)):
            if said is not None:
                rejects.remark(said)
        rejects.use()
        yield observation
