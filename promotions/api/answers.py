"""What the calls about coupons answer, to members and to the mall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from api.serializers import Moment
from promotions.models import Coupon, CouponGrant, GrantState
from promotions.queries import goods_of
from promotions.sentences import coupon_sentence
from promotions.services import terms_of


class CouponGoods(serializers.Serializer):
    id = serializers.CharField(help_text="The id of a product, the code of a category.")
    name = serializers.CharField()


class CouponTermsAnswer(serializers.Serializer):
    """What a coupon promises. Amounts in fen, rates in basis points; what it lacks is left out."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    text = serializers.CharField(help_text="All of it in one line, for people.")
    kind = serializers.ChoiceField(Coupon.Kind.choices)
    amount = serializers.IntegerField(required=False, help_text="Taken off, in fen.")
    rate = serializers.IntegerField(
        required=False, help_text="Taken off the goods in scope: basis points, rounded down."
    )
    most = serializers.IntegerField(required=False, help_text="The most that a rate takes off.")
    threshold = serializers.IntegerField(
        help_text="What the goods in scope cost at least, after other reductions."
    )
    scope = serializers.ChoiceField(Coupon.Scope.choices)
    goods = CouponGoods(many=True, help_text="Empty for all goods. A category with those below it.")
    valid_from = Moment(required=False)
    valid_until = Moment(required=False)
    valid_days = serializers.IntegerField(required=False, help_text="Days from the grant.")

    def to_representation(self, row: Any) -> dict[str, Any]:
        body = super().to_representation(row)
        return {name: value for name, value in body.items() if value is not None}


class ClaimableCoupon(CouponTermsAnswer):
    left = serializers.IntegerField(required=False, help_text="In stock; left out without a limit.")
    per_member = serializers.IntegerField()
    held = serializers.IntegerField(help_text="How many of it I have got.")
    can_claim = serializers.BooleanField()


class MyCoupon(serializers.Serializer):
    """A coupon of mine."""

    id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(GrantState.choices)
    coupon = CouponTermsAnswer()
    granted_at = Moment()
    valid_from = Moment()
    valid_until = Moment()
    order_no = serializers.CharField(required=False, help_text="The order that has used it.")
    used_at = Moment(required=False)

    def to_representation(self, row: Any) -> dict[str, Any]:
        body = super().to_representation(row)
        return {name: value for name, value in body.items() if value is not None}


def with_goods(coupons: Sequence[Coupon]) -> Sequence[Coupon]:
    """Add the goods and the sentence of each coupon, in two queries."""
    goods = goods_of(coupons)
    for row in coupons:
        row.goods = goods[row.pk]  # type: ignore[attr-defined]
        names = [item.name for item in goods[row.pk]]
        row.text = coupon_sentence(terms_of(row), names)  # type: ignore[attr-defined]
    return coupons


def claimable(rows: Iterable[Any]) -> list[Any]:
    """Add what a member sees before claiming."""
    coupons = list(rows)
    for row in with_goods(coupons):
        coupon: Any = row
        coupon.left = None if coupon.stock is None else coupon.stock - coupon.granted
        has_room = coupon.held < coupon.per_member and coupon.left != 0
        coupon.can_claim = has_room and not coupon.is_own
    return coupons


def my_coupon(grants: Iterable[CouponGrant], at: datetime) -> list[dict[str, Any]]:
    """Return the answers about coupons that members hold."""
    rows = list(grants)
    with_goods([row.coupon for row in rows])
    return [_answer(row, at) for row in rows]


def _answer(row: CouponGrant, at: datetime) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "status": row.state_at(at),
        "coupon": row.coupon,
        "granted_at": row.granted_at,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "order_no": row.order_number or None,
        "used_at": row.used_at,
    }
