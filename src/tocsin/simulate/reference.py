"""The reference of every scenario key, made from the types that read them."""

from __future__ import annotations

import inspect
import re

import msgspec

from tocsin.simulate import scenario as types
from tocsin.simulate.threats import Threats

TABLES: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("", types.Scenario),
    ("[place]", types.Place),
    ("[terrain]", types.Terrain),
    ("[[threats]]", Threats),
    ("[[sensors]]", types.Sensors),
    ("[traffic]", types.Traffic),
    ("[reports]", types.Reports),
    ("[[faults]]", types.Fault),
)
_KEY = re.compile(r"^(\w+)  +(\S.*)$")


def described(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Key -> meaning, from the rows `key   meaning` of a type's docstring; deeper lines continue the row above."""
    rows: dict[str, str] = {}
    key = ""
    for line in (inspect.getdoc(kind) or "").splitlines()[1:]:
        if found := _KEY.match(line):
            key = found[1]
            rows[key] = found[2]
        elif key and line.startswith("  "):
            rows[key] += " " + line.strip()
    return rows


def scenario_reference() -> str:
    """docs/reference/scenarios.md."""
    parts = [
        "# Scenarios",
        "",
        "A scenario is a TOML file that `tocsin simulate` plays over the towns of a country or over zones of your own.",
        "",
        (inspect.getdoc(types) or "").split("\n\n", 1)[1].strip(),
        "",
        "An unknown key, a wrong type or a value out of bounds is refused with the file and the key.",
        "",
    ]
    for heading, kind in TABLES:
        parts += [f"## `{heading}`" if heading else "## The scenario itself", ""]
        parts += [(inspect.getdoc(kind) or "").splitlines()[0], "", "| key | default | meaning |", "|---|---|---|"]
        meanings = described(kind)
        for field in msgspec.structs.fields(kind):
            parts.append(f"| `{field.name}` | {_default(field)} | {meanings[field.name].replace('|', '/')} |")
        parts.append("")
    return "\n".join(parts)


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default
    if value is None or value == "":
        return "absent"
    if isinstance(value, msgspec.Struct) or value == ():
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(f'{one:g}' for one in value)}]`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
