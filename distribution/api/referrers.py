"""A member's referrer: who it is, entering an invite code, and leaving."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.serializers import Moment, StrictSerializer, Text
from common import clock
from distribution import services
from distribution.models import Binding, Source
from distribution.queries import binding_of
from members.avatars import avatar_url
from members.sessions.views import MemberEndpoint


class ReferrerAnswer(serializers.Serializer):
    nickname = serializers.CharField(source="distributor.member.nickname")
    avatar = serializers.SerializerMethodField(help_text="Its address; may be empty.")
    source = serializers.ChoiceField(Source.choices)
    since = Moment(source="started_at")
    can_leave_until = Moment()
    expires_at = Moment(allow_null=True)

    def get_avatar(self, binding: Binding) -> str:
        return avatar_url(binding.distributor.member)


class CodeBody(StrictSerializer):
    code = Text(max_length=40)


class LeaveBody(StrictSerializer):
    reason = Text(max_length=200)


class MyReferrer(MemberEndpoint):
    scope = "me:read"
    write_scope = "me:write"

    @extend_schema(operation_id="me_referrer", responses=ReferrerAnswer, summary="My referrer")
    def get(self, request: Request) -> Response:
        binding = binding_of(self.member, at=clock.now())
        if binding is None:
            raise NotFound
        return Response(ReferrerAnswer(binding).data)

    @extend_schema(
        operation_id="me_referrer_post",
        request=CodeBody,
        responses=ReferrerAnswer,
        summary="Enter an invite code",
        description=(
            "Repeating it is no error. Else: unknown_invite_code, own_code, already_bound (leave"
            " first), binding_fixed (after 30 days), would_loop."
        ),
    )
    def post(self, request: Request) -> Response:
        body = self.validated(CodeBody, request.data)
        binding = services.enter_code(member=self.member, at=clock.now(), **body)
        return Response(ReferrerAnswer(binding).data)


class LeaveReferrer(MemberEndpoint):
    scope = "me:write"

    @extend_schema(
        operation_id="me_referrer_leave",
        request=LeaveBody,
        responses={204: None},
        summary="Leave my referrer within 30 days",
        description="Repeated, it answers no_upline: the first one worked.",
    )
    def post(self, request: Request) -> Response:
        body: dict[str, Any] = self.validated(LeaveBody, request.data)
        services.leave(member=self.member, by=self.member, at=clock.now(), **body)
        return Response(status=204)
