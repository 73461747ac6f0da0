"""The same journal, the same warnings: on a processor of another kind, and in code compiled for none.

The golden night is played again in processes that are told to do without what this processor has: NumPy and the C
library without vector instructions and fused multiplication, linear algebra for a processor of 2004, kernels as plain
Python. Numbers come out otherwise in their last digits, which the test makes sure of; what people are told, and when,
must not.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tocsin.bench.unlike import OLD

ROOT = Path(__file__).resolve().parents[2]
PLAYED = """
import hashlib, json
import numpy as np
from numpy._core._multiarray_umath import __cpu_features__ as features
from tests.nights.test_golden_night import journal
from tocsin.engine.engine import Engine
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json

engine, told, effects = Engine(), hashlib.sha256(), hashlib.sha256()
for event in journal():
    for effect in engine.step(event):
        effects.update(to_json(effect))
        if isinstance(effect, Warning):
            told.update(to_json((effect.time, effect.zone, effect.level)))
matrix = np.sin(np.arange(1.0, 10_001.0)).reshape(100, 100)
digits = hashlib.sha256((matrix @ matrix).tobytes()).hexdigest()
print(json.dumps([told.hexdigest(), effects.hexdigest(), digits, features.get("X86_V3", False)]))
"""


def played(environment: Mapping[str, str]) -> list[Any]:
    """The night in a process of its own: digests of warnings, of effects, of a product's digits; modern vectors."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLAYED],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the names of features are those of this kind of processor")
def test_an_old_processor_tells_the_same_people_the_same_at_the_same_time() -> None:
    here, old = played({}), played(OLD)
    assert not old[3], "the old processor has the new one's vectors: nothing was tried"
    assert here[2] != old[2], "the old processor counts like the new one: nothing was tried"
    assert here[:2] == old[:2]


def test_kernels_that_are_not_compiled_at_all_warn_the_same_people_at_the_same_time() -> None:
    assert played({"NUMBA_DISABLE_JIT": "1"})[0] == played({})[0]
