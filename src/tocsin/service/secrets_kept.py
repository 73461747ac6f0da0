"""Secrets that the settings point to and never hold: in a file of their owner's alone, or in the environment."""

from __future__ import annotations

import os
from pathlib import Path

from tocsin.announce.keys import secret_in
from tocsin.model.errors import BadSettings

# `env:NAME` in the place of a path.
IN_ENVIRONMENT = "env:"


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
        found = secret_in(place)
        how = f"write it into {place}"
    found = found.strip()
    if not found:
        raise BadSettings(f"the secret {name} is empty; {how}")
    return Secret(found)
