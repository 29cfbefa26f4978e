"""What the mall must honour for a member."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment
from common import clock
from incentives.models import GiftTask, PointsFactor
from integration.api.rows import without_nulls
from integration.api.views import MallEndpoint
from integration.benefits import MOST, Benefits, Goods, read_benefits
from integration.member_views import find_member
from promotions.models import Coupon, CouponGrant


class CouponPart(serializers.Serializer):
    id = serializers.CharField(help_text="Of this coupon of the member.")
    coupon = serializers.CharField(help_text="The id of the kind of coupon, the same for all.")
    name = serializers.CharField()
    kind = serializers.ChoiceField(
        Coupon.Kind.choices, help_text="product: one of the goods is free."
    )
    amount = serializers.IntegerField(required=False, help_text="Off, in fen.")
    rate = serializers.IntegerField(required=False, help_text="Percent off, in basis points.")
    most = serializers.IntegerField(required=False, help_text="Of a percent: at most, in fen.")
    threshold = serializers.IntegerField(help_text="From an amount in scope on; 0: always.")
    scope = serializers.ChoiceField(Coupon.Scope.choices)
    skus = serializers.ListField(child=serializers.CharField(), help_text="Of products.")
    categories = serializers.ListField(child=serializers.CharField(), help_text="Their codes.")
    valid_from = Moment()
    valid_until = Moment()


class GiftPart(serializers.Serializer):
    id = serializers.CharField()
    award = serializers.CharField(help_text="The id of the award that gives it.")
    sku = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(
        [GiftTask.Status.OPEN.value, GiftTask.Status.SENT.value], help_text="open: to send."
    )
    note = serializers.CharField(help_text="Of the operator who sent it; may be empty.")
    opened_at = Moment()
    sent_at = Moment(required=False)


class FactorPart(serializers.Serializer):
    award = serializers.CharField(help_text="The id of the award that gives it.")
    incentive = serializers.CharField(help_text="Its name.")
    rate = serializers.IntegerField(help_text="Basis points: 20000 doubles.")
    starts_at = Moment()
    ends_at = Moment()


class LevelPart(serializers.Serializer):
    name = serializers.CharField()
    rank = serializers.IntegerField()
    ends_at = Moment(required=False, help_text="If an award gives it until then.")


class BenefitsAnswer(serializers.Serializer):
    member = serializers.CharField(help_text="The id of the member here.")
    coupons = CouponPart(
        many=True, help_text=f"Usable now, at most {MOST}; what ends first is first."
    )
    points_rate = serializers.IntegerField(
        help_text="By what points of an order placed now are multiplied, in basis points: the"
        " highest of points_factors, or 10000."
    )
    points_factors = FactorPart(many=True, help_text="In force now.")
    gifts = GiftPart(many=True, help_text=f"To send, and sent: the latest {MOST}.")
    level = LevelPart(required=False, help_text="Absent: no level.")


class MemberBenefits(MallEndpoint):
    """Coupons, gifts, points factors and level of a member."""

    scope = "benefits:read"

    @extend_schema(
        operation_id="members_benefits",
        responses=BenefitsAnswer,
        summary="Read the benefits of a member",
        description=(
            "What the mall has to honour at its checkout. Of a merged member: the survivor's. The"
            " events of coupons and awards say when to ask again."
        ),
    )
    def get(self, request: Request, external_id: str) -> Response:
        member = find_member(external_id)
        benefits = read_benefits(member, at=clock.now())
        return Response(BenefitsAnswer(_answer(member.public_id, benefits)).data)


def _answer(member: str, benefits: Benefits) -> dict[str, Any]:
    level = benefits.level
    return without_nulls(
        {
            "member": member,
            "coupons": [_coupon(row, benefits.goods[row.coupon_id]) for row in benefits.coupons],
            "points_rate": benefits.points_rate,
            "points_factors": [_factor(row) for row in benefits.factors],
            "gifts": [_gift(row) for row in benefits.gifts],
            "level": level
            and without_nulls(
                {"name": level.name, "rank": level.rank, "ends_at": benefits.level_until}
            ),
        }
    )


def _coupon(grant: CouponGrant, goods: Goods) -> dict[str, Any]:
    coupon = grant.coupon
    return without_nulls(
        {
            "id": grant.public_id,
            "coupon": coupon.public_id,
            "name": coupon.name,
            "kind": coupon.kind,
            "amount": coupon.amount,
            "rate": coupon.rate,
            "most": coupon.most,
            "threshold": coupon.threshold,
            "scope": coupon.scope,
            "skus": goods.skus,
            "categories": goods.categories,
            "valid_from": grant.valid_from,
            "valid_until": grant.valid_until,
        }
    )


def _gift(task: GiftTask) -> dict[str, Any]:
    return without_nulls(
        {
            "id": task.public_id,
            "award": task.award.public_id,
            "sku": task.sku.code,
            "name": f"{task.sku.product.name} {task.sku.variety}".strip(),
            "status": task.status,
            "note": task.note,
            "opened_at": task.opened_at,
            "sent_at": task.done_at,
        }
    )


def _factor(row: PointsFactor) -> dict[str, Any]:
    return {
        "award": row.award.public_id,
        "incentive": row.award.version.name,
        "rate": row.rate,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
    }
