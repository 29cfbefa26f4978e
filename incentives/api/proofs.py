"""Hand in a picture as proof for an incentive."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from common import clock
from incentives.models import Proof
from incentives.overview.audience import known_to
from incentives.services.proofs import hand_in
from members.sessions.views import MemberEndpoint


class ProofBody(StrictSerializer):
    upload = Text(
        max_length=20, help_text="The id of a picture that I uploaded with the purpose proof."
    )
    text = Text(max_length=200, required=False, allow_blank=True)


class ProofAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    upload = serializers.CharField(source="upload.public_id", help_text="Of the picture.")
    text = serializers.CharField()
    status = serializers.ChoiceField(Proof.Status.choices)
    status_text = serializers.CharField(source="get_status_display")
    handed_in_at = Moment()
    decided_at = Moment(allow_null=True)
    reason = serializers.CharField(help_text="Of a rejection; else empty.")


class Proofs(MemberEndpoint):
    scope = "me:write"

    @extend_schema(
        operation_id="incentive_proofs_post",
        request=ProofBody,
        responses={201: ProofAnswer},
        summary="Hand in a picture as proof",
        description=(
            "The shop approves it or rejects it with a reason. Repeating the call is safe: the same"
            " upload for the same incentive returns the proof that was handed in, as it is now. A"
            " picture serves once: another upload of it, or another member's, is refused."
        ),
    )
    def post(self, request: Request, public_id: str) -> Response:
        at = clock.now()
        version = get_object_or_404(
            known_to(self.member, at=at).select_related("incentive"),
            incentive__public_id=public_id,
        )
        body = self.validated(ProofBody, request.data)
        proof = hand_in(
            incentive=version.incentive, member=self.member, upload=body["upload"],
            text=body.get("text", ""), at=at,
        )  # fmt: skip
        return Response(ProofAnswer(proof).data, status=201)
