"""The form with which a member applies to become a distributor."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from distribution.models import Question
from distribution.queries import application_form
from members.models import Agreement
from members.sessions.views import MemberEndpoint


class QuestionAnswer(serializers.Serializer):
    key = serializers.CharField()
    kind = serializers.ChoiceField(Question.Kind.choices)
    label = serializers.CharField(help_text="The question.")
    help_text = serializers.CharField(help_text="May be empty.")
    required = serializers.BooleanField()
    options = serializers.ListField(
        child=serializers.CharField(), help_text="Of choice and choices; else empty."
    )


class FormAgreement(serializers.Serializer):
    kind = serializers.ChoiceField(Agreement.Kind.choices)
    version = serializers.IntegerField()


class ThresholdAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(["spend", "buyers"], help_text="In fen, or in buyers.")
    needed = serializers.IntegerField()
    reached = serializers.IntegerField()


class FormAnswer(serializers.Serializer):
    version = serializers.IntegerField(help_text="0 if the shop has no form.")
    questions = QuestionAnswer(many=True)
    agreement = FormAgreement(allow_null=True, help_text="Of distributors, if there is one.")
    fast_track = ThresholdAnswer(
        many=True, help_text="Who has reached one of them needs no review; may be empty."
    )


class MyForm(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_application_form",
        responses=FormAnswer,
        summary="What an applicant is asked",
        description=(
            "Answers are a text; of choices and picture (ids of uploads for the purpose"
            " application) a list; of region a list such as province, city and district."
        ),
    )
    def get(self, request: Request) -> Response:
        body: dict[str, Any] = application_form(self.member)
        return Response(FormAnswer(body).data)
