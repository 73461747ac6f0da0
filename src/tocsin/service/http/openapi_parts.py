"""Parts of the OpenAPI description, each made beside the routes that it is of, and how they become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from tocsin.model.errors import BadValue

JSON = "application/json"
PROBLEM = "application/problem+json"


class Parts(NamedTuple):
    """Paths, and the components (schemas by name) that they refer to."""

    paths: dict[str, Any]
    components: dict[str, Any]


def schemas_of(types: Iterable[Any]) -> tuple[list[Any], dict[str, Any]]:
    """What refers to each of the types, in order, and the components that this refers to.

    Raises BadValue where two of them have one name.
    """
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    # msgspec tells two of a name apart by their modules, which are nobody's business outside.
    if any("." in name for name in components):
        twice = sorted(name for name in components if "." in name)
        raise BadValue(f"two types have one name: {' and '.join(twice)}; rename one")
    return list(schemas), components


def joined(parts: Iterable[Parts]) -> Parts:
    """All as one.

    Raises BadValue where two describe one path, or two unlike types have one name: the later would stand for both.
    """
    paths: dict[str, Any] = {}
    components: dict[str, Any] = {}
    for part in parts:
        twice = sorted(paths.keys() & part.paths.keys())
        if twice:
            raise BadValue(f"the path {twice[0]} is described twice; describe it in one part")
        unlike = sorted(name for name, one in part.components.items() if components.get(name, one) != one)
        if unlike:
            raise BadValue(f"two unlike types are called {unlike[0]}; rename one")
        paths |= part.paths
        components |= part.components
    return Parts(paths, components)


def content(schema: Any, media: str = JSON) -> dict[str, Any]:
    """A body of one kind."""
    return {"content": {media: {"schema": schema}}}


def refused(codes: Iterable[str], said: Mapping[str, str], problem: Any) -> dict[str, Any]:
    """Refusals by their codes, each a problem; `said`: what each code means there."""
    return {code: {"description": said[code]} | content(problem, PROBLEM) for code in codes}
