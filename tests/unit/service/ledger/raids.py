"""The ledger of the tutorial, two raids of which several say different things, and a neighbour who saw one of them."""

from __future__ import annotations

import re
from pathlib import Path

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.importing import import_file
from tocsin.ledger.sqlite import SqliteStore

TUTORIAL = Path(__file__).resolve().parents[4] / "docs" / "tutorial" / "who-says-what.md"
NEIGHBOUR = """
[[source]]
source = "lane-nine-7"
kind = "witness"
names = ["Voice from Lane Nine"]

[[claim]]
id = "seen"
incident = "damascus-air-defence"
measure = "damage"
chain = ["lane-nine-7"]
published = 2023-05-29T13:00:00Z
url = "https://example.org/lane-nine-7"
personal = { witness = "the widow of house 3", contact = "third floor, back stairs", words = "my kitchen window" }
"""
# What nobody but who keeps the ledger may read.
SECRET = ("widow", "stairs", "kitchen")
# And what tells everybody who she is.
WHO_SHE_IS = (*SECRET, "Lane Nine", "lane-nine")


def raids(folder: Path) -> Path:
    """A ledger in that folder; its path."""
    (toml,) = re.findall(r"^```toml\n(.*?)^```", TUTORIAL.read_text(), re.S | re.M)
    notes, path = folder / "raids.toml", folder / "raids.db"
    notes.write_text(toml + NEIGHBOUR)
    with SqliteStore(path) as store:
        kept = import_file(store, notes, "notes", Rejects(folder / "rejects-of-notes.jsonl"))
    assert kept["rejected"] == 0, kept
    return path
