"""Sessions of members that the mall opens."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, Text
from common import clock
from integration.api.views import MallEndpoint
from integration.member_views import find_member
from members.sessions.embedding import LINK_LIFETIME, SCOPES, offer_session


class OfferBody(StrictSerializer):
    scopes = serializers.ListField(
        child=serializers.ChoiceField(SCOPES), allow_empty=False, max_length=len(SCOPES)
    )
    return_to = Text(max_length=500, help_text="A page of the mall, with https.")


class OfferAnswer(serializers.Serializer):
    token = serializers.CharField(help_text="For POST /auth/embed, once.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class Sessions(MallEndpoint):
    """Show a member's own pages inside the mall."""

    scope = "members:write"

    @extend_schema(
        operation_id="members_session_offer",
        request=OfferBody,
        responses={201: OfferAnswer},
        summary="Open a session for a member",
        description=(
            "Give the token to our page, which sends it with POST /auth/embed within 60 seconds."
            " Such a session reads and shares, and never withdraws. Repeated, it gives another"
            " token."
        ),
    )
    def post(self, request: Request, external_id: str) -> Response:
        body, client = self.validated(OfferBody, request.data), self.client(request)
        token = offer_session(
            member=find_member(external_id), source=client.source, at=clock.now(), by=client, **body
        )
        answer = {"token": token, "expires_in": int(LINK_LIFETIME.total_seconds())}
        return Response(OfferAnswer(answer).data, status=201)
