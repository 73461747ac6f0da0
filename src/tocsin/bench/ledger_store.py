"""How fast the ledger takes claims in, shows an incident, and how much memory that needs."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.case import Book
from tocsin.ledger.claim import Claim, Evidence, Figure, Measure
from tocsin.ledger.importing import import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record, record_json
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.telling import told
from tocsin.ledger.window import Place, Window
from tocsin.model.value import EPOCH

CLAIMS = 1_000_000
INCIDENTS = 20_000
SOURCES = 2_000
# Of all claims one in ten has a witness, one in five a file. An incident has a dozen origins, whom all others quote.
PERSONAL, FILES, ORIGINS = 10, 5, 12
MEASURES: tuple[Measure, ...] = ("killed", "injured", "damage", "outage", "interception")
# Incidents that are looked at, drawn from all; and beside them those with the most claims.
SHOWN, LARGEST = 2_000, 100
REACH = {"import_s": 60, "page_ms_p99": 100, "memory_mb": 1_000}
START = EPOCH + timedelta(days=20_000)


def records(claims: int, seed: int = 1) -> Iterator[Record]:
    """Sources, incidents and so many claims about them; how many an incident has falls with its rank, as with names."""
    rng = np.random.default_rng(seed)
    for number in range(SOURCES):
        names = (SourceName(text=f"Source number {number}"),)
        yield Source(id=f"source/{number}", recorded=START, source=f"s{number}", names=names, by="bench")
    for number in range(INCIDENTS):
        begin = START + timedelta(hours=number / 2)
        place = Place(lat=30 + number % 1_000 / 50, lon=30 + number // 1_000, sigma_m=1_000.0, name="Somewhere")
        yield Incident(
            id=f"incident/{number}", recorded=begin, incident=f"i{number}", place=place, struck="a warehouse",
            window=Window(begin=begin, end=begin + timedelta(hours=6), said="overnight", rule="bench"), by="bench",
        )  # fmt: skip
    share = 1.0 / np.arange(20, INCIDENTS + 20)
    about = rng.choice(INCIDENTS, claims, p=share / share.sum())
    low, origin, publisher = rng.integers(0, [[30], [ORIGINS], [SOURCES]], (3, claims))
    for number, place in enumerate(about.tolist()):
        who = [f"s{(place * 7 + origin[number]) % SOURCES}", f"s{publisher[number]}"]
        yield _claim(number, place, int(low[number]), who)


def _claim(number: int, about: int, low: int, who: list[str]) -> Claim:
    published = START + timedelta(hours=about / 2, minutes=10 + number % 3_000)
    witness = Personal(salt=f"{number:032x}", witness="A. Witness", words="what was seen from the window")
    file = Evidence(sha256=f"{number:064x}", url=f"https://news.example/{number}", taken=published)
    return Claim(
        id=f"claim/{number}", recorded=published + timedelta(minutes=5), by="bench", incident=f"i{about}",
        measure=MEASURES[number % len(MEASURES)], chain=tuple(dict.fromkeys(who)), published=published, language="en",
        figure=Figure(low=low, high=None if number % 3 else low), url=f"https://news.example/{number}",
        words="Officials said so on Tuesday evening.", personal=None if number % PERSONAL else witness,
        evidence=() if number % FILES else (file,),
    )  # fmt: skip


def figures(claims: int = CLAIMS) -> dict[str, Any]:
    """Of `claims` claims: seconds to import, milliseconds of pages, bytes on the disk and in memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="tocsin-bench-") as name:
        folder = Path(name)
        with (folder / "records.jsonl").open("wb") as file:
            for record in records(claims):
                file.write(record_json(record) + b"\n")
        with SqliteStore(folder / "ledger.db") as ledger:
            begun_s, busy_s = perf_counter(), process_time()
            counts = import_file(ledger, folder / "records.jsonl", "jsonl", Rejects())
            import_s, import_busy_s = perf_counter() - begun_s, process_time() - busy_s
            begun_s = perf_counter()
            book = Book(ledger)
            book.case("i0")
            opened_s = perf_counter() - begun_s
            drawn = np.random.default_rng(2).choice(INCIDENTS, SHOWN, replace=False).tolist()
            pages, largest = _pages(book, drawn), _pages(book, range(LARGEST))
            first = book.case("i0")
            size = sum(one.stat().st_size for one in folder.glob("ledger.db*"))
    return {
        "claims": claims,
        "rows_kept": counts["kept"],
        "import_s": round(import_s, 1),
        "import_processor_s": round(import_busy_s, 1),
        "claims_per_s": round(counts["kept"] / import_s),
        "open_s": round(opened_s, 2),
        **_spread("page_ms", pages[0]),
        **_spread("page_processor_ms", pages[1]),
        **_spread("largest_page_ms", largest[0]),
        **_spread("largest_page_processor_ms", largest[1]),
        "claims_of_the_largest": len(first.claims) if first is not None else 0,
        "disk_mb": round(size / 1e6),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def _spread(name: str, spent_ms: list[float]) -> dict[str, float]:
    at = zip(("p50", "p99", "worst"), np.percentile(spent_ms, (50, 99, 100)).tolist(), strict=True)
    return {f"{name}_{which}": round(value, 2) for which, value in at}


def _pages(book: Book, numbers: Iterable[int]) -> tuple[list[float], list[float]]:
    """Milliseconds to make the page of each incident, and those of the processor alone."""
    spent_ms, busy_ms = [], []
    for number in numbers:
        begun_s, busy_s = perf_counter(), process_time()
        case = book.case(f"i{number}")
        assert case is not None, "an incident that was imported is not there"
        list(told(case, book.voices))
        spent_ms.append((perf_counter() - begun_s) * 1e3)
        busy_ms.append((process_time() - busy_s) * 1e3)
    return spent_ms, busy_ms
