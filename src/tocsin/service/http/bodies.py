"""Bodies of requests that are one JSON value: read within bounds, and refused with the reason."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tocsin.ingest.unread_keys import unknown_keys
from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE
from tocsin.model.wire import in_words
from tocsin.service.http.answers import problem
from tocsin.service.http.observations import body_of, packed

T = TypeVar("T", bound=msgspec.Struct)


async def body_as(request: Request, kind: type[T], bytes_max: int, called: str) -> T | Response:
    """The body as a value of that kind; else the answer that says why it is none.

    Only of `application/json`: a form of another site cannot send that without asking.
    """
    if (why := packed(request)) is not None:
        return problem(415, why)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return problem(415, "send it as application/json")
    body = await body_of(request, bytes_max)
    if body is None:
        return problem(413, f"{called} may have {bytes_max} bytes")
    try:
        return msgspec.json.decode(as_utf8(body), type=kind)
    except (*UNREADABLE, BadRecord, BadValue) as error:
        unread = unknown_keys(body, frozenset(kind.__struct_fields__))
        return problem(400, f"not {called}: {unread or in_words(error, kind)}")
