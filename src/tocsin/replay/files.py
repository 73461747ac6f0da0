"""Files read and written whole, with one sentence where that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from tocsin.model.errors import BadFile


def read_bytes(path: Path, what: str) -> bytes:
    """The bytes of a file. Raises BadFile naming it, and `what` it should be."""
    try:
        return path.read_bytes()
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
