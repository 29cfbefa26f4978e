"""Ask for posters, wait a moment for them, and list the own ones."""

from __future__ import annotations

import time
from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from api.throttling import CallerThrottle, ExpensiveCalls
from common import clock
from common.media import public_url
from members.sessions.views import MemberEndpoint
from posters.api.templates import TargetFields, target_of
from posters.drawing_data import size_of
from posters.models import Poster
from posters.models.lines import MAX_LINE
from posters.queries import shown
from posters.services import open_poster, require_decent_line
from sharing.links import short_url

WAIT, PAUSE = 0.3, 0.02
"""Seconds: how long a call waits for the workers, and how often it looks."""
RENDERING = "rendering"
STATUSES = (RENDERING, "ready", "failed")
LONGEST_LINE = 4 * MAX_LINE  # before what cannot be seen is removed


class PosterBody(StrictSerializer):
    target = TargetFields()
    template = Text(
        max_length=40, required=False, help_text="Its id; left out: the most suitable one."
    )
    size = serializers.ChoiceField(Poster.Size.choices, required=False)
    line = Text(
        max_length=LONGEST_LINE, required=False, allow_blank=True,
        help_text=f"The member's recommendation, at most {MAX_LINE} characters.",
    )  # fmt: skip


class PosterTarget(serializers.Serializer):
    kind = serializers.CharField(source="target_kind")
    id = serializers.CharField(source="target_id")


class PosterAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    status = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Empty until the poster is ready.")
    width = serializers.SerializerMethodField()
    height = serializers.SerializerMethodField()
    final = serializers.SerializerMethodField(
        help_text=(
            "No: something was missing, such as the mini-program code. Read the poster again later:"
            " it is replaced when that arrives."
        )
    )
    share = serializers.CharField(source="share.code")
    link = serializers.SerializerMethodField(help_text="What the QR code says.")
    target = PosterTarget(source="share")
    template = serializers.CharField(source="template_version.template.public_id")
    line = serializers.CharField()
    requested_at = Moment()

    def get_status(self, poster: Poster) -> str:
        status = shown(poster).status
        return RENDERING if status == Poster.Status.WAITING else status

    def get_url(self, poster: Poster) -> str:
        return public_url(shown(poster).path)

    def get_width(self, poster: Poster) -> int:
        return size_of(poster.size)[0]

    def get_height(self, poster: Poster) -> int:
        return size_of(poster.size)[1]

    def get_final(self, poster: Poster) -> bool:
        return shown(poster).is_final

    def get_link(self, poster: Poster) -> str:
        return short_url(poster.share)


class Posters(MemberEndpoint):
    scope = "me:read"
    write_scope = "me:write"
    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "posters"
    calls_a_minute = 60
    answer: ClassVar[type[serializers.Serializer]] = PosterAnswer

    @extend_schema(
        operation_id="posters",
        summary="My posters, the latest first",
        responses=PosterAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer_page(Poster.objects.visible_to(self.member).with_all(), self.answer)

    @extend_schema(
        operation_id="posters_open",
        summary="Make a poster, or find the one that I have made before",
        description=(
            "Safe to repeat: the same request finds the same poster as long as nothing on it has"
            " changed, such as price, nickname or template. 202: read it again after Retry-After"
            " seconds. At most 60 times in a minute."
        ),
        request=PosterBody,
        responses={200: PosterAnswer, 201: PosterAnswer, 202: PosterAnswer},
    )
    def post(self, request: Request) -> Response:
        body = self.validated(PosterBody, request.data)
        require_decent_line(member=self.member, text=body.get("line", ""))
        opened = open_poster(
            member=self.member,
            target=target_of(body["target"]),
            template=body.get("template", ""),
            size=body.get("size", Poster.Size.TALL),
            line=body.get("line", ""),
            at=clock.now(),
        )
        poster = wait_for(opened.poster)
        return answer_poster(poster, ready=201 if opened.is_new else 200)


class OnePoster(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="posters_read",
        summary="Read a poster of mine",
        responses={200: PosterAnswer, 202: PosterAnswer},
    )
    def get(self, request: Request, public_id: str) -> Response:
        rows = Poster.objects.visible_to(self.member).with_all()
        return answer_poster(get_object_or_404(rows, public_id=public_id), ready=200)


def answer_poster(poster: Poster, *, ready: int) -> Response:
    """Answer with a poster; with 202 and when to ask again while it is being drawn."""
    body = PosterAnswer(poster).data
    if body["status"] == RENDERING:
        return Response(body, status=202, headers={"Retry-After": "1"})
    return Response(body, status=ready)


def wait_for(poster: Poster) -> Poster:
    """Return a poster once it is drawn, or as it is after a moment."""
    end = time.monotonic() + WAIT
    rows = Poster.objects.with_all()
    while (row := get_object_or_404(rows, pk=poster.pk)).status == Poster.Status.WAITING:
        if time.monotonic() >= end:
            break
        time.sleep(PAUSE)  # a worker writes the row; a thread of the server waits for it
    return row
