"""`tocsin people`: who may sign in. The first administrator is made here; the service may be running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.service.people.administration import Invited
    from tocsin.service.people.person import Person
    from tocsin.service.people.store import People
    from tocsin.service.settings import Settings

people = typer.Typer(no_args_is_help=True, help="Say who may sign in, and check the record of what people did.")

Config = Annotated[Path, typer.Option(help="The settings file; the service may be running.")]
CONFIG = Path("tocsin.toml")
Who = Annotated[str, typer.Argument(metavar="ID", help="Whose id.")]


def opened(config: Path, *, make: bool = False) -> tuple[Settings, People]:
    """The settings, and the people in their file. Raises BadSettings where that is not there, or is another user's."""
    import os

    from tocsin.model.errors import BadSettings
    from tocsin.service.people.file import PeopleFile
    from tocsin.service.people.opening import people_of
    from tocsin.service.people.store import utc_now
    from tocsin.service.settings import load_settings, people_path

    settings = load_settings(config)
    path = people_path(settings)
    if not (make or path.exists()):
        raise BadSettings(f"there is nobody yet: {path} is made by `tocsin people add ID --role admin`")
    owned = next((one for one in (path, path.parent) if one.exists()), None)
    # What root makes here the service could not read.
    if owned is not None and owned.stat().st_uid != os.geteuid():
        raise BadSettings(f"{owned} belongs to another user; run this as that one: `sudo -u … tocsin people …`")
    return settings, people_of(settings, PeopleFile(path), utc_now)


def found(store: People, name: str) -> Person:
    """Somebody. Raises BadSettings where nobody has that id."""
    from tocsin.model.errors import BadSettings

    person = store.person(name)
    if person is None:
        raise BadSettings(f"nobody is called {name}; `tocsin people list` says who there is")
    return person


def operator_name() -> str:
    """Under what the record keeps who uses the command line; no person's id has a space in it."""
    import getpass

    return f"user {getpass.getuser()}"


@people.command()
def add(
    name: Who,
    role: Annotated[list[str], typer.Option(help="spotter, operator, approver, admin, integrator or auditor.")],
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

    settings, store = opened(config, make=True)
    try:
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
        asked = _asked(store, person, settings.sector) if password else None
        invite = Administration(store).invite(person, by=operator_name(), where="command line")
        invited = asyncio.run(invite)
        if asked is None:
            _tell(settings, invited)
        else:
            asyncio.run(_take(store, person, asked, settings.sector))
            typer.echo(f"{name} can sign in with that password, and adds a second factor there")
    finally:
        store.close()


@people.command()
def reset(name: Who, config: Config = CONFIG) -> None:
    """Let somebody sign in anew: his password, telephone and passkeys are forgotten now, his sessions end.

    Example: `tocsin people reset officer-1`
    """
    import asyncio

    from tocsin.service.people.administration import Administration

    settings, store = opened(config)
    try:
        invite = Administration(store).invite(found(store, name), by=operator_name(), where="command line")
        _tell(settings, asyncio.run(invite))
    finally:
        store.close()


@people.command()
def remove(name: Who, config: Config = CONFIG) -> None:
    """Remove somebody: his sessions end within seconds, and nobody else ever gets his id.

    Example: `tocsin people remove officer-1`
    """
    import asyncio

    from tocsin.service.people.administration import Administration

    _, store = opened(config)
    try:
        person = found(store, name)
        asyncio.run(Administration(store).remove(person, by=operator_name(), where="command line"))
        typer.echo(f"{person.id} is nobody any more")
    finally:
        store.close()


def _asked(store: People, person: Person, place: str) -> str:
    """A password, asked for on the terminal. Raises BadSettings where it cannot be taken."""
    from tocsin.model.errors import BadSettings
    from tocsin.service.people.passwords import why_refused

    password = typer.prompt(f"password of {person.id}", hide_input=True, confirmation_prompt=True)
    why = why_refused(password, (person.id, person.name, place))
    if why is not None:
        raise BadSettings(f"that password cannot be taken: {why}")
    return str(password)


async def _take(store: People, person: Person, password: str, place: str) -> None:
    import time

    from tocsin.model.errors import BadSettings
    from tocsin.service.people.bans import Bans
    from tocsin.service.people.door import Door
    from tocsin.service.people.passwords import Passwords

    passwords = Passwords()
    refused = await Door(store, passwords, Bans(time.monotonic), place).set_password(person, password)
    passwords.close()
    if refused is not None:
        raise BadSettings(refused.why)


def _tell(settings: Settings, invited: Invited) -> None:
    from tocsin.model.value import time_of, time_text

    until = time_text(time_of(round(invited.until_s)))
    typer.echo(f"{invited.person.id}: the code is {invited.code}, once, until {until}")
    # Without a name that the outside knows, the page on this machine.
    base = (settings.http.base_url or f"http://localhost:{settings.http.port}").rstrip("/")
    page = f"{base}/operator#invitation={invited.person.id}/{invited.code}"
    typer.echo(f"Give it to nobody else. The page where it is taken up: {page}")
