"""A distributor's commissions, each with its explanation, and the orders behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.serializers import Moment, PeriodFilters, Text, within_period
from commissions.earnings import (
    EarningOrder,
    commissions_of,
    earning_orders,
    explanation_of,
    find_commission,
    first_commissions,
    origin,
    via,
)
from commissions.ids import commission_id
from commissions.models import Commission, CommissionHold
from commissions.unpaid import expected_orders, unpaid_orders
from ledger.chart import Asset
from members.sessions.views import MemberEndpoint
from orders.models import Order, OrderShare
from sharing.models import Share

PAID, UNPAID = "paid", "unpaid"
STATES = [*Commission.Status.choices, (Commission.VOID, "void")]


class HoldAnswer(serializers.Serializer):
    reason = serializers.ChoiceField(CommissionHold.Reason.choices)
    text = serializers.CharField(source="get_reason_display")
    since = Moment()


class CommissionRow(serializers.Serializer):
    id = serializers.SerializerMethodField()
    order_no = serializers.CharField(source="line.order.number")
    line_no = serializers.IntegerField(source="line.number")
    title = serializers.CharField(source="line.product.name")
    quantity = serializers.IntegerField(source="line.quantity")
    tier = serializers.ChoiceField([1, 2])
    kind = serializers.ChoiceField(Asset.choices, source="asset")
    original = serializers.IntegerField(help_text="For the whole line.")
    current = serializers.IntegerField(help_text="What is left after refunds.")
    status = serializers.ChoiceField(STATES, source="state")
    at = Moment(source="accrued_at")
    release_at = Moment(
        allow_null=True, help_text="When it is credited; null until the order is received."
    )
    held = HoldAnswer(many=True, source="holds")
    via = serializers.SerializerMethodField(help_text="Tier 2: the nickname of tier 1; else empty.")

    def get_via(self, row: Commission) -> str:
        return via(row.line.order, row.tier)

    def get_id(self, row: Commission) -> str:
        return commission_id(row)


class ExplanationAnswer(serializers.Serializer):
    reason = serializers.CharField(help_text="paid, or why nothing is.")
    plan = serializers.CharField()
    paid = serializers.IntegerField(help_text="For the goods of the line, in fen.")
    remaining_paid = serializers.IntegerField(help_text="After refunds.")
    quantity = serializers.IntegerField()
    remaining_quantity = serializers.IntegerField()
    sentences = serializers.ListField(
        child=serializers.CharField(),
        help_text="Attribution, rule, base, rounding, refunds and what it waits for.",
    )


class OriginAnswer(serializers.Serializer):
    share = serializers.CharField(source="share.code")
    target = serializers.ChoiceField(Share.Target.choices, source="share.target_kind")
    target_id = serializers.CharField(source="share.target_id", help_text="Empty without one.")
    channel = serializers.ChoiceField(Share.Channel.choices, source="share.channel")
    channel_text = serializers.CharField(source="share.get_channel_display")
    label = serializers.CharField(source="share.label", help_text="Empty without one.")
    template = serializers.CharField(
        source="share.template", help_text="Of the poster that carried the share; else empty."
    )
    reason = serializers.ChoiceField(
        OrderShare.Reason.choices,
        help_text="named: the order named the share; bound: its visit had bound the buyer.",
    )
    visit = serializers.CharField(source="visit.public_id", default="", help_text="Empty: unknown.")
    visited_at = Moment(source="visit.at", default=None, allow_null=True)


class CommissionAnswer(CommissionRow):
    origin = serializers.SerializerMethodField(
        help_text="My share by which the order came; null if it came otherwise."
    )
    explanation = serializers.SerializerMethodField()

    @extend_schema_field(OriginAnswer(allow_null=True))
    def get_origin(self, row: Commission) -> dict[str, Any] | None:
        found = origin(row.line.order, row.tier)
        return OriginAnswer(found).data if found else None

    @extend_schema_field(ExplanationAnswer)
    def get_explanation(self, row: Commission) -> dict[str, Any]:
        line, tier = explanation_of(row)
        return {
            "reason": tier.reason,
            "plan": str(line.plan or ""),
            "paid": line.paid,
            "remaining_paid": line.remaining_paid,
            "quantity": line.quantity,
            "remaining_quantity": line.remaining_quantity,
            "sentences": list(tier.sentences),
        }


class CommissionFilters(PeriodFilters):
    status = serializers.ChoiceField(STATES, required=False)
    tier = serializers.ChoiceField([1, 2], required=False)
    search = Text(max_length=64, required=False, help_text="A whole order number.")


class EarningLineAnswer(serializers.Serializer):
    line_no = serializers.IntegerField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    paid = serializers.IntegerField()
    refunded = serializers.IntegerField()
    kind = serializers.CharField(help_text="Of my commission; empty without one.")
    commission = serializers.IntegerField(
        help_text="Mine, after refunds; of an unpaid order what it would bring."
    )
    state = serializers.CharField(
        help_text="Of my commission; expected: not paid yet; empty without one."
    )


class EarningOrderAnswer(serializers.Serializer):
    order_no = serializers.CharField()
    placed_at = Moment()
    status = serializers.ChoiceField(Order.Status.choices)
    status_text = serializers.CharField()
    tier = serializers.ChoiceField([1, 2])
    buyer = serializers.CharField(help_text="Masked.")
    via = serializers.CharField(help_text="Tier 2: the nickname of tier 1; else empty.")
    share = serializers.CharField(
        help_text="The code of my share by which the order came; empty if it came otherwise."
    )
    paid = serializers.IntegerField()
    refunded = serializers.IntegerField()
    lines = EarningLineAnswer(many=True)


class EarningOrderFilters(PeriodFilters):
    status = serializers.ChoiceField(
        [PAID, UNPAID], default=PAID, help_text="unpaid: placed, and neither paid nor closed."
    )
    tier = serializers.ChoiceField([1, 2], required=False)
    search = Text(max_length=64, required=False, help_text="A whole order number.")


class Commissions(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_commissions",
        parameters=[CommissionFilters],
        responses=CommissionRow(many=True),
        summary="My commissions",
        description="from and to compare the time when it was earned.",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(CommissionFilters, request)
        period = within_period(values, "accrued_at")
        rows = commissions_of(self.member, **_without_period(values)).filter(**period)
        return self.answer_page(rows, CommissionRow)


class OneCommission(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_commission",
        responses=CommissionAnswer,
        summary="A commission of mine, and why it is what it is",
    )
    def get(self, request: Request, public_id: str) -> Response:
        try:
            row = find_commission(self.member, public_id)
        except Commission.DoesNotExist:
            raise NotFound from None
        return Response(CommissionAnswer(row).data)


class EarningOrders(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_orders",
        parameters=[EarningOrderFilters],
        responses=EarningOrderAnswer(many=True),
        summary="The orders that I earn on",
        description="from and to compare the time when the order was placed. Unpaid orders are"
        " listed with status=unpaid, with what they would bring.",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(EarningOrderFilters, request)
        rows_of, placed_at, orders_of = ORDERS[values.pop("status")]
        rows = rows_of(self.member, **_without_period(values))
        rows = rows.filter(**within_period(values, placed_at))
        return self.answer_page(rows, EarningOrderAnswer, shown=partial(orders_of, self.member))


# By status: the rows of a page, where they have the time of placement, and their orders.
ORDERS: dict[str, tuple[Callable[..., QuerySet[Any]], str, Callable[..., list[EarningOrder]]]] = {
    PAID: (first_commissions, "line__order__placed_at", earning_orders),
    UNPAID: (unpaid_orders, "placed_at", expected_orders),
}


def _without_period(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("from", "to")}
