"""Agreements of the shop, and what a member accepts."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, Number, StrictSerializer
from api.views import PublicEndpoint
from common import clock
from members.agreements import accept_agreement, current_agreement
from members.models import Agreement
from members.sessions.views import MemberEndpoint

KIND = OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=Agreement.Kind.values)


class AgreementAnswer(serializers.Serializer):
    kind = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()
    published_at = Moment()


class AcceptBody(StrictSerializer):
    version = Number(min_value=1, max_value=2**31 - 1, help_text="The version that was shown.")


class AcceptedAgreement(serializers.Serializer):
    kind = serializers.CharField()
    version = serializers.IntegerField()


class CurrentAgreement(PublicEndpoint):
    """The version in force."""

    @extend_schema(
        operation_id="agreement",
        summary="Read an agreement",
        parameters=[KIND],
        responses=AgreementAnswer,
    )
    def get(self, request: Request, kind: str) -> Response:
        return Response(AgreementAnswer(current_agreement(kind)).data)


class AcceptAgreement(MemberEndpoint):
    """Accept the version in force; it goes on record."""

    scope = "me:write"

    @extend_schema(
        operation_id="agreement_accept",
        summary="Accept an agreement",
        description="Safe to repeat. Another version than the current one: agreement_outdated.",
        parameters=[KIND],
        request=AcceptBody,
        responses=AcceptedAgreement,
    )
    def post(self, request: Request, kind: str) -> Response:
        body = self.validated(AcceptBody, request.data)
        agreement = accept_agreement(member=self.member, kind=kind, at=clock.now(), **body)
        return Response(AcceptedAgreement(agreement).data)
