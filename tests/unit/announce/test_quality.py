"""Every channel's quality sheet: nothing left out, nothing claimed that no test shows."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import tocsin.announce
import tocsin.service.channels
from tests.some import some
from tocsin.announce.quality import RULES, Quality, Verdict, done, exempt, todo

TESTS = Path(__file__).resolve().parents[2]
KNOWN = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}


def _channels() -> dict[str, type]:
    """Every class in `announce` that has a quality sheet, by its name."""
    names = [f"tocsin.announce.{one.name}" for one in pkgutil.iter_modules(tocsin.announce.__path__)]
    names += ["tocsin.announce.told.feed", "tocsin.announce.views.writer"]
    kinds = [kind for name in names for kind in vars(importlib.import_module(name)).values()]
    return {kind.__name__: kind for kind in kinds if isinstance(kind, type) and hasattr(kind, "quality")}


CHANNELS = _channels()


def test_there_are_channels_and_each_has_a_name_of_its_own() -> None:
    assert len(CHANNELS) >= 4
    assert len({kind.name for kind in CHANNELS.values()}) == len(CHANNELS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", CHANNELS)
def test_what_a_channel_says_is_done_is_shown_by_a_test(name: str) -> None:
    for rule, verdict in some(CHANNELS[name].quality):  # type: ignore[attr-defined]
        assert verdict.state != "done" or verdict.why in KNOWN, f"{name}: no test is called {verdict.why} ({rule})"


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_is_wired(name: str) -> None:
    service = Path(tocsin.service.channels.__file__)
    wiring = "".join(path.read_text() for path in (service, *(service.parent / "ways_out").glob("*.py")))
    assert f"{name}(" in wiring, f"nobody makes a {name} in service/channels.py or service/ways_out"


ALL = {rule: done("test_x") for rule in RULES}


@pytest.mark.parametrize(
    "sheet",
    [
        {rule: verdict for rule, verdict in ALL.items() if rule != "order"},
        ALL | {"charm": done("test_x")},
        ALL | {"order": todo("")},
        ALL | {"order": exempt("no need")},
        ALL | {"order": done("")},
    ],
)
def test_a_sheet_with_a_hole_or_without_a_reason_is_refused(sheet: dict[str, Verdict]) -> None:
    with pytest.raises(ValueError, match=r"judges every rule once|say why"):
        Quality(**sheet)
