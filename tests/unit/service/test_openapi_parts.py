"""How the parts of the description become one."""

from __future__ import annotations

import msgspec
import pytest

from tocsin.model.errors import BadValue
from tocsin.service.http.openapi_parts import Parts, joined, schemas_of


def named(name: str, **fields: type) -> type[msgspec.Struct]:
    return msgspec.defstruct(name, list(fields.items()))


def part(kind: type[msgspec.Struct], path: str = "/") -> Parts:
    _, components = schemas_of([kind])
    return Parts({path: {}}, components)


def test_two_unlike_types_of_one_name_are_refused_before_one_stands_for_both() -> None:
    with pytest.raises(BadValue, match="Entry"):
        joined([part(named("Entry", seq=int), "/a"), part(named("Entry", number=int, text=str), "/b")])


def test_one_type_that_two_parts_name_is_one() -> None:
    problem = named("Problem", status=int)
    found = joined([part(problem, "/a"), part(problem, "/b")])
    assert list(found.paths) == ["/a", "/b"] and list(found.components) == ["Problem"]


def test_a_path_is_described_once() -> None:
    with pytest.raises(BadValue, match="/a"):
        joined([part(named("One", a=int), "/a"), part(named("Two", b=int), "/a")])


def test_two_types_of_one_name_in_one_part_are_refused_too() -> None:
    with pytest.raises(BadValue, match="one name"):
        schemas_of([msgspec.defstruct("Note", [("text", str)], module=module) for module in ("here", "there")])
