"""`tocsin bench NAME`: every published figure, measured on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def bench(
    name: Annotated[str | None, typer.Argument(help="Which one; without it they are listed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Raids in all (skill, liars), nights (quiet, faults).")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, max=1_024, help="Processes; 0: one per core (skill, liars, quiet).")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="A shipped policy's name, or a policy.toml (skill, quiet).")
    ] = None,
    laws: Annotated[
        str | None, typer.Option(help="Raids by other laws of motion: all, or names with commas between (skill).")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for a report, its plot and its raids (skill).")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="For how long (faults).")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="This seed alone, as a failure names it (faults).")] = None,
    workload: Annotated[str | None, typer.Option(help="One of `faults/*.toml`, by its name (faults).")] = None,
    channel: Annotated[str | None, typer.Option(help="Parts of it only, names with commas between (announce).")] = None,
    part: Annotated[
        str | None, typer.Option(help="Parts only, names with commas between (cluster, ledger, plan).")
    ] = None,
    source: Annotated[Path | None, typer.Option("--from", help="Show this raids.jsonl again (skill).")] = None,
) -> None:
    """Measure a published figure, beside a peer or a limit of this machine in the same run.

    Example: `tocsin bench skill --seeds 14 --report skill`
    """
    import importlib
    import inspect
    import pkgutil

    from tocsin import bench as folder
    from tocsin.bench.machine import described
    from tocsin.model.errors import BadSettings

    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    modules = {one: importlib.import_module(f"tocsin.bench.{one}") for one in names if name in (None, one)}
    modules = {one: module for one, module in modules.items() if hasattr(module, "run")}
    if name is None:
        for one, module in modules.items():
            typer.echo(f"{one:10} {(module.__doc__ or '').splitlines()[0]}")
        return
    if name not in modules:
        raise BadSettings(f"there is no benchmark {name!r}; `tocsin bench` lists them")
    run = modules[name].run
    given: dict[str, Any] = {
        "seeds": seeds, "workers": workers, "policy": policy, "report": report, "source": source,
        "laws": laws, "minutes": minutes, "seed": seed, "workload": workload, "channel": channel, "part": part,
    }  # fmt: skip
    given = {option: value for option, value in given.items() if value is not None}
    for option in given:
        if option not in inspect.signature(run).parameters:
            raise BadSettings(f"bench {name} takes no --{'from' if option == 'source' else option}; leave it out")
    typer.echo(f"on {described()}", err=True)
    run(json=as_json, **given)
