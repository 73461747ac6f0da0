"""The reference pages that are made from the program itself: commands, settings, errors, and the JSON Schemas.

`python -m tocsin.command.reference docs/reference` writes them; a test proves that those in the repository are current.
"""

from __future__ import annotations

import inspect
import json
import sys
import tomllib
import types
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tocsin.forecast.settings import ForecastSettings
from tocsin.ledger.wire import AnyRecord
from tocsin.model import errors
from tocsin.model.effect import Effect
from tocsin.model.event import Event
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.value import Value
from tocsin.model.warning import Warning, ZoneState
from tocsin.model.zone import Zone
from tocsin.service.settings import Settings
from tocsin.simulate.scenario import Scenario
from tocsin.track.settings import TrackSettings
from tocsin.warn.policy import Policy

_MADE = "<!-- Made by `python -m tocsin.command.reference docs/reference`; change the program, not this page. -->"
_SCHEMAS: dict[str, Any] = {
    "observation": Observation,
    "sensors": list[Sensor],
    "zone-properties": Zone,
    "track": Track,
    "warning": Warning,
    "zone-state": ZoneState,
    "event": Event,
    "effect": Effect,
    "scenario": Scenario,
    "ledger-record": AnyRecord,
}


def pages() -> dict[str, str]:
    """Path under docs/reference -> text, of every page and schema made from the program."""
    made = {"commands.md": _commands(), "settings.md": _settings(), "errors.md": _errors(), "policies.md": _policies()}
    for name, kind in _SCHEMAS.items():
        schema = msgspec.json.schema(kind)
        made[f"schemas/{name}.json"] = json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return made


def commands() -> Iterator[tuple[str, Any]]:
    """('tocsin zones build', command) for every command that does something, in the order of the help."""
    from typer.main import get_command

    from tocsin.command.main import app

    yield from _leaves("tocsin", get_command(app))


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    # Not by its class: typer may carry its own click.
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child_name, child in children.items():
        yield from _leaves(f"{name} {child_name}", child)


def _commands() -> str:
    parts = [
        "# Commands",
        _MADE,
        "Exit status: 0 ok; 1 the input or the answer is bad; 2 wrong usage. Progress goes to stderr, and only on a "
        "terminal. Every command has `--help`.",
    ]
    for name, command in commands():
        parts += [f"## `{name}`", inspect.cleandoc(command.help or "")]
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            parts.append("\n".join(["| argument or option | what it is |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        shown = str(parameter.metavar or parameter.name.upper())
    else:
        shown = ", ".join([*parameter.opts, *parameter.secondary_opts])
    text = (parameter.help or "").replace("|", "\\|")
    if parameter.required and parameter.param_type_name == "option":
        text += " Required."
    elif isinstance(parameter.default, (str, int, float, Path)) and not isinstance(parameter.default, bool):
        text += f" Default: `{parameter.default}`."
    return f"| `{shown.replace('|', '/')}` | {text.strip()} |"


def _settings() -> str:
    parts = [
        "# Settings",
        _MADE,
        "`tocsin run` reads `tocsin.toml`. Every setting can also come from the environment, which outranks the file: "
        "`TOCSIN_` and the key in capitals, tables joined by two underscores (`TOCSIN_HTTP__PORT=8080`).",
        *_section("Top level", Settings),
    ]
    for name, info in Settings.model_fields.items():
        kinds = list(_models(info.annotation))
        for kind in kinds:
            many = get_origin(info.annotation) is tuple
            title = f"`[[{name}]]`" if many else f"`[{name}]`"
            if "kind" in kind.model_fields:
                title += f' with `kind = "{_kind(kind.model_fields["kind"].annotation).strip("`")}"`'
            parts += _section(title, kind)
            for key, within in kind.model_fields.items():
                for part in _models(within.annotation):
                    parts += _section(f"`[[{name}.{key}]]`", part)
    parts += [*_tuning("track", TrackSettings), *_tuning("forecast", ForecastSettings)]
    return "\n\n".join(parts) + "\n"


def _tuning(name: str, kind: type[Value]) -> list[str]:
    """The section of a table that the core reads; a replay takes it from the same file (`--config`)."""
    about, keys = inspect.cleandoc(kind.__doc__ or "").split("\n\n", 1)
    rows = [f"| `{key}` | `{json.dumps(getattr(kind(), key))}` |" for key in kind.__struct_fields__]
    table = "\n".join(["| key | default |", "|---|---|", *rows])
    return [f"## `[{name}]`", about, "```text\n" + keys + "\n```", table]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables an annotation names, in order."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _section(title: str, model: type[BaseModel]) -> list[str]:
    rows = ["| key | type | default | what it is |", "|---|---|---|---|"]
    for key, info in model.model_fields.items():
        if any(_models(info.annotation)):
            default = "see below"
        else:
            default = "required" if info.is_required() else f"`{_default(info)}`"
        rows.append(f"| `{key}` | {_kind(info.annotation)} | {default} | {info.description or ''} |")
    return [f"## {title}", inspect.cleandoc(model.__doc__ or ""), "\n".join(rows)]


def _default(info: FieldInfo) -> str:
    if info.default is None:
        return "none"
    if isinstance(info.default, bool):
        return str(info.default).lower()
    if isinstance(info.default, (str, tuple)):
        return json.dumps(info.default)
    return str(info.default)


def _kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is types.UnionType or origin is Union:
        return " or ".join(_kind(part) for part in get_args(annotation) if part is not type(None))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if any(_models(annotation)):
        return "tables" if origin is tuple else "table"
    if origin is dict:
        return "table"
    if origin is not None:
        return _kind(get_args(annotation)[0])
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "path"}.get(
        getattr(annotation, "__name__", ""), str(annotation)
    )


def _errors() -> str:
    tree = inspect.cleandoc(errors.__doc__ or "").split("\n\n", 1)
    parts = ["# Errors", _MADE, tree[0], "```text\n" + tree[1] + "\n```"]
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.TocsinError):
            exit_status = 2 if issubclass(kind, errors.BadSettings) else 1
            parts += [f"## `{name}`", inspect.cleandoc(kind.__doc__ or ""), f"On the command line: exit {exit_status}."]
    return "\n\n".join(parts) + "\n"


def _policies() -> str:
    """Every key of a policy.toml, and what the shipped policies set."""
    parts = [
        "# Policies",
        _MADE,
        "A policy says how forecasts become warnings. `--policy` and the setting `policy` take a shipped one by name, "
        "or the path of a `policy.toml`, which names only the keys in which it differs from the default.",
    ]
    folder = files("tocsin.warn") / "policies"
    shipped = {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
    }
    rows = [f"| `{name}` | {table['description']} |" for name, table in shipped.items()]
    parts += ["## Shipped", "\n".join(["| name | what it is for |", "|---|---|", *rows])]
    rows = [
        "| key | default | " + " | ".join(f"`{name}`" for name in shipped) + " |",
        "|---" * (len(shipped) + 2) + "|",
    ]
    for key in (field for field in Policy.__struct_fields__ if field not in ("name", "description")):
        own = [f"`{json.dumps(table[key])}`" if key in table else "" for table in shipped.values()]
        rows.append(f"| `{key}` | `{json.dumps(getattr(Policy(), key))}` | " + " | ".join(own) + " |")
    keys = inspect.cleandoc(Policy.__doc__ or "").split("\n\n", 1)[1]
    parts += ["## Keys", "```text\n" + keys + "\n```", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def main(folder: Path) -> None:
    """Write every page under a folder."""
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
