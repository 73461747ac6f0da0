"""`tocsin bench NAME`: every published figure, measured on this machine."""

from __future__ import annotations

from typing import Annotated

import typer


def bench(
    name: Annotated[str | None, typer.Argument(help="Which one; without it they are listed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure a published figure, beside a peer or a limit of this machine in the same run.

    Example: `tocsin bench chain`
    """
    import importlib
    import pkgutil

    from tocsin.model.errors import BadSettings
    from tocsin.service import bench as folder

    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    modules = {one: importlib.import_module(f"tocsin.service.bench.{one}") for one in names if name in (None, one)}
    modules = {one: module for one, module in modules.items() if hasattr(module, "run")}
    if name is None:
        for one, module in modules.items():
            typer.echo(f"{one:10} {(module.__doc__ or '').splitlines()[0]}")
        return
    if name not in modules:
        raise BadSettings(f"there is no benchmark {name!r}; `tocsin bench` lists them")
    modules[name].run(json=as_json)
