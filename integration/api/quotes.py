"""Who would earn what on a basket, and why."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Amount, Number, StrictSerializer, Text
from commissions.simulation import BasketItem
from common import clock
from common.keys import clean_key
from integration.api.order_answers import QuoteAnswer, earnings_answer
from integration.api.order_bodies import MAX_LINES, optional
from integration.api.rows import without_nulls
from integration.api.views import MallEndpoint
from integration.order_views import quote_commissions


class ItemBody(StrictSerializer):
    sku = Text(max_length=80)
    quantity = Number(min_value=1, max_value=10**6)
    unit_price = optional(Amount, help_text="By default the price of the SKU.")
    discount = optional(Amount, help_text="Of the whole line, in fen.")


class QuoteBody(StrictSerializer):
    buyer = Text(max_length=128, help_text="The member's id in the mall.")
    items = ItemBody(many=True, allow_empty=False, max_length=MAX_LINES)


class Quotes(MallEndpoint):
    """A simulation by the rules of real orders; nothing is stored."""

    scope = "orders:read"

    @extend_schema(
        operation_id="quotes_post",
        request=QuoteBody,
        responses=QuoteAnswer,
        summary="Quote the commissions of a basket",
        description="Who would earn what if the buyer ordered the basket now. Nothing is stored.",
    )
    def post(self, request: Request) -> Response:
        body = self.validated(QuoteBody, request.data)
        earnings = quote_commissions(
            buyer=clean_key(body["buyer"]),
            basket=[BasketItem(**without_nulls(item)) for item in body["items"]],
            at=clock.now(),
        )
        return Response(QuoteAnswer({"lines": earnings_answer(earnings)}).data)
