"""A scenario says clearly what is wrong with it, and every key is documented."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tocsin.model.errors import BadRecord
from tocsin.simulate.reference import TABLES, described, scenario_reference
from tocsin.simulate.scenario import scenario_from_toml

ROOT = Path(__file__).resolve().parents[3]
HEAD = 'name = "x"\nstart = 2026-01-01T00:00:00Z\nduration_s = 100\n'


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_read(path: Path) -> None:
    scenario = scenario_from_toml(path.read_bytes(), path.name)
    assert scenario.title
    assert scenario.sensors


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = 3", r"raid\.toml:.*"),
        (HEAD + '[[threats]]\nkind = "zeppelin"\n', r"raid\.toml:threats\[.*\]\.kind"),
        (HEAD + '[[threats]]\nkind = "drone"\nspede_mps = [1, 2]\n', r"raid\.toml:threats\[.*spede_mps|spede_mps"),
        (HEAD + '[[threats]]\nkind = "drone"\nspeed_mps = [60, 40]\n', r"raid\.toml:threats.*speed_mps is \[60"),
        (HEAD + '[[threats]]\nkind = "drone"\ncount = 9999\n', r"raid\.toml:threats\[.*\]\.count"),
        (HEAD + '[[faults]]\nkind = "lost"\ngroup = "nobody"\n', r"raid\.toml:.*nobody"),
        (HEAD + "[place]\ncentre = [95, 0]\n", r"raid\.toml:place\.centre"),
        ("name = ", r"raid\.toml: not TOML"),
        ("duration_s = nan\n" + 'name = "x"\nstart = 2026-01-01T00:00:00Z\n', r"raid\.toml:.*duration_s"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(text: str, says: str) -> None:
    with pytest.raises(BadRecord, match=says):
        scenario_from_toml(text.encode(), "raid.toml")


def test_bytes_that_are_no_text_or_too_many_are_refused() -> None:
    with pytest.raises(BadRecord, match="UTF-8"):
        scenario_from_toml(b"\xff\xfe", "raid.toml")
    with pytest.raises(BadRecord, match="at most"):
        scenario_from_toml(b"#" * 1_000_001, "raid.toml")


@pytest.mark.parametrize("kind", [kind for _, kind in TABLES], ids=lambda kind: kind.__name__)
def test_every_key_has_a_meaning_and_every_meaning_a_key(kind: type[msgspec.Struct]) -> None:
    assert list(described(kind)) == [field.name for field in msgspec.structs.fields(kind)]


def test_the_published_reference_is_what_the_types_say() -> None:
    page = ROOT / "docs" / "reference" / "scenarios.md"
    assert page.read_text(encoding="utf-8") == scenario_reference()
