"""Lines of channels read in a second, beside as many merely cut into words; `--seeds N`: N nights through text."""

from __future__ import annotations

import json as jsonlib
import re
import time
from collections.abc import Callable, Sequence
from itertools import product

import typer

from tocsin.ingest.text.plain import CHARACTERS_MAX
from tocsin.ingest.text.reader import Reader

LINES, PARTS = 20_000, 10
GOAL_PER_S, GOAL_LINE_MS = 10_000.0, 50.0
_TEMPLATES = (
    "{n} шахеди над {a} курсом на {b}", "БпЛА з боку {a} в напрямку {b}", "Ракета {a} - {b}", "КАБи на {b}!",
    "Мопед біля {a}, летить на північ", "Вибухи у {a}", "{n}х {a} → {b}", "Увага {a}, {b}! Балістика!",
    "Чисто над {a}", "Доброї ночі всім, хто в {a}",
)  # fmt: skip
_TOWNS = (
    "Ніжин", "Прилуки", "Бровари", "Лубни", "Ромни", "Конотоп", "Умань", "Канів", "Фастів", "Буча", "Суми", "Полтава",
    "Кременчук", "Миргород", "Черкаси", "Вінниця", "Ковель", "Сарни", "Одеса", "Херсон",
)  # fmt: skip
_LETTERS = "абвгдежзиклмнопрстуфхцчшщ"
_WORD = re.compile(r"\w+")


def run(*, json: bool = False, seeds: int | None = None) -> None:
    """Measure and print; with `seeds`, so many nights through text instead."""
    if seeds is not None:
        print_nights(seeds, json=json)
        return
    start = time.perf_counter()
    reader = Reader()
    ready_s = time.perf_counter() - start
    lines = [
        _TEMPLATES[at % len(_TEMPLATES)].format(n=at % 7 + 1, a=_TOWNS[at % 19], b=_TOWNS[(at // 19) % 20])
        for at in range(LINES)
    ]
    first_ms = 1e3 * max(_seconds(reader.read, [line]) for line in lines[:200])
    # In parts, for other work on the machine slows some of them: the best is what the reader takes by itself.
    parts = [lines[at : at + LINES // PARTS] for at in range(0, LINES, LINES // PARTS)]
    parts_s = [_seconds(reader.read, part) for part in parts]
    read_s = sum(parts_s)
    # The least that any reader must do: small letters, words, and one look for each of them.
    known = {word: 1 for line in lines for word in _WORD.findall(line.lower())}
    bare_s = _seconds(lambda line: [known.get(word) for word in _WORD.findall(line.lower())], lines)
    # Words that nobody wrote before, each nearly a name: nothing that is remembered helps.
    hostile = " ".join(f"Бр{a}в{b}и" for a, b in product(_LETTERS, repeat=2))[:CHARACTERS_MAX]
    worst_ms = 1e3 * _seconds(reader.read, [hostile])
    result = {
        "lines_per_s": round(LINES / read_s), "lines_per_s_best_part": round(LINES / PARTS / min(parts_s)),
        "bare_lines_per_s": round(LINES / bare_s),
        "times_bare": round(read_s / bare_s, 1), "slowest_of_first_200_ms": round(first_ms, 1),
        "longest_post_ms": round(worst_ms, 1), "ready_s": round(ready_s, 1),
    }  # fmt: skip
    if json:
        typer.echo(jsonlib.dumps(result))
        return
    typer.echo(f"{LINES} lines, one core, seconds of its own time")
    for name, value in result.items():
        typer.echo(f"  {name:26} {value:>10}")
    typer.echo(f"  the goals are {GOAL_PER_S:,.0f} lines a second and {GOAL_LINE_MS:g} ms a line")


def print_nights(count: int, *, json: bool) -> None:
    """Nights of drones through text alone, beside the same raids through sensors."""
    # Imported here: the engine and the gazetteer are not needed to read lines.
    from tocsin.bench.text_nights import REPORTED_FROM, nights

    result = nights(range(REPORTED_FROM, REPORTED_FROM + count))
    if json:
        typer.echo(jsonlib.dumps(result))
        return
    typer.echo(f"{count} nights, five channels, about two minutes late")
    for name, value in result.items():
        typer.echo(f"  {name:22} {value}")
    typer.echo("  the goals: 0.8 of the drones tracked, 6,000 m, 0.02 of the echoes, 50 ms")


def _seconds(read: Callable[[str], object], lines: Sequence[str]) -> float:
    start = time.process_time()
    for line in lines:
        read(line)
    return time.process_time() - start
