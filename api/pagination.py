"""Pages by signed cursors: constant time at any depth, and no row twice or missed."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.core import signing
from django.db.models import QuerySet
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidCursor


class CursorPages(CursorPagination):
    """``{results, next, previous}``: cursors to pass as ``cursor``, ``None`` at an end.

    A cursor is valid only for the list and filter that it was made for. The ordering must end with
    a unique column. A list with ``totals`` of its whole filter describes them in ``TOTALS``.
    """

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering: tuple[str, ...] = ("-id",)
    TOTALS: ClassVar[tuple[str, ...]] = ()
    """The names of integers: fen, points or counts."""
    totals: dict[str, int] | None = None

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self._salt = self._list_of(request)
        rows: list[Any] = super().paginate_queryset(queryset, request, view)
        return rows

    def _list_of(self, request: Request) -> str:
        """Return what identifies list, caller and filter."""
        parameters = sorted(
            (name, value)
            for name, values in request.query_params.lists()
            for value in values
            if name not in (self.cursor_query_param, self.page_size_query_param)
        )
        text = repr((request.path, getattr(request.user, "id", ""), parameters))
        return hashlib.sha256(text.encode()).hexdigest()

    def decode_cursor(self, request: Request) -> Cursor | None:
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        try:
            offset, reverse, position = signing.loads(given, salt=self._salt)
        except signing.BadSignature:
            raise InvalidCursor from None
        return Cursor(offset=offset, reverse=bool(reverse), position=position)

    def encode_cursor(self, cursor: Cursor) -> str:
        return signing.dumps((cursor.offset, int(cursor.reverse), cursor.position), salt=self._salt)

    def get_paginated_response(self, data: Any) -> Response:
        body = {
            "results": data,
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
        }
        return Response(body if self.totals is None else body | {"totals": self.totals})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        cursor = {"type": ["string", "null"]}
        properties: dict[str, Any] = {
            "results": schema,
            "next": {**cursor, "description": "Pass it as cursor to get the next page."},
            "previous": {**cursor, "description": "Pass it as cursor to get the page before."},
        }
        if self.TOTALS:
            properties["totals"] = {
                "type": "object",
                "description": "Of the whole filter.",
                "required": list(self.TOTALS),
                "properties": {name: {"type": "integer"} for name in self.TOTALS},
            }
        return {"type": "object", "required": list(properties), "properties": properties}
