"""The real name and the accounts that a member is paid under and to; answers are masked."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from common import clock
from members.sessions.views import MemberEndpoint
from withdrawals import services
from withdrawals.models import Payee, Person


class IdentityBody(StrictSerializer):
    real_name = Text(max_length=40)
    id_number = Text(max_length=18, required=False, help_text="Left out: the saved one stays.")


class IdentityAnswer(serializers.Serializer):
    real_name = serializers.CharField(source="name_mask")
    id_number = serializers.CharField(source="id_number_mask", help_text="Empty without one.")


class PayeeBody(StrictSerializer):
    account = Text(
        max_length=128,
        required=False,
        help_text="Not for WeChat: there it is the account that the member signed in with.",
    )
    bank = Text(max_length=60, required=False, help_text="For a bank account.")


class PayeeAnswer(serializers.Serializer):
    channel = serializers.ChoiceField(Payee.Channel.choices)
    account = serializers.CharField(source="account_mask")
    bank = serializers.CharField()
    since = Moment()


class MyIdentity(MemberEndpoint):
    scope = "me:read"
    write_scope = "withdraw"

    @extend_schema(
        operation_id="me_identity", responses=IdentityAnswer, summary="My real name, masked"
    )
    def get(self, request: Request) -> Response:
        return Response(IdentityAnswer(get_object_or_404(Person, member=self.member)).data)

    @extend_schema(
        operation_id="me_identity_put",
        request=IdentityBody,
        responses=IdentityAnswer,
        summary="Save my real name and ID number",
        description="Reviews of an open withdrawal start again when the name changes.",
    )
    def put(self, request: Request) -> Response:
        body = self.validated(IdentityBody, request.data)
        person = services.identify(
            member=self.member, name=body["real_name"], id_number=body.get("id_number", ""),
            at=clock.now(),
        )  # fmt: skip
        return Response(IdentityAnswer(person).data)


class MyPayee(MemberEndpoint):
    scope = "me:read"
    write_scope = "withdraw"

    @extend_schema(
        operation_id="me_payee", responses=PayeeAnswer, summary="The account that I am paid to"
    )
    def get(self, request: Request, channel: str) -> Response:
        # A member merged into this one may have had a payee of the same channel.
        rows = Payee.objects.filter(member=self.member, retired_at=None)
        return Response(PayeeAnswer(get_object_or_404(rows, channel=channel)).data)

    @extend_schema(
        operation_id="me_payee_put",
        request=PayeeBody,
        responses=PayeeAnswer,
        summary="Set the account that I am paid to",
        description=(
            "It replaces the one before, also one of another channel. Store credit needs none. A"
            " WeChat account is the one of the app in which the member signed in."
        ),
    )
    def put(self, request: Request, channel: str) -> Response:
        body = self.validated(PayeeBody, request.data)
        payee = services.set_own_payee(
            member=self.member, channel=channel, app=self.session.app_id, at=clock.now(), **body
        )
        return Response(PayeeAnswer(payee).data)
