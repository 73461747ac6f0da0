"""What `tocsin doctor` looks at. Each check is a function that returns a sentence, or raises with what to do."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin.model.errors import BadSettings, JournalError, Missing, TocsinError

# A day of one city's journal is about 1 GB at 100 observations per second.
DISK_BYTES_MIN = 2_000_000_000
FSYNC_MS_MAX = 50.0
FILES_MIN = 1_024


@dataclass(frozen=True)
class Finding:
    """One check: its name, whether all is well, and a sentence."""

    check: str
    ok: bool
    says: str


def examine(config: Path | None) -> list[Finding]:
    """Every check that applies, in the order in which to mend things."""
    folder = Path.cwd()
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", _python),
        ("journal engine", _sqlite),
        ("compiled kernels", _kernels),
        ("live page", _page),
        ("open files", _files),
    ]
    if config is not None:
        folder = config.resolve().parent
        checks.append(("settings", lambda: _settings(config)))
        if _can_be_read(config):
            checks += [("secret", lambda: _secret(config)), *_around(config)]
    checks += [("disk space", lambda: _disk(folder)), ("disk speed", lambda: _fsync(folder)), ("clock", _clock)]
    return [_found(name, check) for name, check in checks]


def _found(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except (TocsinError, OSError) as error:
        return Finding(name, False, str(error))


def _can_be_read(config: Path) -> bool:
    """Whether there are settings to look further into; why there are none, the check of the settings says."""
    from tocsin.service.settings import load_settings

    try:
        load_settings(config)
    except TocsinError:
        return False
    return True


def _around(config: Path) -> list[tuple[str, Callable[[], str]]]:
    """Checks of what is around an installation; where its files cannot be read, the check of the settings says why."""
    from tocsin.command import checkup_people, checkup_plan, silent_feeds, surroundings
    from tocsin.service.serve import configured
    from tocsin.service.settings import load_settings

    told = load_settings(config)
    checks: list[tuple[str, Callable[[], str]]] = [
        ("service", lambda: surroundings.service(told)),
        ("sign-in", lambda: checkup_people.sign_in(told)),
    ]
    try:
        found = configured(told)
    except TocsinError:
        return checks
    return [
        *checks,
        ("people", lambda: surroundings.people(found.zones)),
        ("places", lambda: surroundings.places(found.zones, found.sensors)),
        ("land", lambda: checkup_plan.land(told, found.sensors)),
        ("minutes", lambda: checkup_plan.minutes(told, found.zones)),
        ("shelters", lambda: checkup_people.shelters(told, found.zones)),
        ("sites", lambda: checkup_people.sites(told, found.zones)),
        ("signing", lambda: surroundings.signing(told, datetime.now(UTC))),
        ("public log", lambda: surroundings.public_log(told)),
        ("channels", lambda: surroundings.channels(told, found.zones)),
        ("feeds", lambda: silent_feeds.feeds(told, found.sensors)),
    ]


def _python() -> str:
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"


def _sqlite() -> str:
    import apsw

    from tocsin.journal.store import check_sqlite

    check_sqlite(apsw.sqlite_lib_version())
    return f"SQLite {apsw.sqlite_lib_version()}"


def _kernels() -> str:
    from tocsin import compiled
    from tocsin.replay.progress import share_shown
    from tocsin.service.warmup import KERNELS_ABOUT, warm_up

    if (trouble := compiled.trouble()) is not None:
        raise BadSettings(trouble)
    begun_s = time.perf_counter()
    with share_shown("Compiling kernels, once") as shown:
        warm_up(lambda count: shown(count / KERNELS_ABOUT), planner=True)
    spent_s = time.perf_counter() - begun_s
    return f"ready after {spent_s:.1f} s, kept in {compiled.kept}"


def _page() -> str:
    from tocsin.service.http.page import STATIC

    if not (STATIC / "index.html").is_file():
        raise Missing("the live page is not built; run `make web`")
    return f"built ({sum(1 for _ in STATIC.rglob('*'))} files)"


def _files() -> str:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_MIN:
        raise BadSettings(f"only {soft} files may be open at once; raise it (`ulimit -n {min(hard, 20_000)}`)")
    return f"{soft} at once: about {max(0, soft - 200)} live pages can be connected"


def _settings(config: Path) -> str:
    from tocsin.service.serve import configured
    from tocsin.service.settings import load_settings
    from tocsin.service.strike_history import read_history

    settings = load_settings(config)
    configuration = configured(settings)
    # The service goes on without the ledger; here it is said.
    read_history(settings.strike_history, configuration.zones, configuration.time)
    now = [zone for zone in configuration.zones if zone.valid_at(configuration.time)]
    if not now:
        held = f"{len(configuration.zones)} zones, none of which holds now" if configuration.zones else "no zone"
        raise BadSettings(f"{settings.zones} holds {held}: nobody would be warned; see docs/how-to/make-zones.md")
    return (
        f"{len(configuration.zones)} zones, {len(configuration.sensors)} sensors, policy {settings.policy}, "
        f"{len(settings.source)} sources{', DRILL' if settings.drill else ''}"
    )


def _secret(config: Path) -> str:
    """The secret by which public blindness gives no sensor away: there, whole, and its owner's alone."""
    from tocsin.command.checkup_people import private
    from tocsin.service.secret import SECRET_BYTES, secret_path
    from tocsin.service.settings import load_settings

    journal = load_settings(config).journal.path
    path = secret_path(journal)
    if not path.exists():
        if not journal.exists():
            return f"{path} is made at the first start"
        raise JournalError(
            f"{path} is missing beside a journal: a new one would draw the blind zones anew, and both drawings "
            "together give sensors away; restore it from a copy"
        )
    size = path.stat().st_size
    if size != SECRET_BYTES:
        raise JournalError(f"{path} has {size} bytes, not {SECRET_BYTES}; restore it from a copy")
    private(path)
    return f"{path} is its owner's alone"


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    if free < DISK_BYTES_MIN:
        raise JournalError(f"{free / 1e9:.1f} GB free in {folder}; free at least {DISK_BYTES_MIN / 1e9:.0f} GB")
    return f"{free / 1e9:.0f} GB free in {folder}"


def _fsync(folder: Path) -> str:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".tocsin-doctor-") as stream:
        begun_s = time.perf_counter()
        for _ in range(20):
            stream.write(b"x" * 4_096)
            stream.flush()
            os.fsync(stream.fileno())
        each_ms = (time.perf_counter() - begun_s) / 20 * 1_000
    if each_ms > FSYNC_MS_MAX:
        raise JournalError(f"one write takes {each_ms:.0f} ms to be durable; put the journal on a faster disk")
    return f"one write is durable in {each_ms:.1f} ms"


def _clock() -> str:
    # Nothing offline can say what time it is; but before this was written, it certainly is not.
    if time.time() < 1_767_225_600:
        raise BadSettings("the machine's clock is before 2026; set it, and keep it with NTP")
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
