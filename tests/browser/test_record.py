"""Administrators and auditors in a real Chromium: the record, notes back to the first, and who still sits there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_operator import AXE, Desk, contexts, signed_in, violations
from tests.conftest import skip
from tests.signed_in import CHEAP, PASSWORD
from tests.some import some
from tocsin.service.http.page import STATIC
from tocsin.service.people.person import Credentials, Person

pytestmark = [pytest.mark.browser, pytest.mark.server]

__all__ = ["contexts"]
NOTES = 230


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A service with an auditor beside its officers, after a long night of notes and acts."""
    if not (STATIC / "operator.html").is_file():
        skip("the pages are not built; run `make web`")
    with Desk(tmp_path_factory.mktemp("record")) as running:
        people, store = running.runtime.people, running.runtime.console.store
        eyes = Person(id="eyes", name="Eyes", roles=("auditor",), made_at=people.now())
        done(running, people.put(eyes, Credentials(password=CHEAP.hash(PASSWORD))))
        begun = datetime.now(UTC) - timedelta(hours=8)
        for number in range(NOTES):
            at = begun + timedelta(minutes=2 * number)
            store.note("officer-2", str(number), f"Note {number}", at)
            people.audit.note("officer-2", ("act.raise", "act.release")[number % 2], f"act-{number}", by="session")
        yield running


def done(desk: Desk, deed: Coroutine[Any, Any, object]) -> None:
    asyncio.run_coroutine_threadsafe(deed, desk._loop).result(60)


@pytest.fixture
def chief(desk: Desk, contexts: Callable[..., BrowserContext]) -> Page:
    return signed_in(desk, contexts(), "officer-1")


def settings(page: Page, part: str) -> None:
    page.keyboard.press("s")
    page.get_by_role("navigation", name="Settings").get_by_role("button", name=part).click()


def left_long_ago(desk: Desk, name: str) -> None:
    """The page has stood open for an hour since its owner showed who he is."""
    sessions = desk.runtime.people.sessions
    for digest, one in some(list(sessions._all.items())):
        if one.person == name:
            sessions._all[digest] = msgspec.structs.replace(one, proved_at=one.proved_at - 3_600)


def add(page: Page, name: str) -> None:
    form = page.locator("form.add")
    form.get_by_label("Signs in as").fill(name)
    form.get_by_role("button", name="Add a person").click()


def test_whoever_sits_at_an_open_page_is_asked_for_the_password_before_he_makes_somebody(
    desk: Desk, chief: Page
) -> None:
    settings(chief, "People")
    left_long_ago(desk, "officer-1")
    add(chief, "newcomer")
    dialog = chief.get_by_role("dialog", name="Is it still you?")
    expect(dialog.locator("input[name=password]")).to_be_focused()
    chief.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
    assert violations(chief) == []
    chief.keyboard.type("not the password")
    chief.keyboard.press("Enter")
    expect(dialog.get_by_role("alert").first).to_contain_text("That is not your password")
    assert desk.runtime.people.person("newcomer") is None
    # A wrong word signs nobody out, and giving up does nothing.
    chief.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(chief.locator("form.add")).to_be_visible()
    chief.locator("form.add").get_by_role("button", name="Add a person").click()
    expect(dialog.locator("input[name=password]")).to_be_focused()
    chief.keyboard.type(PASSWORD)
    chief.keyboard.press("Enter")
    expect(chief.locator(".made")).to_contain_text("newcomer")
    assert desk.runtime.people.person("newcomer") is not None
    # For ten minutes from now on he is believed.
    add(chief, "another")
    expect(chief.locator(".made")).to_contain_text("another")


def test_the_record_is_read_of_one_person_and_kind_and_back_to_its_first_entry(desk: Desk, chief: Page) -> None:
    settings(chief, "Record")
    record = chief.locator(".record")
    expect(record.locator("tbody tr").first).to_contain_text("session.start")
    expect(record).to_contain_text(re.compile(r"\d+:[0-9a-f]{64}"))
    record.get_by_role("button", name="Older").click()
    expect(record.locator("tbody tr").first).to_contain_text("act.")
    record.get_by_role("combobox").select_option("act")
    record.get_by_role("searchbox").fill("OFFICER-2")
    record.get_by_role("searchbox").press("Enter")
    expect(record.locator("tbody tr").first).to_contain_text(f"act-{NOTES - 1}")
    older = record.get_by_role("button", name="Older")
    for _ in range(2):
        expect(older).to_be_enabled()
        newest = record.locator("tbody tr").first.text_content() or ""
        older.click()
        # Pressed again while the older ones are on their way, it would ask for the same ones.
        expect(record.locator("tbody tr").first).not_to_have_text(newest)
    expect(record.locator("tbody tr").last).to_contain_text("act-0")
    expect(older).to_have_attribute("aria-disabled", "true")
    expect(older).to_be_focused()
    chief.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
    assert violations(chief) == []


def test_an_auditor_reads_every_note_back_to_the_first_and_writes_none(
    desk: Desk, contexts: Callable[..., BrowserContext]
) -> None:
    page = signed_in(desk, contexts(), "eyes")
    page.keyboard.press("6")
    notes = page.locator(".part-notes")
    expect(notes.locator("li").first).to_contain_text(f"Note {NOTES - 1}")
    expect(notes.locator("textarea")).to_have_count(0)
    for seen in (NOTES - 101, NOTES - 201):
        notes.get_by_role("button", name="Older").click()
        expect(notes.locator("li").first).to_contain_text(f"Note {seen}")
    expect(notes.locator("li").last).to_contain_text("Note 0")
    notes.get_by_role("button", name="Newer").click()
    expect(notes.locator("li").first).to_contain_text(f"Note {NOTES - 101}")
