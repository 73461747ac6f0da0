"""The live page as files for a plain web server: what it is made of first, and last the page that asks for it."""

from __future__ import annotations

import html
from functools import partial
from pathlib import Path

from tocsin.announce.static_files import Beside
from tocsin.model.errors import BadSettings
from tocsin.service.http.page import STATIC

# Who comes to these comes to the service: officers, and spotters.
_OF_THE_SERVICE = ("operator.html", "spotter.html", "spotter.js", "spotter.webmanifest")
_PAGE = "index.html"


def page_files(events: str = "") -> tuple[Beside, ...]:
    """Every file of the public page; `events`: where it finds the stream, empty: where it finds everything else.

    Raises BadSettings where the page was not built.
    """
    if not (STATIC / _PAGE).is_file():
        raise BadSettings("the pages are not built here; run `make web` once, or leave `page` out")
    paths = (path for path in STATIC.rglob("*") if path.is_file() and path.name not in (*_OF_THE_SERVICE, _PAGE))
    made = (STATIC / _PAGE).read_bytes()
    if events:
        told = f'<meta name="tocsin-events" content="{html.escape(events)}" />'
        made = made.replace(b"<head>", b"<head>" + told.encode(), 1)
    return (
        *(
            Beside(f"/{path.relative_to(STATIC).as_posix()}", None, partial(Path.read_bytes, path))
            for path in sorted(paths)
        ),
        Beside(f"/{_PAGE}", None, lambda: made),
    )
