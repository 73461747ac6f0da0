"""`tocsin spotters`: people who report what they see: invite them, see how they do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.service.settings import Settings
    from tocsin.service.spotters.store import Posts

spotters = typer.Typer(no_args_is_help=True, help="Invite people who report what they see, list and revoke them.")

Config = Annotated[Path, typer.Option(help="The settings file; the service may be running.")]
CONFIG = Path("tocsin.toml")


def opened(config: Path) -> tuple[Settings, Posts]:
    """The settings, and the posts that they name. Raises BadSettings where there are none."""
    from tocsin.model.errors import BadSettings
    from tocsin.service.settings import load_settings
    from tocsin.service.spotters.enrolled import posts_path
    from tocsin.service.spotters.store import Posts

    settings = load_settings(config)
    if settings.spotters is None:
        raise BadSettings(f"{config} has no [spotters]; add that section, even an empty one")
    return settings, Posts(posts_path(settings.journal.path), settings.spotters.posts_max)


@spotters.command()
def invite(
    config: Config = CONFIG,
    count: Annotated[int, typer.Option(help="How many are invited together: they count as one voice.")] = 1,
    hours: Annotated[float | None, typer.Option(help="For how long; else as the settings say.")] = None,
    url: Annotated[str, typer.Option(help="How telephones reach the service; else http.base_url.")] = "",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a QR code for each here (.svg).")] = None,
) -> None:
    """Invite people: each link and QR code joins one device, once. Nothing of it can be shown again.

    Example: `tocsin spotters invite --count 3 --hours 8 --url https://alarm.example --out cards`
    """
    import time

    from tocsin.model.errors import BadSettings
    from tocsin.model.value import time_of, time_text
    from tocsin.service.spotters.names import drawn, link_of, picture_of

    settings, posts = opened(config)
    base_url = url or settings.http.base_url
    if not base_url:
        raise BadSettings("nobody knows how telephones reach the service; give --url, or http.base_url in the settings")
    assert settings.spotters is not None
    now_s = time.time()
    until_s = now_s + 3_600 * (settings.spotters.invitation_hours if hours is None else hours)
    for one in posts.invite(count, until_s, now_s):
        link = link_of(base_url, one.code)
        typer.echo(f"{one.name}  until {time_text(time_of(round(until_s)))}  {link}")
        if out is None:
            typer.echo(drawn(link))
            continue
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"{one.name}.svg"
        path.write_text(picture_of(link))
        path.chmod(0o600)
    posts.close()


@spotters.command("list")
def list_(
    config: Config = CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """List the posts: pseudonym, day joined, hour last heard, and what came of their reports. Never where they are.

    Example: `tocsin spotters list`
    """
    import json
    import time
    from dataclasses import asdict

    posts = opened(config)[1]
    found = posts.every(time.time())
    posts.close()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found]))
        return
    typer.echo("post       state    kept refused borne-out unanswered contradicted")
    for one in found:
        state = "revoked" if one.revoked_s is not None else "invited" if one.since_s is None else "here"
        figures = f"{one.kept:4} {one.refused:7} {one.borne_out:9} {one.unanswered:10} {one.contradicted:12}"
        typer.echo(f"{one.name:10} {state:8} {figures}")
