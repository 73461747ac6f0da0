"""ASTERIX, and captures, as Debian's tshark reads them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import skip
from tests.unit.ingest.network_bytes import PORT

Message = dict[str, Any]


def tshark(capture: Path, *arguments: str) -> str:
    """What tshark prints of a capture; skips where it is not there."""
    program = shutil.which("tshark")
    if program is None:
        skip("no tshark; on Debian: apt-get install tshark")
    assert program is not None
    command = [program, "-n", "-r", str(capture), "-d", f"udp.port=={PORT},asterix", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout


def messages(capture: Path) -> list[tuple[int, list[Message]]]:
    """Of each packet with one block: its category, and its records as names of fields -> what tshark shows of them."""
    found = []
    for packet in json.loads(tshark(capture, "-T", "json", "-J", "asterix"), object_pairs_hook=_pairs):
        block = packet["_source"]["layers"].get("asterix", {})
        records = block.get("asterix.message", [])
        found.append((int(block.get("asterix.category", 0)), records if isinstance(records, list) else [records]))
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> Message:
    """JSON objects of tshark repeat their keys: what is repeated becomes a list."""
    gathered: dict[str, list[Any]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in gathered.items()}


def items(record: Message, category: int) -> set[str]:
    """The names of a record's items."""
    prefix = f"asterix.{category:03}_"
    return {name.removeprefix(prefix) for name in record if name.startswith(prefix)}


def part(record: Message, category: int, item: str, name: str = "VALUE") -> str | None:
    """One field of an item, or of a part of it (`CAL/CAL`), as tshark shows it; None where it is not there."""
    prefix = f"asterix.{category:03}_{item}"
    found: Any = record.get(prefix)
    for step in name.split("/")[:-1]:
        prefix += f"_{step}"
        found = None if not isinstance(found, dict) else found.get(prefix)
    found = None if not isinstance(found, dict) else found.get(f"{prefix}_{name.split('/')[-1]}")
    return found if isinstance(found, str) else None


def number(record: Message, category: int, item: str, name: str = "VALUE") -> float | None:
    """The same as a number; hexadecimal ones too."""
    text = part(record, category, item, name)
    return None if text is None else float(int(text, 16)) if text.startswith("0x") else float(text)
