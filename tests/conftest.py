"""What every test may lean on: the real data, and a clear word when something is not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.followed import IN_A_WORKER, followed_at_first, unfollowed

ROOT = Path(__file__).resolve().parents[1]
# A test may start two hundred processes; to follow each would double the time and cover nothing new.
if IN_A_WORKER:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
# A law says what is true, not how soon: machines of tests are slow, and busy with other tests.
settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")
REQUIRE_ALL = os.environ.get("TOCSIN_REQUIRE_ALL") == "1"


def skip(reason: str) -> None:
    """Skip with a reason, or fail where TOCSIN_REQUIRE_ALL=1 says that nothing may be missing."""
    if REQUIRE_ALL:
        pytest.fail(f"{reason} (TOCSIN_REQUIRE_ALL=1)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Recordings, archives and messages other people made, read in place."""
    folder = Path(os.environ.get("TOCSIN_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        skip(f"no recordings at {folder}; set TOCSIN_DATA to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        skip("no chromium; on Debian: apt-get install chromium")
    assert path is not None
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop running in this thread, and no other may run beside it."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(ROOT / "tests").parts)
    functions = {item.function for item in items if isinstance(item, pytest.Function)} if IN_A_WORKER else ()
    # A machine of states is a law, too, without a function of its own.
    for law in (one.hypothesis for one in functions if is_hypothesis_test(one) and hasattr(one, "hypothesis")):
        law.inner_test = followed_at_first(law.inner_test)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count no line of what takes long and goes where others go."""
    if item.get_closest_marker("unfollowed"):
        with unfollowed():
            return (yield)
    return (yield)
