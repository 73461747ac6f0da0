"""Tables where they are read: as wide as the terminal; in a file or a pipe, as wide as they are."""

from __future__ import annotations

import os
import sys

from rich.console import Console

# Wider than any table of ours.
WIDE = 320


def table_console() -> Console:
    """Standard output for tables, in which nothing is cut where nobody's terminal has an edge."""
    edged = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console() if edged else Console(width=WIDE)
