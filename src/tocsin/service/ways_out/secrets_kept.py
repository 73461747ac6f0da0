"""Secrets that the settings point to and never hold: in a file of their owner's alone, or in the environment."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tocsin.model.errors import BadSettings

# `env:NAME` in the place of a path.
IN_ENVIRONMENT = "env:"
# Keys with their certificates have some thousands.
BYTES_MAX = 100_000


class Secret:
    """Bytes that are shown nowhere by accident."""

    __slots__ = ("_bytes",)

    def __init__(self, value: bytes) -> None:
        self._bytes = value

    def reveal(self) -> bytes:
        """The bytes themselves, for whoever signs or signs in with them."""
        return self._bytes

    def text(self) -> str:
        """The same as text. Raises BadSettings where it is none."""
        try:
            return self._bytes.decode()
        except UnicodeDecodeError as error:
            raise BadSettings("a secret that must be text is not UTF-8; write it anew") from error

    def __repr__(self) -> str:
        return "Secret(…)"


def secret_at(place: Path) -> Secret:
    """The secret in a file, or in the environment where the place is `env:NAME`; white space around it is not its own.

    Raises BadSettings where there is none, where it is empty, or where others can read its file.
    """
    name = str(place)
    if name.startswith(IN_ENVIRONMENT):
        variable = name.removeprefix(IN_ENVIRONMENT)
        found = os.environ.get(variable, "").encode()
        how = f"set the environment variable {variable}"
    else:
        found = _in_file(place)
        how = f"write it into {place}"
    found = found.strip()
    if not found:
        raise BadSettings(f"the secret {name} is empty; {how}")
    return Secret(found)


def _in_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise BadSettings(
                    f"the secret {path} can be read or written by others (mode {mode:04o}); run `chmod 600 {path}`"
                )
            found = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise BadSettings(f"the secret {path} cannot be read ({error.strerror}); check path and owner") from error
    if len(found) > BYTES_MAX:
        raise BadSettings(f"the secret {path} has more than {BYTES_MAX} bytes; name the file of the secret alone")
    return found
