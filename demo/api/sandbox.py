"""The sandbox: sign in without WeChat, outside production."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import PublicEndpoint
from common import clock
from demo.sandbox import NAMES, sign_in
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
