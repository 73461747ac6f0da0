"""The frame of a report: one HTML file, without a script, a font or a picture from anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tocsin.model.errors import BadFile

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 62rem; }
h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; padding: 0; }
.figures div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.figures dt { font-size: .8rem; opacity: .8; } .figures dd { margin: 0; font-size: 1.4rem; font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-size: .9rem; } svg { width: 100%; height: auto; }
.wide { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .3rem .6rem; text-align: end; border-bottom: 1px solid var(--line); white-space: nowrap; }
.words { text-align: start; } thead th { background: var(--soft); white-space: normal; }
.bad { color: var(--bad); font-weight: 600; }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page; `title` is text, the parts are HTML."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def heading(text: str) -> str:
    """A section begins."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escape(text)}</p>"


def figures(pairs: Iterable[tuple[str, str]]) -> str:
    """Figures at a glance: (what it is, its value)."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="figures">{cells}</dl>'


def charts(pairs: Iterable[tuple[str, str]]) -> str:
    """Charts beside each other where there is room: (svg, what it shows)."""
    cells = "".join(f"<figure>{one}<figcaption>{escape(text)}</figcaption></figure>" for one, text in pairs)
    return f'<div class="charts">{cells}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, words: int = 1, bad: Sequence[bool] = ()) -> str:
    """A table that scrolls sideways on its own.

    words   so many first columns hold words, the others numbers
    bad     marks the last cell of rows that need a second look
    """
    kinds = [' class="words"' if column < words else "" for column in range(len(head))]
    top = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in zip(kinds, head, strict=True))
    body = ""
    for number, row in enumerate(rows):
        own = [*kinds[:-1], ' class="bad"'] if number < len(bad) and bad[number] else kinds
        cells = (f"<td{kind}>{escape(str(value))}</td>" for kind, value in zip(own, row, strict=True))
        body += f"<tr>{''.join(cells)}</tr>\n"
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table></div>'


def write(folder: Path, name: str, text: str, *, private: bool = False) -> Path:
    """Write a page into a folder, made if absent; `private`: only its owner may read it. Raises BadFile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        if private:
            # Before anything is in it.
            path.touch(0o600)
            path.chmod(0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{folder} cannot be written: {error.strerror}; choose another --report") from error
    return path
