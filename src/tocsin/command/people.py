"""`tocsin people`: who may sign in. The first administrator is made here; the service may be running."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.people_file import asked, found, opened, operator_name, take, tell

people = typer.Typer(no_args_is_help=True, help="Say who may sign in, and check the record of what people did.")

Config = Annotated[Path, typer.Option(help="The settings file; the service may be running.")]
CONFIG = Path("tocsin.toml")
Who = Annotated[str, typer.Argument(metavar="ID", help="Whose id.")]


@people.command()
def add(
    name: Who,
    role: Annotated[
        list[str], typer.Option(help="spotter, operator, approver, admin, integrator, auditor or planner.")
    ],
    config: Config = CONFIG,
    called: Annotated[str, typer.Option(help="What he is called.")] = "",
    zone: Annotated[list[str] | None, typer.Option(help="Where he may act; else everywhere.")] = None,
    also: Annotated[list[str] | None, typer.Option(help="An [[operator]] or [[watcher]] token that is his.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a password here, in place of a code.")] = False,
) -> None:
    """Add somebody: prints a code with which he makes himself a password, once and soon.

    Example: `tocsin people add chief --role admin --role auditor`
    """
    import asyncio

    from tocsin.model.errors import BadSettings
    from tocsin.service.people.administration import Administration
    from tocsin.service.people.person import Person

    with opened(config, make=True) as (settings, store):
        if any(one.id.casefold() == name.casefold() for one in store.everybody()):
            raise BadSettings(f"{name} is or was somebody; take another id, or `tocsin people reset {name}`")
        person = Person(
            id=name,
            name=called,
            roles=tuple(role),  # type: ignore[arg-type]
            zones=tuple(zone or ()),
            also=tuple(also or ()),
            made_at=store.now(),
        )
        given = asked(store, person, settings.sector) if password else None
        invite = Administration(store).invite(person, by=operator_name(), where="command line")
        invited = asyncio.run(invite)
        if given is None:
            tell(settings, invited)
        else:
            asyncio.run(take(store, person, given, settings.sector))
            typer.echo(f"{name} can sign in with that password, and adds a second factor there")


@people.command()
def reset(name: Who, config: Config = CONFIG) -> None:
    """Let somebody sign in anew: his password, telephone and passkeys are forgotten now, his sessions end.

    Example: `tocsin people reset officer-1`
    """
    import asyncio

    from tocsin.service.people.administration import Administration

    with opened(config) as (settings, store):
        invite = Administration(store).invite(found(store, name), by=operator_name(), where="command line")
        tell(settings, asyncio.run(invite))


@people.command()
def remove(name: Who, config: Config = CONFIG) -> None:
    """Remove somebody: his sessions end within seconds, and nobody else ever gets his id.

    Example: `tocsin people remove officer-1`
    """
    import asyncio

    from tocsin.service.people.administration import Administration

    with opened(config) as (_, store):
        person = found(store, name)
        asyncio.run(Administration(store).remove(person, by=operator_name(), where="command line"))
        typer.echo(f"{person.id} is nobody any more")
