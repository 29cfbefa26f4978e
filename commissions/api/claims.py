"""Claims: a distributor says that a commission is missing or wrong, and reads the answer."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from commissions.models import Claim
from commissions.services import open_claim
from common import clock
from members.sessions.views import MemberEndpoint
from members.uploads import MAX_ATTACHED


class ClaimBody(StrictSerializer):
    order_no = Text(
        max_length=64,
        required=False,
        help_text="The number of the order, even if the shop does not know it.",
    )
    commission = Text(
        max_length=80,
        required=False,
        help_text="Instead of order_no: the id of one of my commissions.",
    )
    reason = serializers.ChoiceField(Claim.Reason.choices)
    text = Text(max_length=500)
    evidence = serializers.ListField(
        child=Text(max_length=20), required=False, max_length=MAX_ATTACHED,
        help_text="Ids of pictures that I uploaded with the purpose claim.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("order_no" in attrs) == ("commission" in attrs):
            raise ValidationError({"order_no": _("Give the order or the commission.")}, "required")
        return attrs


class ClaimAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    order_no = serializers.CharField(source="order_number")
    reason = serializers.ChoiceField(Claim.Reason.choices)
    text = serializers.CharField()
    status = serializers.ChoiceField(Claim.Status.choices)
    status_text = serializers.CharField(source="get_status_display")
    opened_at = Moment()
    due_at = Moment(help_text="Operations should answer by then.")
    answer = serializers.CharField(help_text="Empty while the claim is open.")
    answered_at = Moment(allow_null=True)
    evidence = serializers.SerializerMethodField(help_text="Ids of the pictures.")

    def get_evidence(self, claim: Claim) -> list[str]:
        return [upload.public_id for upload in claim.pictures]


class ClaimFilters(StrictSerializer):
    status = serializers.ChoiceField(Claim.Status.choices, required=False)


class Claims(MemberEndpoint):
    scope = "me:read"
    write_scope = "me:write"

    @extend_schema(
        operation_id="distributor_claims",
        parameters=[ClaimFilters],
        responses=ClaimAnswer(many=True),
        summary="My claims",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(ClaimFilters, request)
        rows = Claim.objects.visible_to(self.member).with_evidence()
        return self.answer_page(rows.filter(**values), ClaimAnswer)

    @extend_schema(
        operation_id="distributor_claims_post",
        request=ClaimBody,
        responses={201: ClaimAnswer},
        summary="Claim that a commission is missing or wrong",
        description="I have at most one open claim about an order. If there is one, a second call"
        " changes nothing and returns it.",
    )
    def post(self, request: Request) -> Response:
        body = self.validated(ClaimBody, request.data)
        claim = open_claim(member=self.member, at=clock.now(), **body)
        return Response(ClaimAnswer(claim).data, status=201)


class OneClaim(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_claim", responses=ClaimAnswer, summary="A claim of mine"
    )
    def get(self, request: Request, public_id: str) -> Response:
        rows = Claim.objects.visible_to(self.member)
        return Response(ClaimAnswer(get_object_or_404(rows, public_id=public_id)).data)
