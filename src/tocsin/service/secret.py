"""A secret that the service makes once and keeps: bytes in a file that only its own user can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tocsin.model.errors import JournalError

SECRET_BYTES = 32


def kept_secret(path: Path) -> bytes:
    """The secret in a file; a new one where there is none.

    Raises JournalError where it can be neither read nor kept: one made anew at every start would be no secret for long.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            secret = path.read_bytes()
        else:
            secret = secrets.token_bytes(SECRET_BYTES)
            with os.fdopen(handle, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise JournalError(
            f"the secret {path} cannot be kept ({error.strerror}); check the journal's folder"
        ) from error
    if len(secret) != SECRET_BYTES:
        raise JournalError(f"the secret {path} has {len(secret)} bytes, not {SECRET_BYTES}; restore it from a copy")
    return secret
