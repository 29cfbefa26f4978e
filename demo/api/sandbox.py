"""The sandbox: sign in without WeChat, and let time pass, outside production."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.views import PublicEndpoint
from common import clock
from demo.sandbox import NAMES, STEPS, advance, sign_in
from members.api.wechat import LoggedIn, VisitFields, answer_signed_in, visit_of


class SandboxLoginBody(VisitFields):
    name = serializers.ChoiceField(NAMES)


class SandboxLogin(PublicEndpoint):
    """Sign in as one of the people of the demo."""

    @extend_schema(
        operation_id="sandbox_login",
        summary="Sign in as a person of the demo",
        description=(
            "For developers: Mei refers Lan, Lan refers Bo, Bo refers Chen. In production it"
            " answers feature_off."
        ),
        request=SandboxLoginBody,
        responses=LoggedIn,
    )
    def post(self, request: Request) -> Response:
        body = self.validated(SandboxLoginBody, request.data)
        signed_in = sign_in(name=body["name"], visit=visit_of(body), at=clock.now())
        return answer_signed_in(signed_in, cookie=body["cookie"])


class AdvanceBody(StrictSerializer):
    to = serializers.ChoiceField(STEPS)


class AdvanceAnswer(serializers.Serializer):
    order_no = serializers.CharField()
    now = serializers.DateTimeField(help_text="What the clock of the sandbox shows.")


class SandboxAdvance(PublicEndpoint):
    """Let an order be received, or its commissions be credited."""

    @extend_schema(
        operation_id="sandbox_advance",
        summary="Let time pass for an order",
        description=(
            "For developers: received and protected count the order as received now; credited moves"
            " the clock of the sandbox to the end of the protection and credits what is due. The"
            " clock never goes back. Where the demo does not run, it answers feature_off."
        ),
        request=AdvanceBody,
        responses=AdvanceAnswer,
    )
    def post(self, request: Request, order_no: str) -> Response:
        body = self.validated(AdvanceBody, request.data)
        now = advance(number=order_no, to=body["to"])
        return Response({"order_no": order_no, "now": now})
