"""Policy files: a mistake is named with its file, and a key that is gone with what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.model.errors import BadSettings
from tocsin.replay.configuration import read_policy
from tocsin.warn.policy import GONE, Policy


@pytest.mark.parametrize("line", ["early_s = { drone = 300 }", "patience_s = 60", "tail_s = 60", "at_once = 0.01"])
def test_a_key_that_is_gone_is_named_with_its_file_and_with_what_replaces_it(tmp_path: Path, line: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'name = "mine"\n{line}\n')
    key = line.split()[0]
    with pytest.raises(BadSettings) as refused:
        read_policy(str(file))
    said = str(refused.value)
    assert said.startswith(f"{file}: ")
    assert f"{key!r}, which is gone" in said
    assert any(known in GONE[key] for known in Policy.__struct_fields__)


def test_a_bad_value_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("miss_minutes = -1\n")
    with pytest.raises(BadSettings, match=r"mine\.toml: .*miss_minutes"):
        read_policy(str(file))
