"""Coupons that members may claim, and those that they have."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import StrictSerializer
from common import clock
from members.sessions.views import MemberEndpoint
from promotions.api.answers import ClaimableCoupon, MyCoupon, claimable, my_coupon
from promotions.models import Coupon, GrantState
from promotions.queries import claimable_by, grants_of
from promotions.services import claim_coupon

KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True,
    description="A text of at most 255 characters, new for each coupon.",
)  # fmt: skip


class MyCouponFilters(StrictSerializer):
    status = serializers.ChoiceField(GrantState.choices, required=False)


class NoBody(StrictSerializer):
    """An empty object."""


class Coupons(MemberEndpoint):
    """Coupons that members may claim now."""

    scope = "me:read"

    @extend_schema(
        operation_id="coupons",
        responses=ClaimableCoupon(many=True),
        summary="Coupons to claim, the latest first",
        description="Also those that I have got, that have run out, or that I wrote or published as"
        " staff: see can_claim.",
    )
    def get(self, request: Request) -> Response:
        rows = claimable_by(self.member, at=clock.now())
        return self.answer_page(rows, ClaimableCoupon, shown=claimable)


class ClaimCoupon(MemberEndpoint):
    scope = "me:write"

    @extend_schema(
        operation_id="coupon_claim",
        parameters=[KEY],
        request=None,
        responses={201: MyCoupon},
        summary="Claim a coupon",
        description="Each claim gives one more, up to what one person may get.",
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        self.validated(NoBody, request.data)
        at = clock.now()
        published = Coupon.objects.exclude(status=Coupon.Status.DRAFT)
        coupon = get_object_or_404(published, public_id=public_id, is_claimable=True)
        grant = claim_coupon(coupon=coupon, member=self.member, at=at)
        (answer,) = my_coupon([grant], at)
        return Response(MyCoupon(answer).data, status=201)


class MyCoupons(MemberEndpoint):
    """Coupons that I have, or had."""

    scope = "me:read"

    @extend_schema(
        operation_id="my_coupons",
        parameters=[MyCouponFilters],
        responses=MyCoupon(many=True),
        summary="My coupons, the latest first",
    )
    def get(self, request: Request) -> Response:
        values, at = self.filters(MyCouponFilters, request), clock.now()
        rows = grants_of(self.member, at=at, state=values.get("status", ""))
        return self.answer_page(rows, MyCoupon, shown=lambda page: my_coupon(page, at))
