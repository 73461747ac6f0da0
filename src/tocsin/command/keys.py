"""`tocsin keys make` and `tocsin keys show`: keys of the ways out, and what may be known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

keys = typer.Typer(no_args_is_help=True, help="Make the keys that warnings are signed with, and show what they are.")

_NEXT = {
    "cap": "Name {0} and {1} in [signing], and give {1} to whoever verifies. For a certificate by an authority that "
    "your readers know already, send it {2} and put its answer in the place of {1}.",
    "siren": "Name {0} in the siren channel's table, and put {1} on every siren.",
    "webhook": "Name {0} in the webhook channel's table, and give {1}, or the Standard Webhooks form above, to whoever "
    "receives.",
    "webhook-secret": "Name {0} in the webhook channel's table, and give a copy to the one who receives, by a way that "
    "nobody else reads.",
    "vapid": "Name {0} in the push channel's table; pages are given the applicationServerKey by the service.",
    "proof": "Name {0} in [proof], and give {1} to whoever checks the public log, by a way that is not the service's.",
}


@keys.command()
def make(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="cap, siren, webhook, webhook-secret, vapid or proof.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to; made where there is none.")],
    name: Annotated[str, typer.Option(help="What the files are called, without ending; else as the kind.")] = "",
    subject: Annotated[
        str, typer.Option(help="Whom a CAP certificate names: best as `sender` in the settings.")
    ] = "tocsin",
    days: Annotated[int, typer.Option(help="For how long a CAP certificate holds.")] = 730,
) -> None:
    """Make a key: Ed25519 for sirens and webhooks, P-256 for the others, CAP's with a certificate.

    The private file has mode 0600. Nothing that is there is overwritten.

    Example: `tocsin keys make cap --out keys --subject warnings.example`
    """
    from datetime import UTC, datetime

    from tocsin.announce.key_making import make as made
    from tocsin.announce.keys import shown

    paths = made(kind, out, name or kind.removesuffix("-secret"), subject=subject, days=days, now=datetime.now(UTC))
    for path in paths:
        typer.echo(f"{path}: {shown(path)['kind']}")
    _tell(shown(paths[0]))
    typer.echo(_NEXT[kind].format(*paths))


@keys.command()
def show(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Keys, certificates or shared secrets.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show what keys and certificates are: kind, fingerprint, public forms, validity; never the private part.

    Example: `tocsin keys show keys/cap.key keys/cap.crt`
    """
    import json

    from tocsin.announce.keys import shown

    found = {str(path): shown(path) for path in files}
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    for path, said in found.items():
        typer.echo(path)
        _tell(said)


def _tell(said: dict[str, str]) -> None:
    for name, text in said.items():
        typer.echo(f"  {name}: {text}")
