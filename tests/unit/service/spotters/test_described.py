"""The description of the interface calls each type by a name of its own."""

from __future__ import annotations

import json

from tests.some import some
from tocsin.service.http.openapi import description
from tocsin.service.http.openapi_spotters import described


def test_no_type_of_spotters_is_described_as_another_of_the_same_name() -> None:
    whole = json.loads(description())["components"]["schemas"]
    _, own = described()
    assert {name: whole[name] for name in some(own)} == json.loads(json.dumps(own))
