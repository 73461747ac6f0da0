"""Names in the settings: one rule for them and on the wire, for what is journalled under a name must be read back."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from tocsin.model import value
from tocsin.model.birth import checked


def _name(text: str) -> str:
    checked(value.Name, "it", text)
    return text


Name = Annotated[str, AfterValidator(_name)]
