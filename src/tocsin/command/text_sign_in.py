"""`tocsin text sign-in`: an account of Telegram signs in, once, so that the service may read with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def sign_in(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help='Id of a `[[source]]` with `kind = "telegram"`.')],
    settings: Annotated[Path, typer.Option(metavar="FILE", help="The settings.")] = Path("tocsin.toml"),
) -> None:
    """Sign an account of Telegram in and keep its session for the service, in the file that the settings name.

    Telegram sends a code to the account. Whoever has the session is that account: take one of its own.

    Example: `tocsin text sign-in watch --settings tocsin.toml`
    """
    import asyncio
    import os

    from tocsin.ingest.telethon_client import TelethonClient
    from tocsin.model.errors import BadSettings
    from tocsin.service.secrets_kept import secret_at
    from tocsin.service.settings import load_settings
    from tocsin.service.source_settings import TelegramSource

    found = [one for one in load_settings(settings).source if one.id == source and isinstance(one, TelegramSource)]
    if not found:
        raise BadSettings(f'{settings} has no [[source]] with kind = "telegram" and id = "{source}"')
    one = found[0]
    client = TelethonClient("", one.api_id, secret_at(one.api_hash_file).text())
    phone = typer.prompt("The account's telephone number, with its country's code")
    session = asyncio.run(
        client.signed_in(
            phone,
            lambda: str(typer.prompt("The code that Telegram sent")),
            lambda: str(typer.prompt("The account's second password", hide_input=True)),
        )
    )
    with os.fdopen(os.open(one.session_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(session)
    typer.echo(f"The session is kept in {one.session_file}; source {source} reads with it.")
