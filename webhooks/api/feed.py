"""Events as a feed."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, Text
from integration.api.views import MallEndpoint
from webhooks import feed
from webhooks.catalogue import TYPES

PAGE_SIZE = 100


class TypeList(serializers.Field):
    """Names of events, separated by commas."""

    def to_internal_value(self, data: str) -> list[str]:
        names = [name for name in data.split(",") if name]
        for name in names:
            if name not in TYPES:
                serializers.ChoiceField(TYPES).run_validation(name)
        return names


class FeedQuery(StrictSerializer):
    after = Text(required=False, allow_blank=True, max_length=200)
    types = TypeList(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=PAGE_SIZE)


class SubjectAnswer(serializers.Serializer):
    type = serializers.CharField()
    id = serializers.CharField()
    sequence = serializers.IntegerField(help_text="Higher for each event of the subject.")


@extend_schema_field({"type": "object"})
class DataField(serializers.DictField):
    """The declared fields of the event; the section Webhooks has the schema of each type."""


class EventAnswer(serializers.Serializer):
    id = serializers.CharField()
    type = serializers.ChoiceField(TYPES)
    occurred_at = serializers.DateTimeField()
    subject = SubjectAnswer()
    data = DataField()
    api_version = serializers.CharField()
    livemode = serializers.BooleanField()


class FeedAnswer(serializers.Serializer):
    results = EventAnswer(many=True)
    next = serializers.CharField(help_text="Pass it as after, also when there is nothing new yet.")
    has_more = serializers.BooleanField(help_text="Whether to ask again at once.")


class EventFeed(MallEndpoint):
    """Recorded events, oldest first."""

    scope = "events:read"
    pagination_class = None

    @extend_schema(
        operation_id="events_list",
        parameters=[
            OpenApiParameter("after", str, description="The next of the page before."),
            OpenApiParameter("types", str, description="Names of events, separated by commas."),
            OpenApiParameter("page_size", int, description=f"At most {PAGE_SIZE}."),
        ],
        responses=FeedAnswer,
        summary="Read recorded events",
        description=(
            "Every public event once, in the order in which they were recorded. An event appears"
            " after all that were being recorded before it, so a reader that continues at next"
            " misses none."
        ),
    )
    def get(self, request: Request) -> Response:
        query = self.validated(FeedQuery, request.query_params.dict())
        page = feed.read(
            query.get("after", ""),
            types=query.get("types", ()),
            limit=query.get("page_size", PAGE_SIZE),
        )
        return Response({"results": page.events, "next": page.cursor, "has_more": page.has_more})
