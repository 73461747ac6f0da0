"""What the commands of `tocsin people` share: the people in their file, and what is asked and told on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from tocsin.service.people.administration import Invited
    from tocsin.service.people.person import Person
    from tocsin.service.people.store import People
    from tocsin.service.settings import Settings


@contextmanager
def opened(config: Path, *, make: bool = False) -> Iterator[tuple[Settings, People]]:
    """The settings, and the people in their file, which is closed at the end.

    Raises BadSettings where that is not there, or is another user's.
    """
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
    store = people_of(settings, PeopleFile(path), utc_now)
    try:
        yield settings, store
    finally:
        store.close()


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


def asked(store: People, person: Person, place: str) -> str:
    """A password, asked for on the terminal. Raises BadSettings where it cannot be taken."""
    from tocsin.model.errors import BadSettings
    from tocsin.service.people.passwords import why_refused

    password = typer.prompt(f"password of {person.id}", hide_input=True, confirmation_prompt=True)
    why = why_refused(password, (person.id, person.name, place))
    if why is not None:
        raise BadSettings(f"that password cannot be taken: {why}")
    return str(password)


async def take(store: People, person: Person, password: str, place: str) -> None:
    """Give somebody a password. Raises BadSettings where it is not taken."""
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


def tell(settings: Settings, invited: Invited) -> None:
    """Say with which code somebody makes himself a password, and where."""
    from tocsin.model.value import time_of, time_text

    until = time_text(time_of(round(invited.until_s)))
    typer.echo(f"{invited.person.id}: the code is {invited.code}, once, until {until}")
    # Without a name that the outside knows, the page on this machine.
    base = (settings.http.base_url or f"http://localhost:{settings.http.port}").rstrip("/")
    page = f"{base}/operator#invitation={invited.person.id}/{invited.code}"
    typer.echo(f"Give it to nobody else. The page where it is taken up: {page}")
