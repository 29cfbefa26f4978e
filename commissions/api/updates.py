"""Pages of commissions in the order of their updates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidCursor
from api.pagination import CursorPages
from api.serializers import Moment
from commissions.models import Commission
from commissions.updates import Place, UpdatedPage, after, updated_page

READ_UNTIL = (
    "With updated_after only: remember it and pass it as updated_after next time. Everything that"
    " was updated until then has been listed."
)


class UpdatePages(CursorPages):
    """Cursor pages, the newest first; with ``updated_after`` by update, the oldest first.

    Such a page looks at ``page_size`` updates and shows those that pass the filter, so it may be
    empty although there is a next one.
    """

    updated_after: datetime | None = None
    """Set by the view from its filters."""
    _page: UpdatedPage | None = None

    def paginate_queryset(
        self, queryset: QuerySet[Commission], request: Request, view: Any = None
    ) -> list[Any]:
        if self.updated_after is None:
            return super().paginate_queryset(queryset, request, view)
        self._salt = self._list_of(request)
        start = self._given_place(request) or after(self.updated_after)
        limit = self.get_page_size(request) or self.max_page_size
        self._page = updated_page(queryset, start=start, limit=limit)
        return self._page.rows

    def _given_place(self, request: Request) -> Place | None:
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        try:
            at, update, number = signing.loads(given, salt=self._salt)
        except signing.BadSignature:
            raise InvalidCursor from None
        return Place(datetime.fromisoformat(at), update, number)

    def get_next_link(self) -> str | None:
        if self._page is None:
            link: str | None = super().get_next_link()
            return link
        place = self._page.next
        if place is None:
            return None
        return signing.dumps((place.at.isoformat(), place.update, place.number), salt=self._salt)

    def get_previous_link(self) -> str | None:
        link: str | None = super().get_previous_link() if self._page is None else None
        return link

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        if self._page:
            response.data["read_until"] = Moment().to_representation(self._page.read_until)
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        body = super().get_paginated_response_schema(schema)
        body["properties"]["read_until"] = {
            "type": "string", "format": "date-time", "description": READ_UNTIL,
        }  # fmt: skip
        return body
