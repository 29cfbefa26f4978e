"""A member as a distributor: code, level and the application."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, Number, StrictSerializer, Text
from common import clock
from distribution import services
from distribution.models import Application, Distributor
from distribution.queries import distributor_of
from members.sessions.views import MemberEndpoint


class LevelAnswer(serializers.Serializer):
    rank = serializers.IntegerField()
    name = serializers.CharField()
    sees_team_data = serializers.BooleanField()
    advanced_materials = serializers.BooleanField()


class SegmentAnswer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class DistributorAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    code = serializers.CharField(help_text="The invite code.")
    status = serializers.ChoiceField(Distributor.Status.choices)
    status_text = serializers.CharField(source="get_status_display")
    since = Moment()
    level = LevelAnswer(allow_null=True)
    segment = SegmentAnswer(allow_null=True)


class ApplicationBody(StrictSerializer):
    statement = Text(max_length=500, required=False, allow_blank=True)
    code = Text(max_length=40, required=False, allow_blank=True, help_text="Of who invited me.")
    form_version = Number(
        required=False, min_value=0, max_value=2**31 - 1,
        help_text="The version that was answered; may be left out if the shop has no form.",
    )  # fmt: skip
    answers = serializers.DictField(
        required=False, help_text="By the key of the question; see the form."
    )


class ApplicationAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(Application.Status.choices)
    route = serializers.ChoiceField(Application.Route.choices)
    statement = serializers.CharField()
    answers = serializers.DictField()
    submitted_at = Moment()
    decided_at = Moment(allow_null=True)
    reason = serializers.CharField(help_text="Of a rejection; else empty.")
    may_apply_again = serializers.SerializerMethodField()

    def get_may_apply_again(self, row: Application) -> bool:
        return row.status == Application.Status.REJECTED


class MyDistributor(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor", responses=DistributorAnswer, summary="Me as a distributor"
    )
    def get(self, request: Request) -> Response:
        return Response(DistributorAnswer(distributor_of(self.member)).data)


class MyApplication(MemberEndpoint):
    scope = "me:read"
    write_scope = "me:write"

    @extend_schema(
        operation_id="distributor_application",
        responses=ApplicationAnswer,
        summary="My application to become a distributor",
    )
    def get(self, request: Request) -> Response:
        row = get_object_or_404(Application, member=self.member)
        return Response(ApplicationAnswer(row).data)

    @extend_schema(
        operation_id="distributor_application_post",
        request=ApplicationBody,
        responses={201: ApplicationAnswer},
        summary="Apply to become a distributor",
        description=(
            "It is approved at once, or waits for a review. Repeated, it answers"
            " already_submitted or already_distributor: the first one worked. After form_outdated"
            " fetch the form again."
        ),
    )
    def post(self, request: Request) -> Response:
        body = self.validated(ApplicationBody, request.data)
        row = services.apply(member=self.member, at=clock.now(), **body)
        return Response(ApplicationAnswer(row).data, status=201)
