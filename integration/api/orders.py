"""Orders from the mall: one by number, or up to 500 at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.problems import problem
from api.serializers import StrictSerializer
from integration.api.order_answers import (
    OrderAnswer,
    OrderEarnings,
    earnings_answer,
    order_answer,
)
from integration.api.order_bodies import OrderBody, order_snapshot
from integration.api.rows import STATUSES, ProblemField, Rows, differs_from_address, read_rows
from integration.api.views import MallEndpoint
from integration.models import ApiClient
from integration.order_intake import ingest, rehearse
from integration.order_views import read_earnings, read_order
from integration.pausing import is_conflict
from orders.intake import IngestionResult


class OrderResult(serializers.Serializer):
    order_no = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    problem = ProblemField(required=False)


class BatchBody(StrictSerializer):
    orders = Rows(OrderBody)


class PutQuery(StrictSerializer):
    dry_run = serializers.BooleanField(
        default=False,
        help_text="Say what would happen and write nothing, also while the client is paused.",
    )


class BatchResults(serializers.Serializer):
    results = OrderResult(many=True)


class OrderBatch(MallEndpoint):
    """Take in orders as the mall knows them, complete, in any order and as often as needed."""

    scope = "orders:write"

    @extend_schema(
        operation_id="orders_batch",
        request=BatchBody,
        responses=BatchResults,
        summary="Take in up to 500 orders",
        description="Each order gets a result at its place. A bad order does not affect others: its"
        " result is invalid, with every field error, and the status of the answer is 200."
        " Deadlocks are repeated here; 503 with Retry-After: repeat the whole batch, it is safe.",
    )
    def post(self, request: Request) -> Response:
        rows = self.validated(BatchBody, request.data)["orders"]
        return Response({"results": ingest_bodies(rows, client=self.client(request))})


class OneOrder(MallEndpoint):
    """An order of the mall by its number."""

    scope = "orders:read"
    write_scope = "orders:write"

    @extend_schema(
        operation_id="orders_get",
        responses=OrderAnswer,
        summary="Read an order",
        description="The order as it is known here, with its refunds, metadata and open conflicts.",
    )
    def get(self, request: Request, order_no: str) -> Response:
        view = read_order(order_no)
        if view is None:
            raise NotFound
        return Response(OrderAnswer(order_answer(view)).data)

    @extend_schema(
        operation_id="orders_put",
        parameters=[PutQuery],
        request=OrderBody,
        responses=OrderResult,
        summary="Take in an order",
    )
    def put(self, request: Request, order_no: str) -> Response:
        body = self.validated(OrderBody, request.data)
        if body["order_no"] != order_no:
            raise differs_from_address("order_no", str(_("The address names another order.")))
        query = self.filters(PutQuery, request)
        take_in = rehearse if query["dry_run"] else ingest
        (result,) = take_in([order_snapshot(body)], client=self.client(request))
        if result.error:
            raise result.error
        return Response(_result(result))


class OrderCommissions(MallEndpoint):
    """Who earns what on an order of the mall."""

    scope = "commissions:read"

    @extend_schema(
        operation_id="orders_commissions",
        responses=OrderEarnings,
        summary="Explain the commissions of an order",
        description="Both tiers of each line, also where nobody earns.",
    )
    def get(self, request: Request, order_no: str) -> Response:
        earnings = read_earnings(order_no)
        if earnings is None:
            raise NotFound
        lines = earnings_answer(earnings)
        return Response(OrderEarnings({"order_no": order_no, "lines": lines}).data)


def ingest_bodies(rows: Sequence[Any], *, client: ApiClient) -> list[dict[str, Any]]:
    """Ingest the valid ones of these bodies; return a result for each, at its place."""
    bodies, results = read_rows(rows, OrderBody(), "order_no")
    snapshots = {place: order_snapshot(body) for place, body in bodies.items()}
    outcomes = ingest(list(snapshots.values()), client=client)
    results |= {place: _result(row) for place, row in zip(snapshots, outcomes, strict=True)}
    return [results[place] for place in range(len(rows))]


def _result(outcome: IngestionResult) -> dict[str, Any]:
    result: dict[str, Any] = {"order_no": outcome.number, "status": _status(outcome)}
    if outcome.error:
        result["problem"] = problem(outcome.error)
    return result


def _status(outcome: IngestionResult) -> str:
    if outcome.error is None:
        return "created" if outcome.created else "updated" if outcome.changed else "unchanged"
    return "conflict" if is_conflict(outcome.error) else "invalid"
