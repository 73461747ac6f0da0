"""`tocsin spotters revoke` and `erase`: who is heard no more, and nobody known any more."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.command.spotters import CONFIG, Config, opened


def revoke(
    posts: Annotated[list[str], typer.Argument(metavar="POST...", help="Pseudonyms, such as post-7F3K.")],
    config: Config = CONFIG,
) -> None:
    """Hear posts no more, from this moment on; invitations are taken back.

    Example: `tocsin spotters revoke post-7F3K`
    """
    import time

    from tocsin.model.errors import BadValue

    store = opened(config)[1]
    unknown = [name for name in posts if not store.revoke(name, time.time())]
    store.close()
    if unknown:
        raise BadValue(f"there is no post {', '.join(unknown)}; `tocsin spotters list` lists them")


def erase(
    config: Config = CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase all posts and invitations, overwriting what was kept. The journal, which knows pseudonyms only, stays.

    Example: `tocsin spotters erase --yes`
    """
    if not yes:
        typer.confirm("Every spotter must be invited anew. Erase all?", abort=True)
    store = opened(config)[1]
    typer.echo(f"erased {store.erase()} posts")
    store.close()
