"""One finding about a set of zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One finding. An error makes warnings wrong or late; a remark is for somebody to look at."""

    grade: Literal["error", "remark"]
    zone: str
    text: str
