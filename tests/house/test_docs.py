"""The documentation names everything there is, and what it says to type exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from tests.some import some
from tocsin.command import reference
from tocsin.model import errors
from tocsin.model.value import Value
from tocsin.service.settings import Settings
from tocsin.service.source_settings import Source
from tocsin.simulate.scenario import Scenario, Sensors, Terrain
from tocsin.simulate.threats import Threats

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
READ_BY_PEOPLE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
COMMANDS = dict(reference.commands())
MADE = reference.pages()


@pytest.mark.parametrize("name", MADE)
def test_reference_pages_made_from_the_program_are_current(name: str) -> None:
    assert (DOCS / "reference" / name).read_text() == MADE[name], (
        "run python -m tocsin.command.reference docs/reference"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_of_itself(name: str) -> None:
    command = COMMANDS[name]
    assert "Example" in command.help
    assert f"`{name}" in command.help


@pytest.mark.parametrize("name", [kind for kind in vars(errors) if kind[:1].isupper()])
def test_every_error_is_documented(name: str) -> None:
    assert f"## `{name}`" in (DOCS / "reference" / "errors.md").read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (DOCS / "reference" / "settings.md").read_text()


@pytest.mark.parametrize("kind", [Scenario, Terrain, Threats, Sensors])
def test_every_scenario_key_is_documented(kind: type[Value]) -> None:
    page = (DOCS / "reference" / "scenarios.md").read_text()
    for name in some(kind.__struct_fields__):
        assert f"| `{name}` |" in page


@pytest.mark.parametrize("path", sorted((ROOT / "src/tocsin/warn/policies").iterdir()), ids=lambda path: path.stem)
def test_every_shipped_policy_is_documented(path: Path) -> None:
    assert f"| `{path.stem}` |" in (DOCS / "reference" / "policies.md").read_text()


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_documented(path: Path) -> None:
    assert f"| `{path.stem}` |" in (DOCS / "how-to" / "choose-a-scenario.md").read_text()


def test_every_source_is_documented() -> None:
    page = (DOCS / "reference" / "sources.md").read_text()
    kinds = [get_args(model.model_fields["kind"].annotation)[0] for model in get_args(get_args(Source)[0])]
    assert len(kinds) >= 4
    for kind in kinds:
        assert f'`kind = "{kind}"`' in page


def test_every_channel_is_documented() -> None:
    page = (DOCS / "how-to" / "subscribe.md").read_text()
    for channel in ("/v1/zones", "/v1/outlines", "/v1/warnings", "/v1/events", "/feed.atom"):
        assert channel in page


def test_every_dependency_has_a_sentence_why() -> None:
    page = (DOCS / "decisions" / "0002-dependencies.md").read_text()
    for line in some(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]):
        name = re.split(r"[\s\[<>=~]", line)[0]
        assert f"| `{name}` |" in page, name


def _typed(text: str) -> list[str]:
    """`tocsin ...` at the beginning of a line of a code block, without its comment."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.S | re.M)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line.split("#")[0].strip() for line in lines if line.startswith("tocsin ")]


@pytest.mark.parametrize("page", READ_BY_PEOPLE, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_says_to_type_exists(page: Path) -> None:
    unknown = []
    for line in _typed(page.read_text()):
        name = max((name for name in COMMANDS if f"{line} ".startswith(f"{name} ")), key=len, default=None)
        parameters = COMMANDS[name].params if name else []
        options = {option for parameter in parameters for option in parameter.opts} | {"--help"}
        told = re.findall(r"(?<=\s)--[a-z][a-z0-9-]*", line)
        unknown += [f"{one} in {line}" for one in (name or "no command", *told) if one not in options | {name}]
    assert not unknown


def test_the_pages_contain_commands_and_links_to_check() -> None:
    assert sum(len(_typed(page.read_text())) for page in READ_BY_PEOPLE) >= 10
    assert sum(len(_links(page)) for page in READ_BY_PEOPLE) >= 50


def _links(page: Path) -> list[str]:
    """Where a page leads, in the repository."""
    return re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())


@pytest.mark.parametrize("page", READ_BY_PEOPLE, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    assert not [target for target in _links(page) if not (page.parent / target).exists()]


def test_the_first_page_links_to_every_page_of_its_kind_where_no_machine_draws_the_contents() -> None:
    page = (DOCS / "index.md").read_text()
    for folder in ("tutorial", "how-to", "reference", "why", "decisions"):
        for path in some(sorted((DOCS / folder).glob("*.md"))):
            assert f"({folder}/{path.name})" in page, f"{folder}/{path.name}"
