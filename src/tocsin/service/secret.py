"""A secret that the service makes once and keeps: bytes in a file that only its own user can read."""

from __future__ import annotations

import secrets
from pathlib import Path

from tocsin.journal.durable import durable_file
from tocsin.model.errors import JournalError

SECRET_BYTES = 32


def secret_path(journal: Path) -> Path:
    """Where the secret of the service with that journal lies."""
    return journal.with_name("veil.key")


def kept_secret(path: Path) -> bytes:
    """The secret in a file; a new one where there is none.

    Raises JournalError where it can be neither read nor kept: one made anew at every start would be no secret for long.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whole or not at all: half a secret would keep every later start from happening.
            with durable_file(path) as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
        secret = path.read_bytes()
    except OSError as error:
        raise JournalError(
            f"the secret {path} cannot be kept ({error.strerror}); check the journal's folder"
        ) from error
    if len(secret) != SECRET_BYTES:
        raise JournalError(f"the secret {path} has {len(secret)} bytes, not {SECRET_BYTES}; restore it from a copy")
    return secret
