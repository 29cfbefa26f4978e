"""The member's own profile."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from common import clock, encryption
from members.agreements import accepted_versions
from members.avatars import avatar_status, avatar_url
from members.models import Member
from members.profiles import change_profile
from members.sessions.views import MemberEndpoint
from members.sessions.wechat import add_phone


class Profile(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    nickname = serializers.CharField(help_text="May be empty.")
    avatar = serializers.SerializerMethodField(
        help_text="Address of the picture that others see; may be empty."
    )
    avatar_status = serializers.SerializerMethodField(
        help_text="Of the avatar chosen last: pending, approved or blocked; empty if none."
    )
    province = serializers.CharField(help_text="May be empty.")
    city = serializers.CharField(help_text="May be empty.")
    phone = serializers.SerializerMethodField(help_text="Masked; empty if not given.")
    joined_at = Moment()
    accepted_agreements = serializers.SerializerMethodField(
        help_text="The newest version that the member accepted, by kind."
    )

    def get_avatar(self, member: Member) -> str:
        return avatar_url(member)

    def get_avatar_status(self, member: Member) -> str:
        return avatar_status(member)

    def get_phone(self, member: Member) -> str:
        number = encryption.decrypt_or_blank(member.phone_encrypted)
        return number and encryption.masked_number(number)

    def get_accepted_agreements(self, member: Member) -> dict[str, int]:
        return accepted_versions(member)


class ProfileBody(StrictSerializer):
    """An absent field stays as it is."""

    nickname = Text(required=False, allow_blank=True, max_length=80)
    avatar = Text(
        required=False, allow_blank=True, max_length=40,
        help_text="Id of an upload for an avatar; empty for none.",
    )  # fmt: skip
    province = Text(required=False, allow_blank=True, max_length=40)
    city = Text(required=False, allow_blank=True, max_length=60)


class PhoneBody(StrictSerializer):
    code = Text(max_length=128, help_text="Of the mini-program's phone button; valid once.")


class Me(MemberEndpoint):
    """Who the member is in this shop."""

    @property
    def scope(self) -> str:  # type: ignore[override]
        return "me:write" if self.request.method == "PUT" else "me:read"

    @extend_schema(operation_id="me", summary="Read the own profile", responses=Profile)
    def get(self, request: Request) -> Response:
        return Response(Profile(self.member).data)

    @extend_schema(
        operation_id="me_change",
        summary="Change the own profile",
        description=(
            "WeChat checks nickname and avatar. A refused nickname answers nickname_refused; an"
            " avatar is shown to others once it is approved."
        ),
        request=ProfileBody,
        responses=Profile,
    )
    def put(self, request: Request) -> Response:
        body = self.validated(ProfileBody, request.data)
        return Response(Profile(change_profile(member=self.member, at=clock.now(), **body)).data)


class Phone(MemberEndpoint):
    """The member's phone number, as WeChat knows it."""

    scope = "me:write"

    @extend_schema(
        operation_id="me_phone",
        summary="Save the phone number",
        description="A repeated code answers wechat_code_invalid; the number stays saved.",
        request=PhoneBody,
        responses=Profile,
    )
    def post(self, request: Request) -> Response:
        body = self.validated(PhoneBody, request.data)
        return Response(Profile(add_phone(member=self.member, at=clock.now(), **body)).data)
