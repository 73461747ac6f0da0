"""The files of a plan: readable by their owner alone, and none of an earlier plan left among them unsaid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tocsin.model.errors import BadFile
from tocsin.model.threat import THREAT_CLASSES
from tocsin.replay.files import write_files

Kind = Literal["coverage", "minutes", "site", "compare"]

_CLASS = f"(?:{'|'.join(THREAT_CLASSES)})"
# Every name that a plan of each kind may write: which it does depends on its options.
_NAMES: dict[Kind, re.Pattern[str]] = {
    "coverage": re.compile(rf"coverage\.(csv|html)|only_by\.csv|{_CLASS}-\d+m\.(png|tif)"),
    "minutes": re.compile(rf"minutes\.(csv|geojson|html)|losses\.csv|{_CLASS}\.png"),
    "site": re.compile(r"sensors\.json|sites\.(csv|png)|summary\.json"),
    "compare": re.compile(r"compare\.(html|json)|raids\.csv"),
}


def write_plan(folder: Path, kind: Kind, files: Mapping[str, bytes]) -> list[str]:
    """Write a plan's files, and take away those of an earlier plan of its kind that it does not write anew.

    Returns the names of files of other kinds' plans in the folder, which stay: they may be of another network.
    Raises BadFile.
    """
    strange = sorted(set(files) - {name for name in files if _NAMES[kind].fullmatch(name)})
    assert not strange, f"a plan of {kind} would leave {strange} behind"
    write_files(folder, files, secret=True)
    others = []
    for path in sorted(folder.iterdir()):
        if path.name in files or not path.is_file():
            continue
        if _NAMES[kind].fullmatch(path.name):
            try:
                path.unlink()
            except OSError as error:
                raise BadFile(f"{path} is of an earlier plan and cannot be removed: {error.strerror}") from error
        elif any(pattern.fullmatch(path.name) for pattern in _NAMES.values()):
            others.append(path.name)
    return others
