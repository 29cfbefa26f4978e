"""Official pictures, videos and texts, and the campaigns that they belong to."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPages
from api.serializers import Moment, StrictSerializer, Text
from api.throttling import CallerThrottle, ExpensiveCalls
from common import clock
from materials import services
from materials.addresses import archive_address, file_url
from materials.archives import archive_of
from materials.models import Audience, Material, MaterialFile, MaterialUse
from materials.queries import campaigns_visible_to, materials_visible_to, with_files
from members.sessions.views import MemberEndpoint

Variant = MaterialFile.Variant
MAX_ID = 20


class FileAnswer(serializers.Serializer):
    """Addresses are signed, and valid for one to two hours: fetch the list again after that."""

    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(MaterialFile.Kind.choices)
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    width = serializers.IntegerField(help_text="Pixels; 0 of a video.")
    height = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    preview_url = serializers.SerializerMethodField(help_text="Small; empty of a video.")

    def get_url(self, file: MaterialFile) -> str:
        return file_url(file, Variant.FULL, at=self.context["at"])

    def get_preview_url(self, file: MaterialFile) -> str:
        return file_url(file, Variant.PREVIEW, at=self.context["at"]) if file.is_picture else ""


class MaterialProduct(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class MaterialCampaign(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class MaterialAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(Material.Kind.choices)
    title = serializers.CharField()
    text = serializers.CharField(help_text="What to copy; may be empty beside pictures.")
    version = serializers.IntegerField(help_text="Counts up with each publishing.")
    audience = serializers.ChoiceField(Audience.choices)
    product = MaterialProduct(required=False, help_text="Left out without one.")
    campaign = MaterialCampaign(required=False, help_text="Left out without one.")
    files = FileAnswer(
        many=True, source="stored_files", help_text="In their order. A video may have a cover."
    )
    copies = serializers.IntegerField(help_text="Members and days; a minute behind.")
    downloads = serializers.IntegerField(help_text="Members and days; a minute behind.")
    published_at = Moment()

    def to_representation(self, row: Material) -> dict[str, Any]:
        body = super().to_representation(row)
        return {name: value for name, value in body.items() if value is not None}


class MaterialFilters(StrictSerializer):
    kind = serializers.ChoiceField(Material.Kind.choices, required=False)
    product = Text(max_length=MAX_ID, required=False, help_text="Its id.")
    campaign = Text(max_length=MAX_ID, required=False, help_text="Its id.")
    search = Text(max_length=40, required=False, help_text="In title and text.")


class UseBody(StrictSerializer):
    action = serializers.ChoiceField(
        MaterialUse.Action.choices, required=False, default=MaterialUse.Action.COPY
    )


class UseAnswer(serializers.Serializer):
    counted = serializers.BooleanField(help_text="False if this was counted today already.")


class CampaignAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    description = serializers.CharField()
    ends_at = Moment(required=False, help_text="Left out without an end.")
    images = serializers.IntegerField(help_text="How many materials of this kind I see.")
    videos = serializers.IntegerField()
    copies = serializers.IntegerField()

    def to_representation(self, row: Any) -> dict[str, Any]:
        body = super().to_representation(row)
        return {name: value for name, value in body.items() if value is not None}


class ArchiveAnswer(serializers.Serializer):
    url = serializers.CharField(help_text="A ZIP; of this member, valid until expires_at.")
    expires_at = Moment()
    files = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes, without the names.")


class MaterialPages(CursorPages):
    ordering = ("-published_at", "-id")


class Materials(MemberEndpoint):
    """What my level permits. Others' materials do not exist for me."""

    scope = "me:read"
    pagination_class = MaterialPages

    @extend_schema(
        operation_id="materials",
        parameters=[MaterialFilters],
        responses=MaterialAnswer(many=True),
        summary="Official materials for me, the latest first",
    )
    def get(self, request: Request) -> Response:
        values, at = self.filters(MaterialFilters, request), clock.now()
        rows = materials_visible_to(self.member, at=at).matching(**values)
        page = self.paginate_queryset(with_files(rows.with_figures()))
        answer = MaterialAnswer(page, many=True, context={"at": at})
        return self.get_paginated_response(answer.data)


class OneMaterial(MemberEndpoint):
    scope = "me:read"

    @extend_schema(operation_id="material", responses=MaterialAnswer, summary="One material")
    def get(self, request: Request, public_id: str) -> Response:
        at = clock.now()
        rows = with_files(materials_visible_to(self.member, at=at).with_figures())
        row = get_object_or_404(rows, public_id=public_id)
        return Response(MaterialAnswer(row, context={"at": at}).data)


class UseMaterial(MemberEndpoint):
    scope = "share"

    @extend_schema(
        operation_id="material_used",
        request=UseBody,
        responses=UseAnswer,
        summary="Count that I copied or downloaded a material",
        description="Safe to repeat: each action counts once a day.",
    )
    def post(self, request: Request, public_id: str) -> Response:
        body, at = self.validated(UseBody, request.data), clock.now()
        rows = materials_visible_to(self.member, at=at)
        material = get_object_or_404(rows, public_id=public_id)
        counted = services.record_use(
            member=self.member, material=material, action=body["action"], at=at
        )
        return Response({"counted": counted})


class Campaigns(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="material_campaigns",
        responses=CampaignAnswer(many=True),
        summary="Campaigns with materials for me, the latest first",
    )
    def get(self, request: Request) -> Response:
        return self.answer_page(campaigns_visible_to(self.member, at=clock.now()), CampaignAnswer)


class CampaignArchive(MemberEndpoint):
    """Everything of a campaign in one file."""

    scope = "share"
    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "archives"
    calls_a_minute = 6

    @extend_schema(
        operation_id="material_campaign_archive",
        request=None,
        responses=ArchiveAnswer,
        summary="Get the address of a campaign's ZIP",
        description=(
            "The ZIP has what I may see when it is fetched, one folder a material. Each material"
            " counts as downloaded, once a day. More than 200 files or 200 MiB: archive_too_large."
        ),
    )
    def post(self, request: Request, public_id: str) -> Response:
        at = clock.now()
        campaigns = campaigns_visible_to(self.member, at=at)
        campaign = get_object_or_404(campaigns, public_id=public_id)
        archive = archive_of(campaign, self.member, at=at)
        services.record_uses(
            member=self.member, materials=archive.materials, action=MaterialUse.Action.DOWNLOAD,
            at=at,
        )  # fmt: skip
        address = archive_address(campaign, self.member, at=at)
        body = {
            "url": address.url,
            "expires_at": address.expires_at,
            "files": len(archive.entries),
            "size": archive.size,
        }
        return Response(ArchiveAnswer(body).data)
