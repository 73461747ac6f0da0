"""What every section and table of the settings is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=0, le=65_535)]


class Section(BaseModel):
    """Nothing in it changes, and a key that it does not know is refused: misspelt, it would set nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
