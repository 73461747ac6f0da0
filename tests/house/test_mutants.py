"""The mutants that `make mutants` tries: what is changed, what is left alone, and which tests are asked."""

from __future__ import annotations

import ast
import sys
import tomllib

import pytest

from tests.mutants import made, seen
from tests.mutants.forks import downstream, forget, import_all, imported, in_forks
from tests.some import some

POLICY = "src/tocsin/warn/policy.py"


def changes(text: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the line becomes in each mutant of a file that holds it."""
    root = tmp_path_factory.mktemp("source")
    (root / "one.py").write_text(f"{text}\n")
    monkeypatch.setattr(made, "ROOT", root)
    return {one.change()[1] for one in made.mutants("one.py")}


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("HOLD_S = 3", {"HOLD_S = 4", "HOLD_S = 2"}),
        ("hold_s: float = 60.0", {"hold_s: float = 120.0", "hold_s: float = 30.0"}),
        ("far_m = 30_000", {"far_m = 60000", "far_m = 15000"}),
        ("x = -1", {"x = -2", "x = -0", "x = 1"}),
        ("y = a < b", {"y = a <= b", "y = a > b"}),
        ("y = a and b", {"y = a or b"}),
        ("y = a - b", {"y = a + b"}),
        ("y = lost is None", {"y = lost is not None"}),
    ],
)
def test_one_thing_at_a_time_is_changed_at_import_too(
    line: str, becomes: set[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changes(line, tmp_path_factory, monkeypatch) == becomes


@pytest.mark.parametrize(
    "line",
    [
        "x: Array[3] | None", "def f(a: int | None) -> Pair[2]: ...", "@dataclass(slots=True)\nclass A: ...",
        "assert low <= high + 1", "log.warning('late', by_s=late + 3)", "zip(a, b, strict=True)", "__slots__ = (1,)",
        "raise BadValue(f'{here + 1} of {there - 1}')",
        "def f(a, *, b): ...",
    ],
)  # fmt: skip
def test_what_no_test_should_see_is_left_alone(
    line: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changes(line, tmp_path_factory, monkeypatch) <= {"assert not low <= high + 1"}


def test_every_mutant_of_a_real_file_is_another_program() -> None:
    text = (made.ROOT / POLICY).read_text()
    found = made.mutants(POLICY)
    assert len(found) > 20 and len({one.key for one in found}) == len(found)
    for one in some(found[:: len(found) // 10]):
        assert ast.unparse(ast.parse(one.source())) != ast.unparse(ast.parse(text))


def test_a_number_at_import_is_asked_of_the_tests_that_run_what_says_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the whole package it is the same, and takes longer.
    words = seen.words_in(made.ROOT / "src" / "tocsin" / "warn")
    monkeypatch.setattr(seen, "_words", lambda: words)
    line = next(n for n, text in enumerate((made.ROOT / POLICY).read_text().splitlines(), 1) if "blind_hold_s:" in text)
    user = next((path, n) for path, n in words["blind_hold_s"] if path == "src/tocsin/warn/levels.py")
    says, other = (f"tests/conftest.py::{name}" for name in ("says it", "other"))
    known = seen.Seen({says: [0.5, {user[0]: [user[1]]}], other: [0.1, {POLICY: [1]}]})
    assert known.tests(POLICY, line, budget_s=20.0)[0] == [says]
    assert known.tests(POLICY, line, budget_s=0.2) == ([], 0, False)


def test_all_that_is_changed_can_be_imported_before() -> None:
    def imported() -> bool:
        import_all()
        return True

    assert dict(in_forks(iter([("all", imported, 120.0)]), 1)) == {"all": True}


def test_the_tests_that_start_services_are_asked_of_changes_to_the_service_alone() -> None:
    of_a_service = {one for one in seen._test_files(False, {"src/tocsin/service/http.py"}) if "/service/" in one}
    assert some(of_a_service) and not of_a_service & set(seen._test_files(False, {POLICY}))
    assert "tests/unit/warn/test_policy.py" in seen._test_files(False, {POLICY})


def test_what_imports_a_module_through_others_is_imported_anew_with_it() -> None:
    found = downstream("tocsin.warn.policy")
    assert {"tocsin.warn.policy", "tocsin.warn.warner", "tocsin.engine.engine"} <= found
    assert not {"tocsin.model.zone", "tocsin.track.tracker"} & found


def test_of_a_module_that_is_changed_nobody_keeps_the_one_before() -> None:
    def anew() -> bool:
        from tocsin.warn import alerts as before

        forget("tocsin.warn.told")
        from tocsin.warn import alerts as after

        return after is not before and after is sys.modules["tocsin.warn.alerts"]

    assert dict(in_forks(iter([("alerts", anew, 120.0)]), 1)) == {"alerts": True}


def test_what_a_text_imports_is_found_in_all_its_forms_and_in_what_it_writes() -> None:
    text = "import a.b as c, d  # for e\ndef f():\n    from g.h import (\n        i,  # why\n        j as k,\n    )\n"
    assert imported(text) == {"a.b", "d", "g.h", "g.h.i", "g.h.j"}
    assert imported('run("""\nfrom tocsin import cap\n""")') == {"tocsin", "tocsin.cap"}


def test_what_is_argued_to_be_equivalent_still_stands_there_and_has_a_reason() -> None:
    listed = tomllib.loads((made.ROOT / "tests/mutants/equivalent.toml").read_text())["mutant"]
    for one in some(listed):
        assert " ".join(one["before"].split()) in " ".join((made.ROOT / one["file"]).read_text().split())
        assert one["before"] != one["after"] and len(one["why"]) > 10
