"""Notices of a member, and which of them were read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import CursorPages
from api.serializers import Moment, StrictSerializer, Text
from common import clock
from members.sessions.views import MemberEndpoint
from notices import consents, scenes, texts
from notices.models import Notice
from notices.services import mark_read, unread_count

MAX_IDS = 100


class NoticePages(CursorPages):
    """Pages with the number of all unread notices as ``totals.unread``."""

    TOTALS = ("unread",)


class NoticeFilters(StrictSerializer):
    unread = serializers.BooleanField(required=False, help_text="Only unread, or only read ones.")


class TargetAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(Notice.Target.choices, source="target")
    id = serializers.CharField(source="target_id", help_text="Empty for a list.")


class NoticeAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(Notice.Kind.choices)
    title = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()
    target = TargetAnswer(source="*", help_text="What to open.")
    at = Moment()
    read = serializers.SerializerMethodField()

    def get_title(self, notice: Notice) -> str:
        return texts.title(notice)

    def get_body(self, notice: Notice) -> str:
        return texts.body(notice)

    def get_read(self, notice: Notice) -> bool:
        return notice.read_at is not None


class ReadBody(StrictSerializer):
    ids = serializers.ListField(
        child=Text(max_length=40), min_length=1, max_length=MAX_IDS, required=False
    )
    all = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == bool(attrs.get("all")):
            raise ValidationError({"ids": _("Give the ids, or all.")}, "required")
        return attrs


class ReadAnswer(serializers.Serializer):
    unread = serializers.IntegerField()


class Notices(MemberEndpoint):
    scope = "me:read"
    pagination_class = NoticePages

    @extend_schema(
        operation_id="notices",
        parameters=[NoticeFilters],
        responses=NoticeAnswer(many=True),
        summary="My notices, the latest first",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(NoticeFilters, request)
        rows = Notice.objects.visible_to(self.member).select_related("wording")
        if "unread" in values:
            rows = rows.filter(read_at__isnull=values["unread"])
        self.paginator.totals = {"unread": unread_count(member=self.member.pk)}
        return self.answer_page(rows, NoticeAnswer)


class ReadNotices(MemberEndpoint):
    scope = "me:write"

    @extend_schema(
        operation_id="notices_read",
        request=ReadBody,
        responses=ReadAnswer,
        summary="Mark notices as read; a repetition changes nothing",
    )
    def post(self, request: Request) -> Response:
        body = self.validated(ReadBody, request.data)
        unread = mark_read(member=self.member, ids=body.get("ids"), at=clock.now())
        return Response({"unread": unread})


class SubscriptionAnswer(serializers.Serializer):
    scene = serializers.CharField()
    template_id = serializers.CharField()
    count = serializers.IntegerField(help_text="How many messages may still be sent.")


class SubscriptionsAnswer(serializers.Serializer):
    subscriptions = SubscriptionAnswer(many=True)


class ConsentBody(StrictSerializer):
    scene = serializers.ChoiceField(scenes.NAMES, help_text="For which the member was asked.")
    results = serializers.DictField(
        child=serializers.ChoiceField(consents.RESULTS), allow_empty=False,
        help_text="What wx.requestSubscribeMessage answered for each template id.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        templates = settings.WECHAT_TEMPLATES
        if templates.get(attrs["scene"]) not in attrs["results"]:
            raise ValidationError(
                {"results": _("The result for the template of the scene is missing.")}, "required"
            )
        if not set(attrs["results"]) <= set(templates.values()):
            raise ValidationError(
                {"results": _("This is no template of the shop. See config.")}, "invalid_choice"
            )
        return attrs


class Subscriptions(MemberEndpoint):
    scope = "me:read"
    write_scope = "me:write"

    @extend_schema(
        operation_id="subscriptions",
        responses=SubscriptionsAnswer,
        summary="How many subscribe messages I accept, by scene",
    )
    def get(self, request: Request) -> Response:
        return self._answer()

    @extend_schema(
        operation_id="subscriptions_report",
        request=ConsentBody,
        responses=SubscriptionsAnswer,
        summary="Report what I accepted in wx.requestSubscribeMessage",
        description="One consent is one message.",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = self.validated(ConsentBody, request.data)
        consents.report_consents(member=self.member, results=body["results"])
        return self._answer()

    def _answer(self) -> Response:
        rows = consents.consents(self.member)
        return Response(SubscriptionsAnswer({"subscriptions": rows}).data)
