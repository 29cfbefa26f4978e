"""The member's authorization of payouts without confirmation."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment
from api.throttling import CallerThrottle, ExpensiveCalls, OncePerPause
from common import clock
from members.sessions.views import MemberEndpoint
from withdrawals import services
from withdrawals.models import PayoutAuthorization

ASK_AGAIN_AFTER = 2  # seconds


class AuthorizationAnswer(serializers.Serializer):
    status = serializers.ChoiceField(PayoutAuthorization.Status.choices)
    merchant_id = serializers.CharField(source="merchant")
    app_id = serializers.CharField(source="app")
    package = serializers.CharField(source="package_info", help_text="Empty once it is decided.")
    expires_at = Moment(allow_null=True, help_text="Until when the member can confirm.")
    authorized_at = Moment(allow_null=True)
    closed_at = Moment(allow_null=True)
    close_reason = serializers.CharField(help_text="WeChat Pay's code, or empty.")


class AuthorizationEndpoint(MemberEndpoint):
    scope = "me:read"
    write_scope = "withdraw"


class MyAuthorization(AuthorizationEndpoint):
    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "authorization"
    calls_a_minute = 20

    @extend_schema(
        operation_id="me_authorization",
        responses=AuthorizationAnswer,
        summary="Whether I am paid without confirming each payout",
        description="The latest authorization of mine, as it was last known.",
    )
    def get(self, request: Request) -> Response:
        rows = PayoutAuthorization.objects.visible_to(self.member)
        latest = rows.order_by("-pk").values("pk")[:1]
        return Response(AuthorizationAnswer(get_object_or_404(rows, pk__in=latest)).data)

    @extend_schema(
        operation_id="me_authorization_post",
        request=None,
        responses={
            200: AuthorizationAnswer,
            202: OpenApiResponse(AuthorizationAnswer, "WeChat has not answered: see Retry-After."),
        },
        summary="Ask me to allow payouts without confirming each",
        description=(
            "Opens WeChat's page with package; the member has 24 hours. The page's success is no"
            " authorization: ask …/check. Repeating it is safe, at most 20 times in a minute."
        ),
    )
    def post(self, request: Request) -> Response:
        row = services.ask_authorization(
            member=self.member, at=clock.now(), app=self.session.app_id
        )
        body = AuthorizationAnswer(row).data
        if row.is_pending:
            return Response(body, status=202, headers={"Retry-After": str(ASK_AGAIN_AFTER)})
        return Response(body)


class CheckAuthorization(AuthorizationEndpoint):
    throttle_classes = [CallerThrottle, OncePerPause]
    pause = 5

    @extend_schema(
        operation_id="me_authorization_check",
        request=None,
        responses=AuthorizationAnswer,
        summary="Ask WeChat Pay now about my authorization",
        description="At most once in 5 seconds.",
    )
    def post(self, request: Request) -> Response:
        row = services.check_authorization(member=self.member, at=clock.now())
        return Response(AuthorizationAnswer(row).data)


class CloseAuthorization(AuthorizationEndpoint):
    throttle_classes = [CallerThrottle, OncePerPause]
    pause = 5

    @extend_schema(
        operation_id="me_authorization_close",
        request=None,
        responses=AuthorizationAnswer,
        summary="Confirm each payout again",
        description="At most once in 5 seconds. Payouts that have started go on.",
    )
    def post(self, request: Request) -> Response:
        row = services.close_authorization(member=self.member, at=clock.now())
        return Response(AuthorizationAnswer(row).data)
