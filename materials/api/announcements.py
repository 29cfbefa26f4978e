"""What the shop announces to me."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment
from common import clock
from materials.api.texts import BlocksField
from materials.models import Announcement
from materials.queries import announcements_visible_to
from members.sessions.views import MemberEndpoint

MOST = 20


class AnnouncementRow(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    version = serializers.IntegerField(help_text="The next one after each publication.")
    is_pinned = serializers.BooleanField()
    published_at = Moment()
    ends_at = Moment(required=False, help_text="Left out without an end.")
    blocks = BlocksField(source="text", read_only=True, help_text="The text, ready to be laid out.")

    def to_representation(self, row: Announcement) -> dict[str, Any]:
        body = super().to_representation(row)
        return {name: value for name, value in body.items() if value is not None}


class AnnouncementsAnswer(serializers.Serializer):
    announcements = AnnouncementRow(many=True)


class Announcements(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="announcements",
        responses=AnnouncementsAnswer,
        summary="What the shop announces to me, the pinned ones first",
        description=f"Those that run now, at most {MOST}, for my level or for everybody.",
    )
    def get(self, request: Request) -> Response:
        rows = announcements_visible_to(self.member, at=clock.now())[:MOST]
        return Response(AnnouncementsAnswer({"announcements": rows}).data)
