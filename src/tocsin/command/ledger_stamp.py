"""`tocsin ledger stamp`: an authority's word that a file was there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import LEDGER, LedgerAt


def stamp(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The evidence.", show_default=False)],
    authority: Annotated[str, typer.Option(help="The authority's address (RFC 3161 over HTTP).")],
    root: Annotated[Path, typer.Option(help="Its root certificate, PEM: whom you trust.")],
    by: Annotated[str, typer.Option(help="The desk that asks; not a person's own name.")] = "desk",
    ledger: LedgerAt = LEDGER,
) -> None:
    """Have the SHA-256 of a file stamped, check the answer, and keep it. The authority learns nothing but the hash.

    Example: `tocsin ledger stamp crater.jpg --authority https://tsa.example/tsr --root tsa-root.pem`
    """
    import asyncio
    import hashlib
    from datetime import UTC, datetime

    from tocsin.ledger.opening import opened
    from tocsin.ledger.stamps import asked, evidence_in, request_for, roots_in, stamp_from

    roots = roots_in(root)
    data = evidence_in(path)
    sha256 = hashlib.sha256(data).hexdigest()
    with opened(ledger) as store:
        answer = asyncio.run(asked(authority, request_for(data)))
        made = stamp_from(answer, sha256, roots, by=by, recorded=datetime.now(UTC))
        store.append([made])
    typer.echo(f"{sha256} was there at {made.at.isoformat()}, says {made.authority or authority}: {made.id}")
