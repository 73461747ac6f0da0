"""What has rung at one recipient: people are woken when something changes for them, and not by a renewal or a restart.

A warning is renewed while it stands, and told again after a restart; a phone must not ring each time. What was told of
each zone is kept in a small file, so that a restart does not wake anybody, and no end is told without its start. Where
the journal is another one, as after its loss, the names of warnings begin anew, and everything is told again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.file_drop import write_files
from tocsin.model.value import UNREADABLE

_Told = dict[str, str]
# Something was told of a zone, and nobody knows to whom.
_UNSURE = ""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The file: by which journal's names what was told."""

    journal: str = ""
    told: _Told = msgspec.field(default_factory=dict)


class Rung:
    """The memory of one recipient.

    file     where it is kept
    journal  which journal names the warnings; asked only when there is news to judge
    """

    def __init__(self, file: Path, journal: Callable[[], str] = str) -> None:
        self._file = file
        self._journal = journal
        kept = _read(file)
        self._kept, self._named_by = dict(kept.told), kept.journal
        self._told = dict(self._kept)

    @property
    def zones(self) -> frozenset[str]:
        """Of which something was told, and no end."""
        return frozenset(self._told)

    def news(self, warnings: Sequence[PublicWarning]) -> list[PublicWarning]:
        """Those that say something new, the last of each zone: another level, another remark; ends of what was told."""
        self._doubt_another_journal()
        last = {warning.zone: warning for warning in warnings}
        return [
            warning
            for zone, warning in last.items()
            if self._told.get(zone) != _key(warning) and (warning.level != "all_clear" or zone in self._told)
        ]

    def begin(self, warnings: Sequence[PublicWarning]) -> None:
        """These are being told: news no more, but after a stop before `told` once again, where this is written."""
        self._doubt_another_journal()
        self._kept.update((warning.zone, _UNSURE) for warning in warnings)
        self._know(self._told, warnings)

    def sending(self, warnings: Sequence[PublicWarning]) -> None:
        """These are about to be told: after a stop in the middle they are news, and so are their ends.

        Raises OSError where the file cannot be written.
        """
        self._doubt_another_journal()
        self._kept.update((warning.zone, _UNSURE) for warning in warnings)
        for warning in warnings:
            self._told.setdefault(warning.zone, _UNSURE)
        self.write(self.encoded())

    def told(self, warnings: Sequence[PublicWarning]) -> None:
        """These were told: news no more, after a stop neither, where this is written."""
        self._doubt_another_journal()
        self._know(self._told, warnings)
        self._know(self._kept, warnings)

    def encoded(self) -> bytes:
        """What `write` shall write."""
        return msgspec.json.encode(_Kept(journal=self._named_by, told=self._kept))

    def write(self, encoded: bytes) -> None:
        """Keep it. Raises OSError where the file cannot be written; then it is known until a stop."""
        write_files(self._file.parent, {self._file.name: encoded})

    def heard(self, warnings: Sequence[PublicWarning]) -> None:
        """Keep that these were told. Raises OSError where the file cannot be written; then it is known until a stop."""
        self.told(warnings)
        self.write(self.encoded())

    def _doubt_another_journal(self) -> None:
        """What was told by the names of another journal says nothing of the warnings of this one."""
        if self._named_by != self._journal():
            self._named_by = self._journal()
            self._kept, self._told = dict.fromkeys(self._kept, _UNSURE), dict.fromkeys(self._told, _UNSURE)

    def _know(self, told: _Told, warnings: Sequence[PublicWarning]) -> None:
        for warning in warnings:
            if warning.level == "all_clear":
                told.pop(warning.zone, None)
            else:
                told[warning.zone] = _key(warning)


def _key(warning: PublicWarning) -> str:
    """The same for as long as people are told the same: zone/episode/revision/level without its revision."""
    episode = warning.id.removeprefix(f"{warning.zone}/").partition("/")[0]
    return f"{episode}/{warning.level}/{'drill' if warning.drill else 'live'}/{warning.public_reason or ''}"


def _read(file: Path) -> _Kept:
    """What was told; nothing where the file is not there or damaged: then something is told once more."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, *UNREADABLE):
        return _Kept()
