"""Files read and written whole, with one sentence where that cannot be."""

from __future__ import annotations

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


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their names into a folder, which is made if absent. Raises BadFile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(f"{folder} cannot be made: {error.strerror}; choose another --out") from error
    for name, data in files.items():
        with opened(folder / name) as file:
            file.write(data)


def opened(path: Path) -> BinaryIO:
    """A file to write. Raises BadFile."""
    try:
        return path.open("wb")
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}; choose another --out") from error
