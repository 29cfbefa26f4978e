"""Refresh tokens, and the devices on which a member is signed in."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from api.views import PublicEndpoint
from common import clock
from members.api.transport import (
    MAX_TOKEN_LENGTH,
    NewTokens,
    RefreshBody,
    answer_with,
    given_token,
    without_cookie,
)
from members.models import MemberSession
from members.sessions.embedding import redeem
from members.sessions.proofs import LIFETIME, link_token
from members.sessions.services import refresh, revoke, sign_out
from members.sessions.views import MemberEndpoint


class SessionRow(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    device = serializers.CharField(help_text="As the client named itself; may be empty.")
    app_id = serializers.CharField(help_text="Of the mini-program or official account.")
    started_at = Moment()
    last_used_at = Moment(help_text="When a token was last refreshed.")
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, session: MemberSession) -> bool:
        return bool(session == self.context["session"])


class Refresh(PublicEndpoint):
    """Exchange a refresh token for the next one."""

    @extend_schema(
        operation_id="auth_refresh",
        summary="Refresh the tokens",
        description=(
            "The old token works until the new one is used, for 24 hours at most, and 30 seconds"
            " after that: a lost answer or parallel requests log nobody out, and get the same new"
            " token. An older token ends the session: session_revoked."
        ),
        request=RefreshBody,
        responses=NewTokens,
    )
    def post(self, request: Request) -> Response:
        body = self.validated(RefreshBody, request.data)
        _session, tokens = refresh(token=given_token(request, body), at=clock.now())
        return answer_with(tokens, cookie=body["cookie"])


class Logout(PublicEndpoint):
    """End the session of a refresh token."""

    @extend_schema(
        operation_id="auth_logout",
        summary="Sign out on this device",
        description="The access tokens of the session end at once. Safe to repeat.",
        request=RefreshBody,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        body = self.validated(RefreshBody, request.data)
        sign_out(token=given_token(request, body), at=clock.now())
        return without_cookie(Response(status=204))


class Sessions(MemberEndpoint):
    """The devices on which the member is signed in."""

    scope = "me:read"
    serializer_class = SessionRow

    def get_queryset(self) -> QuerySet[MemberSession]:
        return MemberSession.objects.of_person(self.member).open_at(clock.now())

    @extend_schema(
        operation_id="me_sessions",
        summary="List the signed-in devices",
        responses=SessionRow(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.get_queryset())
        context = {"session": self.session}
        return self.get_paginated_response(SessionRow(rows, many=True, context=context).data)


class EmbedBody(StrictSerializer):
    token = Text(max_length=MAX_TOKEN_LENGTH, help_text="As the mall's server got it.")


class EmbedAnswer(NewTokens):
    scopes = serializers.ListField(child=serializers.CharField())
    return_to = serializers.CharField(help_text="Where the page goes back to.")


class Embed(PublicEndpoint):
    """Open the session that the mall's server asked for."""

    @extend_schema(
        operation_id="auth_embed",
        summary="Open a session inside the mall",
        description=(
            "The token works once, within 60 seconds; a second use ends its session. The session"
            " reads and shares only, for an hour."
        ),
        request=EmbedBody,
        responses=EmbedAnswer,
    )
    def post(self, request: Request) -> Response:
        body = self.validated(EmbedBody, request.data)
        embedded = redeem(token=body["token"], at=clock.now())
        session = embedded.session
        return answer_with(
            embedded.tokens, cookie=False, scopes=session.scopes, return_to=session.return_to
        )


class LinkTokenAnswer(serializers.Serializer):
    token = serializers.CharField(help_text="For the field member of the mall's PUT.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class LinkToken(MemberEndpoint):
    """Prove to the mall who the member is."""

    scope = "me:write"

    @extend_schema(
        operation_id="me_link_token",
        summary="Get a proof for the mall",
        description=(
            "Give it to the mall's server, which sends it as member with"
            " PUT /integration/members/{external_id}: both ids are then one member. It opens no"
            " session, and ends after 5 minutes or with this session."
        ),
        request=None,
        responses=LinkTokenAnswer,
    )
    def post(self, request: Request) -> Response:
        token = link_token(self.session, at=clock.now())
        answer = {"token": token, "expires_in": int(LIFETIME.total_seconds())}
        return Response(LinkTokenAnswer(answer).data)


class RevokeSession(MemberEndpoint):
    """Sign out on another device."""

    scope = "me:write"

    @extend_schema(
        operation_id="me_session_revoke",
        summary="Sign out on a device",
        description="Safe to repeat.",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, session_id: str) -> Response:
        rows = MemberSession.objects.of_person(self.member)
        revoke(session=get_object_or_404(rows, public_id=session_id), at=clock.now())
        return Response(status=204)
