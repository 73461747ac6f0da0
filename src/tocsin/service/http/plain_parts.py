"""What pages without JavaScript have in common: their look, their headers, and the choice of a language."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable
from urllib.parse import urlencode

from starlette.requests import Request

from tocsin.words import english
from tocsin.words.catalogue import Catalogue, catalogue_in, language_wanted, languages

_STYLE = """
:root{color-scheme:light dark;--cover:#b3131b;--clear:#0b6b48;--rule:#8886}
html{background:Canvas;color:CanvasText}
body{font:1.1rem/1.45 system-ui,sans-serif;margin:0 auto;max-width:44rem;padding:.8rem;overflow-wrap:break-word}
h1{font-size:1.2rem}h2{font-size:1.4rem;margin:0 0 .3rem}h3{font-size:1.1rem;margin:1.2rem 0 .3rem}
section{border:1px solid var(--rule);border-inline-start-width:12px;border-radius:8px;padding:.7rem;margin:.8rem 0}
.take_cover{border-color:var(--cover);background:var(--cover);color:#fff}
.prepare{border-color:#8a5a00;background:#ffb31a;color:#1c1300}
.all_clear{border-color:var(--clear)}.unknown{border-style:dashed;border-color:currentColor}
.drill{background:#55249a;color:#fff;padding:.4rem .8rem;border-radius:8px}
p{margin:.3rem 0}input,button{font:inherit;padding:.5rem;max-width:100%;min-height:44px;box-sizing:border-box}
a{color:#0b4f8a}@media(prefers-color-scheme:dark){a{color:#8cc4ff}}
li{margin:.35rem 0}table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{text-align:start;padding:.2rem .7rem .2rem 0;vertical-align:top}
nav a{display:inline-block;padding:.4rem .3rem;min-height:1.6rem}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "cache-control": "no-store",
    "vary": "accept-language",
}
_NAMES = {"ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español", "fa": "فارسی", "fr": "Français"} | {
    "he": "עברית", "ru": "Русский", "tr": "Türkçe", "uk": "Українська"
}  # fmt: skip


def words_for(request: Request) -> Catalogue:
    """The words of the language that is asked for, else of the browser's."""
    language = request.query_params.get("lang", "")
    if language not in languages():
        language = language_wanted(request.headers.get("accept-language", ""))
    return catalogue_in(language)


def document(words: Catalogue, title: str, body: str, *, drill: bool) -> str:
    """The whole page around its body."""
    band = (
        f'<header class="drill"><strong>{html.escape(words.say(english.DRILL))}</strong> '
        f"{html.escape(words.say(english.DRILL_NOTE))}</header>"
    )
    return (
        f'<!doctype html>\n<html lang="{words.language}" dir="{words.direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n<body>"
        f"{band if drill else ''}<main>{body}</main></body></html>\n"
    )


def language_links(words: Catalogue, asked: Iterable[tuple[str, str]] = ()) -> str:
    """The same page in every language; `asked`: what else was asked of it."""
    links = (
        f'<a href="?{html.escape(urlencode([*asked, ("lang", tag)]))}" lang="{tag}">{_NAMES[tag]}</a>'
        for tag in languages()
    )
    return f'<nav aria-label="{html.escape(words.say(english.LANGUAGE))}">{" ".join(links)}</nav>'
