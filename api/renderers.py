"""Read and write JSON with orjson: UTF-8, no NaN, integers exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from api.errors import MalformedJson

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"


def encode(body: Any) -> bytes:
    return orjson.dumps(body, default=str)


class JsonRenderer(BaseRenderer):
    media_type = JSON_TYPE
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else encode(data)


class JsonParser(BaseParser):
    media_type = JSON_TYPE

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError:
            raise MalformedJson from None
