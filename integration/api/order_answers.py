"""Answers about orders: what is known of them, and who earns what and why."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.serializers import Moment
from commissions.explanations import LineExplanation, TierExplanation
from commissions.explanations.order import EXPECTED
from commissions.models import Commission
from integration.api.rows import without_nulls
from integration.order_views import Earnings, OrderView
from orders.models import Order, OrderLine, Refund

ORDER_TIMES = ("paid_at", "shipped_at", "received_at", "closed_at", "release_at", "completed_at")
REFUND_TIMES = ("approved_at", "done_at", "rejected_at", "withdrawn_at")
COMMISSION_STATES = (*Commission.Status.values, Commission.VOID, EXPECTED, "none")


class RefundAnswer(serializers.Serializer):
    refund_no = serializers.CharField()
    line_no = serializers.IntegerField()
    kind = serializers.CharField()
    status = serializers.CharField()
    quantity = serializers.IntegerField()
    amount = serializers.IntegerField()
    freight = serializers.IntegerField()
    reason = serializers.CharField()
    revision = serializers.IntegerField(required=False)
    requested_at = Moment()
    approved_at = Moment(required=False)
    done_at = Moment(required=False)
    rejected_at = Moment(required=False)
    withdrawn_at = Moment(required=False)


class LineAnswer(serializers.Serializer):
    line_no = serializers.IntegerField()
    sku = serializers.CharField()
    product = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.IntegerField()
    discount = serializers.IntegerField()
    shipping = serializers.IntegerField()
    unit_cost = serializers.IntegerField(required=False)
    paid = serializers.IntegerField(help_text="For the goods, without shipping.")
    refunded_quantity = serializers.IntegerField()
    refunded_amount = serializers.IntegerField()


class ConflictAnswer(serializers.Serializer):
    """A reported value that was refused; the order's commissions are held meanwhile."""

    field = serializers.CharField()
    known = serializers.CharField(help_text="For people; empty: nothing is known.")
    given = serializers.CharField()
    first_seen = Moment()


class OrderAnswer(serializers.Serializer):
    order_no = serializers.CharField()
    buyer = serializers.CharField()
    status = serializers.CharField()
    placed_at = Moment()
    paid_at = Moment(required=False)
    shipped_at = Moment(required=False)
    received_at = Moment(required=False)
    assumed_received_at = Moment(required=False)
    closed_at = Moment(required=False)
    release_at = Moment(required=False, help_text="The protection ends then.")
    completed_at = Moment(required=False)
    revision = serializers.IntegerField(required=False)
    share = serializers.CharField()
    region = serializers.CharField()
    metadata = serializers.DictField(required=False)
    lines = LineAnswer(many=True)
    refunds = RefundAnswer(many=True)
    conflicts = ConflictAnswer(many=True)


class EarningAnswer(serializers.Serializer):
    """A tier of a line. Amounts in fen or points."""

    tier = serializers.IntegerField()
    distributor = serializers.CharField(required=False, help_text="The invite code.")
    member = serializers.CharField(required=False, help_text="The distributor's id in the mall.")
    reason = serializers.CharField(help_text="paid, or why nothing is.")
    asset = serializers.CharField(required=False)
    original = serializers.IntegerField()
    current = serializers.IntegerField(help_text="What refunds left of it.")
    status = serializers.ChoiceField(
        COMMISSION_STATES, help_text="expected: not paid yet; none: no commission."
    )
    release_at = Moment(required=False)
    explanation = serializers.ListField(
        child=serializers.CharField(), help_text="Sentences in the language asked for."
    )


class LineEarnings(serializers.Serializer):
    line_no = serializers.IntegerField()
    sku = serializers.CharField()
    product = serializers.CharField()
    quantity = serializers.IntegerField()
    paid = serializers.IntegerField()
    remaining_quantity = serializers.IntegerField()
    remaining_paid = serializers.IntegerField()
    tiers = EarningAnswer(many=True)


class OrderEarnings(serializers.Serializer):
    order_no = serializers.CharField()
    lines = LineEarnings(many=True)


class QuoteAnswer(serializers.Serializer):
    lines = LineEarnings(many=True)


def order_answer(view: OrderView) -> dict[str, Any]:
    order = view.order
    lines = list(order.lines.all())
    refunds = [(line, refund) for line in lines for refund in line.refunds.all()]
    return without_nulls(
        {
            "order_no": order.number,
            "buyer": view.buyer,
            "status": order.status,
            "placed_at": order.placed_at,
            "assumed_received_at": order.assumed_received_at,
            **_fields(order, *ORDER_TIMES, "revision", "share", "region", "metadata"),
            "lines": [_line(line) for line in lines],
            "refunds": [
                _refund(line, refund) for line, refund in sorted(refunds, key=lambda row: row[1].pk)
            ],
            "conflicts": [
                _fields(row, "field", "known", "given", "first_seen") for row in view.conflicts
            ],
        }
    )


def _fields(row: Order | OrderLine | Refund | Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _line(line: OrderLine) -> dict[str, Any]:
    return without_nulls(
        {
            "line_no": line.number,
            "sku": line.sku.code,
            "product": line.product.name,
            **_fields(
                line, "quantity", "unit_price", "discount", "shipping", "unit_cost", "paid",
                "refunded_quantity", "refunded_amount",
            ),
        }
    )  # fmt: skip


def _refund(line: OrderLine, refund: Refund) -> dict[str, Any]:
    return without_nulls(
        {
            "refund_no": refund.number,
            "line_no": line.number,
            **_fields(
                refund, "kind", "status", "quantity", "amount", "freight", "reason", "revision",
                "requested_at", *REFUND_TIMES,
            ),
        }
    )  # fmt: skip


def earnings_answer(earnings: Earnings) -> list[dict[str, Any]]:
    return [_line_earnings(line, earnings) for line in earnings.lines]


def _line_earnings(line: LineExplanation, earnings: Earnings) -> dict[str, Any]:
    return {
        "line_no": line.number,
        **_fields(
            line, "sku", "product", "quantity", "paid", "remaining_quantity", "remaining_paid"
        ),
        "tiers": [_tier(line, tier, earnings) for tier in line.tiers],
    }


def _tier(line: LineExplanation, tier: TierExplanation, earnings: Earnings) -> dict[str, Any]:
    who = tier.distributor
    return without_nulls(
        {
            "tier": tier.tier,
            "distributor": who.code if who else None,
            "member": earnings.members[who.member_id] if who else None,
            "reason": tier.reason,
            "asset": tier.asset or None,
            "original": tier.original,
            "current": tier.current,
            "status": tier.state or "none",
            "release_at": earnings.release_at.get((line.number, tier.tier)),
            "explanation": list(tier.sentences),
        }
    )
