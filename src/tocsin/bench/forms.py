"""One warning through every form, read back by other decoders: do they all say the same?"""

from __future__ import annotations

import io
import json as jsonlib
import shutil
import subprocess
import time
import wave
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import get_args

import typer

from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.forms import same
from tocsin.bench.read_back import differences
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone
from tocsin.words.catalogue import languages

WARNINGS, ZONES, HEARD = 10_000, 300, 10
LEVELS: tuple[Level, ...] = get_args(Level)
_LETTERS = {
    "en": "abcdefghijklmnoprstuvwyz", "de": "abcdefgäöüß", "fr": "abcdeéèçêï", "es": "abcdeñáíó", "tr": "abcçdeğıiöşü",
    "uk": "абвгґдеєжзиіїйклмн", "ru": "абвгдеёжзийклмн", "ar": "ابتثجحخدذرزسش", "fa": "آبپتثجچحخدذ", "he": "אבגדהוזחטי",
}  # fmt: skip


def run(*, json: bool = False, seed: int = 1) -> None:
    """Measure and print."""
    chance = Random(seed)  # noqa: S311 - repeatable on purpose
    zones = [zone_of(chance, number) for number in range(ZONES)]
    wrong: Counter[str] = Counter()
    shown = ""
    start = time.perf_counter()
    for number in range(WARNINGS):
        zone = chance.choice(zones)
        language = languages()[number % len(languages())]
        found = differences(warning_of(chance, zone), zone, language)
        wrong.update({" ".join(one.split()[:3]) for one in found})
        shown = shown or next(iter(found), "")
    took_s = time.perf_counter() - start
    heard, played = heard_by_others([warning_of(chance, zone) for zone in zones[:HEARD]], zones)
    result = {
        "warnings": WARNINGS, "languages": len(languages()), "disagree": sum(wrong.values()), "which": dict(wrong),
        "first": shown, "ms_each": round(1e3 * took_s / WARNINGS, 1), "heard_by_multimon": f"{heard} of {played}",
    }  # fmt: skip
    if json:
        typer.echo(jsonlib.dumps(result))
        return
    for name, value in result.items():
        typer.echo(f"  {name:20} {value}")


def zone_of(chance: Random, number: int) -> Zone:
    """A zone anywhere but at the poles, of a few corners, with a name in every language and up to three SAME codes."""
    lat, lon, size = chance.uniform(-70, 70), chance.uniform(-179, 179), chance.uniform(0.003, 0.8)
    corners = [(lon + size * chance.uniform(-1, 1), lat + size * chance.uniform(-1, 1)) for _ in range(3)]
    names = {
        language: "".join(chance.choices(letters, k=chance.randint(2, 30))).capitalize()
        for language, letters in _LETTERS.items()
    }
    codes = tuple(f"{chance.randrange(1_000_000):06d}" for _ in range(chance.randint(1, 3)))
    ring = (*corners, corners[0])
    return Zone(id=f"z{number}", name=names, codes={same.SCHEME: tuple(dict.fromkeys(codes))}, polygons=((ring,),))


def warning_of(chance: Random, zone: Zone) -> PublicWarning:
    """Any warning for a zone."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.uniform(0, 364 * 86_400))
    level = chance.choice(LEVELS)
    eta = None
    if level != "all_clear" and chance.random() < 0.9:
        eta = at + timedelta(seconds=chance.uniform(-60, 3_600))
    identifier = f"{zone.id}/{chance.randint(1, 9)}/{chance.randint(1, 9)}/{level}"
    return public_warning(
        Warning(
            id=identifier,
            zone=zone.id,
            level=level,
            time=at,
            expires=at + timedelta(seconds=chance.uniform(3_600, 6 * 3_600)),
            eta_earliest=eta,
            eta_likely=eta and eta + timedelta(seconds=chance.uniform(0, 600)),
            threat=chance.choice(THREAT_CLASSES),
            replaces=chance.choice((None, f"{zone.id}/1/0/prepare")),
            drill=chance.random() < 0.3,
            lapses=level == "prepare" and chance.random() < 0.2,
        )
    )


def heard_by_others(warnings: list[PublicWarning], zones: list[Zone]) -> tuple[int, int]:
    """How many whole sounds Debian's multimon-ng hears as they were meant, and how many it was played."""
    program = shutil.which("multimon-ng")
    if program is None:
        return 0, 0
    heard = 0
    for warning in warnings:
        places, _ = same.places_of([warning], {zone.id: zone for zone in zones})
        (header,) = same.headers([warning], places, "BENCH")
        heard += multimon(program, same.sound(header)) == [header, "NNNN", "NNNN", "NNNN"]
    return heard, len(warnings)


def multimon(program: str, sound: bytes) -> list[str]:
    """What multimon-ng hears in a WAV file; a header that comes three times alike it says once."""
    with wave.open(io.BytesIO(sound)) as file:
        raw = file.readframes(file.getnframes())
    command = [program, "-q", "-a", "EAS", "-t", "raw", "-"]
    ran = subprocess.run(command, input=raw, capture_output=True, timeout=60, check=True)  # noqa: S603 - found by name
    return [line.removeprefix("EAS: ") for line in ran.stdout.decode().splitlines() if line.startswith("EAS: ")]
