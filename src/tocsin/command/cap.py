"""`tocsin cap check` and `tocsin cap verify`: other people's CAP messages, and our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.cap.structure import Problem

cap = typer.Typer(no_args_is_help=True, help="Check CAP messages, and verify their signatures.")

_Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="CAP messages, also inside Atom, RSS or EDXL.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@cap.command()
def check(
    files: _Files,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="Only what the standard's schema says.")] = False,
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="basic, google, ipaws, cap-cp, cap-au, wmo, uk or tocsin.")
    ] = "basic",
    as_json: _Json = False,
) -> None:
    """Check CAP 1.0, 1.1 and 1.2 messages: one line per problem, exit 1 where there is any.

    Of a feed every message in it is checked, and those that it links to where their files lie beside it. A file that
    cannot be read stops no other.

    Example: `tocsin cap check --profile ipaws alert.xml`
    """
    from tocsin.replay.cap_files import check_files

    problems, notes = check_files(files, schema_only=schema_only, profile=profile)
    _report(problems, as_json, notes)


@cap.command()
def verify(
    files: _Files,
    trust: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the senders' certificates.")],
    as_json: _Json = False,
) -> None:
    """Verify signed CAP messages against pinned certificates, as of the time they were sent.

    Example: `tocsin cap verify alert.xml --trust certificates/`
    """
    from tocsin.cap.trust import trust_in
    from tocsin.replay.cap_files import verify_files

    found = verify_files(files, trust_in(trust))
    if not as_json:
        for path, verdicts in found.items():
            for verdict in verdicts:
                if verdict.alert is not None:
                    typer.echo(f"{path}: {verdict.alert.identifier} signed by {verdict.signer}")
    wrong = {path: [p for verdict in verdicts for p in verdict.problems] for path, verdicts in found.items()}
    _report(wrong, as_json, {})


def _report(problems: Mapping[Path, Sequence[Problem]], as_json: bool, notes: Mapping[Path, str]) -> None:
    import json

    if as_json:
        rows = {str(path): [{"line": p.line, "what": p.what} for p in found] for path, found in problems.items()}
        said = {"notes": {str(path): note for path, note in notes.items()}} if notes else {}
        typer.echo(json.dumps({"files": rows, "problems": sum(map(len, rows.values())), **said}, ensure_ascii=False))
    else:
        for path, found in problems.items():
            for problem in found:
                typer.echo(f"{path}:{problem.line}: {problem.what}")
            if path in notes:
                typer.echo(f"{path}: {notes[path]}")
    if any(problems.values()):
        raise typer.Exit(1)
