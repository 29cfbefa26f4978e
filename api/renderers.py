"""Read and write JSON with orjson: UTF-8, no NaN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from api.errors import MalformedJson

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
MAX_DEPTH = 32


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
        # Django's request refuses a body above DATA_UPLOAD_MAX_MEMORY_SIZE, the stream does not.
        request = (parser_context or {})["request"]
        try:
            value = orjson.loads(request._request.body)
        except orjson.JSONDecodeError:
            raise MalformedJson from None
        if _is_too_deep(value):
            raise MalformedJson
        return value


def _is_too_deep(value: Any) -> bool:
    """Return whether containers are nested deeper than any body needs, and than orjson writes."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return bool(level)
