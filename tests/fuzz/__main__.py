"""`make fuzz`: damaged inputs to every reader, for as long as one likes; what no user should meet is kept as a file.

A reader may refuse with a sentence (TocsinError). It may not fail otherwise, take longer than a second of processor,
grow without bound, or leave a record out of its account.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.damage import damaged
from tests.fuzz.readers import READERS
from tests.fuzz.samples import SAMPLES, Sample
from tocsin.model.errors import TocsinError

SLOW_S = 1.0
# Each reader has this much in turn, so that a run cut short has tried them all alike.
TURN_S = 2.0


@dataclass
class Tried:
    """What one reader was given, and what came of it.

    faults   what happened -> the file that did it; one of each kind
    """

    inputs: int = 0
    cpu_s: float = 0.0
    slowest_s: float = 0.0
    faults: dict[str, Path] = field(default_factory=dict)


def fault_of(name: str, sample: Sample, folder: Path) -> str | None:
    """What a reader did with an input that it may not do; None: nothing."""
    began_s = time.process_time()
    try:
        account = READERS[name](sample, folder)
    except TocsinError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
    if account is not None and not account.balanced:
        return f"not accounted for: {account}"
    return "slow" if time.process_time() - began_s > SLOW_S else None


def turn(name: str, random: Random, tried: Tried, scratch: Path, found: Path) -> None:
    """Give a reader damaged inputs for its turn."""
    samples = SAMPLES[name]()
    # What is loaded at the first need is nobody's fault.
    fault_of(name, samples[0], scratch)
    contents = [one.content for one in samples]
    end_s = time.process_time() + TURN_S
    while time.process_time() < end_s:
        good = random.choice(samples)
        sample = Sample(good.suffix, damaged(random, good.content, contents))
        began_s = time.process_time()
        fault = fault_of(name, sample, scratch)
        spent_s = time.process_time() - began_s
        tried.inputs += 1
        tried.cpu_s += spent_s
        tried.slowest_s = max(tried.slowest_s, spent_s)
        kind = "not accounted for" if fault is not None and fault.startswith("not") else fault
        if fault is not None and kind is not None and kind not in tried.faults:
            tried.faults[kind] = path = found / f"{name}-{len(tried.faults)}{good.suffix}"
            path.write_bytes(sample.content)
            print(f"{name}: {fault}: {path}", flush=True)


def main() -> int:
    """Run, print a line for each reader, and say by the exit status whether anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="of processor, for each reader")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", action="append", choices=sorted(READERS), help="only these")
    parser.add_argument("--out", type=Path, default=Path("fuzz-findings"), help="where inputs are kept that did harm")
    args = parser.parse_args()
    args.out.mkdir(exist_ok=True)
    names = args.reader or sorted(READERS)
    tried = {name: Tried() for name in names}
    random = Random(args.seed)
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(max(1, round(args.minutes * 60 / TURN_S))):
            for name in names:
                turn(name, random, tried[name], Path(scratch), args.out)
    for name, one in tried.items():
        spent = f"{one.cpu_s:7.0f} s, slowest {one.slowest_s:5.2f} s"
        print(f"{name:14}{one.inputs:9,} inputs {spent}, {len(one.faults)} faults")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 1 if any(one.faults for one in tried.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
