"""Ids of what is imported: of what was written, so that the same file imported twice gives the same records."""

from __future__ import annotations

import hashlib
import re

from tocsin.model.birth import is_id
from tocsin.model.value import NAME_CHARS_MAX

# So many characters of a SHA-256 in hexadecimal: of a million records two collide once in 10^7 such archives.
_DIGEST_CHARS = 16


def imported_id(archive: str, *parts: str) -> str:
    """The id of something in an archive.

    >>> imported_id("missile-attacks", "2026-06-06 18:00", "Shahed-136/131")
    'missile-attacks/d958846f4a543fe5'
    """
    return f"{archive}/{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:_DIGEST_CHARS]}"


def source_name(said: str) -> str:
    """What a chain of claims calls a source that an archive names: its name, with `_` for what no name may hold.

    >>> source_name("Syrian Observatory for Human Rights"), source_name(" "), source_name("Київ  24")
    ('Syrian_Observatory_for_Human_Rights', 'unnamed', 'Київ_24')
    """
    name = re.sub(r"[\s\\/]+", "_", said.strip())[:NAME_CHARS_MAX]
    name = name if not name or is_id(name) else "".join(one if is_id(one) or one == "." else "_" for one in name)
    return name if name and is_id(name) else "unnamed"
