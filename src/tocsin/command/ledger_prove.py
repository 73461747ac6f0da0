"""`tocsin ledger prove` and `blank`: the public log signed by hand, and what nobody may read taken out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import AsJson

LogFile = Annotated[Path, typer.Argument(metavar="LOG", help="The public log's file, such as proof.db.")]


def prove(
    path: LogFile,
    ledger: Annotated[str, typer.Option(metavar="DB", help="The ledger whose new records are logged.")],
    key: Annotated[Path, typer.Option(metavar="KEY", help="The private key that signs heads.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what the public may read into a folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Log the new records of a ledger and sign a head, where no service does.

    Records are public by their hash; incidents that were released with their text.

    Example: `tocsin ledger prove proof.db --ledger ledger.db --key keys/proof.key --out public`
    """
    from datetime import UTC, datetime

    from tocsin.announce.keys import private_key_in
    from tocsin.ledger.opening import opened
    from tocsin.ledger.proof_heads import HeadSigner
    from tocsin.ledger.proof_log import ProofLog
    from tocsin.ledger.proof_records import take_records
    from tocsin.model.errors import BadFile
    from tocsin.model.wire import to_json
    from tocsin.replay.proof_files import write_public

    signer = HeadSigner(private_key_in(key))
    with opened(ledger) as store:
        log = ProofLog(path, make=True)
        if log.trouble is not None:
            raise BadFile(log.trouble)
        new = take_records(log, store)
        log.sign(signer, datetime.now(UTC), anew=True)
    if out is not None:
        write_public(log, signer.public_pem, out)
    found = {"logged": new, "entries": len(log)}
    log.close()
    typer.echo(to_json(found).decode() if as_json else f"{new} records logged; {len(log)} entries, signed")


def blank(
    path: LogFile,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", min=0, help="The number of the entry.")],
    reason: Annotated[str, typer.Option(help="Why; everybody may read it.")],
) -> None:
    """Take the text of a public entry out for good. Its hash stays, and another entry says that it was done, and why.

    Example: `tocsin ledger blank tocsin-data/proof.db 17 --reason "it named a person"`
    """
    from tocsin.ledger.proof_log import ProofLog

    log = ProofLog(path)
    log.blank(entry, reason)
    log.close()
    typer.echo(f"entry {entry} is blanked; copies that others made of it are not")
