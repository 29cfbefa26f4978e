"""What a member chooses from: templates, and recommendations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, Text
from common import clock
from common.media import public_url
from members.sessions.views import MemberEndpoint
from posters import drawing_data
from posters.models import PosterTemplate, RecommendationLine
from posters.queries import templates_for
from posters.services import offered_lines
from sharing.targets import Target

MAX_ID = 64


class TargetFields(StrictSerializer):
    """What a poster leads to."""

    kind = serializers.ChoiceField(PosterTemplate.Kind.choices)
    id = Text(
        max_length=MAX_ID, required=False, allow_blank=True,
        help_text="The id of the product; empty for the own home page and for recruiting.",
    )  # fmt: skip


def target_of(values: dict[str, Any]) -> Target:
    return Target(values["kind"], values.get("id", ""))


class TemplateAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    kind = serializers.ChoiceField(PosterTemplate.Kind.choices)
    industry = serializers.CharField(help_text="Empty: for any.")
    thumbnail = serializers.SerializerMethodField(
        help_text="Address of a small picture; empty while it is being drawn."
    )
    sizes = serializers.SerializerMethodField()

    def get_thumbnail(self, template: PosterTemplate) -> str:
        version = template.current_version
        return public_url(version.thumbnail) if version else ""

    def get_sizes(self, template: PosterTemplate) -> list[str]:
        assert template.current_version
        return drawing_data.sizes_of(template.current_version)


class RecommendationAnswer(serializers.Serializer):
    text = serializers.CharField()
    source = serializers.ChoiceField(RecommendationLine.Source.choices)


class TemplatesAnswer(serializers.Serializer):
    results = TemplateAnswer(many=True)


class RecommendationsAnswer(serializers.Serializer):
    results = RecommendationAnswer(many=True)


class Templates(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="posters_templates",
        summary="Templates for a target, the most suitable first",
        parameters=[TargetFields],
        responses=TemplatesAnswer,
    )
    def get(self, request: Request) -> Response:
        target = target_of(self.validated(TargetFields, request.query_params))
        rows = templates_for(target, at=clock.now()).defer("current_version__document")
        return Response(TemplatesAnswer({"results": rows}).data)


class Lines(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="posters_lines",
        summary="Recommendations to choose from: the product's, the own ones, suggested ones",
        parameters=[TargetFields],
        responses=RecommendationsAnswer,
    )
    def get(self, request: Request) -> Response:
        target = target_of(self.validated(TargetFields, request.query_params))
        lines = offered_lines(member=self.member, target=target, at=clock.now())
        return Response(RecommendationsAnswer({"results": lines}).data)
