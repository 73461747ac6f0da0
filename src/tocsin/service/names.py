"""Names and texts in the settings: one rule for them and on the wire, for what is journalled must be read back."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from tocsin.model import value
from tocsin.model.birth import checked


def _name(text: str) -> str:
    checked(value.Name, "it", text)
    return text


def _public(text: str) -> str:
    checked(value.PublicReason, "it", text)
    return text


# What everybody is told, under the rule for what officers write.
PublicText = Annotated[str, AfterValidator(_public)]
Name = Annotated[str, AfterValidator(_name)]
