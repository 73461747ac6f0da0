"""`tocsin cap check` and `tocsin cap verify`: other people's CAP messages, and our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.cap.structure import Problem

cap = typer.Typer(no_args_is_help=True, help="Check CAP messages, and verify their signatures.")

_Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="CAP messages, also inside Atom or EDXL.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@cap.command()
def check(
    files: _Files,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="Only what the standard's schema says.")] = False,
    profile: Annotated[str, typer.Option(metavar="NAME", help="basic, ipaws or tocsin.")] = "basic",
    as_json: _Json = False,
) -> None:
    """Check CAP 1.0, 1.1 and 1.2 messages: one line per problem, exit 1 where there is any.

    Example: `tocsin cap check --profile ipaws alert.xml`
    """
    from tocsin.cap.check import check as problems_of

    _report({path: problems_of(_read(path), schema_only=schema_only, profile=profile) for path in files}, as_json)


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
    from tocsin.cap.verify import verify as verdicts_of

    trusted = trust_in(trust)
    found = {path: verdicts_of(_read(path), trusted) for path in files}
    if not as_json:
        for path, verdicts in found.items():
            for verdict in verdicts:
                if verdict.alert is not None:
                    typer.echo(f"{path}: {verdict.alert.identifier} signed by {verdict.signer}")
    _report({path: [p for verdict in verdicts for p in verdict.problems] for path, verdicts in found.items()}, as_json)


def _read(path: Path) -> bytes:
    from tocsin.cap.xml import BYTES_MAX
    from tocsin.model.errors import BadFile

    try:
        with path.open("rb") as file:
            return file.read(BYTES_MAX + 1)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of a CAP message") from error


def _report(problems: Mapping[Path, Sequence[Problem]], as_json: bool) -> None:
    import json

    if as_json:
        rows = {str(path): [{"line": p.line, "what": p.what} for p in found] for path, found in problems.items()}
        typer.echo(json.dumps({"files": rows, "problems": sum(map(len, rows.values()))}, ensure_ascii=False))
    else:
        for path, found in problems.items():
            for problem in found:
                typer.echo(f"{path}:{problem.line}: {problem.what}")
    if any(problems.values()):
        raise typer.Exit(1)
