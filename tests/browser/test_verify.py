"""The page that checks the public log finds what the service's own check does, in Chromium, with a line and without."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Play
from tests.browser.test_my_places import violations
from tests.some import some
from tests.unit.ledger.proofs import KEY, Published, changed, checked, log_of, published
from tocsin.ledger.proof_check import Verdict
from tocsin.ledger.proof_heads import HeadSigner
from tocsin.service.http.page import STATIC
from tocsin.service.proving import Proving

pytestmark = [pytest.mark.browser, pytest.mark.server]
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Proved:
    """What the routes ask of `Proving`, over a log that lies there."""

    on = True
    key_pem = HeadSigner(KEY).public_pem

    def __init__(self, folder: Path) -> None:
        self.log = log_of(folder, [5] * 8)


@pytest.fixture
def proved(tmp_path: Path, play: Play) -> Proved:
    """A public log of forty entries, served."""
    found = Proved(tmp_path)
    play.runtime.proving = cast("Proving", found)
    return found


def dropped(page: Page, folder: Path, log: Published) -> None:
    """Give the page these entries, heads and the key as files."""
    files = {"entries.jsonl": b"\n".join(log.entries), "heads.jsonl": b"\n".join(log.heads), "proof.pub": PEM}
    for name, body in files.items():
        (folder / name).write_bytes(body)
    page.locator("input[type=file]").set_input_files([folder / name for name in files])


def agrees(page: Page, verdict: Verdict) -> None:
    """The page says of as many things that they are wrong, and names the same entries."""
    expect(page.locator(".result li")).to_have_count(len(verdict.findings))
    said = page.locator(".result li").all_inner_texts()
    for one in some(verdict.findings):
        about = f"Entry {one.first} " if one.first == one.last else f"Entries {one.first} to {one.last} "
        assert any(about in text for text in some(said)), (about, said)


def test_what_is_published_is_fetched_and_checked_and_heads_are_kept_for_the_next_time(
    play: Play, proved: Proved, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page(f"{play.url}verify")
    page.get_by_role("button", name="Fetch what is published here").click()
    expect(page.locator(".result h2")).to_have_text("Everything is as it was signed.")
    expect(page.locator(".have")).to_contain_text("Compare it with one that you have from elsewhere")
    assert violations(page) == []
    with page.expect_download() as kept:
        page.get_by_role("button", name="Keep these heads").click()
    assert Path(kept.value.path()).read_bytes().splitlines() == proved.log.head_lines(0, 100)
    page.get_by_label("Language").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator(".result h2")).to_have_text("كل شيء كما وُقِّع.")
    assert all(url.startswith((play.url, "blob:")) for url in some(open_page.requests))


def test_kept_as_a_file_it_finds_without_a_line_what_the_service_finds(
    proved: Proved, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page((STATIC / "verify-offline.html").as_uri())
    log = published(proved.log)
    lines = [line for at, line in enumerate(log.entries) if at not in (11, 12)]
    lines[3] = changed(lines[3], content="{}")
    lines[20], lines[30] = lines[30], lines[20]
    tampered = Published(lines, log.heads)
    verdict = checked(*tampered)
    assert len(verdict.findings) == 4
    dropped(page, tmp_path, tampered)
    expect(page.locator(".result h2")).to_have_text("This is not what was signed. Problems: 4")
    agrees(page, verdict)
    assert violations(page) == []
    assert all(url.startswith("file:") for url in some(open_page.requests))
