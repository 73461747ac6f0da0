"""A language is a file: nothing of any language stands in the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tocsin.ingest.text
from tests.some import some
from tocsin.ingest.text.language import language_of, languages
from tocsin.ingest.text.profile import read_profile
from tocsin.ingest.text.reader import Reader
from tocsin.model.errors import BadFile, BadSettings

POLISH = """
script = "Latn"
[countries]
PL = 5_000
[kinds]
drone = ["dron*", "bezzałogow*"]
missile = ["rakiet*"]
[many]
phrases = ["drony", "dronów"]
[stages]
threat = ["zagrożen*"]
gone = ["zestrzelon*", "czysto"]
[roles]
over = ["nad", "koło", "w"]
via = ["obok"]
towards = ["w kierunku", "na", "do"]
from = ["z", "od"]
[compass]
north = ["północ*"]
east = ["wschod*", "wschód"]
[units]
not = ["nie"]
absent = ["brak"]
[counts]
2 = ["dwa", "dwie"]
[endings]
"iem" = ["", "i"]
"em" = ["", "o"]
"owa" = ["ów"]
"owem" = ["ów"]
"a" = [""]
"""
# Written behind the place, and glued to it behind an apostrophe that nobody types.
TURKISH = """
script = "Latn"
[countries]
TR = 15_000
[kinds]
drone = ["iha", "insansız hava aracı"]
[stages]
gone = ["düşürüldü"]
[roles_after]
over = ["üzerinde", "yakınında"]
towards = ["yönünde", "doğru"]
from = ["tarafından"]
[endings]
"e" = [""]
"a" = [""]
"den" = [""]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("languages")
    (made / "pl.toml").write_text(POLISH)
    (made / "tr.toml").write_text(TURKISH)
    return made


@pytest.fixture(scope="module")
def reader(folder: Path) -> Reader:
    further = {code: language_of(folder / f"{code}.toml") for code in ("pl", "tr")}
    return Reader(countries={"PL": 5_000, "TR": 15_000}, further=further)


@pytest.mark.parametrize(
    ("said", "stage", "count", "roles"),
    [
        ("Dwa drony nad Lublinem w kierunku Rzeszowa", "in_flight", 2, {"over": "Lublin", "towards": "Rzeszów"}),
        ("Rakieta na Zamość", "in_flight", 1, {"towards": "Zamość"}),
        ("Dron zestrzelony koło Łodzi", "gone", 1, {}),
        ("Dronów nad Lublinem brak", "gone", 2, {"over": "Lublin"}),
        ("Nie czysto", "threat", None, {}),
        ("Gaziantep üzerinde İHA", "over", 1, {"over": "Gaziantep"}),
        ("İHA Gaziantep'e doğru", "in_flight", 1, {"towards": "Gaziantep"}),
    ],
)
def test_a_file_of_a_language_is_all_that_it_takes(
    said: str, stage: str, count: int | None, roles: dict[str, str], reader: Reader
) -> None:
    (report,) = reader.read(said).reports
    assert (report.stage, report.count_min) == (stage, count)
    named = {place.role: place.spots[0].name for place in report.places}
    assert roles.items() <= named.items()


def test_clauses_and_denials_work_in_a_language_of_a_file(reader: Reader) -> None:
    first, second = reader.read("Czysto nad Lublinem, 3 drony koło Rzeszowa").reports
    assert first.stage == "gone" and (second.stage, second.count_min) == ("over", 3)


def test_a_profile_names_the_file_of_its_language(folder: Path) -> None:
    path = folder / "profile.toml"
    path.write_text(
        'channel = "one"\nlanguages = ["pl"]\nlanguage_files = { pl = "pl.toml" }\ncountries = { PL = 5000 }\n'
    )
    (report,) = read_profile(path).reader().read("Dron nad Lublinem").reports
    assert report.likeliest == "drone" and report.places[0].spots[0].name == "Lublin"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kinds = { unicorn = ['x'] }", "unicorn"), ("colour = 'red'", "colour"), ("[alike]\n'ł' = 'l'", "alike"),
        ("counts = { many = ['x'] }", "many"), ("particles = { 'x' = 'beside' }", "beside"),
    ],
)  # fmt: skip
def test_a_wrong_key_of_a_language_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(text)
    with pytest.raises(BadSettings, match=said):
        language_of(path)


@pytest.mark.parametrize("data", [b"kinds =", b"\xff", b"#" * 1_000_001])
def test_what_is_no_file_of_a_language_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    path.write_bytes(data)
    with pytest.raises(BadFile):
        language_of(path)


def test_every_language_that_is_shipped_can_say_what_a_warning_needs() -> None:
    for code, language in some(languages().items()):
        if code != "signs":
            assert {"drone", "rocket", "ballistic"} <= language.kinds.keys(), code
            assert {"threat", "launch", "gone", "impact", "all_clear", "standing"} <= language.stages.keys(), code
            assert {"not", "none", "but", "now", "there", "time", "measure"} <= language.units.keys(), code
            assert {"harm", "past", "summary", "drill"} <= language.drops.keys(), code
            assert language.script and language.metres, code


# Letters that pass for one another, and the script whose towns were renamed: of scripts, and of no language.
OF_SCRIPTS = {"plain.py", "names.py"}


def test_no_word_of_a_language_stands_in_the_code() -> None:
    paths = sorted(Path(tocsin.ingest.text.__file__).parent.glob("*.py"))
    assert len(paths) > 10
    for path in paths:
        tree = ast.parse(path.read_text())
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                foreign = [one for one in node.value if one.isalpha() and not one.isascii()]
                assert not foreign or path.name in OF_SCRIPTS, (path.name, node.value)
