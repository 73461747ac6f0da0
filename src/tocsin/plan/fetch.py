"""Files of elevation from wherever a user says: whole and as they were promised, or not at all.

What has come is kept beside the file as `NAME.part`, and the next try goes on from there where the server lets it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from tocsin.model.errors import BadFile, BadSettings
from tocsin.plan.terrain import ENDINGS

# The largest GeoTIFF that is read, uncompressed.
OCTETS_MAX = 2_000_000_000
BLOCK = 1 << 18
REDIRECTS_MAX = 3
SAID_MAX = 200
# A slow line takes its time; one that says nothing for so long has ended.
SILENT_S = 60.0
SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Wanted:
    """One file: where it is, what it must hash to, and what it is called here."""

    url: str
    sha256: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSettings(f"{self.url!r} is no address; give http:// or https://")
        if not SHA256.fullmatch(self.sha256):
            raise BadSettings(f"--sha256 {self.sha256!r}: 64 digits of 0-9a-f, as `sha256sum` prints them")
        if not NAME.fullmatch(self.name) or Path(self.name).suffix.lower() not in ENDINGS:
            raise BadSettings(f"{self.url!r} does not end in the name of a file of elevation ({', '.join(ENDINGS)})")

    @property
    def name(self) -> str:
        """The last part of the address's path."""
        return unquote(urlsplit(self.url).path).rpartition("/")[2]


async def fetch(wanted: Wanted, folder: Path, shown: Callable[[float], None], octets_max: int = OCTETS_MAX) -> bool:
    """Bring one file into a folder; False where it was there already.

    shown   is told the share that has come, from 0 to 1, where the server says how much there is

    Raises BadFile: nothing, or something else than was promised, came.
    """
    target = folder / wanted.name
    part = target.with_name(f"{wanted.name}.part")
    if target.is_file():
        if _sha256(target) == wanted.sha256:
            return False
        raise BadFile(f"{target} is there and does not hash to {wanted.sha256}; move it away, or give another --out")
    try:
        await _bring(wanted.url, part, shown, octets_max)
        found = _sha256(part)
        if found != wanted.sha256:
            part.unlink()
            raise BadFile(f"{wanted.url} hashes to {found}, not {wanted.sha256}; ask its owner which is right")
        part.replace(target)
        _settle(folder)
    except (aiohttp.TooManyRedirects, aiohttp.NonHttpUrlClientError) as error:
        raise BadFile(
            f"{wanted.url} is redirected more than {REDIRECTS_MAX} times, or to what is no http:// or https://; "
            "give the address of the file itself"
        ) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        # What a server sent instead of an answer goes on for pages.
        said = (str(error) or type(error).__name__).split("\n")[0][:SAID_MAX]
        raise BadFile(f"{wanted.url} did not come: {said}; try again, and it goes on from what has come") from error
    except OSError as error:
        raise BadFile(f"{part} cannot be written: {error.strerror}; choose another --out") from error
    return True


async def _bring(url: str, part: Path, shown: Callable[[float], None], octets_max: int) -> None:
    """Append to a part what is missing of it. Raises aiohttp.ClientError, TimeoutError, BadFile and OSError."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"accept-encoding": "identity"} | ({"range": f"bytes={have}-"} if have else {})
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=SILENT_S, sock_read=SILENT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
        # Its bound is of answers, the last of which is a redirect too many.
        session.get(url, headers=headers, max_redirects=REDIRECTS_MAX + 1) as answer,
    ):
        if answer.status == 416:
            # There is no more than what has come: whether that is all, its hash says.
            return
        if answer.status not in (200, 206):
            raise BadFile(f"{url} answers {answer.status} {answer.reason}; give the address of the file itself")
        goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if answer.status == 206 and not goes_on:
            raise BadFile(f"{url} sends another part than was asked for; remove {part} and try again")
        have = have if goes_on else 0
        total = have + answer.content_length if answer.content_length else None
        if total is not None and total > octets_max:
            raise BadFile(f"{url} is {total:,} octets; at most {octets_max:,}: cut it into pieces")
        with part.open("ab" if goes_on else "wb") as file:
            async for block in answer.content.iter_chunked(BLOCK):
                have += len(block)
                if have > octets_max:
                    raise BadFile(f"{url} sends more than {octets_max:,} octets; cut it into pieces")
                file.write(block)
                if total:
                    shown(have / total)
            file.flush()
            os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(folder: Path) -> None:
    """The folder's own record of its files on the disk: a name that a power cut loses is a file that is lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
