"""Show the text that a signature should cover, for those who write a client."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import FeatureOff
from api.views import Endpoint
from integration.signatures import text_to_sign


class EchoAnswer(serializers.Serializer):
    text = serializers.CharField(help_text="Sign the UTF-8 bytes of this.")


class Echo(Endpoint):
    """Anybody may ask, because those who need it cannot sign yet. Off in production."""

    authentication_classes: ClassVar[list[Any]] = []
    permission_classes: ClassVar[list[Any]] = []
    scope = ""

    @extend_schema(
        operation_id="echo_post",
        request={"application/json": {}},
        responses=EchoAnswer,
        summary="Show the text to sign",
        description="Send the request that you want to sign here, with its headers, query and"
        " body. Outside production only.",
    )
    def post(self, request: Request) -> Response:
        if settings.PRODUCTION:
            raise FeatureOff
        text = text_to_sign(
            timestamp=request.headers.get("X-Twotier-Timestamp", ""),
            nonce=request.headers.get("X-Twotier-Nonce", ""),
            method=str(request.method), path=request.path,
            query=request.META.get("QUERY_STRING", ""), body=request._request.body,
        )  # fmt: skip
        return Response({"text": text})
