"""Members of the mall by their ids there."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidInput, NotFound
from api.serializers import Moment, StrictSerializer, Text
from common import clock
from common.keys import clean_key
from integration.api.order_bodies import Metadata, optional
from integration.api.rows import Flag, without_nulls
from integration.api.views import MallEndpoint
from integration.member_views import MemberView, read_member
from integration.one_person import LINKS, WeChatIds, save_person
from integration.people import MOVING_IN, MemberReport
from ledger.chart import Asset

MAX_EXTERNAL_ID = 128
MAX_PROOF = 1_000


class WeChatBody(StrictSerializer):
    """As WeChat's code2Session told the mall."""

    app_id = Text(max_length=64, help_text="Of the shop's mini-program or official account.")
    openid = Text(max_length=128)
    unionid = optional(Text, max_length=128)


class MemberBody(StrictSerializer):
    nickname = optional(Text, max_length=80, allow_blank=True)
    province = optional(Text, max_length=40, allow_blank=True)
    city = optional(Text, max_length=60, allow_blank=True)
    metadata = optional(Metadata)
    joined_at = optional(Moment, help_text="The earliest one counts.")
    distributor = optional(Flag, help_text="False changes nothing: nobody is demoted.")
    referrer = optional(
        Text, max_length=MAX_EXTERNAL_ID, help_text="The id of a member whom the mall has sent."
    )
    bound_at = optional(Moment, help_text="By default joined_at, else now.")
    member = optional(
        Text, max_length=MAX_PROOF, help_text="A proof of the member: see POST /me/link-token."
    )
    wechat = WeChatBody(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("bound_at") and not attrs.get("referrer"):
            raise ValidationError({"bound_at": _("Give the referrer, too.")}, "without_referrer")
        if attrs.get("member") and attrs.get("wechat"):
            raise ValidationError(
                {"wechat": _("Give the proof or the ids of WeChat, not both.")}, "linked_twice"
            )
        return attrs


class MemberSaved(serializers.Serializer):
    external_id = serializers.CharField()
    status = serializers.ChoiceField(("created", "updated", "unchanged"))
    link = serializers.ChoiceField(
        LINKS,
        required=False,
        help_text="With member or wechat. linked: both ids are one member now. proposed: both have"
        " something, so two people of the shop decide. refused: they decided against it.",
    )


class DistributorPart(serializers.Serializer):
    code = serializers.CharField(help_text="The invite code.")
    status = serializers.CharField()
    level = serializers.CharField(required=False, help_text="Absent: no level.")


class WalletPart(serializers.Serializer):
    balance = serializers.IntegerField()
    held = serializers.IntegerField(help_text="For withdrawals that are not paid out yet.")
    owed = serializers.IntegerField(help_text="What the member owes after clawbacks.")
    withdrawable = serializers.IntegerField(help_text="0 for all but cash.")


class WalletsPart(serializers.Serializer):
    """In fen, points as their number."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {asset.value: WalletPart() for asset in Asset}


class MemberDetails(serializers.Serializer):
    id = serializers.CharField()
    external_id = serializers.CharField()
    nickname = serializers.CharField()
    province = serializers.CharField()
    city = serializers.CharField()
    joined_at = Moment()
    metadata = serializers.DictField(required=False)
    referrer = serializers.CharField(required=False, help_text="Absent: nobody.")
    referred_at = Moment(required=False)
    distributor = DistributorPart(required=False, help_text="Absent: no distributor.")
    wallets = WalletsPart()


class OneMember(MallEndpoint):
    """A member of the mall by the mall's id."""

    scope = "members:read"
    write_scope = "members:write"

    @extend_schema(
        operation_id="members_get",
        responses=MemberDetails,
        summary="Read a member",
        description="Of a merged member: the survivor.",
    )
    def get(self, request: Request, external_id: str) -> Response:
        view = read_member(_checked_id(external_id), at=clock.now())
        if view is None:
            raise NotFound
        return Response(MemberDetails(_details(view)).data)

    @extend_schema(
        operation_id="members_put",
        request=MemberBody,
        responses=MemberSaved,
        summary="Create or update a member",
        description="An absent field keeps what is stored. joined_at, distributor, referrer and"
        " bound_at are for moving in: they need the scope members:move_in, are recorded, and never"
        " change an upline. member or wechat say who the member is in WeChat: two members of one"
        " person are merged.",
    )
    def put(self, request: Request, external_id: str) -> Response:
        body = without_nulls(self.validated(MemberBody, request.data))
        if body.keys() & set(MOVING_IN):
            self.require_scope(request, "members:move_in")
        if "referrer" in body:
            body["referrer"] = clean_key(body["referrer"])
        proof, ids = body.pop("member", ""), body.pop("wechat", None)
        report = MemberReport(external_id=_checked_id(external_id), **body)
        client = self.client(request)
        saved = save_person(
            report, proof=proof, wechat_ids=WeChatIds(**without_nulls(ids)) if ids else None,
            source=client.source, at=clock.now(), by=client,
        )  # fmt: skip
        answer = {"external_id": report.external_id, "status": saved.status}
        return Response(answer | ({"link": saved.link} if saved.link else {}))


def _checked_id(external_id: str) -> str:
    """Return the id as orders have it, without blanks around it."""
    cleaned = clean_key(external_id)
    if not 0 < len(cleaned) <= MAX_EXTERNAL_ID:
        message = str(_("An id has 1 to 128 characters."))
        raise InvalidInput(errors=[{"field": "external_id", "code": "invalid", "message": message}])
    return cleaned


def _details(view: MemberView) -> dict[str, Any]:
    member, distributor = view.member, view.distributor
    details: dict[str, Any] = {
        "id": member.public_id,
        "external_id": view.external_id,
        "nickname": member.nickname,
        "province": member.province,
        "city": member.city,
        "joined_at": member.joined_at,
        "wallets": view.wallets,
        "metadata": view.metadata,
        "referrer": view.referrer,
        "referred_at": view.referred_at,
    }
    if distributor:
        details["distributor"] = without_nulls(
            {
                "code": distributor.code,
                "status": distributor.status,
                "level": distributor.level.name if distributor.level else None,
            }
        )
    return without_nulls(details)
