"""What the settings say of the minutes of warning that are kept while the service runs."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field

from tocsin.service.section import Section


class MinutesKept(Section):
    """Against whom minutes are worked out, and who is told when they become fewer. Without this table nobody is."""

    threats: str | None = Field(
        None,
        max_length=500,
        description="A scenario, shipped or a file, whose attackers may come; without it they come from everywhere.",
    )
    classes: str = Field(
        "drone,cruise_missile,jet,helicopter,ballistic_missile,rocket",
        max_length=200,
        description="Classes of threat, with commas between.",
    )
    fall_share: float = Field(
        0.05, gt=0, lt=1, description="Officers are told when people with enough minutes fall by more than this share."
    )
    public: bool = Field(False, description="Tell the public, late and by region, where there are fewer than usual.")

    def below(self, folder: Path) -> Self:
        """The same, with a file of threats that is relative taken from that folder."""
        if self.threats is None or Path(self.threats).suffix != ".toml":
            return self
        return self.model_copy(update={"threats": str(folder / self.threats)})
