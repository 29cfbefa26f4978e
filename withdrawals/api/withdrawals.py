"""Withdrawals: what is possible, the price, the request and its course."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import (
    MAX_AMOUNT,
    Amount,
    Moment,
    PeriodFilters,
    StrictSerializer,
    within_period,
)
from api.throttling import CallerThrottle, ExpensiveCalls, OncePerPause
from common import clock
from members.sessions.views import MemberEndpoint
from withdrawals import services
from withdrawals.errors import BlockerAction, BlockerCode
from withdrawals.models import Payee, Withdrawal
from withdrawals.steps import steps

COLLECT_AGAIN_AFTER = 2  # seconds
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="1 to 255 characters; the same one when repeating.",
)  # fmt: skip


class ChannelAnswer(serializers.Serializer):
    channel = serializers.ChoiceField(Payee.Channel.choices)
    enabled = serializers.BooleanField()
    paused = serializers.BooleanField(help_text="Off for the moment.")
    min_amount = serializers.IntegerField()
    max_amount = serializers.IntegerField(help_text="At a time.")
    left_today = serializers.IntegerField()
    left_this_month = serializers.IntegerField()
    fee_rate = serializers.IntegerField(source="fee", help_text="In basis points, rounded down.")
    review_hours = serializers.IntegerField()
    arrival = serializers.ChoiceField(["at_once", "after_confirmation", "by_hand"])
    needs = serializers.ListField(
        child=serializers.ChoiceField(["real_name", "payee", "authorization"])
    )


class OptionsAnswer(serializers.Serializer):
    withdrawable = serializers.IntegerField()
    channels = ChannelAnswer(many=True)


class QuoteFilters(StrictSerializer):
    amount = serializers.IntegerField(min_value=1, max_value=MAX_AMOUNT)
    channel = serializers.ChoiceField(Payee.Channel.choices)


class BlockerAnswer(serializers.Serializer):
    code = serializers.ChoiceField([code.value for code in BlockerCode])
    message = serializers.CharField()
    action = serializers.ChoiceField([action.value for action in BlockerAction])


class WithdrawalQuoteAnswer(serializers.Serializer):
    gross = serializers.IntegerField(source="price.gross")
    fee = serializers.IntegerField(source="price.fee")
    tax = serializers.IntegerField(source="price.tax")
    net = serializers.IntegerField(source="price.net")
    withdrawable = serializers.IntegerField()
    blockers = BlockerAnswer(many=True)


class WithdrawalBody(StrictSerializer):
    amount = Amount(min_value=1, help_text="In fen, before fee and tax.")
    channel = serializers.ChoiceField(Payee.Channel.choices)


class StepAnswer(serializers.Serializer):
    step = serializers.CharField()
    role = serializers.ChoiceField(["member", "operations", "finance", "shop", "provider"])
    at = Moment()
    reason = serializers.CharField()


class WithdrawalRow(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    channel = serializers.ChoiceField(Payee.Channel.choices, source="payee.channel")
    account = serializers.CharField(source="payee.account_mask")
    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    tax = serializers.IntegerField()
    net = serializers.IntegerField()
    status = serializers.ChoiceField(Withdrawal.Status.choices)
    status_text = serializers.CharField(source="get_status_display")
    requested_at = Moment()


class WithdrawalAnswer(WithdrawalRow):
    steps = StepAnswer(many=True)


class WithdrawalFilters(PeriodFilters):
    status = serializers.ChoiceField(Withdrawal.Status.choices, required=False)


class CollectAnswer(serializers.Serializer):
    state = serializers.CharField()
    merchant_id = serializers.CharField(source="merchant")
    app_id = serializers.CharField(source="app")
    package = serializers.CharField(source="package_info")
    expires_at = Moment(allow_null=True)


def answer(row: Withdrawal) -> dict[str, Any]:
    data: dict[str, Any] = WithdrawalRow(row).data
    return {**data, "steps": StepAnswer(steps(row), many=True).data}


class WithdrawalEndpoint(MemberEndpoint):
    scope = "me:read"
    write_scope = "withdraw"

    def rows(self) -> QuerySet[Withdrawal]:
        own = Withdrawal.objects.visible_to(self.member)
        return own.select_related("payee", "member", "rejection_reason")

    def row(self, public_id: str) -> Withdrawal:
        return get_object_or_404(self.rows().prefetch_related("attempts"), public_id=public_id)


class WithdrawalOptions(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="withdrawals_options",
        responses=OptionsAnswer,
        summary="The ways of being paid",
    )
    def get(self, request: Request) -> Response:
        return Response(OptionsAnswer(services.options(member=self.member, at=clock.now())).data)


class WithdrawalQuote(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="withdrawals_quote",
        parameters=[QuoteFilters],
        responses=WithdrawalQuoteAnswer,
        summary="Fee, tax and net of an amount, and what stands in the way",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(QuoteFilters, request)
        quote = services.preview_quote(member=self.member, at=clock.now(), **values)
        return Response(WithdrawalQuoteAnswer(quote).data)


class Withdrawals(WithdrawalEndpoint):
    @extend_schema(
        operation_id="withdrawals",
        parameters=[WithdrawalFilters],
        responses=WithdrawalRow(many=True),
        summary="My withdrawals",
    )
    def get(self, request: Request) -> Response:
        values = self.filters(WithdrawalFilters, request)
        period = within_period(values, "requested_at")
        rows = self.rows().filter(**period)
        if "status" in values:
            rows = rows.filter(status=values["status"])
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(WithdrawalRow(page, many=True).data)

    @extend_schema(
        operation_id="withdrawals_post",
        parameters=[KEY],
        request=WithdrawalBody,
        responses={201: WithdrawalAnswer},
        summary="Request a withdrawal",
        description="The amount is held until the withdrawal is paid or has ended.",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = self.validated(WithdrawalBody, request.data)
        key = hashlib.sha256(request.headers["Idempotency-Key"].encode()).hexdigest()
        row = services.request_withdrawal(member=self.member, key=key, at=clock.now(), **body)
        return Response(answer(row), status=201)


class OneWithdrawal(WithdrawalEndpoint):
    @extend_schema(
        operation_id="withdrawal", responses=WithdrawalAnswer, summary="A withdrawal of mine"
    )
    def get(self, request: Request, public_id: str) -> Response:
        return Response(answer(self.row(public_id)))


class CancelWithdrawal(WithdrawalEndpoint):
    @extend_schema(
        operation_id="withdrawal_cancel",
        request=None,
        responses=WithdrawalAnswer,
        summary="Cancel a withdrawal before its payment starts",
        description="Repeating it is no error.",
    )
    def post(self, request: Request, public_id: str) -> Response:
        row = services.cancel_again(withdrawal=self.row(public_id), by=self.member, at=clock.now())
        return Response(answer(row))


class CollectWithdrawal(WithdrawalEndpoint):
    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "collect"
    calls_a_minute = 20

    @extend_schema(
        operation_id="withdrawal_collect",
        request=None,
        responses={
            200: CollectAnswer,
            202: OpenApiResponse(CollectAnswer, "The package is not there yet: see Retry-After."),
        },
        summary="Collect an approved withdrawal",
        description=(
            "Pass merchant_id, app_id and package to wx.requestMerchantTransfer. The phone's"
            " success is no payment: ask withdrawals/{id}/check. Repeating it is safe, at most 20"
            " times in a minute."
        ),
    )
    def post(self, request: Request, public_id: str) -> Response:
        state = services.collect(
            withdrawal=self.row(public_id), by=self.member, at=clock.now(),
            app=self.session.app_id,
        )  # fmt: skip
        body = CollectAnswer(state).data
        if state.is_pending:
            return Response(body, status=202, headers={"Retry-After": str(COLLECT_AGAIN_AFTER)})
        return Response(body)


class CheckWithdrawal(WithdrawalEndpoint):
    throttle_classes = [CallerThrottle, OncePerPause]
    pause = 5

    @extend_schema(
        operation_id="withdrawal_check",
        request=None,
        responses=WithdrawalAnswer,
        summary="Ask the payment provider now",
        description="At most once in 5 seconds.",
    )
    def post(self, request: Request, public_id: str) -> Response:
        row = services.check_payment(withdrawal=self.row(public_id), by=self.member, at=clock.now())
        return Response(answer(row))
