"""The statements of a member's wallets."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.pagination import CursorPages
from api.serializers import Moment, PeriodFilters, within_period
from ledger.chart import Asset, Reason
from members.sessions.views import MemberEndpoint
from withdrawals.wallets import filters, purposes, sums, wallet_transfers


class WalletAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(Asset.choices)
    balance = serializers.IntegerField()
    held = serializers.IntegerField(help_text="For an open withdrawal.")
    owed = serializers.IntegerField(help_text="After refunds; what comes in pays it off first.")
    withdrawable = serializers.IntegerField(help_text="Of the balance, now.")
    pending = serializers.IntegerField(help_text="Commissions of orders that are not received.")
    protected = serializers.IntegerField(help_text="Commissions that may still be refunded.")


class WalletsAnswer(serializers.Serializer):
    currency = serializers.CharField()
    wallets = WalletAnswer(many=True)


class PurposeAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(["order", "withdrawal", "award", "other"])
    id = serializers.CharField(
        help_text="The order's number, or the id of the withdrawal or award; or empty."
    )
    title = serializers.CharField()


class TransferAnswer(serializers.Serializer):
    change = serializers.IntegerField(help_text="Below 0: it went out.")
    balance_after = serializers.IntegerField()
    reason = serializers.ChoiceField(Reason.choices)
    reason_text = serializers.CharField(source="get_reason_display")
    at = Moment(source="effective_at")
    purpose = PurposeAnswer()


class TransferFilters(PeriodFilters):
    direction = serializers.ChoiceField(["in", "out"], required=False)
    reason = serializers.ChoiceField(Reason.choices, required=False)


class TransferPages(CursorPages):
    TOTALS = ("incoming", "outgoing")


class WalletTransfers(MemberEndpoint):
    scope = "me:read"
    pagination_class = TransferPages

    @extend_schema(
        operation_id="me_wallet_transfers",
        parameters=[TransferFilters],
        responses=TransferAnswer(many=True),
        summary="What came into a wallet and went out of it",
    )
    def get(self, request: Request, kind: str) -> Response:
        if kind not in Asset.values:
            raise NotFound
        values = self.filters(TransferFilters, request)
        rows = wallet_transfers(member=self.member, asset=kind).filter(
            filters(values), **within_period(values, "effective_at")
        )
        page = self.paginate_queryset(rows)
        self.paginator.totals = sums(rows)
        return self.get_paginated_response(self._answers(page))

    def _answers(self, page: list[Any]) -> Any:
        by_key = purposes(page)
        for row in page:
            row.purpose = by_key[row.pk]
        return TransferAnswer(page, many=True).data
