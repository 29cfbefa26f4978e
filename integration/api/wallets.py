"""Spending of store credit and points at the mall's checkout."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Amount, StrictSerializer, Text
from common import clock
from common.keys import clean_key
from integration.api.views import MallEndpoint
from integration.member_views import get_member
from ledger.chart import Asset
from ledger.models import Transfer
from ledger.services import spend, unspend

MAX_KEY = 64


class SpendBody(StrictSerializer):
    key = Text(max_length=MAX_KEY, help_text="The mall's own, such as the number of the payment.")
    member = Text(max_length=128, help_text="The id in the mall.")
    amount = Amount(min_value=1, help_text="In fen, or points.")
    order_no = Text(max_length=64)


class UnspendBody(StrictSerializer):
    key = Text(max_length=MAX_KEY, help_text="The mall's own, such as the number of the refund.")
    spend = Text(max_length=MAX_KEY, help_text="The key of the spend.")
    amount = Amount(min_value=1, help_text="In fen, or points.")


class Spent(serializers.Serializer):
    key = serializers.CharField()
    amount = serializers.IntegerField()
    balance = serializers.IntegerField(help_text="Of the wallet after it.")


class _Wallet(MallEndpoint):
    scope = "wallets:spend"
    asset: Asset

    def spend(self, request: Request) -> Response:
        body = self.validated(SpendBody, request.data)
        member = get_member(clean_key(body["member"]))
        row = spend(
            key=body["key"], member=member, asset=self.asset, amount=body["amount"],
            order=clean_key(body["order_no"]), at=clock.now(),
        )  # fmt: skip
        return Response(_answer(body, row, row.debit_balance_after))

    def unspend(self, request: Request) -> Response:
        body = self.validated(UnspendBody, request.data)
        row = unspend(
            key=body["key"], asset=self.asset, of=body["spend"], amount=body["amount"],
            at=clock.now(),
        )  # fmt: skip
        return Response(_answer(body, row, row.credit_balance_after))


def _answer(body: dict[str, Any], row: Transfer, balance: int | None) -> dict[str, Any]:
    return {"key": body["key"], "amount": row.amount, "balance": balance}


def _spending(asset: Asset, name: str) -> Any:
    return extend_schema(
        operation_id=f"{asset}_spend",
        request=SpendBody,
        responses=Spent,
        summary=f"Spend {name}",
        description="The same key with the same content is spent once, and answered alike.",
    )


def _returning(asset: Asset, name: str) -> Any:
    return extend_schema(
        operation_id=f"{asset}_unspend",
        request=UnspendBody,
        responses=Spent,
        summary=f"Give back spent {name}",
        description="In parts or whole, together at most what was spent.",
    )


class SpendStoreCredit(_Wallet):
    """The checkout takes store credit."""

    asset = Asset.STORE_CREDIT

    @_spending(Asset.STORE_CREDIT, "store credit")
    def post(self, request: Request) -> Response:
        return self.spend(request)


class UnspendStoreCredit(_Wallet):
    """The mall refunds an order that was paid with store credit."""

    asset = Asset.STORE_CREDIT

    @_returning(Asset.STORE_CREDIT, "store credit")
    def post(self, request: Request) -> Response:
        return self.unspend(request)


class SpendPoints(_Wallet):
    """The checkout takes points."""

    asset = Asset.POINTS

    @_spending(Asset.POINTS, "points")
    def post(self, request: Request) -> Response:
        return self.spend(request)


class UnspendPoints(_Wallet):
    """The mall refunds an order that was paid with points."""

    asset = Asset.POINTS

    @_returning(Asset.POINTS, "points")
    def post(self, request: Request) -> Response:
        return self.unspend(request)
