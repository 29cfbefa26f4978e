"""A member's shares, and what a share opens."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.serializers import PeriodFilters, StrictSerializer, Text, within_period
from api.views import PublicEndpoint
from common import clock
from members.sessions.views import MemberEndpoint
from sharing import targets
from sharing.api.answers import CardAnswer, ShareAnswer, ShareRowAnswer
from sharing.cards import card_of_code, stored_card
from sharing.codes import find_share, target_of
from sharing.links import link_of
from sharing.models import Share
from sharing.services import open_share
from sharing.services.shares import MAX_LABEL
from sharing.targets import Target

QR_SECONDS = 86_400
QR_SCALE = 12  # pixels a module: some 400 pixels for a short link
CHANNELS = [choice for choice in Share.Channel.choices if choice[0] != Share.Channel.POSTER]


class TargetBody(StrictSerializer):
    kind = serializers.ChoiceField(Share.Target.choices)
    id = Text(
        max_length=64, required=False, allow_blank=True,
        help_text="Of recruiting and the own home page it may be left out.",
    )  # fmt: skip


class ShareBody(StrictSerializer):
    target = TargetBody()
    channel = serializers.ChoiceField(CHANNELS, help_text="Posters are made by POST /posters.")
    label = Text(
        max_length=MAX_LABEL, required=False, allow_blank=True,
        help_text="The member's own name for it: shares with other labels count apart.",
    )  # fmt: skip


class ShareFilters(PeriodFilters):
    kind = serializers.ChoiceField(Share.Target.choices, required=False)
    channel = serializers.ChoiceField(Share.Channel.choices, required=False)
    target = Text(max_length=64, required=False, help_text="The id of the target.")


class Shares(MemberEndpoint):
    """What a member has shared."""

    scope = "me:read"
    write_scope = "share"

    @extend_schema(
        operation_id="shares", summary="My shares", parameters=[ShareFilters],
        responses=ShareRowAnswer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        at, filters = clock.now(), self.filters(ShareFilters, request)
        rows = Share.objects.of_person(self.member).with_member()
        names = {"kind": "target_kind", "target": "target_id", "channel": "channel"}
        rows = rows.filter(
            **{column: filters[name] for name, column in names.items() if name in filters},
            **within_period(filters, "created_at"),
        )
        page = self.paginate_queryset(rows) or []
        facts = targets.find_many((target_of(share) for share in page), at=at)
        context = {
            "at": at,
            "links": {share.pk: link_of(share.code) for share in page},
            "titles": {
                share.pk: facts[target_of(share)].title
                for share in page
                if target_of(share) in facts
            },
        }
        return self.get_paginated_response(ShareRowAnswer(page, many=True, context=context).data)

    @extend_schema(
        operation_id="shares_post",
        summary="Share something in a channel",
        description=(
            "Repeated, it answers the same share with 200. Else: target_unknown, share_disabled,"
            " too_many_labels (50 new ones in 24 hours)."
            " Any member may share; visitors are bound only to active distributors."
        ),
        request=ShareBody,
        responses={200: ShareAnswer, 201: ShareAnswer},
    )
    def post(self, request: Request) -> Response:
        body: dict[str, Any] = self.validated(ShareBody, request.data)
        at = clock.now()
        target = Target(body["target"]["kind"], body["target"].get("id", ""))
        share, is_new = open_share(
            member=self.member, target=target, channel=body["channel"],
            label=body.get("label", ""), at=at,
        )  # fmt: skip
        return Response(_answer(share, stored_card(share, at=at)), status=201 if is_new else 200)


class OneShare(PublicEndpoint):
    """What a share opens, for everybody who has its code."""

    @extend_schema(
        operation_id="shares_one",
        summary="The card of a share",
        description=(
            "Codes that are unknown, expired or switched off all answer not_found. Nothing is"
            " counted: that is POST /visits."
        ),
        responses=ShareAnswer,
    )
    def get(self, request: Request, code: str) -> Response:
        at = clock.now()
        share = find_share(code, at=at)
        card = card_of_code(share, code, at=at) if share else None
        if share is None or card is None:
            raise NotFound
        return Response(_answer(share, card))


class ShareQr(PublicEndpoint):
    """The QR code of a share's link."""

    @extend_schema(
        operation_id="shares_qr",
        summary="The QR code of a share's link, as PNG",
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        at = clock.now()
        share = find_share(code, at=at)
        # As ``OneShare``: a code whose target is gone is like one that was never given.
        if share is None or targets.find(target_of(share), at=at) is None:
            raise NotFound
        target = BytesIO()
        segno.make(link_of(code), error="m", boost_error=False, micro=False).save(
            target, kind="png", scale=QR_SCALE, border=4
        )
        return HttpResponse(
            target.getvalue(), content_type="image/png",
            headers={"Cache-Control": f"public, max-age={QR_SECONDS}"},
        )  # fmt: skip


def _answer(share: Share, card: Any) -> dict[str, Any]:
    target = {"kind": share.target_kind, "id": share.target_id}
    return {**CardAnswer(card).data, "target": target}
