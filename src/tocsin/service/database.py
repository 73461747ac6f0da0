"""Where a PostgreSQL database is, as the settings say: an address that holds no password, and where that is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field

from tocsin.model.errors import BadFile, BadSettings
from tocsin.service.secrets_kept import secret_at


def _without_password(address: str) -> str:
    # asyncpg takes one after the question mark, too.
    found = urlsplit(address)
    if found.password is not None or "password=" in found.query:
        raise ValueError("the address holds a password; write that into a file and name the file as `password_file`")
    return address


Address = Annotated[
    str, Field(pattern=r"^postgres(ql)?://[^\s@]*@?[^\s@]+$", max_length=500), AfterValidator(_without_password)
]


def address_of(address: str, password_file: Path | None) -> str:
    """The address with its password, for whoever connects; never logged. Raises BadFile where that is not there."""
    if password_file is None:
        return address
    try:
        password = secret_at(password_file).text()
    except BadSettings as error:
        raise BadFile(f"the password of the database is not to be had ({error})") from error
    scheme, _, rest = address.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}://{user}:{quote(password, safe='')}{at or '@'}{host}"
