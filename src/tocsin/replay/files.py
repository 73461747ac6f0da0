"""Files read and written whole, with one sentence where that cannot be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.utf8 import as_utf8


def read_text(path: Path, what: str) -> bytes:
    """The text of a file as UTF-8, without a byte-order mark. Raises BadFile naming it, and `what` it should be."""
    try:
        return as_utf8(path.read_bytes())
    except BadRecord as error:
        raise BadFile(f"{path}: {error}") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of {what}") from error


def write_files(folder: Path, files: Mapping[str, bytes], *, secret: bool = False) -> None:
    """Write files by their names into a folder, which is made if absent. Raises BadFile.

    secret   nobody but their owner may read them, from the first byte on
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(f"{folder} cannot be made: {error.strerror}; choose another --out") from error
    for name, data in files.items():
        with opened(folder / name, secret=secret) as file:
            file.write(data)


def opened(path: Path, *, secret: bool = False) -> BinaryIO:
    """A file to write; `secret`: readable by its owner alone. Raises BadFile."""
    try:
        if secret:
            file = open(path, "wb", opener=_owned)  # noqa: SIM115 - a Path opens without an opener
            os.fchmod(file.fileno(), 0o600)
            return file
        return path.open("wb")
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}; choose another --out") from error


def _owned(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
