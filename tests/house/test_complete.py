"""Nothing is forgotten: each threat class and each level stands in every table, noun, colour and translation."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tests.some import some
from tocsin.cap.texts import Texts, texts_in
from tocsin.cap.write import _GRADES
from tocsin.forecast.limits import ARCS, LIMITS
from tocsin.model.arrival import ARRIVALS
from tocsin.model.threat import BALLISTIC, THREAT_CLASSES
from tocsin.model.warning import Level, ZoneState
from tocsin.report.track_plot import COLOURS
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.threats import Attacker
from tocsin.track.bank import empty
from tocsin.track.classify import PRIOR, WAYS
from tocsin.warn.due_zones import _CODES
from tocsin.warn.policy import Mode, Policy
from tocsin.warn.sentence import _NOUNS
from tocsin.warn.standing import URGENCY, ZoneLevel
from tocsin.words.catalogue import languages

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web" / "src"
I18N = sorted((WEB / "shared" / "i18n").glob("*.json"))
ENGLISH: dict[str, str] = json.loads((WEB / "shared" / "i18n" / "en.json").read_text())

CLASSES = set(THREAT_CLASSES)
LEVELS = set(get_args(Level))
# What a page may show of a zone; `unknown` and `degraded` are the page's own.
LOOKS = LEVELS | {"none", "unknown", "degraded"}
# Identifies itself and endangers nobody; and what cannot be told: people are not told a name for either.
UNNAMED = {"civil", "unknown"}


def web(path: str) -> str:
    return (WEB / path).read_text()


@pytest.mark.parametrize(
    ("table", "classes"),
    [
        pytest.param(set(LIMITS), CLASSES, id="how each flies"),
        pytest.param(set(ARCS), set(BALLISTIC), id="how far each falls"),
        pytest.param(set(PRIOR), CLASSES, id="how many there are"),
        pytest.param({way[0] for way in WAYS}, CLASSES, id="how it is recognised"),
        pytest.param(set(ARRIVALS), CLASSES, id="how its time of arrival is spread"),
        pytest.param(set(_NOUNS), CLASSES, id="its noun"),
        pytest.param(set(KINDS), CLASSES - {"aircraft", "unknown"}, id="what is simulated"),
        pytest.param(set(get_args(Attacker)), set(KINDS) - {"civil"}, id="what a scenario may send"),
    ],
)
def test_each_threat_class_stands_in_every_table(table: set[str], classes: set[str]) -> None:
    assert table == classes


def test_what_is_learned_and_drawn_has_a_column_and_a_colour_for_each_class() -> None:
    assert empty(1).said.shape == (1, len(THREAT_CLASSES))
    assert len(COLOURS) == len(set(COLOURS)) == len(THREAT_CLASSES)


def test_shares_of_the_ways_a_class_flies_sum_to_one_and_so_do_the_classes() -> None:
    assert sum(PRIOR.values()) == pytest.approx(1.0)
    for threat in THREAT_CLASSES:
        assert sum(way[1] for way in WAYS if way[0] == threat) == pytest.approx(1.0), threat


def test_no_two_classes_share_a_noun_and_each_has_a_plural() -> None:
    assert len({one for one, _ in _NOUNS.values()}) == len(CLASSES)
    assert all(one and many for one, many in _NOUNS.values())


@pytest.mark.parametrize("threat", THREAT_CLASSES)
def test_a_policy_decides_for_each_class_how(threat: Any) -> None:
    assert Policy().mode_of(threat) == "automatic"
    for mode in get_args(Mode):
        assert Policy(mode={threat: mode}).mode_of(threat) == mode


@pytest.mark.parametrize("path", sorted((ROOT / "src/tocsin/warn/policies").glob("*.toml")), ids=lambda path: path.name)
def test_a_shipped_policy_speaks_of_classes_that_there_are(path: Path) -> None:
    table = tomllib.loads(path.read_text())
    assert table
    for name in ("mode", "warhead"):
        assert set(table.get(name, {})) <= CLASSES


def test_each_level_has_a_rank_a_code_and_a_grade() -> None:
    assert set(URGENCY) == set(_CODES) == set(get_args(ZoneLevel)) == LEVELS | {"none"}
    assert len(set(_CODES.values())) == len(_CODES)
    assert set(_GRADES) == LEVELS
    assert len(set(_GRADES.values())) == len(LEVELS)
    # The state of a zone knows the same levels as the warner.
    level = next(field for field in msgspec.structs.fields(ZoneState) if field.name == "level")
    assert set(get_args(level.type)) == LEVELS | {"none"}


@pytest.mark.parametrize("language", languages())
def test_every_language_of_the_messages_has_words_of_its_own_for_each_level(language: str) -> None:
    texts = texts_in(language)
    assert {field.name for field in msgspec.structs.fields(Texts)} >= LEVELS
    said = [getattr(texts.at(level), name) for level in get_args(Level) for name in texts.at(level).__struct_fields__]
    assert len(said) == 9
    assert all(text.strip() for text in some(said))
    if language != "en":
        english = texts_in("en")
        for level in get_args(Level):
            assert texts.at(level).headline != english.at(level).headline


def test_the_page_speaks_each_language_of_the_messages() -> None:
    assert {path.stem for path in I18N} >= set(languages())
    # Every file is offered to the reader, and nothing is offered that is not there.
    offered = re.search(r"LANGUAGES = \{(.*?)\}", web("shared/i18n/index.ts"), re.DOTALL)
    assert offered is not None
    assert set(re.findall(r"^\s+(\w+):", offered[1], re.MULTILINE)) == {path.stem for path in I18N}


@pytest.mark.parametrize("path", I18N, ids=lambda path: path.stem)
def test_every_language_of_the_page_says_the_same_things(path: Path) -> None:
    texts = json.loads(path.read_text())
    assert list(texts) == list(ENGLISH)
    for key, text in texts.items():
        assert text.strip(), key
        # A time, a count or a name that is left out, or one that nobody fills in.
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", ENGLISH[key])), key


@pytest.mark.parametrize("path", I18N, ids=lambda path: path.stem)
def test_the_page_has_words_for_each_level_and_class_in_every_language(path: Path) -> None:
    texts = json.loads(path.read_text())
    named = {key.removeprefix("level_") for key in texts if key.startswith("level_")}
    assert named == LOOKS
    assert {key.removeprefix("threat_") for key in texts if key.startswith("threat_")} == CLASSES - UNNAMED
    assert {key.removeprefix("do_") for key in texts if key.startswith("do_")} == LOOKS - {"degraded"}
    for start in ("level_", "threat_"):
        words = [text for key, text in texts.items() if key.startswith(start)]
        assert len(set(words)) == len(words), "two of them are called the same"


def listed(text: str, pattern: str) -> set[str]:
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None, f"nothing like {pattern} any more: say here where it stands now"
    return set(re.findall(r'"(\w+)"', found[1])) or set(re.findall(r"^\s*(\w+):", found[1], re.MULTILINE))


def test_the_page_names_each_class_and_has_an_icon_a_colour_and_a_rank_for_each_level() -> None:
    assert listed(web("public/view/parts.tsx"), r"const known = \[(.*?)\]") == CLASSES - UNNAMED
    assert listed(web("shared/model/messages.ts"), r"type Level = (.*?);") == LEVELS | {"none"}
    assert listed(web("shared/model/messages.ts"), r"new Set<Level>\(\[(.*?)\]") == LEVELS | {"none"}
    assert listed(web("public/map/paint.ts"), r"const looks = \[(.*?)\]") == LOOKS
    icons = re.search(r"PATHS: .*? = \{(.*?)\n\};", web("public/view/icons.tsx"), re.DOTALL)
    assert icons is not None
    assert set(re.findall(r"^  (\w+):", icons[1], re.MULTILINE)) == LOOKS
    rank = re.search(r"RANK: .*? = \{(.*?)\}", web("shared/model/urgency.ts"))
    assert rank is not None
    assert set(re.findall(r"(\w+): \d", rank[1])) == LEVELS | {"none"}
    style = web("public/styles/page.css")
    for look in LOOKS:
        # By day, and by night or for who asks for more contrast.
        assert len(re.findall(rf"--fill-{look}:", style)) >= 1, look
