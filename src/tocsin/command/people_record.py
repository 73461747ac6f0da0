"""`tocsin people list` and `tocsin people verify`: who there is, and whether the record of what they did is whole."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tocsin.command.people import CONFIG, Config
from tocsin.command.people_file import opened


def list_(
    config: Config = CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """List who may sign in, with what, and who no longer may.

    Example: `tocsin people list`
    """
    import json

    with opened(config) as (_, store):
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "name": one.name,
                "roles": one.roles,
                "zones": one.zones,
                "also": one.also,
                "password": store.credentials(one).password is not None,
                "second_factor": store.credentials(one).totp is not None,
                "gone": one.gone_at is not None,
                "sessions": len(store.sessions.of(one.id)),
            }
            for one in store.everybody()
        ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    typer.echo(f"{'id':20} {'password':8} {'second factor':13} {'sessions':8} roles")
    for row in rows:
        shown = ["yes" if row[key] else "no" for key in ("password", "second_factor")]
        roles = "gone" if row["gone"] else ", ".join(row["roles"])
        typer.echo(f"{row['id']:20} {shown[0]:8} {shown[1]:13} {row['sessions']:8} {roles}")


def verify(
    config: Config = CONFIG,
    head: Annotated[
        str, typer.Option(metavar="SEQ:SHA256", help="A head that was noted before: it must still be in the chain.")
    ] = "",
) -> None:
    """Check that no entry of what people did was changed or taken out; exit 1 names the first broken link.

    Note the head that it prints outside this machine: whoever can write the file could make the whole chain anew.

    Example: `tocsin people verify`
    """
    import asyncio

    from tocsin.model.errors import BadFile, BadSettings
    from tocsin.service.people.audit import broken, head_of, linked_at

    with opened(config) as (_, store):
        why = asyncio.run(store.file.read(broken))
        seq, digest = asyncio.run(store.file.read(head_of))
        if why is None and head:
            noted, _, sha256 = head.partition(":")
            if not noted.isdecimal():
                raise BadSettings(f"--head {head} is no head; write it as `tocsin people verify` printed it")
            if asyncio.run(store.file.read(lambda db: linked_at(db, int(noted)))) != sha256:
                why = f"entry {noted} is not the one that was noted: everything was written anew since"
    if why is not None:
        raise BadFile(f"the record of what people did is broken: {why}; compare with a backup of {store.file.path}")
    typer.echo(f"{seq} entries, none changed or missing; note the head: {seq}:{digest}")
