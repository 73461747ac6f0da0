"""Files of CAP messages and of feeds, each judged whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tocsin.cap.check import checked
from tocsin.cap.structure import Problem
from tocsin.cap.trust import Trust
from tocsin.cap.verify import Verdict, verify
from tocsin.cap.xml import BYTES_MAX

# Folders beside a feed are not nested deeper.
PARTS_MAX = 10
_NOTHING = (
    "no message was checked: it only links to {links}, none of which lies beside it; save them there, or give their "
    "files"
)


def check_files(
    files: Sequence[Path], *, schema_only: bool, profile: str
) -> tuple[dict[Path, list[Problem]], dict[Path, str]]:
    """Problems by file, also of the files that feeds link to and that lie beside them; and what was looked at of feeds.

    Raises BadSettings for an unknown profile.
    """
    problems: dict[Path, list[Problem]] = {}
    notes: dict[Path, str] = {}
    waiting = list(files)
    for path in waiting:
        if path in problems:
            continue
        data = _read(path)
        if isinstance(data, Problem):
            problems[path] = [data]
            continue
        found = checked(data, schema_only=schema_only, profile=profile)
        problems[path] = list(found.problems)
        beside = [near for near in (_beside(path, link) for link in found.links) if near is not None]
        waiting += beside
        if found.links and not found.messages and not beside:
            problems[path].append(Problem(0, _NOTHING.format(links=len(found.links))))
        elif found.feed or found.messages > 1:
            notes[path] = _summary(found.messages, len(found.problems), len(beside), len(found.links))
    return problems, notes


def verify_files(files: Sequence[Path], trust: Trust) -> dict[Path, list[Verdict]]:
    """Verdicts by file; one that cannot be read has a verdict without a message."""
    found = {}
    for path in files:
        data = _read(path)
        found[path] = [Verdict(None, None, (data,))] if isinstance(data, Problem) else verify(data, trust)
    return found


def _read(path: Path) -> bytes | Problem:
    """A file's octets, or why there are none: others are looked at all the same."""
    try:
        with path.open("rb") as file:
            return file.read(BYTES_MAX + 1)
    except OSError as error:
        return Problem(0, f"the file cannot be read: {error.strerror}; give the path of a CAP message")


def _beside(feed: Path, link: str) -> Path | None:
    """The file that a feed's link leads to, where it was saved beside the feed or in a folder there."""
    try:
        parts = urlsplit(link).path.split("/")
    except ValueError:
        return None
    for begin in range(max(0, len(parts) - PARTS_MAX), len(parts)):
        for tail in (parts[begin:], [unquote(part) for part in parts[begin:]]):
            # A link must not make us look anywhere else on this machine.
            plain = all(part not in ("", ".", "..") and "/" not in part and "\0" not in part for part in tail)
            near = feed.parent.joinpath(*tail)
            try:
                if plain and near.is_file() and near != feed:
                    return near
            except OSError:
                continue
    return None


def _summary(messages: int, problems: int, beside: int, links: int) -> str:
    """What was looked at, and what was not."""
    said = f"{messages} messages in it, {problems} problems"
    if links:
        said += f"; of {links} that it links to, {beside} lie beside it and {links - beside} were not looked at"
    return said
