"""`tocsin text read` and `tocsin text review`: files of posts, read in context, and what in them is not understood."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.text import Channel, Json, Language, ZonesFile

_Posts = Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines, Telegram's result.json, RSS or Atom.")]


def read(
    posts: _Posts, channel: Channel = None, language: Language = None, zones: ZonesFile = None, as_json: Json = False
) -> None:
    """Read a file of posts in their order, with what each channel said before: one line a report, then the sums.

    Example: `tocsin text read result.json --channel profile.toml`
    """
    from collections import Counter

    import msgspec

    from tocsin.ingest.rejects import Rejects
    from tocsin.ingest.text.context import Conversations
    from tocsin.ingest.text.posts import read_posts
    from tocsin.ingest.text.profile import reader_for
    from tocsin.replay.configuration import read_zones
    from tocsin.report.readings import reading_row, report_text
    from tocsin.report.shown import shown, shown_json

    talks = Conversations(reader_for(channel, language or (), read_zones(zones) if zones is not None else ()))
    rejects = Rejects()
    sums: Counter[str] = Counter()
    for post in read_posts(posts, rejects):
        heard = talks.hear(post)
        sums["read" if heard.reading.reports else f"dropped: {heard.reading.dropped}"] += 1
        if heard.reading.beyond:
            sums["longer than is read"] += 1
        if as_json:
            row = {"channel": post.channel, "id": post.id, "time_s": post.time_s, "change": heard.change}
            typer.echo(shown_json(msgspec.json.encode(row | reading_row(post.text, heard.reading))))
        else:
            for report in heard.reading.reports:
                typer.echo(f"{shown(post.channel)} {shown(post.id)}: {report_text(report)}")
    typer.echo("; ".join(f"{number} {what}" for what, number in sums.most_common()) or "no posts", err=as_json)
    if said := rejects.summary():
        typer.echo(said, err=True)


def review(
    posts: _Posts,
    at_least: Annotated[int, typer.Option(min=1, help="Only words that stand in so many lines.")] = 2,
    channel: Channel = None,
    as_json: Json = False,
) -> None:
    """Propose words for a channel's profile, out of lines that were not wholly understood. It changes nothing.

    Example: `tocsin text review result.json --channel profile.toml`
    """
    import msgspec

    from tocsin.ingest.rejects import Rejects
    from tocsin.ingest.text.posts import read_posts
    from tocsin.ingest.text.profile import reader_for
    from tocsin.ingest.text.review import Review
    from tocsin.report.readings import proposal_text
    from tocsin.report.shown import shown_json

    reader, rejects, gathered = reader_for(channel), Rejects(), Review()
    for post in read_posts(posts, rejects):
        gathered.note(post.text, reader.read(post.text))
    for one in gathered.proposals(at_least):
        typer.echo(shown_json(msgspec.json.encode(one._asdict())) if as_json else proposal_text(one))
    if said := rejects.summary():
        typer.echo(said, err=True)
