"""The mall's checkout uses the coupons of members, and gives them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, Text
from common import clock
from common.keys import clean_key
from integration.api.views import MallEndpoint
from integration.member_views import get_member
from promotions.api.answers import MyCoupon, my_coupon
from promotions.models import CouponGrant
from promotions.services import return_coupon, use_coupon

Verb = Callable[..., None]


class CouponBody(StrictSerializer):
    member = Text(max_length=128, help_text="The buyer's id in the mall.")
    order_no = Text(max_length=64)

    def validate_order_no(self, value: str) -> str:
        if not (cleaned := clean_key(value)):
            raise serializers.ValidationError(_("Give the number of the order."), "blank")
        return cleaned


class _Coupon(MallEndpoint):
    scope = "coupons:use"

    def call(self, verb: Verb, request: Request, public_id: str) -> Response:
        body, at = self.validated(CouponBody, request.data), clock.now()
        member = get_member(clean_key(body["member"]))
        # Another member's coupon does not exist for this buyer.
        rows = CouponGrant.objects.visible_to(member).select_related("coupon", "member")
        grant = get_object_or_404(rows, public_id=public_id)
        verb(grant=grant, order_number=body["order_no"], at=at)
        return Response(_answer(grant, at))


class UseCoupon(_Coupon):
    """The checkout takes a coupon."""

    @extend_schema(
        operation_id="coupon_use",
        request=CouponBody,
        responses=MyCoupon,
        summary="Use a member's coupon for an order",
        description=(
            "Each coupon is used once, and an order uses one. The same order may say so again. The"
            " mall computes the reduction by the terms, and reports it with the order's lines."
        ),
    )
    def post(self, request: Request, public_id: str) -> Response:
        return self.call(use_coupon, request, public_id)


class ReturnCoupon(_Coupon):
    """An order that used a coupon was cancelled or refunded wholly."""

    @extend_schema(
        operation_id="coupon_return",
        request=CouponBody,
        responses=MyCoupon,
        summary="Give a used coupon back to its member",
        description=(
            "For an order that was cancelled or refunded wholly, while the coupon is valid. The"
            " same order may say so again."
        ),
    )
    def post(self, request: Request, public_id: str) -> Response:
        return self.call(return_coupon, request, public_id)


def _answer(grant: CouponGrant, at: datetime) -> dict[str, Any]:
    (answer,) = my_coupon([grant], at)
    return dict(MyCoupon(answer).data)
